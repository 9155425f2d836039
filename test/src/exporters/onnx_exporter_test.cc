// Does a graph that is written as ONNX and read again compute what it did?
#include "exporters/onnx_exporter.h"

#include "importers/importer.h"
#include "passes/pass_testing.h"
#include "support/npy.h"

namespace minnow::exporters {
namespace {

using graph::DataLayout;
using graph::ValueId;
using passes::GraphBuilder;

StatusOr<graph::Graph> WrittenAndRead(const graph::Graph& graph) {
  const StatusOr<std::string> bytes = ExportOnnx(graph);
  if (!bytes.ok()) return bytes.status();
  const auto* data = reinterpret_cast<const uint8_t*>(bytes->data());
  StatusOr<importers::ImportedModel> model = importers::ImportModel({{data, bytes->size()}}, "");
  if (!model.ok()) return model.status();
  EXPECT_STREQ(model->format, "onnx");
  return std::move(model->graph);
}

// The graph is put in the form that the exporter takes first. Gives the graph that was read.
graph::Graph ExpectKeepsResults(graph::Graph graph, int64_t batch = 2) {
  EXPECT_TRUE(passes::Optimize(&graph).ok());
  const StatusOr<graph::Graph> read = WrittenAndRead(graph);
  EXPECT_TRUE(read.ok()) << read.status().message() << graph::Print(graph);
  if (!read.ok()) return graph;
  for (const auto list : {&graph::Graph::inputs, &graph::Graph::outputs}) {
    const std::vector<ValueId>&before = (graph.*list)(), &after = (*read.*list)();
    EXPECT_EQ(before.size(), after.size());
    for (size_t i = 0; i < before.size() && i < after.size(); ++i) {
      EXPECT_EQ(graph.value(before[i]).name, read->value(after[i]).name);
    }
  }
  const std::vector<Tensor> inputs = passes::RandomInputs(graph, batch, 5);
  EXPECT_TRUE(passes::AreClose(passes::Results(graph, inputs), passes::Results(*read, inputs)))
      << graph::Print(graph) << graph::Print(*read);
  return *read;
}

graph::Conv2D Conv3x3(int64_t stride, int64_t groups) {
  graph::Conv2D conv;
  conv.stride_h = conv.stride_w = stride;
  conv.groups = groups;
  conv.padding = {graph::PadMode::kExplicit, 1, 1, 1, 1};
  return conv;
}

graph::Op Clamp(float min, float max) { return graph::Clamp{min, max}; }

TEST(OnnxExporter, ABottleneckWithChannelsLastKeepsItsMeaningAndHasOneTransposeAnEnd) {
  GraphBuilder b;
  const ValueId x = b.Input("x", {kUnknownDim, 9, 7, 3});
  const ValueId first =
      b.Op(Conv3x3(2, 1), {x, b.Weights("w", {8, 3, 3, 3}), b.Weights("b", {8})}, "first");
  const ValueId clamped = b.Op(Clamp(0, 6), {first}, "clamped");
  const ValueId deep = b.Op(Conv3x3(1, 8), {clamped, b.Weights("dw", {8, 3, 3, 1})}, "deep");
  const ValueId active = b.Op(graph::Unary{graph::UnaryKind::kHardSwish, 0, 0}, {deep}, "active");
  const ValueId point = b.Op(graph::Conv2D(), {active, b.Weights("pw", {8, 1, 1, 8})}, "point");
  b.Output(b.Binary(graph::BinaryKind::kAdd, point, clamped, "sum"));
  const graph::Graph read = ExpectKeepsResults(b.graph());
  EXPECT_EQ(passes::CountOf<graph::Transpose>(read), 2);
}

TEST(OnnxExporter, PaddingModesPoolsAndConcatenationsKeepTheirMeaning) {
  GraphBuilder b;
  const ValueId x = b.Input("x", {2, 10, 11, 4});
  graph::Conv2D same = Conv3x3(2, 2);
  same.padding.mode = graph::PadMode::kSameUpper;
  const ValueId left = b.Op(same, {x, b.Weights("w", {6, 3, 3, 2})}, "left");
  graph::Pool2D pool;
  pool.kernel_h = pool.kernel_w = 3;
  pool.stride_h = pool.stride_w = 2;
  pool.padding = {graph::PadMode::kExplicit, 1, 1, 1, 1};
  const ValueId most = b.Op(pool, {x}, "most");
  pool.kind = graph::PoolKind::kAverage;
  const ValueId mean = b.Op(pool, {x}, "mean");
  const ValueId all = b.Op(graph::Concat{3}, {left, most, mean}, "all");
  const ValueId scaled = b.Binary(graph::BinaryKind::kMul, all, b.Weights("s", {14}), "scaled");
  const ValueId padded =
      b.Op(graph::Pad{graph::PadFill::kConstant, {0, 1, 0, 2, 0, 0, 3, 0}, 0.5f}, {scaled}, "p");
  b.Output(b.Op(graph::Reduce{graph::ReduceKind::kSum, {1, 2}, false}, {padded}, "sums"));
  b.Output(b.Op(graph::Softmax{3, false}, {padded}, "shares"));
  ExpectKeepsResults(b.graph());
}

TEST(OnnxExporter, AHeadFromOnePixelNeedsNoTranspose) {
  GraphBuilder b;
  const ValueId x = b.Input("x", {kUnknownDim, 3, 4, 4});
  graph::Conv2D conv;
  conv.layout = DataLayout::kNCHW;
  conv.weight_layout = graph::WeightLayout::kOIHW;
  const ValueId y = b.Op(conv, {x, b.Weights("w", {5, 3, 1, 1})}, "y");
  const ValueId mean = b.Op(graph::Reduce{graph::ReduceKind::kMean, {2, 3}, true}, {y}, "mean");
  const ValueId flat = b.Op(graph::Flatten{1}, {mean}, "flat");
  const ValueId logits =
      b.Op(graph::FullyConnected{}, {flat, b.Weights("f", {7, 5}), b.Weights("g", {7})}, "logits");
  b.Output(b.Op(graph::Softmax{1, false}, {logits}, "shares"));
  const graph::Graph read = ExpectKeepsResults(b.graph());
  EXPECT_EQ(passes::CountOf<graph::Transpose>(read), 0);
}

TEST(OnnxExporter, QuantisedValuesAndWeightsStayIntegers) {
  GraphBuilder b;
  const ValueId x = b.Input("x", {1, 6, 6, 2});
  const uint8_t zero = 128;
  const std::vector<int8_t> integers = {1, -2, 3, -4, 50, 60};
  const std::vector<float> scales = {0.01f, 0.02f, 0.03f};
  const ValueId scale = b.Scalar("scale", 0.01f);
  const ValueId zero_point = b.graph().AddConstant("zero", *Tensor::From(Shape{}, &zero));
  const ValueId bytes = b.Op(graph::Quantize{}, {x, scale, zero_point}, "bytes");
  const ValueId real = b.Op(graph::Dequantize{}, {bytes, scale, zero_point}, "real");
  const ValueId w = b.graph().AddConstant("w", *Tensor::From(Shape{3, 1, 1, 2}, integers.data()));
  const ValueId weights =
      b.Op(graph::Dequantize{0}, {w, b.Floats("ws", Shape{3}, scales)}, "weights");
  b.Output(b.Op(graph::Conv2D(), {real, weights}, "y"));
  graph::Graph graph = b.graph();
  ASSERT_TRUE(passes::Settle(&graph).ok());
  const StatusOr<graph::Graph> read = WrittenAndRead(graph);
  ASSERT_TRUE(read.ok()) << read.status().message();
  EXPECT_EQ(passes::CountOf<graph::Quantize>(*read), 1);
  EXPECT_EQ(passes::CountOf<graph::Dequantize>(*read), 2);
  const std::vector<Tensor> inputs = passes::RandomInputs(graph, 1, 5);
  EXPECT_TRUE(passes::AreClose(passes::Results(graph, inputs), passes::Results(*read, inputs)));
}

TEST(OnnxExporter, WhatOnnxCannotHoldIsNamed) {
  GraphBuilder b;
  const ValueId x = b.Input("x", {2, 3});
  b.Output(b.Binary(graph::BinaryKind::kMod, x, x, "y"));
  graph::Graph graph = b.graph();
  ASSERT_TRUE(passes::Settle(&graph).ok());
  const StatusOr<std::string> bytes = ExportOnnx(graph);
  ASSERT_FALSE(bytes.ok());
  EXPECT_EQ(bytes.status().code(), StatusCode::kUnsupported);
  EXPECT_NE(bytes.status().message().find("(Binary)"), std::string::npos);
}

class RealModel : public testing::TestWithParam<const char*> {};

TEST_P(RealModel, WrittenAndReadAgainGivesTheSameResults) {
  const std::optional<std::string> bytes = test::ReadDataFile(std::string("models/") + GetParam());
  if (!bytes) GTEST_SKIP() << "test data: models/" << GetParam() << " is absent";
  const auto* data = reinterpret_cast<const uint8_t*>(bytes->data());
  const StatusOr<importers::ImportedModel> model =
      importers::ImportModel({{data, bytes->size()}}, "");
  ASSERT_TRUE(model.ok()) << model.status().message();
  ExpectKeepsResults(model->graph, 1);
}

INSTANTIATE_TEST_SUITE_P(All, RealModel,
                         testing::Values("mobilenet_v2_1.0_224_frozen.pb",
                                         "mobilenetv2_1.0_224.onnx", "squeezenet1_1_synthetic.onnx",
                                         "mobilenet_v3_small_synthetic.onnx"));

}  // namespace
}  // namespace minnow::exporters
