// Which Transposes can stand at the graph input? T(op(x)) becomes op'(T(x)) from the Transpose up
// to a graph input, through operators with one reader that work element by element, and Pad.
#include <utility>

#include "passes/passes.h"
#include "passes/permutation.h"
#include "passes/rewrite.h"

namespace minnow::passes {
namespace {

using graph::Graph;
using graph::Node;
using graph::NodeId;
using graph::ValueId;

// The input of `node` that a Transpose moves to; kNoValue when it cannot move up here.
ValueId MovableInput(const Graph& graph, const Node& node) {
  if (std::holds_alternative<graph::Unary>(node.op) ||
      std::holds_alternative<graph::Clamp>(node.op) ||
      std::holds_alternative<graph::Cast>(node.op)) {
    return node.inputs[0];
  }
  if (std::holds_alternative<graph::Pad>(node.op)) {
    return node.inputs.size() == 1 ? node.inputs[0] : graph::kNoValue;
  }
  if (!std::holds_alternative<graph::Binary>(node.op)) return graph::kNoValue;
  for (size_t i = 0; i < 2; ++i) {
    const ValueId constant = node.inputs[1 - i], other = node.inputs[i];
    const std::optional<Shape>& shape = graph.value(other).shape;
    if (graph.IsConstant(constant) && !graph.IsConstant(other) && shape &&
        graph.value(constant).shape->rank() <= shape->rank()) {
      return other;
    }
  }
  return graph::kNoValue;
}

// The nodes between the Transpose and the graph input, bottom up; empty when it cannot get there.
std::vector<NodeId> PathToInput(const Graph& graph, ValueId value) {
  std::vector<NodeId> path;
  while (!IsGraphInput(graph, value)) {
    const Node* producer = graph.ProducerOf(value);
    if (producer == nullptr || !HasOneReader(graph, value)) return {};
    path.push_back(graph.value(value).producer);
    value = MovableInput(graph, *producer);
    if (value == graph::kNoValue) return {};
  }
  return path;
}

// Makes one operator of the path work on transposed data.
Status Reorder(Graph* graph, NodeId id, const Permutation& perm) {
  const ValueId output = graph->node(id).outputs[0];
  if (graph->value(output).shape) {
    graph->value(output).shape = Permuted(*graph->value(output).shape, perm);
  }
  if (auto* pad = std::get_if<graph::Pad>(&graph->node(id).op)) {
    const std::vector<int64_t> pads = pad->pads;
    if (pads.size() != 2 * perm.size()) return Internal("pads do not fit the rank");
    for (size_t i = 0; i < perm.size(); ++i) {
      pad->pads[i] = pads[static_cast<size_t>(perm[i])];
      pad->pads[i + perm.size()] = pads[static_cast<size_t>(perm[i]) + perm.size()];
    }
  }
  for (size_t i = 0; i < graph->node(id).inputs.size(); ++i) {
    const ValueId input = graph->node(id).inputs[i];
    if (!graph->IsConstant(input)) continue;
    const StatusOr<ValueId> moved = TransposeConstant(graph, input, perm);
    if (!moved.ok()) return moved.status();
    graph->node(id).inputs[i] = *moved;
  }
  return OkStatus();
}

}  // namespace

Status HoistTransposes(Graph* graph) {
  return ForEachNode(graph, [graph](NodeId id) {
    const ValueId output = graph->node(id).outputs[0];
    const std::optional<TransposedValue> transposed = AsTranspose(*graph, output);
    if (!transposed || graph->IsOutput(output)) return OkStatus();
    const std::vector<NodeId> path = PathToInput(*graph, transposed->source);
    if (path.empty()) return OkStatus();
    for (NodeId node : path) MINNOW_RETURN_IF_ERROR(Reorder(graph, node, transposed->perm));
    const ValueId input = MovableInput(*graph, graph->node(path.back()));
    const ValueId moved = AddTranspose(graph, input, transposed->perm, "/nhwc");
    for (ValueId& read : graph->node(path.back()).inputs) {
      if (read == input) read = moved;
    }
    ReplaceNode(graph, id, transposed->source);
    return OkStatus();
  });
}

}  // namespace minnow::passes
