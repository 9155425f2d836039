// Which types and shapes do quantised ops take and give?
#include <gtest/gtest.h>

#include "graph/infer_text.h"

namespace minnow::graph {
namespace {

Fact U8(Shape shape) { return Of(DType::kU8, shape); }
Fact S8(Shape shape) { return Of(DType::kS8, shape); }
Fact S32(Shape shape) { return Of(DType::kS32, shape); }

QConv2D Conv(std::vector<float> scales) {
  QConv2D op;
  op.quantization = {{0.5f, 128}, {0.25f, 3}, std::move(scales), 0, DType::kU8};
  return op;
}

TEST(InferQuantized, QuantizeTakesTheTypeOfTheZeroPoint) {
  EXPECT_EQ(Infer(Quantize{}, {F32({2, 3}), F32({}), S8({})}), "i8[2,3]");
  EXPECT_EQ(Infer(Quantize{1}, {F32({2, 3}), F32({3}), U8({3})}), "u8[2,3]");
  EXPECT_EQ(Infer(Dequantize{}, {U8({2, 3}), F32({})}), "f32[2,3]");
}

TEST(InferQuantized, ScalesMustFitTheAxis) {
  EXPECT_EQ(Infer(Quantize{0}, {F32({2, 3}), F32({3}), U8({})}),
            "ERR_INVALID_MODEL: scale: 3 does not match 2");
  EXPECT_EQ(Infer(Dequantize{5}, {S8({2, 3}), F32({3})}).substr(0, 17), "ERR_INVALID_MODEL");
  EXPECT_EQ(Infer(Dequantize{}, {S8({2}), F32({1, 2})}).substr(0, 15), "ERR_UNSUPPORTED");
  EXPECT_EQ(Infer(Dequantize{}, {S8({2}), F32({}), U8({})}),
            "ERR_INVALID_MODEL: input 0 has the type i8 and input 2 u8");
}

TEST(InferQuantized, ConvolutionHasTheShapeOfTheRealOne) {
  EXPECT_EQ(Infer(Conv({0.5f}), {U8({1, 8, 8, 3}), S8({4, 3, 3, 3}), S32({4})}), "u8[1,6,6,4]");
  EXPECT_EQ(Infer(Conv({1, 1, 1, 1}), {U8({1, 8, 8, 3}), S8({4, 1, 1, 3})}), "u8[1,8,8,4]");
}

TEST(InferQuantized, ConvolutionRefusesWhatItCannotSum) {
  EXPECT_EQ(Infer(Conv({1, 1}), {U8({1, 8, 8, 3}), S8({4, 1, 1, 3})}),
            "ERR_INVALID_MODEL: 2 weight scales for 4 output channels");
  EXPECT_EQ(Infer(Conv({1}), {U8({1, 1, 1, 40000}), S8({4, 1, 1, 40000})}),
            "ERR_UNSUPPORTED: sums of 40000 products; 32768 are supported");
  EXPECT_EQ(Infer(Conv({1}), {U8({1, 8, 8, 3}), S8({4, 1, 1, 3}), F32({4})}),
            "ERR_INVALID_MODEL: a bias of type f32, expected i32");
  EXPECT_EQ(Infer(Conv({0}), {U8({1, 8, 8, 3}), S8({4, 1, 1, 3})}),
            "ERR_INVALID_MODEL: the scale 0 is not a positive number");
  EXPECT_EQ(Infer(Conv({1}), {S8({1, 8, 8, 3}), S8({4, 1, 1, 3})}),
            "ERR_INVALID_MODEL: the zero point 128 is no i8");
}

TEST(InferQuantized, FullyConnectedAndBinary) {
  QFullyConnected product;
  product.quantization = Conv({0.5f}).quantization;
  EXPECT_EQ(Infer(product, {U8({2, 8}), U8({5, 8}), S32({5})}), "u8[2,5]");
  QBinary sum;
  sum.dtype = DType::kS8;
  EXPECT_EQ(Infer(sum, {U8({2, 1, 3}), S8({4, 1})}), "i8[2,4,3]");
  sum.binary.kind = BinaryKind::kDiv;
  EXPECT_EQ(Infer(sum, {U8({2}), U8({2})}),
            "ERR_UNSUPPORTED: other integer arithmetic than add, sub and mul");
}

}  // namespace
}  // namespace minnow::graph
