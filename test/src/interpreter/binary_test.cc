// Binary: broadcasting, integer traps, comparisons, logic.
#include <gtest/gtest.h>

#include <limits>

#include "interpreter/eval_text.h"

namespace minnow::interpreter {
namespace {

using graph::Binary;
using graph::BinaryKind;

Binary Of(BinaryKind kind) { return Binary{kind, {}}; }

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr int32_t kMin32 = std::numeric_limits<int32_t>::min();
constexpr int64_t kMin64 = std::numeric_limits<int64_t>::min();

TEST(Binary, BroadcastsBothSides) {
  EXPECT_EQ(Eval(Of(BinaryKind::kAdd), {F32({2, 1}, {10, 20}), F32({3}, {1, 2, 3})}),
            "f32[2,3] 11 12 13 21 22 23");
  EXPECT_EQ(Eval(Of(BinaryKind::kSub), {F32({}, {1}), F32({2, 1, 2}, {1, 2, 3, 4})}),
            "f32[2,1,2] 0 -1 -2 -3");
  EXPECT_EQ(Eval(Of(BinaryKind::kMul), {F32({}, {3}), F32({}, {4})}), "f32[] 12");
  EXPECT_EQ(Eval(Of(BinaryKind::kMul), {F32({0, 2}, {}), F32({2}, {1, 2})}), "f32[0,2]");
  EXPECT_EQ(Eval(Of(BinaryKind::kAdd), {Iota({2, 1, 2, 1}), Iota({2, 1, 2})}),
            "f32[2,2,2,2] 0 1 1 2 2 3 3 4 2 3 3 4 4 5 5 6");
}

TEST(Binary, ComputesFloats) {
  const Operand a = F32({3}, {7, -7, 2}), b = F32({3}, {2, 2, -0.5f});
  EXPECT_EQ(Eval(Of(BinaryKind::kDiv), {a, b}), "f32[3] 3.5 -3.5 -4");
  EXPECT_EQ(Eval(Of(BinaryKind::kMin), {a, b}), "f32[3] 2 -7 -0.5");
  EXPECT_EQ(Eval(Of(BinaryKind::kMax), {a, b}), "f32[3] 7 2 2");
  EXPECT_EQ(Eval(Of(BinaryKind::kPow), {a, b}), "f32[3] 49 49 0.707107");
  EXPECT_EQ(Eval(Of(BinaryKind::kDiv), {F32({1}, {1}), F32({1}, {0})}), "f32[1] inf");
  EXPECT_EQ(Eval(Of(BinaryKind::kAdd), {F64({1}, {0.5}), F64({1}, {0.25})}), "f64[1] 0.75");
}

TEST(Binary, ModHasTheDivisorsSign) {
  EXPECT_EQ(Eval(Of(BinaryKind::kMod), {F32({4}, {7, -7, 7, -7}), F32({4}, {3, 3, -3, -3})}),
            "f32[4] 1 2 -2 -1");
  EXPECT_EQ(Eval(Of(BinaryKind::kMod), {S32({4}, {7, -7, 7, -7}), S32({4}, {3, 3, -3, -3})}),
            "i32[4] 1 2 -2 -1");
}

TEST(Binary, ANanWinsMinimumAndMaximum) {
  const Operand a = F32({2}, {kNan, 1}), b = F32({2}, {1, kNan});
  EXPECT_EQ(Eval(Of(BinaryKind::kMin), {a, b}), "f32[2] nan nan");
  EXPECT_EQ(Eval(Of(BinaryKind::kMax), {a, b}), "f32[2] nan nan");
}

TEST(Binary, AppliesTheActivationBeforeRounding) {
  Binary add;
  add.activation.min = 0.0f;
  add.activation.max = 6.0f;
  EXPECT_EQ(Eval(add, {F32({3}, {-9, 2, 9}), F32({}, {1})}), "f32[3] 0 3 6");
  EXPECT_EQ(Eval(add, {S32({3}, {-9, 2, 9}), S32({}, {1})}), "i32[3] 0 3 6");
  add.activation.kind = graph::Activation::Kind::kHardSwish;
  EXPECT_EQ(Eval(add, {F32({2}, {0, 4}), F32({}, {1})}), "f32[2] 0.666667 5");
  EXPECT_EQ(Eval(add, {S32({1}, {0}), S32({}, {1})}),
            "ERR_UNSUPPORTED: hard_swish on elements of type i32");
}

TEST(Binary, WrapsIntegersAround) {
  EXPECT_EQ(Eval(Of(BinaryKind::kAdd), {U8({1}, {250}), U8({1}, {10})}), "u8[1] 4");
  EXPECT_EQ(Eval(Of(BinaryKind::kAdd), {S8({1}, {127}), S8({1}, {1})}), "i8[1] -128");
  EXPECT_EQ(Eval(Of(BinaryKind::kMul), {S64({1}, {kMin64}), S64({1}, {3})}),
            "i64[1] -9223372036854775808");
  EXPECT_EQ(Eval(Of(BinaryKind::kSub), {S32({1}, {kMin32}), S32({1}, {1})}), "i32[1] 2147483647");
}

TEST(Binary, DividesIntegersWithoutTraps) {
  EXPECT_EQ(Eval(Of(BinaryKind::kDiv), {S32({3}, {7, -7, kMin32}), S32({3}, {2, 2, -1})}),
            "i32[3] 3 -3 -2147483648");
  EXPECT_EQ(Eval(Of(BinaryKind::kMod), {S64({1}, {kMin64}), S64({1}, {-1})}), "i64[1] 0");
  EXPECT_EQ(Eval(Of(BinaryKind::kDiv), {U64({1}, {~uint64_t{0}}), U64({1}, {2})}),
            "u64[1] 9223372036854775807");
  EXPECT_EQ(Eval(Of(BinaryKind::kDiv), {S32({1}, {7}), S32({1}, {0})}),
            "ERR_INVALID_ARGUMENT: integer division by zero");
  EXPECT_EQ(Eval(Of(BinaryKind::kMod), {U8({1}, {7}), U8({1}, {0})}),
            "ERR_INVALID_ARGUMENT: integer division by zero");
}

TEST(Binary, RaisesIntegersToPowers) {
  EXPECT_EQ(Eval(Of(BinaryKind::kPow), {S64({4}, {3, -2, 2, 0}), S64({4}, {4, 3, 64, 0})}),
            "i64[4] 81 -8 0 1");
  EXPECT_EQ(Eval(Of(BinaryKind::kPow), {S32({4}, {1, -1, -1, 5}), S32({4}, {-3, -3, -2, -1})}),
            "i32[4] 1 -1 1 0");
  EXPECT_EQ(Eval(Of(BinaryKind::kPow), {S32({1}, {0}), S32({1}, {-1})}),
            "ERR_INVALID_ARGUMENT: 0 to a negative power");
}

TEST(Binary, ComparesToBool) {
  const Operand a = F32({4}, {1, 2, 3, kNan}), b = F32({}, {2});
  EXPECT_EQ(Eval(Of(BinaryKind::kEqual), {a, b}), "bool[4] 0 1 0 0");
  EXPECT_EQ(Eval(Of(BinaryKind::kLess), {a, b}), "bool[4] 1 0 0 0");
  EXPECT_EQ(Eval(Of(BinaryKind::kGreater), {a, b}), "bool[4] 0 0 1 0");
  EXPECT_EQ(Eval(Of(BinaryKind::kLessEqual), {a, b}), "bool[4] 1 1 0 0");
  EXPECT_EQ(Eval(Of(BinaryKind::kGreaterEqual), {a, b}), "bool[4] 0 1 1 0");
  // 2^53 and 2^53 + 1 are one double, but two integers.
  EXPECT_EQ(Eval(Of(BinaryKind::kEqual),
                 {S64({1}, {int64_t{1} << 53}), S64({1}, {(int64_t{1} << 53) + 1})}),
            "bool[1] 0");
}

TEST(Binary, TakesAnyByteButZeroAsTrue) {
  const Operand a = Bool({4}, {0, 0, 2, 255}), b = Bool({4}, {0, 1, 0, 1});
  EXPECT_EQ(Eval(Of(BinaryKind::kAnd), {a, b}), "bool[4] 0 0 0 1");
  EXPECT_EQ(Eval(Of(BinaryKind::kOr), {a, b}), "bool[4] 0 1 1 1");
  EXPECT_EQ(Eval(Of(BinaryKind::kXor), {a, b}), "bool[4] 0 1 1 0");
  EXPECT_EQ(Eval(Of(BinaryKind::kEqual), {a, b}), "bool[4] 1 0 0 1");
}

}  // namespace
}  // namespace minnow::interpreter
