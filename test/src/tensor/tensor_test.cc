// Do tensors own zeroed, shared memory of the size that their shape says?
#include "tensor/tensor.h"

#include <gtest/gtest.h>

namespace minnow {
namespace {

TEST(Tensor, AllocatesZeroes) {
  const StatusOr<Tensor> tensor = Tensor::Allocate(DType::kS64, {2, 3});
  ASSERT_TRUE(tensor.ok());
  EXPECT_EQ(tensor->size_bytes(), 48u);
  for (int i = 0; i < 6; ++i) EXPECT_EQ(tensor->as<int64_t>()[i], 0);
}

TEST(Tensor, MayBeEmpty) {
  const StatusOr<Tensor> tensor = Tensor::Allocate(DType::kF32, {0, 1000});
  ASSERT_TRUE(tensor.ok());
  EXPECT_EQ(tensor->size_bytes(), 0u);
  EXPECT_NE(tensor->data(), nullptr);
}

TEST(Tensor, RefusesShapesThatAreOpenOrTooLarge) {
  for (const Shape& shape : {Shape{2, kUnknownDim}, Shape{kMaxElements, 2},
                             Shape{kMaxElements, kMaxElements, kMaxElements}}) {
    const StatusOr<Tensor> tensor = Tensor::Allocate(DType::kU8, shape);
    ASSERT_FALSE(tensor.ok());
    EXPECT_EQ(tensor.status().code(), StatusCode::kInvalidArgument);
  }
}

TEST(Tensor, IdentityTellsElementsApart) {
  const Tensor tensor = *Tensor::Allocate(DType::kF32, {4, 4});
  const Tensor copy = tensor;
  EXPECT_EQ(copy.identity(), tensor.identity());
  EXPECT_EQ(tensor.Reshaped({16}).identity(), tensor.identity());
  EXPECT_EQ(tensor.WithoutElements().identity(), tensor.identity());
  EXPECT_EQ(Tensor::AllocateAgain(tensor)->identity(), tensor.identity());
  EXPECT_NE(Tensor::Allocate(DType::kF32, {4, 4})->identity(), tensor.identity());
  EXPECT_NE(tensor.Rewritable().identity(), tensor.identity());
  EXPECT_EQ(tensor.Rewritable().data(), tensor.data());
}

TEST(Tensor, CanDoWithoutItsElements) {
  const Tensor tensor = *Tensor::Allocate(DType::kS64, {2, 3});
  EXPECT_TRUE(tensor.HasElements());
  const Tensor hollow = tensor.WithoutElements();
  EXPECT_FALSE(hollow.HasElements());
  EXPECT_EQ(hollow.dtype(), DType::kS64);
  EXPECT_EQ(hollow.shape(), Shape({2, 3}));
  EXPECT_TRUE(tensor.IsSoleOwner());
  const StatusOr<Tensor> again = Tensor::AllocateAgain(hollow);
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(again->size_bytes(), tensor.size_bytes());
  EXPECT_NE(again->data(), tensor.data());
}

TEST(Tensor, GivesItsMemoryAwayOnceAndWhole) {
  Tensor tensor = *Tensor::Allocate(DType::kF32, {1001, 40});
  const void* const data = tensor.data();
  const size_t blocks = size_t{1008} * 40 * sizeof(float);
  AlignedBuffer buffer;
  {
    const Tensor holder = tensor;
    EXPECT_FALSE(tensor.MoveMemory(blocks, &buffer));
  }
  EXPECT_FALSE(tensor.MoveMemory(blocks + 4096, &buffer));
  EXPECT_TRUE(tensor.HasElements());
  ASSERT_TRUE(tensor.MoveMemory(blocks, &buffer));
  EXPECT_FALSE(tensor.HasElements());
  EXPECT_EQ(buffer.data(), data);
  EXPECT_EQ(buffer.size(), blocks);
  EXPECT_FALSE(tensor.MoveMemory(blocks, &buffer));
}

TEST(Tensor, CopiesAndReshapedOnesShareTheElements) {
  const float values[] = {1, 2, 3, 4, 5, 6};
  StatusOr<Tensor> tensor = Tensor::From({2, 3}, values);
  ASSERT_TRUE(tensor.ok());
  const Tensor copy = *tensor;
  const Tensor reshaped = tensor->Reshaped({6});
  EXPECT_EQ(copy.data(), tensor->data());
  EXPECT_EQ(reshaped.data(), tensor->data());
  EXPECT_EQ(reshaped.shape(), Shape{6});
  EXPECT_EQ(reshaped.as<float>()[5], 6.0f);
  EXPECT_EQ(tensor->view().size_bytes(), 24u);
  EXPECT_EQ(tensor->mutable_view().as<float>(), tensor->as<float>());
}

TEST(DType, SizesFitTheNames) {
  EXPECT_EQ(DTypeSize(DTypeOf<float>::value), sizeof(float));
  EXPECT_EQ(DTypeSize(DTypeOf<double>::value), sizeof(double));
  EXPECT_EQ(DTypeSize(DTypeOf<int64_t>::value), sizeof(int64_t));
  EXPECT_EQ(DTypeSize(DTypeOf<uint16_t>::value), sizeof(uint16_t));
  EXPECT_EQ(DTypeSize(DTypeOf<bool>::value), 1u);
  EXPECT_EQ(DTypeSize(DType::kF16), 2u);
  EXPECT_STREQ(DTypeName(DType::kS8), "i8");
  EXPECT_STREQ(DTypeName(DType::kF16), "f16");
}

}  // namespace
}  // namespace minnow
