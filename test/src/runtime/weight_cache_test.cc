// Are packed weights made once for each tensor, shape and form?
#include "runtime/weight_cache.h"

#include <gtest/gtest.h>

#include <atomic>

namespace minnow::runtime {
namespace {

TEST(WeightCache, MakesEachFormOnce) {
  WeightCache cache;
  const Tensor tensor = *Tensor::Allocate(DType::kF32, {4, 8});
  int made = 0;
  const auto fill = [&](AlignedBuffer* buffer) {
    ++made;
    buffer->as<char>()[0] = 7;
  };
  const SharedBuffer first = *cache.Get(tensor, "a", 128, fill);
  const SharedBuffer again = *cache.Get(tensor, "a", 128, fill);
  EXPECT_EQ(first, again);
  EXPECT_EQ(made, 1);
  EXPECT_EQ(cache.bytes(), 128);
  EXPECT_NE(*cache.Get(tensor, "b", 64, fill), first);
  EXPECT_EQ(made, 2);
  EXPECT_EQ(cache.bytes(), 192);
}

TEST(WeightCache, KeepsShapesOfTheSameElementsApart) {
  WeightCache cache;
  const Tensor tensor = *Tensor::Allocate(DType::kF32, {4, 8});
  const auto fill = [](AlignedBuffer*) {};
  const SharedBuffer small = *cache.Get(tensor, "a", 128, fill);
  const SharedBuffer large = *cache.Get(tensor.Reshaped({8, 4}), "a", 4096, fill);
  EXPECT_NE(small, large);
  EXPECT_EQ(large->size(), 4096u);
}

TEST(WeightCache, KeepsTensorsSoThatTheirAddressStaysTaken) {
  WeightCache cache;
  const auto fill = [](AlignedBuffer*) {};
  std::vector<SharedBuffer> buffers;
  for (int i = 0; i < 20; ++i) {
    const Tensor tensor = *Tensor::Allocate(DType::kF32, {16});
    buffers.push_back(*cache.Get(tensor, "a", 64, fill));
    for (int j = 0; j < i; ++j) EXPECT_NE(buffers[static_cast<size_t>(j)], buffers.back());
  }
}

TEST(WeightCache, ForgetsWhatNobodyHolds) {
  WeightCache cache;
  const Tensor tensor = *Tensor::Allocate(DType::kF32, {16});
  const auto fill = [](AlignedBuffer*) {};
  const SharedBuffer held = *cache.Get(tensor, "a", 64, fill);
  ASSERT_TRUE(cache.Get(tensor, "b", 128, fill).ok());
  EXPECT_EQ(cache.bytes(), 192);
  cache.ReleaseUnused();
  EXPECT_EQ(cache.bytes(), 64);
  EXPECT_EQ(*cache.Get(tensor, "a", 64, fill), held);
}

TEST(WeightCache, FillsLaterEveryPartOnce) {
  WeightCache cache;
  std::vector<SharedBuffer> buffers;
  constexpr int64_t kBuffers = 40;
  for (int64_t i = 0; i < kBuffers; ++i) {
    Tensor tensor = *Tensor::Allocate(DType::kS64, {1});
    *tensor.mutable_as<int64_t>() = i;
    const int64_t parts = 3 * i;  // the first has none
    const auto fill = [](const Tensor& from, int64_t part, AlignedBuffer* to) {
      to->as<int64_t>()[part] = 1000 * *from.as<int64_t>() + part;
    };
    const size_t bytes = static_cast<size_t>(parts) * sizeof(int64_t);
    buffers.push_back(*cache.GetLater(tensor, "a", bytes, parts, fill));
    EXPECT_EQ(*cache.GetLater(tensor, "a", bytes, parts, fill), buffers.back());
  }
  cache.FillPending();
  cache.FillPending();
  for (int64_t i = 0; i < kBuffers; ++i) {
    const SharedBuffer& buffer = buffers[static_cast<size_t>(i)];
    for (int64_t part = 0; part < 3 * i; ++part) {
      EXPECT_EQ(buffer->as<int64_t>()[part], 1000 * i + part);
    }
  }
}

TEST(WeightCache, DoesNotPutOffMuch) {
  WeightCache cache;
  const Tensor tensor = *Tensor::Allocate(DType::kF32, {1});
  std::atomic<int> filled{0};
  const auto fill = [&](const Tensor&, int64_t, AlignedBuffer*) { ++filled; };
  ASSERT_TRUE(cache.GetLater(tensor, "small", 64, 1, fill).ok());
  EXPECT_EQ(filled, 0);
  ASSERT_TRUE(cache.GetLater(tensor, "large", size_t{40} << 20, 1, fill).ok());
  EXPECT_EQ(filled, 2);
}

TEST(WeightCache, PassesOnWhatDoesNotFit) {
  WeightCache cache;
  const Tensor tensor = *Tensor::Allocate(DType::kF32, {1});
  const StatusOr<SharedBuffer> buffer =
      cache.Get(tensor, "a", ~size_t{0}, [](AlignedBuffer*) { FAIL() << "nothing to fill"; });
  ASSERT_FALSE(buffer.ok());
  EXPECT_EQ(buffer.status().code(), StatusCode::kResourceExhausted);
  EXPECT_EQ(cache.bytes(), 0);
}

}  // namespace
}  // namespace minnow::runtime
