// What tests of kernels share: reproducible numbers, arrays whose ends the sanitizers watch, and
// comparison with a double-precision result.
#ifndef MINNOW_TEST_SRC_KERNELS_KERNEL_TESTING_H_
#define MINNOW_TEST_SRC_KERNELS_KERNEL_TESTING_H_

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "base/cpu_features.h"
#include "kernels/epilogue.h"

namespace minnow::kernels {

// Reproducible on every machine, unlike <random>'s distributions.
class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed * 2654435761u + 1) {}
  uint32_t Next() {
    state_ = state_ * 6364136223846793005u + 1442695040888963407u;
    return static_cast<uint32_t>(state_ >> 33);
  }
  // In [low, high].
  int64_t Between(int64_t low, int64_t high) { return low + Next() % (high - low + 1); }
  float Float() { return static_cast<float>(Next() % 65537) / 32768.0f - 1.0f; }
  // On the heap, and not a float longer than asked for: reading on is an error under ASan.
  std::vector<float> Floats(int64_t count, float scale = 1.0f) {
    std::vector<float> values(static_cast<size_t>(count));
    for (float& value : values) value = Float() * scale;
    return values;
  }

 private:
  uint64_t state_;
};

// What lies around a result, and must stay.
inline constexpr float kGuard = 12345.5f;

// A sum in double, and the sum of the magnitudes of its terms: the measure of its rounding.
struct Exact {
  double value = 0;
  double magnitude = 0;
  void Add(double term) {
    value += term;
    magnitude += std::abs(term);
  }
};

inline double ApplyTo(const Epilogue& e, double x) {
  if (e.hard_swish) return x * std::clamp(x / 6 + 0.5, 0.0, 1.0);
  return std::min(std::max(x, static_cast<double>(e.min)), static_cast<double>(e.max));
}

inline bool IsNear(float got, const Exact& want, const Epilogue& e) {
  // Hard-swish is up to 1 + |x| / 3 steep where it bends.
  const double slope = e.hard_swish ? 2 + std::abs(want.value) / 3 : 1;
  return std::abs(got - ApplyTo(e, want.value)) <= 1e-5 * slope * want.magnitude + 1e-30;
}

inline const std::vector<Epilogue>& Epilogues() {
  static const std::vector<Epilogue> all = [] {
    Epilogue none, relu6, above, below, swish;
    relu6.min = 0;
    relu6.max = 6;
    above.min = 0.25f;
    below.max = -0.125f;
    swish.hard_swish = true;
    return std::vector<Epilogue>{none, relu6, above, below, swish};
  }();
  return all;
}

// Every row of a family that this machine runs, as a range.
template <typename Kernel>
std::vector<Kernel> Rows(const Kernel* (*list)(size_t*)) {
  size_t count = 0;
  const Kernel* first = list(&count);
  return std::vector<Kernel>(first, first + count);
}

// Best first, portable last, and selection by level finds the best of those at or below it.
template <typename Kernel>
void ExpectTableIsOrdered(const std::vector<Kernel>& rows, const Kernel& (*select)(Isa)) {
  ASSERT_FALSE(rows.empty());
  EXPECT_EQ(rows.back().isa, Isa::kPortable);
  for (const Isa isa : SupportedIsas()) {
    Isa best = Isa::kPortable;
    for (const Kernel& row : rows) {
      if (row.isa <= isa) best = std::max(best, row.isa);
    }
    EXPECT_EQ(select(isa).isa, best);
  }
}

}  // namespace minnow::kernels

#endif  // MINNOW_TEST_SRC_KERNELS_KERNEL_TESTING_H_
