#include "kernels/qpool/qpool.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "kernels/qpool/declarations.h"
#include "kernels/table.h"

namespace minnow::kernels {
namespace {

#define MINNOW_QPOOL(isa, suffix) \
  {isa, "qpool_" #suffix, qpool_max_##suffix, qpool_average_##suffix, qpool_mean_##suffix},
constexpr QpoolKernel kKernels[] = {
#include "kernels/qpool/kernels.inc"
};
#undef MINNOW_QPOOL

constexpr double kMaxGuess = 1 << 30;
// Their sum is a float; and fits 32 bits.
constexpr int64_t kMostExactTaps = int64_t{1} << 16;
constexpr int64_t kMostTaps = int64_t{1} << 22;

// Of multipliers that are powers of two: sums whose steps lie within the bytes are floats.
constexpr double kLeastExact = 1.0 / 65536;

}  // namespace

void QaverageFactors::Apply(double x_scale, int64_t count, Requant* requant) {
  requant->count = count == 0 ? 1.0 : static_cast<double>(count);
  const double multiplier = x_scale / requant->count / requant->y_scale;
  std::fill(std::begin(multipliers), std::end(multipliers),
            static_cast<float>(multiplier) * kGuessUnits);
  std::fill(std::begin(scales), std::end(scales), x_scale);
  requant->multipliers = multipliers;
  requant->scales = scales;
  requant->margin = count < kMostExactTaps ? 2 : 4;
  requant->may_overflow = x_scale / requant->y_scale * 255 > kMaxSteps;
  // The quotient of floats is a power of two only where it is one without rounding.
  int exponent;
  requant->is_exact = multiplier >= kLeastExact && requant->zero_point % 2 == 0 &&
                      std::frexp(requant->count, &exponent) == 0.5 &&
                      std::frexp(x_scale / requant->y_scale, &exponent) == 0.5;
}

const QpoolKernel& SelectQpool(Isa isa) { return Select(kKernels, isa); }

const QpoolKernel* QpoolKernels(size_t* count) { return Supported(kKernels, count); }

bool QaverageFits(double x_scale, double y_scale, int64_t taps) {
  const double ratio = x_scale / y_scale, smallest = ratio / static_cast<double>(taps);
  return taps <= kMostTaps && ratio * 255 < kMaxGuess &&
         smallest >= static_cast<double>(std::numeric_limits<float>::min());
}

}  // namespace minnow::kernels
