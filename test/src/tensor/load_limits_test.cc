#include "tensor/load_limits.h"

#include <gtest/gtest.h>

#include <chrono>
#include <thread>

#include "tensor/tensor.h"

namespace minnow {
namespace {

TEST(LoadScope, HoldsToItsEndAndForItsThread) {
  LoadLimits few, fewer;
  few.elements = 10;
  fewer.elements = 5;
  {
    const LoadScope outer(few);
    EXPECT_TRUE(Tensor::Allocate(DType::kF32, Shape{2, 5}).ok());
    {
      const LoadScope inner(fewer);
      EXPECT_EQ(Tensor::Allocate(DType::kF32, Shape{2, 3}).status().code(),
                StatusCode::kResourceExhausted);
    }
    EXPECT_TRUE(Tensor::Allocate(DType::kF32, Shape{2, 3}).ok());
    EXPECT_FALSE(Tensor::Allocate(DType::kF32, Shape{11}).ok());
    bool other_thread = false;
    std::thread([&] { other_thread = Tensor::Allocate(DType::kF32, Shape{11}).ok(); }).join();
    EXPECT_TRUE(other_thread);
  }
  EXPECT_TRUE(Tensor::Allocate(DType::kF32, Shape{11}).ok());
}

TEST(LoadScope, HasNoDeadlineOutsideOrAtZero) {
  EXPECT_TRUE(CheckLoadTime().ok());
  LoadLimits limits;
  limits.milliseconds = 0;
  const LoadScope scope(limits);
  EXPECT_TRUE(CheckLoadTime().ok());
}

TEST(LoadScope, KeepsTheEarlierDeadline) {
  LoadLimits soon;
  soon.milliseconds = 1;
  const LoadScope outer(soon);
  const LoadScope inner{LoadLimits()};
  std::this_thread::sleep_for(std::chrono::milliseconds(2));
  EXPECT_EQ(CheckLoadTime().code(), StatusCode::kResourceExhausted);
}

TEST(CheckTensorLimits, PassesOverWhatIsNotKnown) {
  LoadLimits limits;
  limits.rank = 3;
  limits.elements = 6;
  const LoadScope scope(limits);
  EXPECT_TRUE(CheckTensorLimits(Shape{-1, 2, 3}).ok());
  EXPECT_EQ(CheckTensorLimits(Shape{-1, 2, 4}).code(), StatusCode::kResourceExhausted);
  EXPECT_EQ(CheckTensorLimits(Shape{1, 1, 1, 1}).code(), StatusCode::kResourceExhausted);
  EXPECT_EQ(CheckTensorLimits(Shape{kMaxElements, 2}).code(), StatusCode::kInvalidArgument);
}

TEST(CheckTensorLimits, BoundsTheSidesOfATensorWithoutElements) {
  EXPECT_TRUE(CheckTensorLimits(Shape{0, 3, 2048, 2048}).ok());
  EXPECT_TRUE(CheckTensorLimits(Shape{0, kMaxSidesOfNothing, 0, -1}).ok());
  for (const Shape& shape : {Shape{0, kMaxSidesOfNothing + 1}, Shape{1 << 16, 0, 1 << 16},
                             Shape{-1, kMaxElements, 0}, Shape{kMaxElements, kMaxElements, 0}}) {
    EXPECT_EQ(CheckTensorLimits(shape).code(), StatusCode::kResourceExhausted) << shape.ToString();
    EXPECT_FALSE(Tensor::Allocate(DType::kF32, shape).ok());
  }
}

}  // namespace
}  // namespace minnow
