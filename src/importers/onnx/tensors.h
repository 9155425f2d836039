// ONNX TensorProto to Tensor.
#ifndef MINNOW_IMPORTERS_ONNX_TENSORS_H_
#define MINNOW_IMPORTERS_ONNX_TENSORS_H_

#include <optional>
#include <string_view>
#include <vector>

#include "importers/importer.h"
#include "tensor/tensor.h"

namespace minnow::importers::onnx {

// TensorProto.DataType; nothing for strings, complex numbers, bfloat16 and the 8- and 4-bit floats.
std::optional<DType> ToDType(int64_t data_type);

struct NamedTensor {
  std::string_view name;  // views into the message
  Tensor tensor;
};

// Raw bytes that are still to be copied.
struct RawCopy {
  void* to;
  const void* from;
  size_t size;
};
void CopyAll(const std::vector<RawCopy>& copies);

// Decodes and copies; with `later`, raw bytes are left to CopyAll. kInvalidModel where the bytes do
// not fill the dims exactly, kUnsupported for external data and dtypes that ToDType does not know.
// Errors name the tensor.
StatusOr<NamedTensor> DecodeTensor(Bytes message, std::vector<RawCopy>* later = nullptr);

}  // namespace minnow::importers::onnx

#endif  // MINNOW_IMPORTERS_ONNX_TENSORS_H_
