#include "kernels/softmax/softmax.h"

#include <algorithm>
#include <cmath>

namespace minnow::kernels {

void SoftmaxF32(const float* in, int64_t n, bool log, float* out) {
  const float max = *std::max_element(in, in + n);
  double sum = 0;
  if (log) {
    for (int64_t i = 0; i < n; ++i) sum += std::exp(in[i] - max);
    const double offset = static_cast<double>(max) + std::log(sum);
    for (int64_t i = 0; i < n; ++i) out[i] = static_cast<float>(in[i] - offset);
    return;
  }
  for (int64_t i = 0; i < n; ++i) {
    out[i] = std::exp(in[i] - max);
    sum += out[i];
  }
  const double scale = 1.0 / sum;
  for (int64_t i = 0; i < n; ++i) out[i] = static_cast<float>(out[i] * scale);
}

}  // namespace minnow::kernels
