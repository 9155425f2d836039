// Do the imported graphs mean what the models' authors meant? Real networks on real input, straight
// through the interpreter, against outputs computed elsewhere. Seconds each.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "importers/model_builders.h"
#include "interpreter/interpreter.h"
#include "support/npy.h"

namespace minnow::importers {
namespace {

struct Largest {
  float difference = 0.0f;
  float value = 0.0f;
};

// The model's first output on `input` compared with `reference`, as far as the data are there.
std::optional<Largest> Compare(const char* model_name, const char* input_name,
                               const char* reference_name) {
  const std::optional<std::string> bytes = test::ReadDataFile(model_name);
  const StatusOr<Tensor> input = test::ReadNpy(input_name);
  const StatusOr<Tensor> reference = test::ReadNpy(reference_name);
  if (!bytes || !input.ok() || !reference.ok()) return std::nullopt;
  Largest largest{INFINITY, 0.0f};
  const StatusOr<ImportedModel> model = ImportModel({AsBytes(*bytes)}, "");
  EXPECT_TRUE(model.ok()) << model.status().message();
  if (!model.ok()) return largest;
  const StatusOr<std::vector<Tensor>> outputs =
      interpreter::RunGraph(model->graph, {input->view()});
  EXPECT_TRUE(outputs.ok()) << outputs.status().message();
  if (!outputs.ok()) return largest;
  EXPECT_EQ((*outputs)[0].shape().ToString(), reference->shape().ToString());
  if ((*outputs)[0].ElementCount() != reference->ElementCount()) return largest;
  largest.difference = 0.0f;
  for (int64_t i = 0; i < reference->ElementCount(); ++i) {
    const float expected = reference->as<float>()[i];
    largest.difference =
        std::max(largest.difference, std::fabs((*outputs)[0].as<float>()[i] - expected));
    largest.value = std::max(largest.value, std::fabs(expected));
  }
  return largest;
}

TEST(SlowReference, FrozenGraphGivesTheReferenceSoftmax) {
  const std::optional<Largest> largest =
      Compare("models/mobilenet_v2_1.0_224_frozen.pb", "reference/golden_retriever_input_nhwc.npy",
              "reference/golden_retriever_v2_1.0_softmax.npy");
  if (!largest) GTEST_SKIP() << "test data: the frozen MobileNetV2 and its reference are absent";
  EXPECT_LE(largest->difference, 2e-6f);
}

TEST(SlowReference, OnnxMobileNetV2GivesTheReferenceLogits) {
  const std::optional<Largest> largest = Compare(
      "models/mobilenetv2_1.0_224.onnx", "reference/golden_retriever_input_nchw_imagenet_norm.npy",
      "reference/golden_retriever_v2_1.0_logits_1000.npy");
  if (!largest) GTEST_SKIP() << "test data: the ONNX MobileNetV2 and its reference are absent";
  EXPECT_LE(largest->difference, 1e-4f * largest->value);
}

TEST(SlowReference, OnnxSqueezeNetGivesTheReferenceLogits) {
  const std::optional<Largest> largest =
      Compare("models/squeezenet1_1_synthetic.onnx",
              "reference/golden_retriever_input_nchw_imagenet_norm.npy",
              "reference/golden_retriever_squeezenet1_1_synthetic.npy");
  if (!largest) GTEST_SKIP() << "test data: SqueezeNet and its reference are absent";
  EXPECT_LE(largest->difference, 1e-4f * largest->value);
}

TEST(SlowReference, OnnxMobileNetV3GivesTheReferenceLogits) {
  const std::optional<Largest> largest =
      Compare("models/mobilenet_v3_small_synthetic.onnx",
              "reference/golden_retriever_input_nchw_imagenet_norm.npy",
              "reference/golden_retriever_mobilenet_v3_small_synthetic.npy");
  if (!largest) GTEST_SKIP() << "test data: MobileNetV3 and its reference are absent";
  EXPECT_LE(largest->difference, 1e-4f * largest->value);
}

}  // namespace
}  // namespace minnow::importers
