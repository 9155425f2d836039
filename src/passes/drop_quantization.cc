// What a quantised network computes without its rounding.
#include "passes/passes.h"
#include "passes/quantized_pattern.h"
#include "passes/rewrite.h"

namespace minnow::passes {
namespace {

using graph::Graph;
using graph::NodeId;
using graph::ValueId;

// Takes one pair of Quantize and Dequantize by the same constants away.
void DropPair(Graph* graph, NodeId dequantize) {
  if (!std::holds_alternative<graph::Dequantize>(graph->node(dequantize).op)) return;
  const std::optional<Integers> x = ActivationsOf(*graph, graph->node(dequantize).outputs[0]);
  if (!x || ProducerAs<graph::Quantize>(*graph, x->value) == nullptr) return;
  const NodeId quantize = graph->value(x->value).producer;
  const std::optional<Integers> y = QuantizedBy(*graph, quantize);
  if (!y || y->dtype != x->dtype || !(y->params() == x->params())) return;
  ValueId real = graph->node(quantize).inputs[0];
  const QuantParams params = x->params();
  if (params.zero_point == (x->dtype == DType::kU8 ? 0 : -128)) {
    real = Derive(graph, real, graph::Clamp{0.0f, 255.0f * params.scale}, "/range");
  }
  ReplaceNode(graph, dequantize, real);
}

}  // namespace

Status DropQuantization(Graph* graph) {
  return ForEachNode(graph, [graph](NodeId id) {
    DropPair(graph, id);
    return OkStatus();
  });
}

}  // namespace minnow::passes
