// What does a small .tflite file become, and is every broken one refused?
#include "importers/tflite/tflite_importer.h"

#include <gtest/gtest.h>

#include "importers/model_builders.h"
#include "importers/tflite/flatbuffer_writer.h"

namespace minnow::importers::tflite {
namespace {

const Scales kX = {{0.5f}, {128}}, kY = {{0.25f}, {3}};

// x (u8) -> CONV_2D with weights of a scale a channel -> y (u8).
ModelWriter QuantizedConv() {
  ModelWriter model;
  const int32_t x = model.Input("x", {1, 4, 4, 2}, kU8, kX);
  const int32_t w = model.Constant("w", {3, 1, 1, 2}, kS8, std::vector<int8_t>{1, -2, 3, 4, 5, 6},
                                   {{0.5f, 0.25f, 0.125f}, {0, 0, 0}, 0});
  const int32_t b = model.Constant("b", {3}, kS32, std::vector<int32_t>{1, 2, 3},
                                   {{0.25f, 0.125f, 0.0625f}, {0, 0, 0}, 0});
  const int32_t y = model.Output("y", {1, 4, 4, 3}, kU8, kY);
  model.Operator(3, {x, w, b}, {y}, TableWriter().U8(0, 0).S32(1, 1).S32(2, 1).U8(3, 3));
  return model;
}

TEST(TfliteImporter, QuantisedTensorsAreRealBetweenDequantizeAndQuantize) {
  EXPECT_EQ(ImportText(QuantizedConv().Bytes()),
            "input %x u8[1,4,4,2]\n"
            "%w = const i8[3,1,1,2]\n"
            "%w/scale = const f32[3]\n"
            "%x/scale = const f32[]\n"
            "%x/zero_point = const u8[]\n"
            "%b = const i32[3] {1,2,3}\n"
            "%b/scale = const f32[3]\n"
            "%y/constant1 = const f32[]\n"
            "%y/constant2 = const u8[]\n"
            "%w/real f32[3,1,1,2] = Dequantize(%w, %w/scale) axis=0  # w/dequantize\n"
            "%x/real f32[1,4,4,2] = Dequantize(%x, %x/scale, %x/zero_point) axis=0"
            "  # x/dequantize\n"
            "%b/real f32[3] = Dequantize(%b, %b/scale) axis=0  # b/dequantize\n"
            "%y/0 f32[1,4,4,3] = Conv2D(%x/real, %w/real, %b/real) pad=same_upper act=clamp(0,6)"
            "  # y\n"
            "%y u8[1,4,4,3] = Quantize(%y/0, %y/constant1, %y/constant2) axis=0  # y\n"
            "output %y u8[1,4,4,3]\n");
}

TEST(TfliteImporter, SaysWhatIntegersOfInputsAndOutputsStandFor) {
  const std::string bytes = QuantizedConv().Bytes();
  const StatusOr<ImportedModel> model = ImportModel({AsBytes(bytes)}, "");
  ASSERT_TRUE(model.ok());
  EXPECT_STREQ(model->format, "tflite");
  const graph::Graph& graph = model->graph;
  const std::optional<Quantization>& x = graph.value(graph.inputs()[0]).quantization;
  const std::optional<Quantization>& y = graph.value(graph.outputs()[0]).quantization;
  ASSERT_TRUE(x.has_value() && y.has_value());
  EXPECT_EQ(x->scales, std::vector<float>{0.5f});
  EXPECT_EQ(x->zero_points, std::vector<int32_t>{128});
  EXPECT_EQ(y->scales, std::vector<float>{0.25f});
}

TEST(TfliteImporter, EveryTruncationIsRefused) {
  const std::string bytes = QuantizedConv().Bytes();
  for (size_t size = 8; size < bytes.size(); ++size) {
    const std::string cut(bytes, 0, size);
    const StatusOr<ImportedModel> model = ImportModel({AsBytes(cut)}, "tflite");
    ASSERT_FALSE(model.ok()) << size << " of " << bytes.size();
    EXPECT_EQ(model.status().code(), StatusCode::kInvalidModel) << model.status().message();
  }
}

TEST(TfliteImporter, EveryFlippedBitIsImportedOrRefused) {
  const std::string bytes = QuantizedConv().Bytes();
  int refused = 0;
  for (size_t bit = 0; bit < 8 * bytes.size(); ++bit) {
    std::string flipped = bytes;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << bit % 8));
    const StatusOr<ImportedModel> model = ImportModel({AsBytes(flipped)}, "tflite");
    refused += !model.ok();
    ASSERT_TRUE(model.ok() || model.status().code() != StatusCode::kInternal) << bit;
  }
  EXPECT_GT(refused, 1000);
}

TEST(TfliteImporter, UnknownOperatorsAreAllNamed) {
  ModelWriter model;
  const int32_t x = model.Input("x", {1, 4});
  const int32_t y = model.Tensor("y", {1, 4}, kF32), z = model.Output("z", {1, 4});
  model.Operator(16, {x}, {y});
  model.Operator(32, {y}, {z});
  EXPECT_EQ(ImportText(model.Bytes()),
            "ERR_UNSUPPORTED: load: tflite: operators that are not supported: "
            "LSTM (TensorFlow Lite, 1 node, \"y\"); "
            "MyCustomOp (custom, 1 node, \"z\")");
}

TEST(TfliteImporter, ATensorReadBeforeItIsMadeIsRefused) {
  ModelWriter model;
  model.Input("x", {1, 4});
  const int32_t y = model.Tensor("y", {1, 4}, kF32), z = model.Output("z", {1, 4});
  model.Operator(19, {y}, {z});
  model.Operator(19, {z}, {y});
  EXPECT_EQ(ImportText(model.Bytes()),
            "ERR_INVALID_MODEL: load: tflite: operator 0 \"z\" (RELU): tensor \"y\" is read before "
            "it is made");
}

TEST(TfliteImporter, ConstantsMustFitTheirShape) {
  ModelWriter model;
  const int32_t x = model.Input("x", {1, 4});
  const int32_t c = model.Constant("c", {1, 4}, kF32, std::vector<float>{1, 2, 3});
  model.Operator(0, {x, c}, {model.Output("y", {1, 4})});
  EXPECT_NE(
      ImportText(model.Bytes()).find("the shape [1,4] of f32 needs 16 bytes, the file has 12"),
      std::string::npos);
}

TEST(TfliteImporter, ScalesMustFitTheirTensor) {
  const std::vector<std::pair<Scales, const char*>> cases = {
      {{{0.5f, 0.5f}, {0, 0}, 3}, "2 scales along axis 3 of 4"},
      {{{0.5f}, {300}, 0}, "the zero point 300 of u8"},
      {{{0.5f}, {1, 2}, 0}, "2 zero points for 1 scales"},
      {{{-0.5f}, {0}, 0}, "the scale -0.5"},
  };
  for (const auto& [scales, message] : cases) {
    ModelWriter model;
    const int32_t x = model.Input("x", {1, 4, 4, 4}, kU8, scales);
    model.Operator(6, {x}, {model.Output("y", {1, 4, 4, 4})});
    EXPECT_NE(ImportText(model.Bytes()).find(message), std::string::npos) << message;
  }
}

}  // namespace
}  // namespace minnow::importers::tflite
