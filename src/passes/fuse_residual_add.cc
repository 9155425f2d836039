// Which Adds can a convolution do before it stores its result? conv(x) + y, and the activation of
// the sum, become the convolution's residual input and activation.
//
// The convolution then waits for y. That closes no cycle: the Add was the only reader of conv(x),
// so y cannot depend on it. Where both sides are convolutions the later one in topological order
// takes the other's result, which is then ready by the time the order reaches it.
#include "passes/passes.h"
#include "passes/rewrite.h"
#include "passes/symbolic_shapes.h"

namespace minnow::passes {
namespace {

using graph::Graph;
using graph::kNoValue;
using graph::Node;
using graph::NodeId;
using graph::ValueId;

bool TakesResidual(const Graph& graph, ValueId value) {
  const auto* conv = ProducerAs<graph::Conv2D>(graph, value);
  return conv != nullptr && conv->layout == graph::DataLayout::kNHWC && conv->activation.IsNone() &&
         InputOf(*graph.ProducerOf(value), 3) == kNoValue && HasOneReader(graph, value);
}

void Fuse(Graph* graph, NodeId add, ValueId sum, ValueId other) {
  const NodeId conv = graph->value(sum).producer;
  const graph::Activation activation = std::get<graph::Binary>(graph->node(add).op).activation;
  graph->node(conv).inputs.resize(4, kNoValue);
  graph->node(conv).inputs[3] = other;
  std::get<graph::Conv2D>(graph->node(conv).op).activation = activation;
  ReplaceNode(graph, add, sum);
}

}  // namespace

Status FuseResidualAdd(Graph* graph) {
  const StatusOr<SymbolicShapes> shapes = SymbolicShapes::Analyze(*graph);
  if (!shapes.ok()) return shapes.status();
  // Places in the order before any fusing; a fused convolution is looked up where its Add was.
  std::vector<int> place(static_cast<size_t>(graph->value_count()), -1);
  int next = 0;
  return ForEachNode(graph, [&](NodeId id) {
    const Node& node = graph->node(id);
    for (ValueId output : node.outputs) place[static_cast<size_t>(output)] = next++;
    const auto* op = std::get_if<graph::Binary>(&node.op);
    if (op == nullptr || op->kind != graph::BinaryKind::kAdd) return OkStatus();
    const ValueId a = node.inputs[0], b = node.inputs[1];
    if (graph->value(a).dtype != DType::kF32 || graph->IsConstant(a) || graph->IsConstant(b) ||
        !shapes->AreEqual(a, b)) {
      return OkStatus();
    }
    const bool a_takes = TakesResidual(*graph, a), b_takes = TakesResidual(*graph, b);
    const bool a_is_later = place[static_cast<size_t>(a)] > place[static_cast<size_t>(b)];
    if (!a_takes && !b_takes) return OkStatus();
    const bool into_a = a_takes && (a_is_later || !b_takes);
    const ValueId sum = into_a ? a : b;
    // The convolution now runs where the Add did.
    place[static_cast<size_t>(sum)] = next++;
    Fuse(graph, id, sum, into_a ? b : a);
    return OkStatus();
  });
}

}  // namespace minnow::passes
