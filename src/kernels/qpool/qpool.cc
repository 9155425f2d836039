#include "kernels/qpool/qpool.h"

#include <limits>

#include "kernels/qpool/declarations.h"
#include "kernels/table.h"

namespace minnow::kernels {
namespace {

#define MINNOW_QPOOL(isa, suffix) \
  {isa, "qpool_" #suffix, qpool_max_##suffix, qpool_average_##suffix},
constexpr QpoolKernel kKernels[] = {
#include "kernels/qpool/kernels.inc"
};
#undef MINNOW_QPOOL

constexpr double kMaxGuess = 1 << 30;
// Their sum fits 32 bits.
constexpr int64_t kMostTaps = int64_t{1} << 22;

}  // namespace

const QpoolKernel& SelectQpool(Isa isa) { return Select(kKernels, isa); }

const QpoolKernel* QpoolKernels(size_t* count) { return Supported(kKernels, count); }

bool QaverageFits(double x_scale, double y_scale, int64_t taps) {
  const double ratio = x_scale / y_scale, smallest = ratio / static_cast<double>(taps);
  return taps <= kMostTaps && ratio * 255 < kMaxGuess &&
         smallest >= static_cast<double>(std::numeric_limits<float>::min());
}

}  // namespace minnow::kernels
