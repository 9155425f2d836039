// From a tensor in guest memory to what a graph reads: checks, layout, quantisation.
#ifndef MINNOW_WASI_NN_CONVERT_H_
#define MINNOW_WASI_NN_CONVERT_H_

#include "base/status.h"
#include "wasi_nn/backend.h"

namespace minnow::wasi_nn {

// kInvalidArgument unless rank, dims and type fit: the same type, or f32 for a quantised input.
Status CheckTensor(const GuestTensor& tensor, const TensorSpec& spec);

// Writes the elements to `out` (tensor.shape, spec.dtype), reading each byte of the guest once.
// f32 becomes round(value / scale) + zero_point, halves away from zero, saturated; NaN becomes
// zero_point. kInvalidArgument when `layout` asks for an order that the input cannot have (no
// image).
// REQUIRES: CheckTensor has passed.
Status WriteTensor(const GuestTensor& tensor, const TensorSpec& spec, InputLayout layout,
                   void* out);

}  // namespace minnow::wasi_nn

#endif  // MINNOW_WASI_NN_CONVERT_H_
