// Do products and sums of integers equal the same ops on real numbers between Dequantize and
// Quantize? Inputs are chosen so that those are exact.
#include <gtest/gtest.h>

#include <random>

#include "interpreter/eval_text.h"

namespace minnow::interpreter {
namespace {

Operand Bytes(DType dtype, Shape shape, std::mt19937* random) {
  std::vector<uint8_t> bytes(static_cast<size_t>(shape.ElementCount()));
  for (uint8_t& byte : bytes) byte = static_cast<uint8_t>((*random)());
  return Typed(dtype, shape, bytes);
}

Operand OneByte(DType dtype, int32_t value) {
  return Typed(dtype, Shape{}, std::vector<uint8_t>{static_cast<uint8_t>(value)});
}

Operand Real(const Operand& integers, float scale, int32_t zero_point) {
  Operand real;
  real.present = true;
  real.tensor = *EvalTensor(graph::Dequantize{}, {integers, F32({}, {scale}),
                                                  OneByte(integers.tensor.dtype(), zero_point)});
  return real;
}

std::string Quantized(const StatusOr<Tensor>& real, const QuantParams& y, DType dtype) {
  if (!real.ok()) return TextOf(real.status());
  Operand operand;
  operand.present = true;
  operand.tensor = *real;
  return Eval(graph::Quantize{}, {operand, F32({}, {y.scale}), OneByte(dtype, y.zero_point)});
}

struct ConvCase {
  const char* what;
  Shape x, w;
  graph::Conv2D conv;
  DType x_type = DType::kU8, w_type = DType::kS8, y_type = DType::kU8;
};

std::vector<ConvCase> ConvCases() {
  graph::Conv2D plain, strided, depthwise, multiplied, grouped, nchw, hwcm;
  strided.stride_h = 2;
  strided.stride_w = 3;
  strided.dilation_w = 2;
  strided.padding = {graph::PadMode::kExplicit, 1, 2, 0, 1};
  strided.activation.min = 0.0f;
  strided.activation.max = 6.0f;
  depthwise.groups = 5;
  depthwise.padding.mode = graph::PadMode::kSameUpper;
  multiplied = depthwise;
  multiplied.activation.kind = graph::Activation::Kind::kHardSwish;
  grouped.groups = 2;
  nchw.layout = graph::DataLayout::kNCHW;
  nchw.weight_layout = graph::WeightLayout::kOIHW;
  nchw.padding = {graph::PadMode::kExplicit, 1, 1, 1, 1};
  hwcm.groups = 3;
  hwcm.weight_layout = graph::WeightLayout::kHWCM;
  const DType u8 = DType::kU8, s8 = DType::kS8;
  return {{"pointwise", {2, 3, 4, 17}, {6, 1, 1, 17}, plain, u8, s8, u8},
          {"strided", {1, 7, 9, 3}, {4, 3, 3, 3}, strided, u8, u8, u8},
          {"depthwise", {1, 6, 5, 5}, {5, 3, 3, 1}, depthwise, s8, s8, s8},
          {"multiplied", {1, 6, 5, 5}, {10, 3, 3, 1}, multiplied, u8, s8, s8},
          {"grouped", {1, 4, 4, 6}, {4, 2, 2, 3}, grouped, s8, u8, u8},
          {"nchw", {1, 4, 5, 6}, {3, 4, 3, 3}, nchw, u8, s8, u8},
          {"hwcm", {1, 4, 5, 3}, {2, 2, 3, 2}, hwcm, u8, u8, u8}};
}

TEST(QConv2D, EqualsTheRealConvolutionInEveryLayout) {
  std::mt19937 random(3);
  for (const ConvCase& c : ConvCases()) {
    const QuantParams x = {0.5f, 7}, y = {8.0f, 100};
    const int32_t w_zero = c.w_type == DType::kU8 ? 120 : 0;
    const Operand xs = Bytes(c.x_type, c.x, &random), ws = Bytes(c.w_type, c.w, &random);
    graph::QConv2D op{c.conv, {x, y, {0.25f}, w_zero, c.y_type}};
    const Operand real_w = Real(ws, 0.25f, w_zero);
    EXPECT_EQ(Eval(op, {xs, ws}),
              Quantized(EvalTensor(c.conv, {Real(xs, x.scale, x.zero_point), real_w}), y, c.y_type))
        << c.what;
  }
}

TEST(QConv2D, ScalesEachChannelAndAddsTheBiasInUnitsOfTheSum) {
  graph::QConv2D op;
  op.quantization = {{0.5f, 1}, {1.0f, 10}, {1.0f, 2.0f}, 0, DType::kU8};
  // (3 - 1) * 4 + 2 = 10 and (3 - 1) * -4 + 5 = -3, times 0.5 and 1.
  EXPECT_EQ(Eval(op, {U8({1, 1, 1, 1}, {3}), S8({2, 1, 1, 1}, {4, -4}), S32({2}, {2, 5})}),
            "u8[1,1,1,2] 15 7");
}

TEST(QConv2D, RoundsOnceAndHalvesToEven) {
  graph::QConv2D op;
  op.quantization = {{1.0f, 0}, {2.0f, 0}, {1.0f}, 0, DType::kU8};
  EXPECT_EQ(Eval(op, {U8({1, 1, 4, 1}, {1, 3, 5, 255}), S8({1, 1, 1, 1}, {1})}),
            "u8[1,1,4,1] 0 2 2 128");
}

TEST(QConv2D, BiasBeyondTheSumsRangeSaturates) {
  graph::QConv2D op;
  op.quantization = {{1.0f, 0}, {1.0f, 0}, {1.0f}, 0, DType::kU8};
  EXPECT_EQ(Eval(op, {U8({1, 1, 1, 1}, {255}), S8({1, 1, 1, 1}, {127}), S32({1}, {2147483647})}),
            "u8[1,1,1,1] 255");
}

TEST(QFullyConnected, EqualsTheRealProduct) {
  std::mt19937 random(5);
  const QuantParams x = {0.5f, -3}, y = {16.0f, 5};
  const Operand xs = Bytes(DType::kS8, {2, 3, 9}, &random);
  const Operand ws = Bytes(DType::kU8, {4, 9}, &random);
  const graph::QFullyConnected op{{}, {x, y, {0.25f}, 131, DType::kS8}};
  EXPECT_EQ(Eval(op, {xs, ws}),
            Quantized(EvalTensor(graph::FullyConnected{},
                                 {Real(xs, x.scale, x.zero_point), Real(ws, 0.25f, 131)}),
                      y, DType::kS8));
}

TEST(QBinary, EqualsTheRealOpWithBroadcasting) {
  std::mt19937 random(7);
  const QuantParams a = {0.5f, 100}, b = {0.25f, -20}, y = {0.75f, 60};
  const Operand as = Bytes(DType::kU8, {2, 3, 4}, &random);
  const Operand bs = Bytes(DType::kS8, {3, 1}, &random);
  for (const graph::BinaryKind kind :
       {graph::BinaryKind::kAdd, graph::BinaryKind::kSub, graph::BinaryKind::kMul}) {
    graph::Binary binary{kind, {}};
    binary.activation.min = -20.0f;
    EXPECT_EQ(
        Eval(graph::QBinary{binary, a, b, y, DType::kU8}, {as, bs}),
        Quantized(EvalTensor(binary, {Real(as, 0.5f, 100), Real(bs, 0.25f, -20)}), y, DType::kU8));
  }
}

}  // namespace
}  // namespace minnow::interpreter
