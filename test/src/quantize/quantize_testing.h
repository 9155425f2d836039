// A small network of the kind that is quantised, and pictures for it.
#ifndef MINNOW_TEST_SRC_QUANTIZE_QUANTIZE_TESTING_H_
#define MINNOW_TEST_SRC_QUANTIZE_QUANTIZE_TESTING_H_

#include <vector>

#include "passes/pass_testing.h"

namespace minnow::quantize {

// Weights whose output channels are made smaller by up to `spread`, or larger where that is
// below 1.
inline graph::ValueId UnevenWeights(passes::GraphBuilder* b, const Shape& shape, float spread) {
  Tensor tensor = *Tensor::Allocate(DType::kF32, shape);
  const int64_t row = tensor.ElementCount() / shape[0];
  for (int64_t i = 0; i < tensor.ElementCount(); ++i) {
    const float size = std::pow(spread, static_cast<float>(i / row % 4) / 3.0f);
    tensor.mutable_as<float>()[i] = b->random().Float(-0.5f, 0.5f) / size;
  }
  return b->graph().AddConstant("w", tensor);
}

// An inverted residual block and a head: pointwise, depthwise, pointwise, sum, mean, logits. What
// `spread` makes small before the depthwise convolution it makes large again behind it.
inline graph::Graph Bottleneck(float spread = 1.0f, float high = 6.0f) {
  passes::GraphBuilder b(11);
  const graph::ValueId x = b.Input("x", {kUnknownDim, 8, 8, 4});
  graph::Conv2D expand, deep;
  expand.activation = deep.activation = {graph::Activation::Kind::kClamp, 0.0f, high};
  deep.groups = 16;
  deep.padding = {graph::PadMode::kExplicit, 1, 1, 1, 1};
  const graph::ValueId wide =
      b.Op(expand, {x, UnevenWeights(&b, {16, 1, 1, 4}, spread), b.Weights("b1", {16}, 0, 0.01f)},
           "wide");
  const graph::ValueId filtered =
      b.Op(deep, {wide, UnevenWeights(&b, {16, 3, 3, 1}, spread), b.Weights("b2", {16}, 0, 0.1f)},
           "filtered");
  const graph::ValueId thin = b.Op(
      graph::Conv2D(),
      {filtered, b.Weights("w3", {4, 1, 1, 16}, -0.5f, 0.5f), b.Weights("b3", {4}), x}, "thin");
  const graph::ValueId next =
      b.Op(graph::Conv2D(), {thin, b.Weights("w4", {12, 1, 1, 4}), b.Weights("b4", {12})}, "next");
  const graph::ValueId mean =
      b.Op(graph::Reduce{graph::ReduceKind::kMean, {1, 2}, false}, {next}, "mean");
  b.Output(b.Op(graph::FullyConnected{}, {mean, b.Weights("w5", {6, 12}), b.Weights("b5", {6})},
                "logits"));
  graph::Graph graph = b.graph();
  EXPECT_TRUE(passes::Optimize(&graph).ok());
  return graph;
}

inline std::vector<Tensor> Pictures(const graph::Graph& graph, int count, uint64_t seed = 100) {
  std::vector<Tensor> pictures;
  for (int i = 0; i < count; ++i) {
    pictures.push_back(passes::RandomInputs(graph, 1, seed + static_cast<uint64_t>(i))[0]);
  }
  return pictures;
}

}  // namespace minnow::quantize

#endif  // MINNOW_TEST_SRC_QUANTIZE_QUANTIZE_TESTING_H_
