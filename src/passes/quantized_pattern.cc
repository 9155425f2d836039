#include "passes/quantized_pattern.h"

#include <cmath>
#include <utility>

#include "passes/rewrite.h"

namespace minnow::passes {

using graph::Graph;
using graph::kNoValue;
using graph::Node;
using graph::NodeId;
using graph::ValueId;

namespace {

std::optional<std::vector<int32_t>> ZeroPoints(const Tensor& tensor) {
  std::vector<int32_t> values;
  for (int64_t i = 0; i < tensor.ElementCount(); ++i) {
    switch (tensor.dtype()) {
      case DType::kU8:
        values.push_back(tensor.as<uint8_t>()[i]);
        break;
      case DType::kS8:
        values.push_back(tensor.as<int8_t>()[i]);
        break;
      case DType::kS32:
        values.push_back(tensor.as<int32_t>()[i]);
        break;
      default:
        return std::nullopt;
    }
  }
  return values;
}

// The constant scale and zero point inputs of a Quantize or Dequantize.
std::optional<Quantization> ConstantQuantization(const Graph& graph, const Node& node,
                                                 int64_t axis) {
  const Tensor* scales = graph.ConstantOf(InputOf(node, 1));
  if (scales == nullptr || scales->ElementCount() == 0) return std::nullopt;
  Quantization q;
  q.axis = static_cast<int>(axis);
  for (int64_t i = 0; i < scales->ElementCount(); ++i) {
    const float scale = scales->as<float>()[i];
    if (!std::isfinite(scale) || scale <= 0.0f) return std::nullopt;
    q.scales.push_back(scale);
  }
  q.zero_points.assign(q.scales.size(), 0);
  if (InputOf(node, 2) == kNoValue) return q;
  const Tensor* zeros = graph.ConstantOf(InputOf(node, 2));
  std::optional<std::vector<int32_t>> values;
  if (zeros != nullptr) values = ZeroPoints(*zeros);
  if (!values || values->empty()) return std::nullopt;
  if (values->size() == 1) values->assign(q.scales.size(), values->front());
  if (values->size() != q.scales.size()) return std::nullopt;
  q.zero_points = std::move(*values);
  return q;
}

}  // namespace

std::optional<Integers> IntegersOf(const Graph& graph, ValueId real) {
  const auto* dequantize = ProducerAs<graph::Dequantize>(graph, real);
  if (dequantize == nullptr) return std::nullopt;
  const Node& node = *graph.ProducerOf(real);
  std::optional<Quantization> q = ConstantQuantization(graph, node, dequantize->axis);
  if (!q) return std::nullopt;
  return Integers{node.inputs[0], graph.value(node.inputs[0]).dtype, std::move(*q)};
}

std::optional<Integers> ActivationsOf(const Graph& graph, ValueId real) {
  std::optional<Integers> integers = IntegersOf(graph, real);
  if (integers && integers->IsPerTensor() && IsByte(integers->dtype)) return integers;
  return std::nullopt;
}

std::optional<Integers> QuantizedBy(const Graph& graph, NodeId id) {
  const auto* quantize = std::get_if<graph::Quantize>(&graph.node(id).op);
  if (quantize == nullptr) return std::nullopt;
  const DType dtype = graph.value(graph.node(id).outputs[0]).dtype;
  std::optional<Quantization> q = ConstantQuantization(graph, graph.node(id), quantize->axis);
  if (!q || q->scales.size() != 1 || !IsByte(dtype)) return std::nullopt;
  return Integers{kNoValue, dtype, std::move(*q)};
}

std::optional<Pattern> PatternOf(const Graph& graph, NodeId id) {
  std::optional<Integers> y = QuantizedBy(graph, id);
  if (!y) return std::nullopt;
  Pattern pattern;
  pattern.quantize = id;
  pattern.y = std::move(*y);
  ValueId real = graph.node(id).inputs[0];
  if (const auto* clamp = ProducerAs<graph::Clamp>(graph, real)) {
    if (!HasOneReader(graph, real)) return std::nullopt;
    pattern.activation = {graph::Activation::Kind::kClamp, clamp->min, clamp->max};
    pattern.has_clamp = true;
    real = graph.ProducerOf(real)->inputs[0];
  }
  const Node* producer = graph.ProducerOf(real);
  if (producer == nullptr) return std::nullopt;
  // A Dequantize may have other readers: it is not taken away, only passed by.
  if (!HasOneReader(graph, real) && !std::holds_alternative<graph::Dequantize>(producer->op)) {
    return std::nullopt;
  }
  pattern.node = *producer;
  return pattern;
}

std::optional<graph::Activation> ActivationOf(const Pattern& pattern,
                                              const graph::Activation& own) {
  if (!pattern.has_clamp) return own;
  if (own.IsNone()) return pattern.activation;
  return std::nullopt;
}

void ReplaceQuantize(Graph* graph, NodeId id, const std::string& node_name, graph::Op op,
                     std::vector<ValueId> inputs) {
  const ValueId old = graph->node(id).outputs[0];
  const graph::Value facts = graph->value(old);
  const ValueId fused =
      graph->AddNode(node_name, std::move(op), std::move(inputs), facts.name + "/integers");
  graph->value(fused).dtype = facts.dtype;
  graph->value(fused).shape = facts.shape;
  graph->value(fused).quantization = facts.quantization;
  ReplaceNode(graph, id, fused);
}

}  // namespace minnow::passes
