// Do values that live at the same time never share memory, and is the arena no larger than needed?
#include "runtime/memory_planner.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/aligned_buffer.h"
#include "passes/pass_testing.h"

namespace minnow::runtime {
namespace {

size_t Extent(const Lifetime& value) { return RoundUp(value.bytes, kAlignment); }

bool ShareTime(const Lifetime& a, const Lifetime& b) {
  return a.first <= b.last && b.first <= a.last;
}

void ExpectSound(const std::vector<Lifetime>& values, size_t arena) {
  size_t sum = 0, peak = 0;
  int last = 0;
  for (const Lifetime& value : values) {
    EXPECT_EQ(value.offset % kAlignment, 0u);
    EXPECT_LE(value.offset + value.bytes, arena);
    sum += Extent(value);
    last = std::max(last, value.last);
  }
  for (int step = -1; step <= last; ++step) {
    size_t alive = 0;
    for (const Lifetime& value : values) {
      if (value.first <= step && step <= value.last) alive += Extent(value);
    }
    peak = std::max(peak, alive);
  }
  EXPECT_LE(arena, sum);
  EXPECT_GE(arena, peak);
  for (size_t i = 0; i < values.size(); ++i) {
    for (size_t j = 0; j < i; ++j) {
      const Lifetime &a = values[i], &b = values[j];
      if (!ShareTime(a, b) || a.bytes == 0 || b.bytes == 0) continue;
      EXPECT_TRUE(a.offset + a.bytes <= b.offset || b.offset + b.bytes <= a.offset);
    }
  }
}

TEST(MemoryPlanner, RandomLifetimesNeverShareTimeAndMemory) {
  for (uint64_t seed = 0; seed < 1000; ++seed) {
    passes::Random random(seed);
    std::vector<Lifetime> values(static_cast<size_t>(random.Below(40)));
    for (Lifetime& value : values) {
      value.bytes = random.OneIn(10) ? 0 : static_cast<size_t>(1 + random.Below(5000));
      value.first = static_cast<int>(random.Below(30)) - 1;
      value.last = value.first + static_cast<int>(random.Below(random.OneIn(5) ? 30 : 4));
    }
    const size_t arena = PlanMemory(&values);
    ExpectSound(values, arena);
    if (HasFailure()) FAIL() << "seed " << seed;
  }
}

TEST(MemoryPlanner, AChainNeedsTwoNeighbours) {
  std::vector<Lifetime> values;
  for (int step = 0; step < 50; ++step) values.push_back({1000, step, step + 1, 0});
  EXPECT_EQ(PlanMemory(&values), 2 * RoundUp(1000, kAlignment));
}

TEST(MemoryPlanner, PrefersTheTightestGap) {
  // Two gaps remain beside the long-lived values: 640 and 256 bytes; the last value fits both.
  std::vector<Lifetime> values = {{6400, 0, 9, 0}, {640, 0, 1, 0}, {576, 0, 9, 0},
                                  {256, 0, 1, 0},  {192, 0, 9, 0}, {128, 5, 6, 0}};
  const size_t arena = PlanMemory(&values);
  ExpectSound(values, arena);
  EXPECT_EQ(values[5].offset, values[3].offset);
}

TEST(MemoryPlanner, EmptyValuesTakeNothing) {
  std::vector<Lifetime> values = {{0, 0, 5, 77}, {64, 0, 5, 0}};
  EXPECT_EQ(PlanMemory(&values), 64u);
  EXPECT_EQ(values[0].offset, 0u);
  std::vector<Lifetime> none;
  EXPECT_EQ(PlanMemory(&none), 0u);
}

}  // namespace
}  // namespace minnow::runtime
