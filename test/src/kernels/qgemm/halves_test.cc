// Does every row round sums that are nearly halves of a step as double precision does? Weights are
// zero, and biases such sums; multipliers are of all sizes, exact and not, so that margins that are
// half of what requant.h says fail.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "base/aligned_buffer.h"
#include "kernels/kernel_testing.h"
#include "kernels/qgemm/qgemm.h"
#include "kernels/requant.h"

namespace minnow::kernels {
namespace {

enum class Kind { kFloatSums, kLargeSums, kTies, kOverflow, kCount };

constexpr double kLargest = (1 << 30) - 100;  // of sums

// In [0, 1).
double Fraction(Random* random) {
  return (static_cast<double>(random->Next()) + random->Next() * 0x1p-31) * 0x1p-31;
}

// Of a sum, in steps; scales that are floats.
double MultiplierOf(Kind kind, Random* random) {
  if (kind == Kind::kFloatSums) return std::exp2(Fraction(random) * 18 - 15.9);
  if (kind == Kind::kLargeSums) return std::exp2(-16 - Fraction(random) * 6);
  if (kind == Kind::kOverflow) return std::exp2(Fraction(random) * 40 - 12);
  return std::exp2(-random->Between(0, 20)) * static_cast<double>(2 * random->Between(0, 40) + 1);
}

struct Columns {
  Requant requant;
  std::vector<double> scales;
  std::vector<int32_t> sums;

  Columns(Kind kind, int64_t count, Random* random) {
    requant.zero_point = static_cast<int32_t>(random->Between(0, 255));
    if (random->Between(0, 3) == 0) {
      requant.min = static_cast<int32_t>(random->Between(0, 200));
      requant.max = static_cast<int32_t>(random->Between(requant.min, 255));
    }
    const bool is_tie = kind == Kind::kTies;
    requant.y_scale =
        is_tie ? 1.0 : static_cast<double>(static_cast<float>(std::exp2(Fraction(random) * 8 - 4)));
    requant.margin = 2;
    for (int64_t c = 0; c < count; ++c) {
      const double steps = MultiplierOf(kind, random);
      const auto x_scale =
          static_cast<float>(is_tie ? 1.0 : std::sqrt(steps) * (1 + Fraction(random)));
      const double rest = steps * requant.y_scale / static_cast<double>(x_scale);
      scales.push_back(static_cast<double>(x_scale) *
                       static_cast<double>(static_cast<float>(rest)));
      const double multiplier = scales.back() / requant.y_scale;
      double half = static_cast<double>(random->Between(-3, 258) - requant.zero_point) + 0.5;
      if (kind == Kind::kOverflow && random->Between(0, 3) != 0) {
        half *= std::exp2(Fraction(random) * 25);
      }
      const double most = std::min(kLargest, 0x1p30 / multiplier * 0.99 - 16);
      const double sum = std::clamp(std::nearbyint(half / multiplier), -most, most);
      sums.push_back(static_cast<int32_t>(sum));
      const double bound = std::abs(sum) + 16;
      requant.may_overflow |= bound * multiplier > kMaxSteps;
      if (std::min(bound, 256 / multiplier) >= 0x1p24) requant.margin = 4;
    }
  }
};

// Wrong bytes of one panel whose row p has the sums of the columns and `offsets[p]`.
int WrongBytes(const QgemmKernel& kernel, const Columns& columns,
               const std::vector<int32_t>& offsets) {
  constexpr int64_t kDepth = 4;
  const auto n = static_cast<int64_t>(columns.sums.size()), width = QgemmWidth(kernel, n);
  const auto m = static_cast<int64_t>(offsets.size());
  const std::vector<int16_t> weights(static_cast<size_t>(n * kDepth), 0);
  StatusOr<AlignedBuffer> packed =
      AlignedBuffer::Allocate(static_cast<size_t>(width * QgemmColumnBytes(kernel, 1, kDepth)));
  if (!packed.ok()) return -1;
  PackQgemm(kernel, weights.data(), n, 1, kDepth, packed->data());
  std::vector<float> multipliers(static_cast<size_t>(width), 1.0f);
  std::vector<int32_t> bias(static_cast<size_t>(width), 0);
  for (size_t at = 0; at < bias.size(); ++at) {
    const int64_t c = QgemmColumnAt(kernel, n, static_cast<int64_t>(at));
    if (c >= n) continue;
    bias[at] = columns.sums[static_cast<size_t>(c)];
    multipliers[at] =
        static_cast<float>(columns.scales[static_cast<size_t>(c)] / columns.requant.y_scale) *
        kGuessUnits;
  }
  const std::vector<uint8_t> a(static_cast<size_t>(m * kDepth + kQgemmOverRead), 0);
  std::vector<uint8_t> out(static_cast<size_t>(m * n));
  const int64_t tap = 0;
  QgemmArgs args;
  args.m = m;
  args.a = a.data();
  args.taps = &tap;
  args.channels = args.pixel_stride = kDepth;
  args.b = packed->data();
  args.bias = bias.data();
  args.row_offsets = offsets.data();
  args.c = out.data();
  args.c_pixel_stride = args.columns = n;
  args.requant = columns.requant;
  args.requant.multipliers = multipliers.data();
  args.requant.scales = columns.scales.data();
  if (kernel.begin != nullptr) kernel.begin();
  kernel.panels[kernel.max_vectors - 1](args);
  if (kernel.end != nullptr) kernel.end();
  int wrong = 0;
  for (size_t i = 0; i < out.size(); ++i) {
    const size_t c = i % columns.sums.size();
    const int32_t sum = columns.sums[c] + offsets[i / columns.sums.size()];
    wrong += out[i] != RequantExact(sum, columns.scales[c], columns.requant);
  }
  return wrong;
}

TEST(Qgemm, RoundsSumsNearHalvesAsDoublesAre) {
  for (const QgemmKernel& kernel : Rows(QgemmKernels)) {
    Random random(1);
    const int64_t columns = kernel.lanes * kernel.max_vectors;
    for (int i = 0; i < 4000; ++i) {
      const auto kind = static_cast<Kind>(i % static_cast<int>(Kind::kCount));
      const Columns some(kind, columns, &random);
      std::vector<int32_t> offsets(static_cast<size_t>(std::max<int64_t>(16, kernel.min_rows)));
      for (int32_t& offset : offsets) offset = static_cast<int32_t>(random.Between(-8, 8));
      offsets[0] = 0;
      ASSERT_EQ(WrongBytes(kernel, some, offsets), 0)
          << kernel.name << " kind " << i % static_cast<int>(Kind::kCount) << " case " << i;
    }
  }
}

}  // namespace
}  // namespace minnow::kernels
