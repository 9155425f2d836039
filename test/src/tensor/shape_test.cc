// Do shapes keep their limits, and count without overflow?
#include "tensor/shape.h"

#include <gtest/gtest.h>

#include <limits>
#include <vector>

namespace minnow {
namespace {

StatusOr<Shape> Make(const std::vector<int64_t>& dims) {
  return Shape::Make(dims.data(), dims.size());
}

TEST(Shape, MakeTakesUpToEightDims) {
  for (size_t rank = 0; rank <= 8; ++rank) {
    const StatusOr<Shape> shape = Make(std::vector<int64_t>(rank, 2));
    ASSERT_TRUE(shape.ok());
    EXPECT_EQ(shape->rank(), static_cast<int>(rank));
    EXPECT_EQ(shape->ElementCount(), int64_t{1} << rank);
  }
  EXPECT_EQ(Make(std::vector<int64_t>(9, 1)).status().code(), StatusCode::kInvalidArgument);
}

TEST(Shape, MakeRejectsSizesBelowUnknown) {
  EXPECT_FALSE(Make({2, -2}).ok());
  EXPECT_FALSE(Make({std::numeric_limits<int64_t>::min()}).ok());
  EXPECT_TRUE(Make({kUnknownDim, 0}).ok());
}

TEST(Shape, MakeRejectsTooManyElementsWithoutOverflow) {
  EXPECT_TRUE(Make({kMaxElements}).ok());
  EXPECT_FALSE(Make({kMaxElements + 1}).ok());
  EXPECT_TRUE(Make({1 << 16, 1 << 15}).ok());
  EXPECT_FALSE(Make({1 << 16, 1 << 16}).ok());
  EXPECT_FALSE(Make(std::vector<int64_t>(8, kMaxElements)).ok());
  EXPECT_FALSE(Make({kUnknownDim, 1 << 16, 1 << 16}).ok());
  EXPECT_FALSE(Make({std::numeric_limits<int64_t>::max(), 0}).ok());
}

TEST(Shape, CountsOneForAScalarAndUnknownForUnknown) {
  EXPECT_EQ(Shape{}.ElementCount(), 1);
  EXPECT_EQ((Shape{2, kUnknownDim}).ElementCount(), kUnknownDim);
  EXPECT_EQ((Shape{0, kUnknownDim}).ElementCount(), kUnknownDim);
  EXPECT_FALSE((Shape{2, kUnknownDim}).IsStatic());
  EXPECT_TRUE((Shape{2, 0}).IsStatic());
}

TEST(Shape, CountSaturatesInsteadOfOverflowing) {
  const int64_t huge = std::numeric_limits<int64_t>::max();
  EXPECT_EQ((Shape{huge, huge, huge}).ElementCount(), kMaxElements + 1);
  EXPECT_EQ((Shape{huge, huge, 0}).ElementCount(), 0);
  EXPECT_EQ((Shape{huge}).ElementCount(), kMaxElements + 1);
}

TEST(Shape, CountsARangeOfDims) {
  const Shape shape = {2, 3, 5, 7};
  EXPECT_EQ(shape.ElementCount(1, 3), 15);
  EXPECT_EQ(shape.ElementCount(2, 2), 1);
  EXPECT_EQ(shape.ElementCount(0, 4), 210);
}

TEST(Shape, ComparesRankAndDims) {
  EXPECT_EQ((Shape{1, 2}), (Shape{1, 2}));
  EXPECT_NE((Shape{1, 2}), (Shape{1, 2, 1}));
  EXPECT_NE((Shape{1, 2}), (Shape{2, 1}));
  EXPECT_EQ(Shape{}, Shape{});
}

TEST(Shape, PrintsUnknownDimsAsQuestionMarks) {
  EXPECT_EQ((Shape{kUnknownDim, 224, 3}).ToString(), "[?,224,3]");
  EXPECT_EQ(Shape{}.ToString(), "[]");
}

TEST(NormalizeAxis, CountsNegativeAxesFromTheEnd) {
  EXPECT_EQ(*NormalizeAxis(-1, 4), 3);
  EXPECT_EQ(*NormalizeAxis(-4, 4), 0);
  EXPECT_EQ(*NormalizeAxis(3, 4), 3);
  for (const int64_t axis : {int64_t{4}, int64_t{-5}, std::numeric_limits<int64_t>::min()}) {
    EXPECT_EQ(NormalizeAxis(axis, 4).status().code(), StatusCode::kInvalidModel);
  }
  EXPECT_FALSE(NormalizeAxis(0, 0).ok());
}

}  // namespace
}  // namespace minnow
