// Do the real models give the reference results on every instruction set and thread count?
#include "importers/importer.h"
#include "runtime/runtime_testing.h"
#include "support/npy.h"

namespace minnow::runtime {
namespace {

struct Reference {
  const char* model;
  const char* input;
  const char* output;
  // Of a probability where the output is a softmax; else of the largest logit.
  double absolute, relative;
};

constexpr Reference kReferences[] = {
    {"mobilenet_v2_1.0_224_frozen.pb", "golden_retriever_input_nhwc",
     "golden_retriever_v2_1.0_softmax", 2e-6, 0},
    {"mobilenet_v2_1.0_224_frozen.pb", "grace_hopper_input_nhwc", "grace_hopper_v2_1.0_softmax",
     2e-6, 0},
    {"mobilenet_v2_1.4_224_synthetic_frozen.pb", "golden_retriever_input_nhwc",
     "golden_retriever_v2_1.4_synthetic_softmax", 2e-6, 0},
    {"mobilenet_v2_1.4_224_synthetic_frozen.pb", "grace_hopper_input_nhwc",
     "grace_hopper_v2_1.4_synthetic_softmax", 2e-6, 0},
    {"mobilenetv2_1.0_224.onnx", "golden_retriever_input_nchw_imagenet_norm",
     "golden_retriever_v2_1.0_logits_1000", 0, 1e-4},
    {"mobilenetv2_1.0_224.onnx", "grace_hopper_input_nchw_imagenet_norm",
     "grace_hopper_v2_1.0_logits_1000", 0, 1e-4},
    {"squeezenet1_1_synthetic.onnx", "golden_retriever_input_nchw_imagenet_norm",
     "golden_retriever_squeezenet1_1_synthetic", 0, 1e-4},
    {"mobilenet_v3_small_synthetic.onnx", "golden_retriever_input_nchw_imagenet_norm",
     "golden_retriever_mobilenet_v3_small_synthetic", 0, 1e-4},
};

std::string Npy(const char* name) { return std::string("reference/") + name + ".npy"; }

StatusOr<graph::Graph> Import(const char* file) {
  const std::optional<std::string> bytes = test::ReadDataFile(std::string("models/") + file);
  if (!bytes) return NotFound("models/%s", file);
  const importers::Bytes view = {reinterpret_cast<const uint8_t*>(bytes->data()), bytes->size()};
  StatusOr<importers::ImportedModel> model = importers::ImportModel({view}, "");
  if (!model.ok()) return model.status();
  return std::move(model->graph);
}

void ExpectReference(const Tensor& got, const Tensor& want, const Reference& reference) {
  ASSERT_EQ(got.ElementCount(), want.ElementCount());
  double largest = 0, difference = 0;
  for (int64_t i = 0; i < want.ElementCount(); ++i) {
    const auto a = static_cast<double>(got.as<float>()[i]);
    const double b = want.dtype() == DType::kF64 ? want.as<double>()[i]
                                                 : static_cast<double>(want.as<float>()[i]);
    ASSERT_FALSE(std::isnan(a));
    largest = std::max(largest, std::abs(b));
    difference = std::max(difference, std::abs(a - b));
  }
  EXPECT_LE(difference, reference.absolute + reference.relative * largest);
}

class RealModel : public testing::TestWithParam<Reference> {};

TEST_P(RealModel, GivesTheReferenceOnEveryLevelAndThreadCount) {
  const Reference& reference = GetParam();
  const StatusOr<graph::Graph> graph = Import(reference.model);
  const StatusOr<Tensor> input = test::ReadNpy(Npy(reference.input));
  const StatusOr<Tensor> want = test::ReadNpy(Npy(reference.output));
  if (!graph.ok() && graph.status().code() == StatusCode::kNotFound) {
    GTEST_SKIP() << "test data: " << graph.status().message() << " is absent";
  }
  if (!input.ok() || !want.ok()) GTEST_SKIP() << "test data: reference/ is absent";
  ASSERT_TRUE(graph.ok()) << graph.status().message();
  for (const Isa isa : TestedIsas()) {
    SCOPED_TRACE(IsaName(isa));
    const auto model = CompileFor(*graph, isa);
    ASSERT_TRUE(model.ok()) << model.status().message();
    const StatusOr<std::unique_ptr<Session>> session = Session::Create(*model);
    ASSERT_TRUE(session.ok()) << session.status().message();
    Shape shape = input->shape();
    if (shape.rank() == 3) shape = {1, shape[0], shape[1], shape[2]};
    const Tensor image = input->Reshaped(shape);
    std::optional<Tensor> one;
    for (const int threads : {1, 2, 7}) {
      const auto got = RunSession(session->get(), {image}, threads);
      ASSERT_TRUE(got.ok()) << got.status().message();
      ExpectReference((*got)[0], *want, reference);
      if (!one) one = (*got)[0];
      EXPECT_TRUE(SameBits(*one, (*got)[0])) << threads << " threads";
    }
  }
}

std::string TestName(const testing::TestParamInfo<Reference>& reference) {
  std::string name = std::string(reference.param.model) + "_" + reference.param.output;
  for (char& c : name) c = std::isalnum(static_cast<unsigned char>(c)) ? c : '_';
  return name;
}

INSTANTIATE_TEST_SUITE_P(All, RealModel, testing::ValuesIn(kReferences), TestName);

TEST(RealModelPlans, ShareTheirWeightsOverBatchSizes) {
  std::string last;
  for (const Reference& reference : kReferences) {
    if (last == reference.model) continue;
    last = reference.model;
    const StatusOr<graph::Graph> graph = Import(reference.model);
    if (!graph.ok()) GTEST_SKIP() << "test data: " << graph.status().message();
    const auto model = CompileFor(*graph, DetectedIsa());
    ASSERT_TRUE(model.ok());
    const int64_t bytes = (*model)->weight_bytes();
    for (const int64_t batch : {2, 3}) {
      Shape shape = (*model)->inputs()[0].shape;
      shape[0] = batch;
      ASSERT_TRUE((*model)->PlanFor({shape}).ok());
      EXPECT_EQ((*model)->weight_bytes(), bytes) << reference.model << " batch " << batch;
    }
  }
}

TEST(RealModelBatches, EachImageIsNearWhatItIsAlone) {
  std::string last;
  for (const Reference& reference : kReferences) {
    if (last == reference.model) continue;
    last = reference.model;
    const StatusOr<graph::Graph> graph = Import(reference.model);
    const StatusOr<Tensor> input = test::ReadNpy(Npy(reference.input));
    const StatusOr<Tensor> want = test::ReadNpy(Npy(reference.output));
    if (!graph.ok() || !input.ok() || !want.ok()) GTEST_SKIP() << "test data: models and reference";
    const auto model = CompileFor(*graph, DetectedIsa());
    const StatusOr<std::unique_ptr<Session>> session = Session::Create(*model);
    Shape shape = input->shape();
    shape[0] = 3;
    Tensor images = *Tensor::Allocate(DType::kF32, shape);
    for (int i = 0; i < 3; ++i) {
      std::memcpy(images.mutable_as<char>() + static_cast<size_t>(i) * input->size_bytes(),
                  input->data(), input->size_bytes());
    }
    const auto got = RunSession(session->get(), {images}, 2);
    ASSERT_TRUE(got.ok()) << got.status().message();
    const int64_t classes = (*got)[0].ElementCount() / 3;
    for (int64_t i = 0; i < 3; ++i) {
      Tensor one = *Tensor::Allocate(DType::kF32, {classes});
      std::memcpy(one.mutable_data(), (*got)[0].as<float>() + i * classes, one.size_bytes());
      SCOPED_TRACE(std::string(reference.model) + " image " + std::to_string(i));
      ExpectReference(one, *want, reference);
    }
  }
}

}  // namespace
}  // namespace minnow::runtime
