// What can be computed now, because every input is constant?
#include <algorithm>

#include "passes/passes.h"
#include "passes/rewrite.h"

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
// Elements read and multiplied, about a second in plain C++.
constexpr double kMaxPassWork = 1e9;

// What may still be spent in this pass.
struct Budget {
  size_t bytes = 0;
  double work = kMaxPassWork;
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

double ElementsOf(const Graph& graph, ValueId id) {
  return static_cast<double>(graph.value(id).shape->ElementCount());
}

// At least what evaluating the node takes; products are taken for larger than they are where that
// is simpler. REQUIRES: all inputs are constant.
double WorkOf(const Graph& graph, const Node& node) {
  const double results = ElementsOf(graph, node.outputs[0]);
  double work = results;
  for (ValueId id : node.inputs) {
    if (id != kNoValue) work += ElementsOf(graph, id);
  }
  if (const auto* pool = std::get_if<graph::Pool2D>(&node.op)) {
    return work +
           results * static_cast<double>(pool->kernel_h) * static_cast<double>(pool->kernel_w);
  }
  if (std::holds_alternative<graph::Conv2D>(node.op) ||
      std::holds_alternative<graph::QConv2D>(node.op)) {
    return work + results * ElementsOf(graph, node.inputs[1]);
  }
  if (std::holds_alternative<graph::MatMul>(node.op) ||
      std::holds_alternative<graph::Gemm>(node.op) ||
      std::holds_alternative<graph::FullyConnected>(node.op) ||
      std::holds_alternative<graph::QFullyConnected>(node.op)) {
    int64_t longest = 1;
    for (int64_t dim : *graph.value(node.inputs[1]).shape) longest = std::max(longest, dim);
    return work + results * static_cast<double>(longest);
  }
  return work;
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
  const double work = WorkOf(graph, node);
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
