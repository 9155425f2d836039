// Where does a batch normalisation with constant statistics go? Into the weights and bias of the
// convolution before it; elsewhere it is a Mul and an Add per channel.
#include <algorithm>
#include <cmath>

#include "passes/affine.h"
#include "passes/passes.h"
#include "passes/rewrite.h"

namespace minnow::passes {
namespace {

using graph::Graph;
using graph::Node;
using graph::NodeId;
using graph::ValueId;

// (x - mean) / sqrt(variance + epsilon) * scale + offset as x * s + t.
std::optional<Affine> AffineOf(const Graph& graph, const Node& node, const graph::BatchNorm& op) {
  std::optional<std::vector<double>> parameters[4];
  for (size_t i = 0; i < 4; ++i) {
    parameters[i] = ConstantFloats(graph, InputOf(node, i + 1));
    if (!parameters[i] || parameters[i]->size() != parameters[0]->size()) return std::nullopt;
  }
  Affine affine;
  for (size_t c = 0; c < parameters[0]->size(); ++c) {
    const double s =
        (*parameters[0])[c] / std::sqrt((*parameters[3])[c] + static_cast<double>(op.epsilon));
    affine.scale.push_back(s);
    affine.shift.push_back((*parameters[1])[c] - (*parameters[2])[c] * s);
  }
  return affine;
}

// The node becomes Mul, and an Add stands behind it.
Status LowerToMulAdd(Graph* graph, NodeId id, const Affine& affine) {
  const ValueId output = graph->node(id).outputs[0];
  const std::string name = graph->value(output).name;
  const Shape channels = {static_cast<int64_t>(affine.scale.size())};
  const StatusOr<ValueId> scale = AddFloats(graph, name + "/scale", channels, affine.scale);
  if (!scale.ok()) return scale.status();
  const StatusOr<ValueId> shift = AddFloats(graph, name + "/shift", channels, affine.shift);
  if (!shift.ok()) return shift.status();
  graph->node(id).op = graph::Binary{graph::BinaryKind::kMul, {}};
  graph->node(id).inputs = {graph->node(id).inputs[0], *scale};
  const ValueId sum =
      InsertAfter(graph, output, graph::Binary{graph::BinaryKind::kAdd, {}}, "/shifted");
  graph->node(graph->value(sum).producer).inputs.push_back(*shift);
  graph->value(sum).shape = graph->value(output).shape;
  return OkStatus();
}

Status FoldNode(Graph* graph, NodeId id) {
  const Node& node = graph->node(id);
  const auto* op = std::get_if<graph::BatchNorm>(&node.op);
  if (op == nullptr) return OkStatus();
  const std::optional<Affine> affine = AffineOf(*graph, node, *op);
  const std::optional<Shape>& shape = graph->value(node.inputs[0]).shape;
  // Channels first and not rewritten by to_nhwc: the rank is unknown.
  if (!affine || op->layout != graph::DataLayout::kNHWC) return OkStatus();
  const ValueId x = node.inputs[0];
  const int64_t channels = FoldableChannels(*graph, x);
  if (channels != 0 && channels == static_cast<int64_t>(affine->scale.size())) {
    MINNOW_RETURN_IF_ERROR(FoldIntoProducer(graph, graph->value(x).producer, *affine));
    ReplaceNode(graph, id, x);
    return OkStatus();
  }
  if (!shape || shape->rank() < 1) return OkStatus();
  return LowerToMulAdd(graph, id, *affine);
}

}  // namespace

Status FoldBatchNorm(Graph* graph) {
  return ForEachNode(graph, [graph](NodeId id) { return FoldNode(graph, id); });
}

}  // namespace minnow::passes
