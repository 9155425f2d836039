// What can be computed now, because every input is constant?
#include <algorithm>

#include "graph/work.h"
#include "passes/passes.h"
#include "passes/rewrite.h"
#include "tensor/load_limits.h"

namespace minnow::passes {
namespace {

using graph::Graph;
using graph::kNoValue;
using graph::Node;
using graph::NodeId;
using graph::ValueId;

// A constant is held for the model's life, so what a run can make cheaply stays an operator: no
// result above this many bytes, and above the second no result much larger than its inputs
// (Expand, Fill).
constexpr size_t kMaxFoldedBytes = size_t{64} << 20;
constexpr size_t kFreeBytes = size_t{64} << 10;
constexpr size_t kMaxGrowth = 4;
// The same for one pass over the graph: a small file can have many nodes. Above kMaxGrowth times
// the constants there are, and for whatever size above the second.
constexpr size_t kFreePassBytes = size_t{32} << 20;
constexpr size_t kMaxPassBytes = size_t{512} << 20;

// What may still be spent in this pass.
struct Budget {
  size_t bytes = 0;
  double work = CurrentLoadLimits().folded_work;
};

Budget StartBudget(const Graph& graph) {
  const std::vector<int> uses = graph.UseCounts();
  size_t total = 0;
  for (ValueId id = 0; id < graph.value_count(); ++id) {
    const Tensor* constant = graph.ConstantOf(id);
    if (constant != nullptr && uses[static_cast<size_t>(id)] > 0) total += constant->size_bytes();
  }
  Budget budget;
  budget.bytes = std::min(kMaxPassBytes, kFreePassBytes + kMaxGrowth * total);
  return budget;
}

bool IsWorthFolding(const Graph& graph, const Node& node, Budget* budget) {
  // An Identity of a constant is what keeps a graph output apart from it.
  if (std::holds_alternative<graph::Identity>(node.op) || node.inputs.empty()) return false;
  size_t input_bytes = 0;
  for (ValueId id : node.inputs) {
    if (id == kNoValue) continue;
    if (!graph.IsConstant(id)) return false;
    input_bytes += graph.ConstantOf(id)->size_bytes();
  }
  const graph::Value& output = graph.value(node.outputs[0]);
  if (!output.shape || !output.shape->IsStatic()) return false;
  const size_t bytes = static_cast<size_t>(output.shape->ElementCount()) * DTypeSize(output.dtype);
  if (bytes > kMaxFoldedBytes || bytes > budget->bytes) return false;
  if (bytes > kFreeBytes && bytes / kMaxGrowth > input_bytes) return false;
  const double work = graph::WorkOf(graph, node);
  if (work > budget->work) return false;
  budget->bytes -= bytes;
  budget->work -= work;
  return true;
}

// Replaces the node by its value. False when the interpreter does not know the dtype.
StatusOr<bool> Fold(Graph* graph, NodeId id) {
  const Node& node = graph->node(id);
  std::vector<TensorView> inputs;
  for (ValueId input : node.inputs) {
    inputs.push_back(input == kNoValue ? TensorView{} : graph->ConstantOf(input)->view());
  }
  StatusOr<Tensor> folded = EvaluateViews(node.op, inputs);
  if (!folded.ok()) {
    if (folded.status().code() == StatusCode::kUnsupported) return false;
    return folded.status().WithContext(NodeContext(node));
  }
  const ValueId constant =
      graph->AddConstant(graph->value(node.outputs[0]).name + "/folded", std::move(*folded));
  ReplaceNode(graph, id, constant);
  return true;
}

}  // namespace

Status FoldConstants(Graph* graph) {
  Budget budget = StartBudget(*graph);
  return ForEachNode(graph, [graph, &budget](NodeId id) {
    if (!IsWorthFolding(*graph, graph->node(id), &budget)) return OkStatus();
    const StatusOr<bool> folded = Fold(graph, id);
    return folded.ok() ? OkStatus() : folded.status();
  });
}

}  // namespace minnow::passes
