// Softmax of rows of f32.
#ifndef MINNOW_KERNELS_SOFTMAX_SOFTMAX_H_
#define MINNOW_KERNELS_SOFTMAX_SOFTMAX_H_

#include <cstdint>

namespace minnow::kernels {

// out[i] = exp(in[i] - max) / sum, or its logarithm; n >= 1. `out` may be `in`. The sum is kept in
// double: a thousand small terms would cost a digit in float.
void SoftmaxF32(const float* in, int64_t n, bool log, float* out);

}  // namespace minnow::kernels

#endif  // MINNOW_KERNELS_SOFTMAX_SOFTMAX_H_
