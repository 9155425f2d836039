// Unary, Clamp, BatchNorm, Where.
#include <gtest/gtest.h>

#include <limits>

#include "interpreter/eval_text.h"

namespace minnow::interpreter {
namespace {

using graph::Unary;
using graph::UnaryKind;

constexpr float kInf = std::numeric_limits<float>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

std::string Apply(UnaryKind kind, std::vector<float> x, float alpha = 0.0f, float beta = 0.0f) {
  const int64_t count = static_cast<int64_t>(x.size());
  return Eval(Unary{kind, alpha, beta}, {F32(Shape{count}, std::move(x))});
}

TEST(Unary, ComputesEveryKind) {
  EXPECT_EQ(Apply(UnaryKind::kNeg, {1, -2}), "f32[2] -1 2");
  EXPECT_EQ(Apply(UnaryKind::kAbs, {1, -2}), "f32[2] 1 2");
  EXPECT_EQ(Apply(UnaryKind::kSqrt, {4, 2}), "f32[2] 2 1.41421");
  EXPECT_EQ(Apply(UnaryKind::kRsqrt, {4, 0}), "f32[2] 0.5 inf");
  EXPECT_EQ(Apply(UnaryKind::kExp, {0, 1, -kInf}), "f32[3] 1 2.71828 0");
  EXPECT_EQ(Apply(UnaryKind::kLog, {1, 0}), "f32[2] 0 -inf");
  EXPECT_EQ(Apply(UnaryKind::kReciprocal, {4, -0.5f}), "f32[2] 0.25 -2");
  EXPECT_EQ(Apply(UnaryKind::kSigmoid, {0, 1000, -1000}), "f32[3] 0.5 1 0");
  EXPECT_EQ(Apply(UnaryKind::kTanh, {0, 1}), "f32[2] 0 0.761594");
  EXPECT_EQ(Apply(UnaryKind::kErf, {0, 1}), "f32[2] 0 0.842701");
  EXPECT_EQ(Apply(UnaryKind::kFloor, {1.5f, -1.5f}), "f32[2] 1 -2");
  EXPECT_EQ(Apply(UnaryKind::kCeil, {1.5f, -1.5f}), "f32[2] 2 -1");
  EXPECT_EQ(Apply(UnaryKind::kRound, {0.5f, 1.5f, 2.5f, -1.5f}), "f32[4] 0 2 2 -2");
  EXPECT_EQ(Apply(UnaryKind::kSign, {3, -3, 0, kNan}), "f32[4] 1 -1 0 nan");
  EXPECT_EQ(Apply(UnaryKind::kSquare, {3, -4}), "f32[2] 9 16");
  EXPECT_EQ(Apply(UnaryKind::kHardSwish, {-4, -1.5f, 3, 5}), "f32[4] -0 -0.375 3 5");
  EXPECT_EQ(Apply(UnaryKind::kSoftplus, {0, 1000, -1000}), "f32[3] 0.693147 1000 0");
  EXPECT_EQ(Apply(UnaryKind::kGelu, {0, 1, -1}), "f32[3] 0 0.841345 -0.158655");
  EXPECT_EQ(Apply(UnaryKind::kHardSigmoid, {-9, 1, 9}, 0.2f, 0.5f), "f32[3] 0 0.7 1");
  EXPECT_EQ(Apply(UnaryKind::kLeakyRelu, {-4, 4}, 0.25f), "f32[2] -1 4");
  EXPECT_EQ(Apply(UnaryKind::kElu, {-1, 2}, 2.0f), "f32[2] -1.26424 2");
}

TEST(Unary, WorksOnIntegersWhereThatHasAMeaning) {
  EXPECT_EQ(Eval(Unary{UnaryKind::kNeg}, {S8({3}, {5, -5, -128})}), "i8[3] -5 5 -128");
  EXPECT_EQ(Eval(Unary{UnaryKind::kAbs}, {S64({2}, {-7, 7})}), "i64[2] 7 7");
  EXPECT_EQ(Eval(Unary{UnaryKind::kSign}, {S32({3}, {-7, 0, 7})}), "i32[3] -1 0 1");
  EXPECT_EQ(Eval(Unary{UnaryKind::kSign}, {U8({2}, {0, 200})}), "u8[2] 0 1");
  EXPECT_EQ(Eval(Unary{UnaryKind::kSquare}, {U8({1}, {17})}), "u8[1] 33");
  EXPECT_EQ(Eval(Unary{UnaryKind::kNot}, {Bool({3}, {0, 1, 9})}), "bool[3] 1 0 0");
  EXPECT_EQ(Eval(Unary{UnaryKind::kNeg}, {F16({1}, {0x3c00})}), "f16[1] bc00");
}

TEST(Clamp, TakesTheUpperBoundWhereTheBoundsCross) {
  EXPECT_EQ(Eval(graph::Clamp{0, 6}, {F32({4}, {-1, 3, 7, kNan})}), "f32[4] 0 3 6 nan");
  EXPECT_EQ(Eval(graph::Clamp{5, 2}, {F32({3}, {1, 3, 9})}), "f32[3] 2 2 2");
  EXPECT_EQ(Eval(graph::Clamp{}, {F32({2}, {-kInf, kInf})}), "f32[2] -inf inf");
}

TEST(Clamp, LeavesLargeIntegersExact) {
  EXPECT_EQ(Eval(graph::Clamp{0, kInf}, {S64({2}, {-5, (int64_t{1} << 53) + 1})}),
            "i64[2] 0 9007199254740993");
  EXPECT_EQ(Eval(graph::Clamp{-10, 1e9f}, {U8({2}, {0, 255})}), "u8[2] 0 255");
}

TEST(BatchNorm, NormalisesChannelsInBothLayouts) {
  graph::BatchNorm norm;
  norm.epsilon = 1.0f;
  // Deviations sqrt(3 + 1) = 2 and sqrt(15 + 1) = 4.
  const Operand scale = F32({2}, {10, 100}), offset = F32({2}, {1, 2});
  const Operand mean = F32({2}, {4, 8}), variance = F32({2}, {3, 15});
  EXPECT_EQ(Eval(norm, {F32({1, 2, 2}, {6, 12, 4, 8}), scale, offset, mean, variance}),
            "f32[1,2,2] 11 102 1 2");
  norm.layout = graph::DataLayout::kNCHW;
  EXPECT_EQ(Eval(norm, {F32({1, 2, 2}, {6, 4, 12, 8}), scale, offset, mean, variance}),
            "f32[1,2,2] 11 1 102 2");
}

TEST(Where, ChoosesElementsOfEveryWidth) {
  const Operand condition = Bool({2, 1}, {1, 0});
  EXPECT_EQ(Eval(graph::Where{}, {condition, F32({2}, {1, 2}), F32({}, {9})}), "f32[2,2] 1 2 9 9");
  EXPECT_EQ(Eval(graph::Where{}, {condition, S64({2}, {1, 2}), S64({1}, {9})}), "i64[2,2] 1 2 9 9");
  EXPECT_EQ(Eval(graph::Where{}, {Bool({}, {3}), F16({}, {1}), F16({}, {2})}), "f16[] 0001");
}

}  // namespace
}  // namespace minnow::interpreter
