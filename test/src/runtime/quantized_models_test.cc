// Do quantised networks give the reference outputs, as integers?
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "importers/importer.h"
#include "runtime/model.h"
#include "runtime/session.h"
#include "support/npy.h"

namespace minnow::runtime {
namespace {

constexpr const char* kImages[] = {"golden_retriever", "grace_hopper"};

StatusOr<std::unique_ptr<Session>> Load(const std::string& bytes) {
  const importers::Bytes buffer = {reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()};
  StatusOr<importers::ImportedModel> imported = importers::ImportModel({buffer}, "");
  if (!imported.ok()) return imported.status();
  StatusOr<std::shared_ptr<const Model>> model = Model::Compile(std::move(imported->graph), {});
  if (!model.ok()) return model.status();
  return Session::Create(*model);
}

std::string Reference(const std::string& image, const std::string& what) {
  return "reference/" + image + "_" + what + ".npy";
}

void ExpectMatchesReference(const std::string& name) {
  const std::optional<std::string> bytes = test::ReadDataFile("models/" + name + ".tflite");
  if (!bytes) GTEST_SKIP() << "test data: models/" << name << ".tflite is absent";
  StatusOr<std::unique_ptr<Session>> session = Load(*bytes);
  ASSERT_TRUE(session.ok()) << session.status().message();
  for (const char* image : kImages) {
    const StatusOr<Tensor> input = test::ReadNpy(Reference(image, "input_u8_nhwc"));
    const StatusOr<Tensor> expected = test::ReadNpy(Reference(image, name));
    if (!input.ok() || !expected.ok()) GTEST_SKIP() << "test data: the reference is absent";
    ASSERT_EQ((*session)->input(0).size_bytes(), input->size_bytes());
    std::memcpy((*session)->input(0).data, input->data(), input->size_bytes());
    ASSERT_TRUE((*session)->Run({}).ok());
    const TensorView output = (*session)->output(0);
    ASSERT_EQ(output.dtype, DType::kU8);
    ASSERT_EQ(output.ElementCount(), expected->ElementCount());
    int largest = 0;
    for (int64_t i = 0; i < output.ElementCount(); ++i) {
      largest = std::max(largest, std::abs(output.as<uint8_t>()[i] - expected->as<uint8_t>()[i]));
    }
    EXPECT_LE(largest, 1) << image;
  }
}

TEST(QuantizedModels, PerTensorTfliteMatchesItsReference) {
  ExpectMatchesReference("mobilenet_v2_1.0_224_quant");
}

TEST(QuantizedModels, PerChannelTfliteMatchesItsReference) {
  ExpectMatchesReference("tf2_mobilenet_v2_1.0_224_ptq");
}

// The same network in two formats: one gives probabilities in steps of 1/256, the other as f32.
TEST(QuantizedModels, OnnxWithQuantizeNodesAgreesWithTflite) {
  const std::optional<std::string> bytes =
      test::ReadDataFile("models/mobilenetv2_1.0_224_qdq.onnx");
  if (!bytes) GTEST_SKIP() << "test data: models/mobilenetv2_1.0_224_qdq.onnx is absent";
  StatusOr<std::unique_ptr<Session>> session = Load(*bytes);
  ASSERT_TRUE(session.ok()) << session.status().message();
  for (const char* image : kImages) {
    const StatusOr<Tensor> input = test::ReadNpy(Reference(image, "input_nhwc"));
    const StatusOr<Tensor> expected =
        test::ReadNpy(Reference(image, "tf2_mobilenet_v2_1.0_224_ptq"));
    if (!input.ok() || !expected.ok()) GTEST_SKIP() << "test data: the reference is absent";
    const int64_t pixels = input->ElementCount() / 3;
    float* planes = (*session)->input(0).as<float>();
    for (int64_t i = 0; i < input->ElementCount(); ++i) {
      planes[i % 3 * pixels + i / 3] = input->as<float>()[i];
    }
    ASSERT_TRUE((*session)->Run({}).ok());
    const TensorView output = (*session)->output(0);
    ASSERT_EQ(output.ElementCount(), expected->ElementCount());
    for (int64_t i = 0; i < output.ElementCount(); ++i) {
      const double steps = static_cast<double>(output.as<float>()[i]) * 256.0;
      ASSERT_NEAR(steps, expected->as<uint8_t>()[i], 1.0) << image << " class " << i;
    }
  }
}

TEST(QuantizedModels, EveryProductIsAnInteger) {
  for (const char* name : {"mobilenet_v2_1.0_224_quant.tflite",
                           "tf2_mobilenet_v2_1.0_224_ptq.tflite", "aiy_birds_V1_3.tflite",
                           "mobilenet_v1_0.25_128_quant.tflite", "mobilenetv2_1.0_224_qdq.onnx"}) {
    const std::optional<std::string> bytes = test::ReadDataFile(std::string("models/") + name);
    if (!bytes) GTEST_SKIP() << "test data: models/" << name << " is absent";
    StatusOr<std::unique_ptr<Session>> session = Load(*bytes);
    ASSERT_TRUE(session.ok()) << name << ": " << session.status().message();
    const std::string text = (*session)->model().optimized_text();
    EXPECT_EQ(text.find("= Conv2D("), std::string::npos) << name;
    EXPECT_EQ(text.find("= FullyConnected("), std::string::npos) << name;
    EXPECT_NE(text.find("= QConv2D("), std::string::npos) << name;
  }
}

TEST(QuantizedModels, SayWhatTheirIntegersStandFor) {
  const std::optional<std::string> bytes =
      test::ReadDataFile("models/mobilenet_v2_1.0_224_quant.tflite");
  if (!bytes) GTEST_SKIP() << "test data: models/mobilenet_v2_1.0_224_quant.tflite is absent";
  StatusOr<std::unique_ptr<Session>> session = Load(*bytes);
  ASSERT_TRUE(session.ok()) << session.status().message();
  const Model& model = (*session)->model();
  ASSERT_TRUE(model.inputs()[0].quantization.has_value());
  EXPECT_EQ(model.inputs()[0].quantization->scales, std::vector<float>{0.0078125f});
  EXPECT_EQ(model.inputs()[0].quantization->zero_points, std::vector<int32_t>{128});
  ASSERT_TRUE(model.outputs()[0].quantization.has_value());
  EXPECT_EQ(model.outputs()[0].quantization->scales, std::vector<float>{0.00390625f});
}

}  // namespace
}  // namespace minnow::runtime
