// Do the loops that measure the peak run on this CPU, and say what they did?
#include "kernels/peak/peak.h"

#include <gtest/gtest.h>

#include "runtime/peak.h"

namespace minnow::kernels {
namespace {

TEST(Peak, EveryRowCountsItsMultiplyAdds) {
  size_t count = 0;
  const PeakKernel* rows = PeakKernels(&count);
  for (size_t i = 0; i < count; ++i) {
    for (const PeakFunction function : {rows[i].f32, rows[i].bytes}) {
      if (function == nullptr) continue;
      const int64_t one = function(1);
      EXPECT_GE(one, 12 * 4) << rows[i].name;
      EXPECT_EQ(function(0), 0) << rows[i].name;
      EXPECT_EQ(function(1000), 1000 * one) << rows[i].name;
    }
  }
}

TEST(Peak, IsMeasuredForAnyNumberOfThreads) {
  for (const int threads : {0, 1, 2, 100}) EXPECT_GT(runtime::MeasurePeak(threads).f32, 0);
}

}  // namespace
}  // namespace minnow::kernels
