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
   qeltwise_factors_##suffix,             \
   qeltwise_quantize_##suffix,            \
   qeltwise_dequantize_##suffix,          \
   qeltwise_map_##map},
constexpr QeltwiseKernel kKernels[] = {
#include "kernels/qeltwise/kernels.inc"
};
#undef MINNOW_QELTWISE

// Guesses stay below this, so that they fit 32 bits in units of 2^-16. Beyond it nearly every byte
// would be bounded.
constexpr double kMaxGuess = 32000;

// A factor is moved by 2^-kFirstNudge to 2^-kLastNudge of it, twice as far each time.
constexpr int kFirstNudge = 24, kLastNudge = 10;

}  // namespace

const QeltwiseKernel& SelectQeltwise(Isa isa) { return Select(kKernels, isa); }

const QeltwiseKernel* QeltwiseKernels(size_t* count) { return Supported(kKernels, count); }

bool QproductFactors::Find(const QeltwiseKernel& kernel, const QbinaryArgs& args) {
  if (kernel.isa == Isa::kPortable) return false;  // guesses nothing
  constexpr int kBytes = 256;
  uint8_t all[kBytes], b[kBytes], exact[kBytes], guessed[kBytes];
  float row[2 * kQbinaryPeriod];
  for (int byte = 0; byte < kBytes; ++byte) all[byte] = static_cast<uint8_t>(byte);
  QbinaryArgs row_of = args;
  row_of.a = all;
  row_of.b = b;
  row_of.n = kBytes;
  for (int byte = 0; byte < kBytes; ++byte) {
    std::fill(std::begin(b), std::end(b), static_cast<uint8_t>(byte));
    row_of.b_factors = nullptr;
    row_of.b_period = 0;
    row_of.out = exact;
    kernel.binary(row_of);
    row_of.b_factors = row;
    row_of.b_period = kQbinaryPeriod;
    row_of.out = guessed;
    const float factor = static_cast<float>(byte - args.b_zero) * args.product * kGuessUnits;
    const auto is_right = [&](double nudge) {
      row[0] = static_cast<float>(static_cast<double>(factor) * (1 + nudge));
      std::fill(std::begin(row), std::end(row), row[0]);
      kernel.binary(row_of);
      return std::equal(std::begin(exact), std::end(exact), std::begin(guessed));
    };
    if (is_right(0)) continue;
    if (count == kMost) return false;
    int bit = kFirstNudge;
    while (bit >= kLastNudge && !is_right(std::ldexp(1, -bit)) && !is_right(-std::ldexp(1, -bit))) {
      --bit;
    }
    if (bit < kLastNudge) return false;
    common[count] = factor;
    instead[count++] = row[0];
  }
  return true;
}

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
