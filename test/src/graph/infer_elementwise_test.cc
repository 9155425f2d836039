// Shapes and types of elementwise ops, normalisation, softmax and reductions.
#include <gtest/gtest.h>

#include <limits>

#include "graph/infer_text.h"

namespace minnow::graph {
namespace {

TEST(InferBinary, BroadcastsAndGivesBoolForComparisons) {
  EXPECT_EQ(Infer(Binary{}, {F32({2, 1}), F32({3})}), "f32[2,3]");
  EXPECT_EQ(Infer(Binary{BinaryKind::kLess, {}}, {S64({2}), S64({})}), "bool[2]");
  EXPECT_EQ(Infer(Binary{BinaryKind::kAnd, {}}, {Bool({2}), Bool({2})}), "bool[2]");
  EXPECT_EQ(Infer(Binary{}, {F32({2}), Unranked()}), "f32[*]");
}

TEST(InferBinary, RefusesTypesThatDoNotGoTogether) {
  EXPECT_EQ(Infer(Binary{}, {F32({2}), S64({2})}),
            "ERR_INVALID_MODEL: input 0 has the type f32 and input 1 i64");
  EXPECT_EQ(Infer(Binary{BinaryKind::kOr, {}}, {F32({2}), F32({2})}),
            "ERR_INVALID_MODEL: elements of type f32, expected bool");
  EXPECT_EQ(Infer(Binary{}, {Bool({2}), Bool({2})}),
            "ERR_INVALID_MODEL: elements of type bool, expected numbers");
}

TEST(InferUnary, KeepsShapeAndType) {
  EXPECT_EQ(Infer(Unary{UnaryKind::kExp}, {F32({-1, 3})}), "f32[?,3]");
  EXPECT_EQ(Infer(Unary{UnaryKind::kNeg}, {S64({3})}), "i64[3]");
  EXPECT_EQ(Infer(Unary{UnaryKind::kNot}, {Bool({3})}), "bool[3]");
  EXPECT_EQ(Infer(Unary{UnaryKind::kExp}, {S64({3})}),
            "ERR_UNSUPPORTED: elements of type i64; f32, f64 and f16 are supported");
  EXPECT_EQ(Infer(Unary{UnaryKind::kElu, std::numeric_limits<float>::infinity()}, {F32({3})}),
            "ERR_INVALID_MODEL: alpha inf or beta 0 is not finite");
}

TEST(InferClamp, RefusesABoundThatIsNotANumber) {
  Clamp clamp;
  clamp.max = std::numeric_limits<float>::quiet_NaN();
  EXPECT_EQ(Infer(clamp, {F32({3})}), "ERR_INVALID_MODEL: an activation bound is not a number");
}

TEST(InferWhere, BroadcastsAllThree) {
  EXPECT_EQ(Infer(Where{}, {Bool({2, 1}), F32({3}), F32({})}), "f32[2,3]");
  EXPECT_EQ(Infer(Where{}, {F32({2}), F32({2}), F32({2})}),
            "ERR_INVALID_MODEL: elements of type f32, expected bool");
}

TEST(InferCast, ChangesTheTypeOnly) {
  EXPECT_EQ(Infer(Cast{DType::kU8}, {F32({2, -1})}), "u8[2,?]");
  EXPECT_EQ(Infer(Cast{DType::kU8}, {Unranked()}), "u8[*]");
}

TEST(InferBatchNorm, ChecksTheParametersAgainstTheChannels) {
  BatchNorm norm;
  const auto infer = [&](Fact x, Shape list) {
    return Infer(norm, {x, F32(list), F32(list), F32(list), F32(list)});
  };
  EXPECT_EQ(infer(F32({1, 4, 4, 8}), {8}), "f32[1,4,4,8]");
  EXPECT_EQ(infer(F32({1, 4, 4, 8}), {4}),
            "ERR_INVALID_MODEL: values and channels: 4 does not match 8");
  EXPECT_EQ(infer(F32({1, 4, 4, 8}), {8, 1}),
            "ERR_INVALID_MODEL: input 1 has the shape [8,1], expected one value a channel");
  norm.layout = DataLayout::kNCHW;
  EXPECT_EQ(infer(F32({-1, 4}), {4}), "f32[?,4]");
  norm.epsilon = 0.0f;
  EXPECT_EQ(infer(F32({1, 8}), {8}), "ERR_INVALID_MODEL: epsilon 0 is not a positive number");
  norm.epsilon = std::numeric_limits<float>::infinity();
  EXPECT_EQ(infer(F32({1, 8}), {8}), "ERR_INVALID_MODEL: epsilon inf is not a positive number");
}

TEST(InferSoftmax, ChecksTheAxis) {
  EXPECT_EQ(Infer(Softmax{}, {F32({-1, 10})}), "f32[?,10]");
  EXPECT_EQ(Infer(Softmax{2, false}, {F32({1, 10})}),
            "ERR_INVALID_MODEL: axis 2 is outside rank 2");
}

TEST(InferReduce, TakesAxesFromTheAttributeOrTheInput) {
  EXPECT_EQ(Infer(Reduce{ReduceKind::kMean, {1, -2}, true}, {F32({-1, 7, 7, 8})}), "f32[?,1,1,8]");
  EXPECT_EQ(Infer(Reduce{ReduceKind::kMean, {0}, false}, {F32({-1, 7, 7, 8}), Ints({1, 2})}),
            "f32[?,8]");
  EXPECT_EQ(Infer(Reduce{ReduceKind::kSum, {}, false}, {F32({2, 3})}), "f32[]");
  EXPECT_EQ(Infer(Reduce{ReduceKind::kSum, {}, true}, {F32({2, 3})}), "f32[1,1]");
}

TEST(InferReduce, KnowsOnlyTheRankWhenTheAxesAreComputed) {
  EXPECT_EQ(Infer(Reduce{}, {F32({2, 1}), S64({1})}), "f32[?,1]");
  EXPECT_EQ(Infer(Reduce{ReduceKind::kSum, {}, false}, {F32({2, 1}), S64({1})}), "f32[*]");
}

TEST(InferReduce, RefusesBadAxes) {
  EXPECT_EQ(Infer(Reduce{ReduceKind::kSum, {2}, true}, {F32({2, 3})}),
            "ERR_INVALID_MODEL: axis 2 is outside rank 2");
  EXPECT_EQ(Infer(Reduce{ReduceKind::kSum, {1, -1}, true}, {F32({2, 3})}),
            "ERR_INVALID_MODEL: axis 1 is named twice");
  EXPECT_EQ(Infer(Reduce{}, {F32({2, 3}), F32({1})}),
            "ERR_INVALID_MODEL: axes has the type f32, expected i32 or i64");
}

}  // namespace
}  // namespace minnow::graph
