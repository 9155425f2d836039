// Shapes of ops that move elements.
#include <gtest/gtest.h>

#include "graph/infer_text.h"

namespace minnow::graph {
namespace {

std::string Resolve(const Shape& input, const std::vector<int64_t>& target,
                    bool allow_zero = false) {
  const StatusOr<Shape> shape = ResolveReshape(input, target, allow_zero);
  return shape.ok() ? shape->ToString() : TextOf(shape.status());
}

TEST(ResolveReshape, InfersAndCopies) {
  EXPECT_EQ(Resolve({2, 3, 4}, {6, 4}), "[6,4]");
  EXPECT_EQ(Resolve({2, 3, 4}, {-1, 4}), "[6,4]");
  EXPECT_EQ(Resolve({2, 3, 4}, {0, -1}), "[2,12]");
  EXPECT_EQ(Resolve({1, 1}, {}), "[]");
  EXPECT_EQ(Resolve({0, 3}, {3, 0}, true), "[3,0]");
}

TEST(ResolveReshape, KeepsWhatAnUnknownBatchLeavesOpen) {
  EXPECT_EQ(Resolve({-1, 3, 4}, {-1, 12}), "[?,12]");
  EXPECT_EQ(Resolve({-1, 3, 4}, {0, 12}), "[?,12]");
  EXPECT_EQ(Resolve({-1, 3, 4}, {0, -1}), "[?,12]");
  EXPECT_EQ(Resolve({-1, 3, 4}, {1, 12}), "[1,12]");
  EXPECT_EQ(Resolve({-1, -1, 4}, {0, -1, 2}), "[?,?,2]");
  EXPECT_EQ(Resolve({-1, -1, 4}, {0, 0, 2, -1}), "[?,?,2,2]");
}

TEST(ResolveReshape, RefusesOtherElementCounts) {
  EXPECT_EQ(Resolve({2, 3}, {4, 2}), "ERR_INVALID_MODEL: the shape [2,3] cannot become [4,2]");
  EXPECT_EQ(Resolve({2, 3}, {-1, 4}), "ERR_INVALID_MODEL: the shape [2,3] cannot become [?,4]");
  EXPECT_EQ(Resolve({-1, 3}, {0, 4}), "ERR_INVALID_MODEL: the shape [?,3] cannot become [?,4]");
  EXPECT_EQ(Resolve({-1, 3}, {2, 2}), "ERR_INVALID_MODEL: the shape [?,3] cannot become [2,2]");
  EXPECT_EQ(Resolve({2}, {0, -1}, true), "ERR_INVALID_MODEL: the shape [2] cannot become [0,?]");
}

TEST(ResolveReshape, RefusesWhatIsNoTarget) {
  EXPECT_EQ(Resolve({4}, {-1, -1}), "ERR_INVALID_MODEL: the target has two dimensions of -1");
  EXPECT_EQ(Resolve({4}, {4, -2}), "ERR_INVALID_MODEL: dimension 1 of the target is -2");
  EXPECT_EQ(Resolve({4}, {4, 0}),
            "ERR_INVALID_MODEL: dimension 1 of the target copies from an input of shape [4]");
  EXPECT_EQ(Resolve({1}, {1, 1, 1, 1, 1, 1, 1, 1, 1}),
            "ERR_INVALID_MODEL: rank 9 is above the supported 8");
  EXPECT_EQ(Resolve({4}, {int64_t{1} << 31, int64_t{1} << 31, int64_t{1} << 31}),
            "ERR_INVALID_MODEL: more than 2147483648 elements");
}

TEST(InferReshape, TakesTheTargetFromTheAttributeOrTheInput) {
  EXPECT_EQ(Infer(Reshape{{-1, 4}}, {F32({2, 8})}), "f32[4,4]");
  EXPECT_EQ(Infer(Reshape{{9, 9}}, {F32({2, 8}), Ints({16})}), "f32[16]");
  EXPECT_EQ(Infer(Reshape{}, {F32({2, 8}), S64({2})}), "f32[*]");
  EXPECT_EQ(Infer(Reshape{}, {Unranked(), Ints({-1, 7})}), "f32[?,7]");
  EXPECT_EQ(Infer(Reshape{}, {Unranked(), Ints({0, 7})}), "f32[*]");
}

TEST(InferSqueeze, DropsNamedAxesOrAllOnes) {
  EXPECT_EQ(Infer(Squeeze{{1, -1}}, {F32({-1, 1, 7, 1})}), "f32[?,7]");
  EXPECT_EQ(Infer(Squeeze{}, {F32({1, 2, 1})}), "f32[2]");
  EXPECT_EQ(Infer(Squeeze{}, {F32({-1, 2, 1})}), "f32[*]");
  EXPECT_EQ(Infer(Squeeze{}, {F32({1, 2}), Ints({0})}), "f32[2]");
  EXPECT_EQ(Infer(Squeeze{{1}}, {F32({1, 2})}), "ERR_INVALID_MODEL: axis 1 of [1,2] is not 1");
}

TEST(InferUnsqueeze, NumbersAxesInTheOutput) {
  EXPECT_EQ(Infer(Unsqueeze{{0, 3}}, {F32({2, -1})}), "f32[1,2,?,1]");
  EXPECT_EQ(Infer(Unsqueeze{{-1}}, {F32({2})}), "f32[2,1]");
  EXPECT_EQ(Infer(Unsqueeze{{3}}, {F32({2})}), "ERR_INVALID_MODEL: axis 3 is outside rank 2");
  EXPECT_EQ(Infer(Unsqueeze{{0, 1}}, {F32({1, 1, 1, 1, 1, 1, 1})}),
            "ERR_INVALID_MODEL: rank 9 is above the supported 8");
}

TEST(InferFlatten, MakesAMatrix) {
  EXPECT_EQ(Infer(Flatten{}, {F32({-1, 3, 4})}), "f32[?,12]");
  EXPECT_EQ(Infer(Flatten{0}, {F32({2, 3})}), "f32[1,6]");
  EXPECT_EQ(Infer(Flatten{2}, {F32({2, 3})}), "f32[6,1]");
  EXPECT_EQ(Infer(Flatten{-1}, {F32({2, 3, 4})}), "f32[6,4]");
  EXPECT_EQ(Infer(Flatten{3}, {F32({2, 3})}), "ERR_INVALID_MODEL: axis 3 is outside rank 2");
}

TEST(InferTranspose, PermutesOrReverses) {
  EXPECT_EQ(Infer(Transpose{{0, 2, 3, 1}}, {F32({-1, 3, 4, 5})}), "f32[?,4,5,3]");
  EXPECT_EQ(Infer(Transpose{}, {F32({2, 3, 4})}), "f32[4,3,2]");
  EXPECT_EQ(Infer(Transpose{{0, 0}}, {F32({2, 3})}), "ERR_INVALID_MODEL: axis 0 is named twice");
  EXPECT_EQ(Infer(Transpose{{0}}, {F32({2, 3})}),
            "ERR_INVALID_MODEL: 1 axes permuted, but the input has rank 2");
}

TEST(InferConcat, AddsUpTheAxis) {
  EXPECT_EQ(Infer(Concat{1}, {F32({-1, 2}), F32({4, 3})}), "f32[4,5]");
  EXPECT_EQ(Infer(Concat{-1}, {F32({4, -1}), F32({4, 3})}), "f32[4,?]");
  EXPECT_EQ(Infer(Concat{0}, {F32({4})}), "f32[4]");
  EXPECT_EQ(Infer(Concat{0}, {F32({4}), Unranked()}), "f32[*]");
  EXPECT_EQ(Infer(Concat{0}, {F32({4, 2}), F32({4, 3})}),
            "ERR_INVALID_MODEL: dims beside the axis: 2 does not match 3");
  EXPECT_EQ(Infer(Concat{0}, {F32({4, 2}), F32({4})}),
            "ERR_INVALID_MODEL: inputs of shapes [4,2] and [4]");
  EXPECT_EQ(Infer(Concat{0}, {F32({4}), S64({4})}),
            "ERR_INVALID_MODEL: input 0 has the type f32 and input 1 i64");
}

TEST(InferPad, AddsBothEnds) {
  EXPECT_EQ(Infer(Pad{PadFill::kConstant, {0, 1, 2, 3}, 0.0f}, {F32({-1, 4})}), "f32[?,8]");
  EXPECT_EQ(Infer(Pad{}, {F32({3}), Ints({1, 2})}), "f32[6]");
  EXPECT_EQ(Infer(Pad{}, {F32({3, 4}), S64({4})}), "f32[?,?]");
  EXPECT_EQ(Infer(Pad{}, {F32({3}), Ints({1})}),
            "ERR_INVALID_MODEL: 1 pads for an input of rank 1");
  EXPECT_EQ(Infer(Pad{}, {F32({3}), Ints({-1, 0})}),
            "ERR_UNSUPPORTED: pad -1; [0, 1048576] is supported");
  EXPECT_EQ(Infer(Pad{PadFill::kReflect, {3, 0}, 0.0f}, {F32({3})}),
            "ERR_INVALID_MODEL: pad 3 cannot be filled from a dimension of 3");
}

TEST(InferShapeOf, IsAListAsLongAsTheRank) {
  EXPECT_EQ(Infer(ShapeOf{}, {F32({-1, 3, 4})}), "i64[3]");
  EXPECT_EQ(Infer(ShapeOf{1, -1, DType::kS32}, {F32({-1, 3, 4})}), "i32[1]");
  EXPECT_EQ(Infer(ShapeOf{}, {Unranked()}), "i64[?]");
  EXPECT_EQ(Infer(ShapeOf{0, 9, DType::kF32}, {F32({2})}),
            "ERR_INVALID_MODEL: a shape of type f32, expected i32 or i64");
}

TEST(InferExpand, BroadcastsBothWays) {
  EXPECT_EQ(Infer(Expand{}, {F32({3, 1}), Ints({2, 1, 4})}), "f32[2,3,4]");
  EXPECT_EQ(Infer(Expand{}, {F32({3, 1}), S64({2})}), "f32[*]");
  EXPECT_EQ(Infer(Expand{}, {F32({3}), Ints({-1})}), "ERR_INVALID_MODEL: shape: a dimension is -1");
}

TEST(InferFill, HasTheShapeThatItsInputHolds) {
  EXPECT_EQ(Infer(Fill{1.0, DType::kU8}, {Ints({2, 3})}), "u8[2,3]");
  EXPECT_EQ(Infer(Fill{1.0, DType::kU8}, {S64({2})}), "u8[*]");
  EXPECT_EQ(Infer(Fill{}, {Ints({1 << 20, 1 << 20})}),
            "ERR_INVALID_MODEL: shape: the shape has more than 2147483648 elements");
  EXPECT_EQ(Infer(Fill{}, {Ints(std::vector<int64_t>(17, 1))}),
            "ERR_INVALID_MODEL: shape has the shape [17], expected a short list");
}

}  // namespace
}  // namespace minnow::graph
