// What do ONNX operators of quantised models become?
#include <gtest/gtest.h>

#include "importers/model_builders.h"

namespace minnow::importers::onnx_test {
namespace {

ProtoWriter Bytes8(const char* name, int type, const Ints& dims, const Ints& values) {
  return TensorHead(name, type, dims).PackedInts(5, values);
}

TEST(OnnxQuantized, QuantizeLinearTakesItsZeroPointsType) {
  Model model;
  model.Input("x", {2, 3}).Initializer(FloatTensor("s", {3}, {1, 2, 3}));
  model.Initializer(Bytes8("z", 3, {3}, {1, 2, 3}));
  model.Node("QuantizeLinear", {"x", "s", "z"}, {"y"}, {IntAttr("axis", -1)}).Output("y");
  EXPECT_EQ(model.NodeText(), "%y = Quantize(%x, %s, %z) axis=-1\n");
  EXPECT_NE(ImportText(model.Serialize()).find("output %y i8[2,3]"), std::string::npos);
}

TEST(OnnxQuantized, QuantizeLinearWithoutAZeroPointGivesU8) {
  Model model;
  model.Input("x", {2, 3}).Initializer(FloatTensor("s", {}, {1}));
  model.Node("QuantizeLinear", {"x", "s"}, {"y"}).Output("y");
  EXPECT_EQ(model.NodeText(), "%y = Quantize(%x, %s, %y/zero_point)\n");
  EXPECT_NE(ImportText(model.Serialize()).find("output %y u8[2,3]"), std::string::npos);
}

TEST(OnnxQuantized, DequantizeLinearMayLackItsZeroPoint) {
  Model model;
  model.Input("x", {2, 3}, kU8).Initializer(FloatTensor("s", {}, {1}));
  model.Node("DequantizeLinear", {"x", "s"}, {"y"}).Output("y");
  EXPECT_EQ(model.NodeText(), "%y = Dequantize(%x, %s)\n");
}

TEST(OnnxQuantized, BlocksAreRefused) {
  Model model(21);
  model.Input("x", {2, 4}, kU8).Initializer(FloatTensor("s", {2, 2}, {1, 1, 1, 1}));
  model.Node("DequantizeLinear", {"x", "s"}, {"y"}, {IntAttr("block_size", 2)}).Output("y");
  EXPECT_NE(model.NodeText().find("quantisation in blocks is not supported"), std::string::npos);
}

TEST(OnnxQuantized, QLinearConvIsAConvBetweenDequantizeAndQuantize) {
  Model model;
  model.Input("x", {1, 1, 4, 4}, kU8).Initializer(FloatTensor("xs", {}, {0.5f}));
  model.Initializer(Bytes8("z", kU8, {}, {1})).Initializer(Bytes8("wz", 3, {2}, {0, 0}));
  model.Initializer(Bytes8("w", 3, {2, 1, 1, 1}, {1, 2}));
  model.Initializer(FloatTensor("ws", {2}, {0.5f, 0.25f}));
  model.Initializer(Bytes8("b", kS32, {2}, {1, 2}));
  model.Node("QLinearConv", {"x", "xs", "z", "w", "ws", "wz", "xs", "z", "b"}, {"y"});
  EXPECT_EQ(model.Output("y").NodeText(),
            "%y/1 = Dequantize(%x, %xs, %z)\n"
            "%y/2 = Dequantize(%w, %ws, %wz) axis=0\n"
            "%y/3 = Dequantize(%b, %y/bias_scale) axis=0\n"
            "%y/4 = Conv2D(%y/1, %y/2, %y/3) layout=nchw weights=oihw\n"
            "%y = Quantize(%y/4, %xs, %z)\n");
}

TEST(OnnxQuantized, QLinearMatMulHasScalesForColumns) {
  Model model;
  model.Input("x", {2, 3}, kU8).Initializer(FloatTensor("xs", {}, {0.5f}));
  model.Initializer(Bytes8("z", kU8, {}, {1})).Initializer(Bytes8("wz", 3, {2}, {0, 0}));
  model.Initializer(Bytes8("w", 3, {3, 2}, {1, 2, 3, 4, 5, 6}));
  model.Initializer(FloatTensor("ws", {2}, {0.5f, 0.25f}));
  model.Node("QLinearMatMul", {"x", "xs", "z", "w", "ws", "wz", "xs", "z"}, {"y"});
  EXPECT_EQ(model.Output("y").NodeText(),
            "%y/1 = Dequantize(%x, %xs, %z) axis=-2\n"
            "%y/2 = Dequantize(%w, %ws, %wz) axis=-1\n"
            "%y/3 = MatMul(%y/1, %y/2)\n"
            "%y = Quantize(%y/3, %xs, %z)\n");
}

}  // namespace
}  // namespace minnow::importers::onnx_test
