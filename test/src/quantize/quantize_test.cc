// Does a network stay what it was when it is quantised, is it integers through and through, and is
// what cannot be quantised refused?
#include "quantize/quantize.h"

#include "importers/importer.h"
#include "quantize/quantize_testing.h"

namespace minnow::quantize {
namespace {

graph::Graph Read(const std::string& onnx) {
  const auto* data = reinterpret_cast<const uint8_t*>(onnx.data());
  StatusOr<importers::ImportedModel> model = importers::ImportModel({{data, onnx.size()}}, "");
  EXPECT_TRUE(model.ok()) << model.status().message();
  return std::move(model->graph);
}

TEST(Quantize, TheFileComputesNearlyWhatTheFloatNetworkDoesOnOtherPictures) {
  const graph::Graph graph = Bottleneck();
  const StatusOr<QuantizedNetwork> network = Quantize(graph, Pictures(graph, 16), {});
  ASSERT_TRUE(network.ok()) << network.status().message();
  EXPECT_EQ(network->products, 5);
  EXPECT_TRUE(network->real_operators.empty());
  const std::vector<Tensor> others = Pictures(graph, 16, 900);
  const StatusOr<std::vector<Tensor>> expected = RunAll(graph, others, {});
  const StatusOr<std::vector<Tensor>> actual = RunAll(Read(network->onnx), others, {});
  ASSERT_TRUE(expected.ok() && actual.ok()) << actual.status().message();
  EXPECT_GT(SignalToNoise(*expected, *actual), 28.0);
}

Tensor Scores(const std::vector<float>& values) {
  return *Tensor::From(Shape{1, static_cast<int64_t>(values.size())}, values.data());
}

TEST(Quantize, DivergenceCountsWhatMovesProbabilities) {
  const std::vector<Tensor> y = {Scores({5.0f, 4.0f, -9.0f})};
  EXPECT_EQ(Divergence(y, y), 0.0);
  // A shift of all scores moves none, and a class that has no chance hardly any.
  EXPECT_NEAR(Divergence(y, {Scores({6.0f, 5.0f, -8.0f})}), 0.0, 1e-12);
  EXPECT_LT(Divergence(y, {Scores({5.0f, 4.0f, -7.0f})}), 1e-5);
  // 0.5 log(0.5 / p) + 0.5 log(0.5 / (1 - p)), p = 1 / (1 + e).
  EXPECT_NEAR(Divergence({Scores({1.0f, 1.0f})}, {Scores({0.0f, 1.0f})}), 0.1201145, 1e-6);
}

TEST(Quantize, TheFileFusesIntoIntegerOperators) {
  const graph::Graph graph = Bottleneck();
  const StatusOr<QuantizedNetwork> network = Quantize(graph, Pictures(graph, 4), {});
  ASSERT_TRUE(network.ok()) << network.status().message();
  graph::Graph read = Read(network->onnx);
  ASSERT_TRUE(passes::Optimize(&read).ok());
  EXPECT_EQ(passes::CountOf<graph::QConv2D>(read), 4) << graph::Print(read);
  EXPECT_EQ(passes::CountOf<graph::QFullyConnected>(read), 1);
  EXPECT_EQ(passes::CountOf<graph::QBinary>(read), 1);
  EXPECT_EQ(passes::CountOf<graph::Conv2D>(read), 0);
  EXPECT_EQ(passes::CountOf<graph::Quantize>(read), 1);
  EXPECT_EQ(passes::CountOf<graph::Dequantize>(read), 1);
}

TEST(Quantize, EqualisationHelpsWhereChannelsDiffer) {
  passes::GraphBuilder b;
  graph::Conv2D expand, deep;
  expand.activation = {graph::Activation::Kind::kClamp, 0.0f, INFINITY};
  deep.groups = 16;
  const graph::ValueId x = b.Input("x", {1, 8, 8, 4});
  const graph::ValueId wide = b.Op(expand, {x, UnevenWeights(&b, {16, 1, 1, 4}, 50.0f)}, "wide");
  b.Output(b.Op(deep, {wide, UnevenWeights(&b, {16, 3, 3, 1}, 0.02f)}, "y"));
  graph::Graph graph = b.graph();
  ASSERT_TRUE(passes::Optimize(&graph).ok());
  const std::vector<Tensor> pictures = Pictures(graph, 16);
  QuantizeOptions off, on, either;
  off.equalize = Choice::kOff;
  on.equalize = Choice::kOn;
  const StatusOr<QuantizedNetwork> without = Quantize(graph, pictures, off);
  const StatusOr<QuantizedNetwork> with = Quantize(graph, pictures, on);
  const StatusOr<QuantizedNetwork> best = Quantize(graph, pictures, either);
  ASSERT_TRUE(without.ok() && with.ok() && best.ok());
  EXPECT_FALSE(without->equalized);
  EXPECT_TRUE(with->equalized);
  EXPECT_GT(with->signal_to_noise_db, without->signal_to_noise_db + 6.0);
  EXPECT_GE(best->signal_to_noise_db, with->signal_to_noise_db - 0.5);
}

TEST(Quantize, TheChoiceThatWasForcedIsTheOneThatWasMade) {
  const graph::Graph graph = Bottleneck();
  for (const Choice choice : {Choice::kOff, Choice::kOn}) {
    QuantizeOptions options;
    options.equalize = options.correct_bias = choice;
    const StatusOr<QuantizedNetwork> network = Quantize(graph, Pictures(graph, 4), options);
    ASSERT_TRUE(network.ok()) << network.status().message();
    EXPECT_EQ(network->equalized, choice == Choice::kOn);
    EXPECT_EQ(network->bias_corrected, choice == Choice::kOn);
  }
}

TEST(Quantize, ResultsDoNotDependOnTheNumberOfThreads) {
  const graph::Graph graph = Bottleneck();
  QuantizeOptions one, two;
  one.limits.threads = 1;
  two.limits.threads = 2;
  const StatusOr<QuantizedNetwork> a = Quantize(graph, Pictures(graph, 4), one);
  const StatusOr<QuantizedNetwork> b = Quantize(graph, Pictures(graph, 4), two);
  ASSERT_TRUE(a.ok() && b.ok());
  EXPECT_EQ(a->onnx, b->onnx);
}

TEST(Quantize, WhatIsQuantisedAlreadyOrHasNothingToQuantiseIsUnsupported) {
  const graph::Graph graph = Bottleneck();
  const std::vector<Tensor> pictures = Pictures(graph, 2);
  const StatusOr<QuantizedNetwork> network = Quantize(graph, pictures, {});
  ASSERT_TRUE(network.ok());
  graph::Graph again = Read(network->onnx);
  ASSERT_TRUE(passes::Optimize(&again).ok());
  EXPECT_EQ(Quantize(again, pictures, {}).status().code(), StatusCode::kUnsupported);
  passes::GraphBuilder b;
  b.Output(b.Op(graph::Softmax{}, {b.Input("x", {1, 3})}, "y"));
  graph::Graph empty = b.graph();
  ASSERT_TRUE(passes::Settle(&empty).ok());
  EXPECT_EQ(Quantize(empty, Pictures(empty, 1), {}).status().code(), StatusCode::kUnsupported);
  EXPECT_EQ(Quantize(graph, {}, {}).status().code(), StatusCode::kInvalidArgument);
}

TEST(Quantize, PicturesThatAreNotFiniteAndCancellationEndIt) {
  const graph::Graph graph = Bottleneck();
  std::vector<Tensor> pictures = Pictures(graph, 2);
  std::atomic<bool> cancelled{true};
  QuantizeOptions options;
  options.limits.cancelled = &cancelled;
  EXPECT_EQ(Quantize(graph, pictures, options).status().code(), StatusCode::kCancelled);
  pictures[1].mutable_as<float>()[3] = NAN;
  EXPECT_EQ(Quantize(graph, pictures, {}).status().code(), StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace minnow::quantize
