// What do Quantize and Dequantize make of single numbers?
#include <gtest/gtest.h>

#include <cmath>

#include "interpreter/eval_text.h"

namespace minnow::interpreter {
namespace {

TEST(Quantize, RoundsHalvesToEvenAndSaturates) {
  EXPECT_EQ(Eval(graph::Quantize{},
                 {F32({8}, {1, 3, 5, -1, -3, 1000, -1000, 4}), F32({}, {2}), U8({}, {128})}),
            "u8[8] 128 130 130 128 126 255 0 130");
  EXPECT_EQ(Eval(graph::Quantize{}, {F32({3}, {-1000, 0.5f, 1000}), F32({}, {1}), S8({}, {-5})}),
            "i8[3] -128 -5 127");
}

TEST(Quantize, NanGivesTheZeroPointAndInfinityTheEnds) {
  EXPECT_EQ(
      Eval(graph::Quantize{}, {F32({3}, {NAN, INFINITY, -INFINITY}), F32({}, {1}), U8({}, {7})}),
      "u8[3] 7 255 0");
  EXPECT_EQ(Eval(graph::Quantize{}, {F32({2}, {0, 1}), F32({}, {0}), U8({}, {7})}), "u8[2] 7 255");
}

TEST(Quantize, HasOneScaleForEachIndexOfAnAxis) {
  EXPECT_EQ(
      Eval(graph::Quantize{0}, {F32({2, 2}, {4, 6, 4, 6}), F32({2}, {1, 2}), U8({2}, {0, 9})}),
      "u8[2,2] 4 6 11 12");
  EXPECT_EQ(Eval(graph::Quantize{-1}, {F32({2, 2}, {4, 6, 4, 6}), F32({2}, {1, 2}), U8({}, {1})}),
            "u8[2,2] 5 4 5 4");
}

TEST(Dequantize, GivesTheNumbersThatIntegersStandFor) {
  EXPECT_EQ(Eval(graph::Dequantize{}, {U8({3}, {0, 128, 255}), F32({}, {0.5f}), U8({}, {128})}),
            "f32[3] -64 0 63.5");
  EXPECT_EQ(Eval(graph::Dequantize{}, {S32({2}, {-2147483647 - 1, 5}), F32({}, {1}), None()}),
            "f32[2] -2.14748e+09 5");
  EXPECT_EQ(
      Eval(graph::Dequantize{1}, {S8({1, 2, 2}, {1, 2, 3, 4}), F32({2}, {1, 10}), S8({2}, {0, 1})}),
      "f32[1,2,2] 1 2 20 30");
}

}  // namespace
}  // namespace minnow::interpreter
