// Does work that runs out of memory end with a Status, and does work after it go on?
#include "base/memory_reserve.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <memory>
#include <vector>

#include "base/aligned_buffer.h"
#include "base/child_process.h"

#if defined(__linux__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
// (The sanitizers need more addresses than there are limits for, and have an operator new of their
// own.)

namespace minnow {
namespace {

// Small pieces until Check() fails; how many there were.
size_t Exhaust(std::vector<std::unique_ptr<char[]>>* pieces) {
  while (MemoryReserve::Check().ok()) pieces->push_back(std::make_unique<char[]>(1000));
  return pieces->size();
}

TEST(MemoryReserveChild, DISABLED_RunsOut) {
  MemoryReserve::Install();
  LimitAddressSpace(30 << 20);
  std::vector<std::unique_ptr<char[]>> pieces;
  pieces.reserve(1 << 20);
  const size_t first = Exhaust(&pieces);
  const bool refused = AlignedBuffer::Allocate(1).status().code() == StatusCode::kResourceExhausted;
  pieces.clear();
  LimitAddressSpace(60 << 20);
  const bool again = AlignedBuffer::Allocate(1).ok();
  const size_t second = Exhaust(&pieces);
  std::printf("<<%d %d %d %d>>\n", first > 10000, refused, again, second > 10000);
}

TEST(MemoryReserve, FailsTheNextCheckWhenOperatorNewIsRefused) {
  EXPECT_EQ(ChildSays("LC_ALL=C", "MemoryReserveChild.DISABLED_RunsOut"), "1 1 1 1");
}

TEST(MemoryReserve, ChecksAreFineWithoutIt) { EXPECT_TRUE(MemoryReserve::Check().ok()); }

}  // namespace
}  // namespace minnow

#endif
