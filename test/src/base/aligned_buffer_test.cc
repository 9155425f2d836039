// Is memory aligned, zeroed, readable a little past its end, and refused when there is none?
#include "base/aligned_buffer.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>
#include <limits>

namespace minnow {
namespace {

TEST(AlignedBuffer, IsAlignedAndZeroToTheEndOfTheExtraBytes) {
  for (const size_t size : {size_t{0}, size_t{1}, size_t{63}, size_t{64}, size_t{65}, size_t{4097},
                            (size_t{2} << 20) - 1, size_t{2} << 20, (size_t{5} << 20) + 3}) {
    const StatusOr<AlignedBuffer> buffer = AlignedBuffer::Allocate(size);
    ASSERT_TRUE(buffer.ok()) << size;
    EXPECT_EQ(buffer->size(), size);
    ASSERT_NE(buffer->data(), nullptr);
    EXPECT_EQ(reinterpret_cast<uintptr_t>(buffer->data()) % kAlignment, 0u) << size;
    int sum = 0;
    for (size_t i = 0; i < size + kExtraBytes; ++i) sum |= buffer->as<char>()[i];
    EXPECT_EQ(sum, 0) << size;
  }
}

TEST(AlignedBuffer, MovesWithItsMemory) {
  AlignedBuffer first = std::move(*AlignedBuffer::Allocate(100));
  const void* data = first.data();
  AlignedBuffer second = std::move(first);
  EXPECT_EQ(second.data(), data);
  EXPECT_EQ(second.size(), 100u);
  AlignedBuffer third;
  EXPECT_EQ(third.data(), nullptr);
  EXPECT_EQ(third.size(), 0u);
  third = std::move(second);
  EXPECT_EQ(third.data(), data);
}

TEST(AlignedBuffer, HasZeroesBehindWhatIsUnfilled) {
  for (const size_t size : {size_t{0}, size_t{1}, size_t{63}, size_t{64}, size_t{5000000}}) {
    StatusOr<AlignedBuffer> buffer = AlignedBuffer::AllocateUnfilled(size);
    ASSERT_TRUE(buffer.ok());
    EXPECT_EQ(buffer->size(), size);
    EXPECT_EQ(reinterpret_cast<uintptr_t>(buffer->data()) % kAlignment, 0u);
    for (size_t i = size; i < size + kExtraBytes; ++i) {
      ASSERT_EQ(buffer->as<char>()[i], 0) << size << " " << i;
    }
  }
}

TEST(AlignedBuffer, ExtendsAsFarAsItHasRoom) {
  StatusOr<AlignedBuffer> buffer = AlignedBuffer::AllocateUnfilled(100, 5000);
  ASSERT_TRUE(buffer.ok());
  EXPECT_EQ(buffer->size(), 100u);
  const void* const data = buffer->data();
  std::memset(buffer->data(), 7, 100);
  ASSERT_TRUE(buffer->Extend(5100));
  EXPECT_EQ(buffer->size(), 5100u);
  EXPECT_EQ(buffer->data(), data);
  EXPECT_EQ(buffer->as<char>()[99], 7);
  for (size_t i = 5100; i < 5100 + kExtraBytes; ++i) ASSERT_EQ(buffer->as<char>()[i], 0) << i;
  EXPECT_FALSE(buffer->Extend(5100 + kAlignment));
  EXPECT_EQ(buffer->size(), 5100u);
  EXPECT_FALSE(AlignedBuffer().Extend(0));
}

TEST(AlignedBuffer, IsSparseAndZeroWhereNobodyWrote) {
  StatusOr<AlignedBuffer> buffer = AlignedBuffer::AllocateSparse(size_t{64} << 20);
  ASSERT_TRUE(buffer.ok());
  EXPECT_EQ(buffer->size(), size_t{64} << 20);
  buffer->as<char>()[5000000] = 7;
  EXPECT_EQ(buffer->as<char>()[4999999], 0);
  EXPECT_EQ(buffer->as<char>()[buffer->size() + kExtraBytes - 1], 0);
  const AlignedBuffer moved = std::move(*buffer);
  EXPECT_EQ(moved.as<char>()[5000000], 7);
  EXPECT_FALSE(AlignedBuffer::AllocateSparse(std::numeric_limits<size_t>::max()).ok());
}

TEST(AlignedBuffer, RefusesWhatNoMachineHas) {
  constexpr size_t kMax = std::numeric_limits<size_t>::max();
  for (const size_t size : {kMax, kMax - 1, kMax - kExtraBytes, kMax / 2 + 1}) {
    const StatusOr<AlignedBuffer> buffer = AlignedBuffer::Allocate(size);
    ASSERT_FALSE(buffer.ok()) << size;
    EXPECT_EQ(buffer.status().code(), StatusCode::kResourceExhausted);
  }
}

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
// (The sanitizers end the process instead.)
TEST(AlignedBuffer, RefusesWhatTheSystemDoesNotGive) {
  const StatusOr<AlignedBuffer> buffer = AlignedBuffer::Allocate(size_t{1} << 62);
  ASSERT_FALSE(buffer.ok());
  EXPECT_EQ(buffer.status().code(), StatusCode::kResourceExhausted);
}
#endif

TEST(RoundUp, GoesToTheNextMultiple) {
  EXPECT_EQ(RoundUp(0, 64), 0u);
  EXPECT_EQ(RoundUp(1, 64), 64u);
  EXPECT_EQ(RoundUp(64, 64), 64u);
  EXPECT_EQ(RoundUp(65, 16), 80u);
}

}  // namespace
}  // namespace minnow
