// How scale and shift behind a linear operator go into its weights and bias.
#include "passes/affine.h"

#include <utility>

#include "base/thread_pool.h"
#include "passes/rewrite.h"

namespace minnow::passes {

using graph::Graph;
using graph::kNoValue;
using graph::Node;
using graph::NodeId;
using graph::ValueId;

int64_t FoldableChannels(const Graph& graph, ValueId value) {
  const Node* producer = graph.ProducerOf(value);
  if (producer == nullptr) return 0;
  if (const auto* conv = std::get_if<graph::Conv2D>(&producer->op)) {
    if (conv->layout != graph::DataLayout::kNHWC ||
        conv->weight_layout != graph::WeightLayout::kOHWI || !conv->activation.IsNone() ||
        InputOf(*producer, 3) != kNoValue) {
      return 0;
    }
  } else if (const auto* product = std::get_if<graph::FullyConnected>(&producer->op)) {
    if (!product->activation.IsNone()) return 0;
  } else {
    return 0;
  }
  const Tensor* weights = graph.ConstantOf(InputOf(*producer, 1));
  if (weights == nullptr || weights->dtype() != DType::kF32 || weights->shape().rank() < 2) {
    return 0;
  }
  const int64_t channels = weights->shape()[0];
  const ValueId bias = InputOf(*producer, 2);
  if (bias != kNoValue) {
    const Tensor* tensor = graph.ConstantOf(bias);
    if (tensor == nullptr || tensor->dtype() != DType::kF32 || tensor->ElementCount() != channels) {
      return 0;
    }
  }
  return HasOneReader(graph, value) ? channels : 0;  // last: it looks through the graph
}

namespace {

// Row o of the weights times scale[o], each product in double; in the memory of the weights where
// nobody else holds it.
StatusOr<Tensor> ScaledRows(const Tensor& weights, const std::vector<double>& scale) {
  StatusOr<Tensor> scaled = weights.IsSoleOwner()
                                ? weights.Rewritable()
                                : Tensor::AllocateUnfilled(DType::kF32, weights.shape());
  if (!scaled.ok()) return scaled;
  const size_t row = scale.empty() ? 0 : static_cast<size_t>(weights.ElementCount()) / scale.size();
  const float* in = weights.as<float>();
  float* out = scaled->mutable_as<float>();
  constexpr int64_t kSharedElements = 1 << 16;
  Team team(&ThreadPool::Shared(),
            weights.ElementCount() < kSharedElements ? 1 : ThreadPool::DefaultThreads());
  team.ParallelFor(static_cast<int64_t>(scale.size()), [&](int64_t o, int) {
    const size_t first = static_cast<size_t>(o) * row;
    const double factor = scale[static_cast<size_t>(o)];
    for (size_t k = first; k < first + row; ++k) out[k] = static_cast<float>(in[k] * factor);
  });
  return scaled;
}

}  // namespace

Status FoldIntoProducer(Graph* graph, NodeId producer, const Affine& affine) {
  const ValueId old_weights = graph->node(producer).inputs[1];
  const ValueId old_bias = InputOf(graph->node(producer), 2);
  const size_t channels = affine.scale.size();
  std::vector<double> bias(channels, 0.0);
  if (old_bias != kNoValue) bias = *ConstantFloats(*graph, old_bias);
  bool scales = false;
  for (size_t o = 0; o < channels; ++o) {
    scales = scales || affine.scale[o] != 1.0;
    bias[o] = bias[o] * affine.scale[o] + affine.shift[o];
  }
  const std::string name = graph->value(old_weights).name;
  if (scales) {
    const Tensor weights = *graph->ConstantOf(old_weights);
    // Now, not at the end of the pass: the scaled weights, or the next layer's, can have this
    // memory.
    if (HasOneReader(*graph, old_weights)) graph->value(old_weights).constant.reset();
    StatusOr<Tensor> scaled = ScaledRows(weights, affine.scale);
    if (!scaled.ok()) return scaled.status();
    graph->node(producer).inputs[1] = graph->AddConstant(name + "/scaled", std::move(*scaled));
  }
  const StatusOr<ValueId> shifted =
      AddFloats(graph, name + "/bias", Shape{static_cast<int64_t>(channels)}, bias);
  if (!shifted.ok()) return shifted.status();
  if (graph->node(producer).inputs.size() < 3) graph->node(producer).inputs.resize(3, kNoValue);
  graph->node(producer).inputs[2] = *shifted;
  return OkStatus();
}

}  // namespace minnow::passes
