// Ops that move elements, by hand and for every element width.
#include <gtest/gtest.h>

#include <limits>

#include "interpreter/eval_text.h"

namespace minnow::interpreter {
namespace {

using graph::Concat;
using graph::Expand;
using graph::Gather;
using graph::Pad;
using graph::PadFill;
using graph::ShapeOf;
using graph::Slice;
using graph::StridedSlice;
using graph::Transpose;

constexpr int64_t kMin = std::numeric_limits<int64_t>::min();
constexpr int64_t kMax = std::numeric_limits<int64_t>::max();

Operand Grid() { return Iota({2, 3}); }  // 0 1 2 / 3 4 5

TEST(Reshape, KeepsTheElements) {
  EXPECT_EQ(Eval(graph::Reshape{{3, -1}}, {Grid()}), "f32[3,2] 0 1 2 3 4 5");
  EXPECT_EQ(Eval(graph::Reshape{}, {S8({4}, {1, 2, 3, 4}), S64({2}, {2, 2})}), "i8[2,2] 1 2 3 4");
  EXPECT_EQ(Eval(graph::Flatten{}, {Iota({2, 1, 2})}), "f32[2,2] 0 1 2 3");
  EXPECT_EQ(Eval(graph::Squeeze{}, {Iota({1, 2, 1})}), "f32[2] 0 1");
  EXPECT_EQ(Eval(graph::Unsqueeze{{0}}, {F16({2}, {1, 2})}), "f16[1,2] 0001 0002");
  EXPECT_EQ(Eval(graph::Identity{}, {Bool({2}, {0, 1})}), "bool[2] 0 1");
}

TEST(Transpose, MovesElementsOfEveryWidth) {
  EXPECT_EQ(Eval(Transpose{}, {Grid()}), "f32[3,2] 0 3 1 4 2 5");
  EXPECT_EQ(Eval(Transpose{{1, 0}}, {U8({2, 2}, {1, 2, 3, 4})}), "u8[2,2] 1 3 2 4");
  EXPECT_EQ(Eval(Transpose{{1, 0}}, {F16({2, 2}, {1, 2, 3, 4})}), "f16[2,2] 0001 0003 0002 0004");
  EXPECT_EQ(Eval(Transpose{{1, 0}}, {F64({2, 2}, {1, 2, 3, 4})}), "f64[2,2] 1 3 2 4");
  EXPECT_EQ(Eval(Transpose{{0, 2, 3, 1}}, {Iota({1, 2, 2, 2})}), "f32[1,2,2,2] 0 4 1 5 2 6 3 7");
  EXPECT_EQ(Eval(Transpose{{2, 0, 1}}, {Iota({2, 2, 2})}), "f32[2,2,2] 0 2 4 6 1 3 5 7");
  EXPECT_EQ(Eval(Transpose{}, {F32({}, {5})}), "f32[] 5");
}

TEST(ShapeOf, ListsDims) {
  EXPECT_EQ(Eval(ShapeOf{}, {Iota({2, 3, 4})}), "i64[3] 2 3 4");
  EXPECT_EQ(Eval(ShapeOf{-2, 2, DType::kS32}, {Iota({2, 3, 4})}), "i32[1] 3");
  EXPECT_EQ(Eval(ShapeOf{}, {F32({0, 2}, {})}), "i64[2] 0 2");
}

TEST(Expand, RepeatsBothWays) {
  EXPECT_EQ(Eval(Expand{}, {F32({2, 1}, {1, 2}), S64({3}, {2, 1, 2})}),
            "f32[2,2,2] 1 1 2 2 1 1 2 2");
  EXPECT_EQ(Eval(Expand{}, {F32({}, {7}), S64({1}, {3})}), "f32[3] 7 7 7");
}

TEST(Concat, JoinsAlongAnyAxis) {
  EXPECT_EQ(Eval(Concat{0}, {F32({1, 2}, {1, 2}), F32({2, 2}, {3, 4, 5, 6})}),
            "f32[3,2] 1 2 3 4 5 6");
  EXPECT_EQ(Eval(Concat{-1}, {F32({2, 1}, {1, 2}), F32({2, 0}, {}), F32({2, 2}, {3, 4, 5, 6})}),
            "f32[2,3] 1 3 4 2 5 6");
  EXPECT_EQ(Eval(Concat{0}, {S64({1}, {1}), S64({2}, {2, 3})}), "i64[3] 1 2 3");
}

TEST(Slice, TakesRangesAndSteps) {
  EXPECT_EQ(Eval(Slice{{0, 1}, {2, 3}, {}, {}}, {Grid()}), "f32[2,2] 1 2 4 5");
  EXPECT_EQ(Eval(Slice{{0}, {kMax}, {1}, {2}}, {Grid()}), "f32[2,2] 0 2 3 5");
  EXPECT_EQ(Eval(Slice{{-1, -1}, {kMin, kMin}, {0, 1}, {-1, -2}}, {Grid()}), "f32[2,2] 5 3 2 0");
  EXPECT_EQ(Eval(Slice{}, {S64({4}, {5, 6, 7, 8}), S64({1}, {1}), S64({1}, {3})}), "i64[2] 6 7");
  EXPECT_EQ(Eval(Slice{{2}, {1}, {0}, {}}, {Grid()}), "f32[0,3]");
}

TEST(StridedSlice, AppliesMasks) {
  EXPECT_EQ(Eval(StridedSlice{}, {Grid(), S32({2}, {0, 1}), S32({2}, {2, 3}), S32({2}, {1, 1})}),
            "f32[2,2] 1 2 4 5");
  EXPECT_EQ(Eval(StridedSlice{0, 0, 1}, {Grid(), S32({1}, {-1}), S32({1}, {0}), S32({1}, {1})}),
            "f32[3] 3 4 5");
  EXPECT_EQ(
      Eval(StridedSlice{2, 2, 1}, {Grid(), S32({2}, {1, 0}), S32({2}, {2, 0}), S32({2}, {1, -1})}),
      "f32[3] 5 4 3");
  EXPECT_EQ(Eval(StridedSlice{0, 0, 1},
                 {S32({4}, {9, 224, 224, 3}), S32({1}, {0}), S32({1}, {1}), S32({1}, {1})}),
            "i32[] 9");
}

TEST(Pad, FillsWithAConstant) {
  EXPECT_EQ(Eval(Pad{PadFill::kConstant, {1, 0, 0, 1}, 9.0f}, {F32({1, 2}, {1, 2})}),
            "f32[2,3] 9 9 9 1 2 9");
  EXPECT_EQ(Eval(Pad{}, {F32({1}, {1}), S64({2}, {1, 1}), F32({}, {-5})}), "f32[3] -5 1 -5");
  EXPECT_EQ(Eval(Pad{PadFill::kConstant, {1, 0}, 3.7f}, {S8({1}, {1})}), "i8[2] 3 1");
  EXPECT_EQ(Eval(Pad{PadFill::kConstant, {1, 0}, 1.0f}, {F16({1}, {0})}), "f16[2] 3c00 0000");
  EXPECT_EQ(Eval(Pad{PadFill::kConstant, {1, 1}, 2.0f}, {F32({0}, {})}), "f32[2] 2 2");
}

TEST(Pad, ReflectsWithoutRepeatingTheBorderAndRepeatsTheEdge) {
  const Operand x = F32({3}, {1, 2, 3});
  EXPECT_EQ(Eval(Pad{PadFill::kReflect, {2, 2}, 0.0f}, {x}), "f32[7] 3 2 1 2 3 2 1");
  EXPECT_EQ(Eval(Pad{PadFill::kEdge, {2, 1}, 0.0f}, {x}), "f32[6] 1 1 1 2 3 3");
  EXPECT_EQ(Eval(Pad{PadFill::kReflect, {1, 1, 0, 1}, 0.0f}, {Iota({2, 2})}),
            "f32[3,4] 3 2 3 2 1 0 1 0 3 2 3 2");
}

TEST(Gather, PicksAlongAnyAxis) {
  EXPECT_EQ(Eval(Gather{1}, {Grid(), S64({2}, {2, 0})}), "f32[2,2] 2 0 5 3");
  EXPECT_EQ(Eval(Gather{0}, {Grid(), S32({}, {-1})}), "f32[3] 3 4 5");
  EXPECT_EQ(Eval(Gather{0}, {S64({3}, {7, 8, 9}), S64({1, 2}, {1, 1})}), "i64[1,2] 8 8");
}

TEST(Gather, RefusesAnIndexOutsideTheAxis) {
  EXPECT_EQ(Eval(Gather{1}, {Grid(), S64({1}, {3})}),
            "ERR_INVALID_ARGUMENT: index 3 is outside a dimension of 3");
  EXPECT_EQ(Eval(Gather{1}, {Grid(), S64({1}, {-4})}),
            "ERR_INVALID_ARGUMENT: index -4 is outside a dimension of 3");
  EXPECT_EQ(Eval(Gather{0}, {F32({0, 3}, {}), S64({1}, {kMin})}),
            "ERR_INVALID_ARGUMENT: index -9223372036854775808 is outside a dimension of 0");
}

}  // namespace
}  // namespace minnow::interpreter
