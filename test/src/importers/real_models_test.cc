// Do the real model files import, with the nodes, inputs and outputs that they have?
#include <gtest/gtest.h>

#include <cctype>

#include "importers/model_builders.h"
#include "support/npy.h"

namespace minnow::importers {
namespace {

struct Expected {
  const char* file;
  const char* format;
  int nodes;
  const char* input;
  const char* input_shape;
  const char* output;
  const char* output_shape;  // "" where it cannot be known before run time
};

constexpr Expected kModels[] = {
    {"mobilenet_v2_1.0_224_frozen.pb", "tensorflow", 192, "input", "[?,224,224,3]",
     "MobilenetV2/Predictions/Reshape_1", ""},
    {"mobilenet_v2_1.4_224_synthetic_frozen.pb", "tensorflow", 192, "input", "[?,224,224,3]",
     "MobilenetV2/Predictions/Reshape_1", ""},
    {"mobilenetv2_1.0_224.onnx", "onnx", 152, "input", "[?,3,224,224]", "output", "[?,1000]"},
    {"squeezenet1_1_synthetic.onnx", "onnx", 65, "input", "[?,3,224,224]", "output", "[?,1000]"},
    {"mobilenet_v3_small_synthetic.onnx", "onnx", 141, "input", "[?,3,224,224]", "output",
     "[?,1000]"},
    {"mobilenetv2_1.0_224_qdq.onnx", "onnx", 302, "input", "[1,3,224,224]", "output", "[1,1001]"},
    {"mobilenet_v2_1.0_224_quant.tflite", "tflite", 302, "input", "[1,224,224,3]",
     "MobilenetV2/Predictions/Softmax", "[1,1001]"},
    {"tf2_mobilenet_v2_1.0_224_ptq.tflite", "tflite", 308, "input", "[1,224,224,3]", "Identity",
     "[1,1001]"},
    {"mobilenet_v1_0.25_128_quant.tflite", "tflite", 147, "input", "[1,128,128,3]",
     "MobilenetV1/Predictions/Reshape_1", "[1,1001]"},
    {"aiy_birds_V1_3.tflite", "tflite", 302, "module/hub_input/images_uint8", "[1,224,224,3]",
     "module/prediction", "[1,965]"},
    {"mobilenet_v2_1.0_224.xml", "openvino", 161, "input", "[1,3,224,224]",
     "MobilenetV2/Predictions/Reshape_1", ""},
    {"mobilenet_v2_1.0_224.pt", "pytorch", 105, "x", "[?,3,224,224]", "output", "[?,1000]"},
    {"mobilenet_v3_small_synthetic_scripted.pt", "pytorch", 159, "x", "[?,3,224,224]", "output",
     "[?,1000]"},
    {"identity_input_output.onnx", "onnx", 1, "0", "[1,4]", "1", "[1,4]"},
};

class RealModel : public testing::TestWithParam<Expected> {};

// The files of a model: NAME.xml has its weights in NAME.bin. Empty where one is absent.
std::vector<std::string> ReadModel(std::string name) {
  std::vector<std::string> files;
  for (;;) {
    std::optional<std::string> bytes = test::ReadDataFile("models/" + name);
    if (!bytes) return {};
    files.push_back(std::move(*bytes));
    const size_t stem = name.size() - 4;
    if (name.compare(stem, 4, ".xml") != 0) return files;
    name.replace(stem, 4, ".bin");
  }
}

TEST_P(RealModel, ImportsWithItsNodesInputsAndOutputs) {
  const Expected& expected = GetParam();
  const std::vector<std::string> files = ReadModel(expected.file);
  if (files.empty()) GTEST_SKIP() << "test data: models/" << expected.file << " is absent";
  std::vector<Bytes> buffers;
  for (const std::string& file : files) buffers.push_back(AsBytes(file));
  const StatusOr<ImportedModel> model = ImportModel(buffers, "");
  ASSERT_TRUE(model.ok()) << model.status().message();
  EXPECT_STREQ(model->format, expected.format);
  const graph::Graph& graph = model->graph;
  EXPECT_EQ(graph.node_count(), expected.nodes);
  ASSERT_EQ(graph.inputs().size(), 1u);
  const graph::Value& input = graph.value(graph.inputs()[0]);
  EXPECT_EQ(input.name, expected.input);
  ASSERT_TRUE(input.shape.has_value());
  EXPECT_EQ(input.shape->ToString(), expected.input_shape);
  ASSERT_EQ(graph.outputs().size(), 1u);
  const graph::Value& output = graph.value(graph.outputs()[0]);
  EXPECT_EQ(output.name, expected.output);
  EXPECT_EQ(output.shape ? output.shape->ToString() : "", expected.output_shape);
}

std::string TestName(const testing::TestParamInfo<Expected>& model) {
  std::string name = model.param.file;
  for (char& c : name) c = std::isalnum(static_cast<unsigned char>(c)) ? c : '_';
  return name;
}

INSTANTIATE_TEST_SUITE_P(All, RealModel, testing::ValuesIn(kModels), TestName);

TEST(RealModelErrors, AFileCutOffFailsAtAnyPoint) {
  for (const char* name :
       {"models/mobilenetv2_1.0_224.onnx", "models/mobilenet_v2_1.0_224_frozen.pb",
        "models/mobilenet_v2_1.0_224_quant.tflite", "models/mobilenet_v2_1.0_224.pt"}) {
    const std::optional<std::string> bytes = test::ReadDataFile(name);
    if (!bytes) GTEST_SKIP() << "test data: " << name << " is absent";
    for (int part = 0; part < 40; ++part) {
      const size_t size = (bytes->size() - 64) * static_cast<size_t>(part) / 40;
      const StatusOr<ImportedModel> model = ImportModel({{AsBytes(*bytes).data, size}}, "");
      ASSERT_FALSE(model.ok()) << name << " cut to " << size;
      EXPECT_EQ(model.status().code(), StatusCode::kInvalidModel) << model.status().message();
    }
  }
}

}  // namespace
}  // namespace minnow::importers
