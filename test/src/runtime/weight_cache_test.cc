// Are packed weights made once for each tensor, shape and form?
#include "runtime/weight_cache.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <thread>

#include "tensor/load_limits.h"

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

TEST(WeightCache, TellsTensorsApartThatLieAtTheSameAddress) {
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

// Each number becomes ten times as large, a part each.
constexpr int64_t kCount = 64;

Packing TenTimes(std::atomic<int>* filled = nullptr) {
  Packing packing;
  packing.parts = kCount;
  packing.scratch_bytes = sizeof(float);
  packing.pack = [filled](int64_t part, const void* from, void* to, void* scratch) {
    auto* copy = static_cast<float*>(scratch);
    *copy = static_cast<const float*>(from)[part];
    static_cast<float*>(to)[part] = 10 * *copy;
    if (filled != nullptr) ++*filled;
  };
  packing.unpack = [](int64_t part, const void* from, void* to) {
    static_cast<float*>(to)[part] = static_cast<const float*>(from)[part] / 10;
  };
  return packing;
}

Tensor Numbers(int first) {
  Tensor tensor = *Tensor::Allocate(DType::kF32, {kCount});
  for (int64_t i = 0; i < kCount; ++i) {
    tensor.mutable_as<float>()[i] = static_cast<float>(first + i);
  }
  return tensor;
}

void ExpectNumbers(const float* numbers, int first, float factor) {
  for (int64_t i = 0; i < kCount; ++i) {
    ASSERT_EQ(numbers[i], factor * static_cast<float>(first + i)) << first << " " << i;
  }
}

constexpr size_t kBytes = kCount * sizeof(float);

TEST(WeightCache, FillsLaterEveryPartOnce) {
  WeightCache cache;
  std::atomic<int> filled{0};
  std::vector<SharedBuffer> buffers;
  std::vector<Tensor> held;
  constexpr int kBuffers = 40;
  for (int i = 0; i < kBuffers; ++i) {
    const Tensor tensor = Numbers(i);
    if (i % 2 == 0) held.push_back(tensor);
    buffers.push_back(*cache.GetLater(tensor, "a", kBytes, TenTimes(&filled)));
    EXPECT_EQ(*cache.GetLater(tensor, "a", kBytes, TenTimes(&filled)), buffers.back());
  }
  EXPECT_EQ(filled, 0);
  ASSERT_TRUE(cache.FillPending().ok());
  ASSERT_TRUE(cache.FillPending().ok());
  EXPECT_EQ(filled, kBuffers * kCount);
  EXPECT_EQ(cache.bytes(), static_cast<int64_t>(kBuffers * kBytes));
  for (int i = 0; i < kBuffers; ++i) {
    ExpectNumbers(buffers[static_cast<size_t>(i)]->as<float>(), i, 10);
    if (i % 2 == 0) ExpectNumbers(held[static_cast<size_t>(i / 2)].as<float>(), i, 1);
  }
}

TEST(WeightCache, PacksWhereNobodyElseHoldsTheWeights) {
  WeightCache cache;
  Tensor alone = Numbers(1), shared = Numbers(2);
  const void* const alone_at = alone.data();
  const SharedBuffer first = *cache.GetLater(alone, "a", kBytes, TenTimes());
  const SharedBuffer second = *cache.GetLater(shared, "a", kBytes, TenTimes());
  const SharedBuffer larger = *cache.GetLater(Numbers(3), "a", 2 * kBytes, TenTimes());
  alone = Tensor();
  ASSERT_TRUE(cache.FillPending().ok());
  EXPECT_EQ(first->data(), alone_at);
  EXPECT_NE(second->data(), shared.data());
  EXPECT_EQ(larger->size(), 2 * kBytes);
  ExpectNumbers(first->as<float>(), 1, 10);
  ExpectNumbers(second->as<float>(), 2, 10);
  ExpectNumbers(larger->as<float>(), 3, 10);
  ExpectNumbers(shared.as<float>(), 2, 1);
}

TEST(WeightCache, GivesBackTheWeightsThatItTook) {
  WeightCache cache;
  graph::Graph graph;
  const graph::ValueId taken = graph.AddConstant("taken", Numbers(1));
  const graph::ValueId reshaped =
      graph.AddConstant("reshaped", graph.ConstantOf(taken)->Reshaped({8, kCount / 8}));
  const graph::ValueId left = graph.AddConstant("left", Numbers(2));
  const void* const at = graph.ConstantOf(taken)->data();
  SharedBuffer packed = *cache.GetLater(*graph.ConstantOf(taken), "a", kBytes, TenTimes());
  cache.ReleaseSources(&graph);
  EXPECT_FALSE(graph.ConstantOf(taken)->HasElements());
  EXPECT_FALSE(graph.ConstantOf(reshaped)->HasElements());
  EXPECT_TRUE(graph.ConstantOf(left)->HasElements());
  ASSERT_TRUE(cache.FillPending().ok());
  EXPECT_EQ(packed->data(), at);

  // Whatever becomes of the plans.
  packed = nullptr;
  cache.ReleaseUnused();
  ASSERT_TRUE(cache.Restore(&graph).ok());
  ExpectNumbers(graph.ConstantOf(taken)->as<float>(), 1, 1);
  EXPECT_EQ(graph.ConstantOf(taken)->data(), graph.ConstantOf(reshaped)->data());
  EXPECT_EQ(graph.ConstantOf(reshaped)->shape(), Shape({8, kCount / 8}));
  ExpectNumbers(graph.ConstantOf(left)->as<float>(), 2, 1);
  // They are the same weights: their packed form is found again.
  const SharedBuffer again = *cache.GetLater(*graph.ConstantOf(taken), "a", kBytes, TenTimes());
  EXPECT_EQ(again->data(), at);
}

TEST(WeightCache, ForgetsWhatItDoesNotFill) {
  WeightCache cache;
  const Tensor tensor = Numbers(1);
  ASSERT_TRUE(cache.GetLater(tensor, "dropped", kBytes, TenTimes()).ok());
  cache.DropPending();
  ASSERT_TRUE(cache.FillPending().ok());
  ASSERT_TRUE(cache.GetLater(tensor, "too large", ~size_t{0}, TenTimes()).ok());
  EXPECT_EQ(cache.FillPending().code(), StatusCode::kResourceExhausted);
  const SharedBuffer filled = *cache.GetLater(tensor, "dropped", kBytes, TenTimes());
  ASSERT_TRUE(cache.FillPending().ok());
  ExpectNumbers(filled->as<float>(), 1, 10);
  EXPECT_EQ(cache.bytes(), static_cast<int64_t>(kBytes));
}

TEST(WeightCache, LooksAtTheTimeBetweenBatches) {
  WeightCache cache;
  LoadLimits limits;
  limits.milliseconds = 1;
  const LoadScope scope(limits);
  std::this_thread::sleep_for(std::chrono::milliseconds(5));
  constexpr size_t kLarge = size_t{33} << 20;
  ASSERT_TRUE(cache.GetLater(Numbers(1), "a", kLarge, TenTimes()).ok());
  ASSERT_TRUE(cache.FillPending().ok());
  ASSERT_TRUE(cache.GetLater(Numbers(1), "a", kLarge, TenTimes()).ok());
  ASSERT_TRUE(cache.GetLater(Numbers(2), "a", kBytes, TenTimes()).ok());
  EXPECT_EQ(cache.FillPending().code(), StatusCode::kResourceExhausted);
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
