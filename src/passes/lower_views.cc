// Which operators only look at the same elements under another shape? They become Reshape, the one
// such operator that later passes and the runtime need to know.
#include "passes/passes.h"
#include "passes/permutation.h"
#include "passes/rewrite.h"

namespace minnow::passes {
namespace {

using graph::Graph;
using graph::Node;
using graph::NodeId;
using graph::ValueId;

bool IsView(const Graph& graph, const Node& node) {
  if (std::holds_alternative<graph::Flatten>(node.op) ||
      std::holds_alternative<graph::Squeeze>(node.op) ||
      std::holds_alternative<graph::Unsqueeze>(node.op)) {
    return true;
  }
  if (std::holds_alternative<graph::Reshape>(node.op)) return node.inputs.size() == 1;
  const std::optional<TransposedValue> transposed = AsTranspose(graph, node.outputs[0]);
  if (!transposed) return false;
  const std::optional<Shape>& shape = graph.value(transposed->source).shape;
  return shape && MovesNothing(*shape, transposed->perm);
}

// The target without zeros, which would refer to the input's own dimensions.
std::optional<std::vector<int64_t>> TargetOf(const Graph& graph, const Node& node) {
  if (const auto* reshape = std::get_if<graph::Reshape>(&node.op)) {
    bool has_zero = false;
    for (int64_t dim : reshape->shape) has_zero = has_zero || dim == 0;
    if (!has_zero) return reshape->shape;
  }
  const std::optional<Shape>& shape = graph.value(node.outputs[0]).shape;
  if (!shape) return std::nullopt;
  return ReshapeTarget(*shape);
}

}  // namespace

Status LowerViews(Graph* graph) {
  return ForEachNode(graph, [graph](NodeId id) {
    if (!IsView(*graph, graph->node(id))) return OkStatus();
    const auto target = TargetOf(*graph, graph->node(id));
    if (!target) return OkStatus();
    Node& node = graph->node(id);
    ValueId source = node.inputs[0];
    // Two views in a row are the second one: it names every dimension, or all but one.
    while (ProducerAs<graph::Reshape>(*graph, source) != nullptr) {
      source = graph->ProducerOf(source)->inputs[0];
    }
    node.op = graph::Reshape{*target, false};
    node.inputs = {source};
    return OkStatus();
  });
}

}  // namespace minnow::passes
