#include "kernels/qeltwise/qeltwise.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "kernels/qeltwise/declarations.h"
#include "kernels/table.h"

namespace minnow::kernels {
namespace {

#define MINNOW_QELTWISE(isa, suffix, map) \
  {isa,                                   \
   "qeltwise_" #map,                      \
   qeltwise_binary_##suffix,              \
   qeltwise_quantize_##suffix,            \
   qeltwise_dequantize_##suffix,          \
   qeltwise_map_##map},
constexpr QeltwiseKernel kKernels[] = {
#include "kernels/qeltwise/kernels.inc"
};
#undef MINNOW_QELTWISE

// Guesses stay below this, far inside 32 bits.
constexpr double kMaxGuess = 1 << 24;

}  // namespace

const QeltwiseKernel& SelectQeltwise(Isa isa) { return Select(kKernels, isa); }

const QeltwiseKernel* QeltwiseKernels(size_t* count) { return Supported(kKernels, count); }

bool FillQbinaryFactors(QbinaryArgs* args) {
  const double y_scale = args->requant.y_scale;
  const double zero_point = args->requant.zero_point;
  if (args->is_product) {
    const double product = args->a_scale * args->b_scale / y_scale;
    args->product = static_cast<float>(product);
    args->margin = kTieMargin;
    return product >= static_cast<double>(std::numeric_limits<float>::min()) &&
           product * 255 * 255 < kMaxGuess;
  }
  const double a = args->a_scale / y_scale, b = args->b_scale / y_scale;
  const double shift = zero_point - args->a_zero * a - args->b_zero * b;
  args->a_factor = static_cast<float>(a);
  args->b_factor = static_cast<float>(b);
  args->shift = static_cast<float>(shift);
  // Five roundings, each of 2^-24 of a term or a sum of them; small factors may underflow.
  const double magnitude = 255 * (std::fabs(a) + std::fabs(b)) + std::fabs(shift);
  args->margin = static_cast<float>(std::min(0.5, std::ldexp(magnitude + 1, -21)));
  return magnitude < kMaxGuess;
}

}  // namespace minnow::kernels
