// Are denormal floats flushed inside the scope, on this thread, and only there?
#include "base/denormals.h"

#include <gtest/gtest.h>

#include <limits>
#include <thread>

namespace minnow {
namespace {

#if MINNOW_X86_64
// Half the smallest normal float; zero where denormals are flushed.
float HalfOfTheSmallest() {
  volatile float smallest = std::numeric_limits<float>::min();
  volatile float half = smallest * 0.5f;
  return half;
}

TEST(FlushDenormals, FlushesWhileInScopeAndRestores) {
  EXPECT_GT(HalfOfTheSmallest(), 0.0f);
  {
    const FlushDenormals outer;
    EXPECT_EQ(HalfOfTheSmallest(), 0.0f);
    { const FlushDenormals inner; }
    EXPECT_EQ(HalfOfTheSmallest(), 0.0f);
  }
  EXPECT_GT(HalfOfTheSmallest(), 0.0f);
}

TEST(FlushDenormals, LeavesOtherThreadsAlone) {
  std::thread held;
  float other = 0.0f;
  {
    held = std::thread([&] { other = HalfOfTheSmallest(); });
    const FlushDenormals flush;
    held.join();
  }
  EXPECT_GT(other, 0.0f);
}
#endif

}  // namespace
}  // namespace minnow
