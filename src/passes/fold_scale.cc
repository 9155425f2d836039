// Which Mul, Div, Add and Sub by constants per channel stand beside a linear operator that can take
// them in? Bias adds and scales behind it go into its rows; scales before it go into its columns,
// and shifts before it into its bias where no padding is in between (padding stays 0).
#include <algorithm>
#include <cmath>

#include "passes/affine.h"
#include "passes/passes.h"
#include "passes/rewrite.h"

namespace minnow::passes {
namespace {

using graph::Graph;
using graph::kNoValue;
using graph::Node;
using graph::NodeId;
using graph::ValueId;

// A Binary seen as x * scale + shift.
struct AffineNode {
  ValueId x = kNoValue;
  Affine affine;
};

bool AllFinite(const std::vector<double>& numbers) {
  return std::all_of(numbers.begin(), numbers.end(), [](double n) { return std::isfinite(n); });
}

// Operand `side` of the node is x, of so many channels, the other a constant with one element for
// each.
std::optional<AffineNode> MatchSide(const Graph& graph, const Node& node, const graph::Binary& op,
                                    size_t side, int64_t channels) {
  using graph::BinaryKind;
  const ValueId x = node.inputs[side];
  const std::optional<Shape>& shape = graph.value(x).shape;
  if (graph.IsConstant(x) || !shape || shape->rank() < 1) return std::nullopt;
  if ((*shape)[shape->rank() - 1] != channels) return std::nullopt;
  const auto constant = PerChannel(graph, node.inputs[1 - side], shape->rank(), channels);
  if (!constant) return std::nullopt;
  AffineNode match{x, {}};
  for (double c : *constant) {
    double scale = 1.0, shift = 0.0;
    if (op.kind == BinaryKind::kAdd) {
      shift = c;
    } else if (op.kind == BinaryKind::kMul) {
      scale = c;
    } else if (op.kind == BinaryKind::kSub) {
      scale = side == 0 ? 1.0 : -1.0;
      shift = side == 0 ? -c : c;
    } else if (op.kind == BinaryKind::kDiv && side == 0) {
      scale = 1.0 / c;
    } else {
      return std::nullopt;
    }
    match.affine.scale.push_back(scale);
    match.affine.shift.push_back(shift);
  }
  if (!AllFinite(match.affine.scale) || !AllFinite(match.affine.shift)) return std::nullopt;
  return match;
}

// The channels are those of constant weights, and so few: what a file declares of x may be any
// number.
std::optional<AffineNode> MatchAffine(const Graph& graph, const Node* node, int64_t channels) {
  const auto* op = node == nullptr ? nullptr : std::get_if<graph::Binary>(&node->op);
  if (op == nullptr || !op->activation.IsNone()) return std::nullopt;
  std::optional<AffineNode> match = MatchSide(graph, *node, *op, 0, channels);
  return match ? match : MatchSide(graph, *node, *op, 1, channels);
}

Status FoldBehind(Graph* graph, NodeId id) {
  if (!std::holds_alternative<graph::Binary>(graph->node(id).op)) return OkStatus();
  int64_t channels = 0;
  for (ValueId input : graph->node(id).inputs) {
    channels = std::max(channels, FoldableChannels(*graph, input));
  }
  if (channels == 0) return OkStatus();
  const std::optional<AffineNode> match = MatchAffine(*graph, &graph->node(id), channels);
  if (!match || FoldableChannels(*graph, match->x) != channels) return OkStatus();
  MINNOW_RETURN_IF_ERROR(FoldIntoProducer(graph, graph->value(match->x).producer, match->affine));
  ReplaceNode(graph, id, match->x);
  return OkStatus();
}

// --- Before a linear operator ---------------------------------------------------------------

struct LinearShape {
  size_t rows = 0;       // output channels
  size_t positions = 1;  // kernel pixels
  size_t columns = 0;    // input channels of a group
  size_t groups = 1;
  bool has_padding = false;
};

bool HasPadding(const graph::Conv2D& conv, const Shape& weights) {
  const graph::Padding& pad = conv.padding;
  if (pad.mode == graph::PadMode::kValid) return false;
  if (pad.mode == graph::PadMode::kExplicit) {
    return pad.top != 0 || pad.left != 0 || pad.bottom != 0 || pad.right != 0;
  }
  return weights[1] != 1 || weights[2] != 1;
}

std::optional<LinearShape> LinearShapeOf(const Graph& graph, const Node& node) {
  const auto* conv = std::get_if<graph::Conv2D>(&node.op);
  if (conv == nullptr && !std::holds_alternative<graph::FullyConnected>(node.op)) {
    return std::nullopt;
  }
  const Tensor* tensor = graph.ConstantOf(InputOf(node, 1));
  const ValueId bias = InputOf(node, 2);
  if (tensor == nullptr || tensor->dtype() != DType::kF32) return std::nullopt;
  if (bias != kNoValue && !ConstantFloats(graph, bias)) return std::nullopt;
  const Shape& weights = tensor->shape();
  LinearShape linear;
  linear.rows = static_cast<size_t>(weights[0]);
  linear.columns = static_cast<size_t>(weights[weights.rank() - 1]);
  if (conv != nullptr) {
    if (conv->layout != graph::DataLayout::kNHWC ||
        conv->weight_layout != graph::WeightLayout::kOHWI || weights.rank() != 4) {
      return std::nullopt;
    }
    linear.positions = static_cast<size_t>(weights[1] * weights[2]);
    linear.groups = static_cast<size_t>(conv->groups);
    linear.has_padding = HasPadding(*conv, weights);
  }
  return linear;
}

Status FoldIntoColumns(Graph* graph, NodeId id, const LinearShape& linear, const Affine& affine) {
  const ValueId old_weights = graph->node(id).inputs[1];
  const ValueId old_bias = InputOf(graph->node(id), 2);
  const Shape shape = graph->ConstantOf(old_weights)->shape();
  std::vector<double> weights = *ConstantFloats(*graph, old_weights);
  std::vector<double> bias(linear.rows, 0.0);
  if (old_bias != kNoValue) bias = *ConstantFloats(*graph, old_bias);
  const size_t rows_per_group = linear.rows / linear.groups;
  double* weight = weights.data();
  for (size_t row = 0; row < linear.rows; ++row) {
    const size_t first = row / rows_per_group * linear.columns;
    for (size_t position = 0; position < linear.positions; ++position) {
      for (size_t column = 0; column < linear.columns; ++column, ++weight) {
        bias[row] += *weight * affine.shift[first + column];
        *weight *= affine.scale[first + column];
      }
    }
  }
  const std::string name = graph->value(old_weights).name;
  const StatusOr<ValueId> scaled = AddFloats(graph, name + "/scaled", shape, weights);
  if (!scaled.ok()) return scaled.status();
  const StatusOr<ValueId> shifted =
      AddFloats(graph, name + "/bias", Shape{static_cast<int64_t>(linear.rows)}, bias);
  if (!shifted.ok()) return shifted.status();
  if (graph->node(id).inputs.size() < 3) graph->node(id).inputs.resize(3, kNoValue);
  graph->node(id).inputs[1] = *scaled;
  graph->node(id).inputs[2] = *shifted;
  return OkStatus();
}

Status FoldBefore(Graph* graph, NodeId id) {
  const std::optional<LinearShape> linear = LinearShapeOf(*graph, graph->node(id));
  if (!linear) return OkStatus();
  while (true) {
    const ValueId read = graph->node(id).inputs[0];
    const std::optional<AffineNode> match = MatchAffine(
        *graph, graph->ProducerOf(read), static_cast<int64_t>(linear->columns * linear->groups));
    if (!match || !HasOneReader(*graph, read)) return OkStatus();
    const Affine& affine = match->affine;
    const bool shifts = std::any_of(affine.shift.begin(), affine.shift.end(),
                                    [](double shift) { return shift != 0.0; });
    if (shifts && linear->has_padding) return OkStatus();
    MINNOW_RETURN_IF_ERROR(FoldIntoColumns(graph, id, *linear, affine));
    const NodeId folded = graph->value(read).producer;
    graph->node(id).inputs[0] = match->x;
    graph->RemoveNode(folded);
  }
}

}  // namespace

Status FoldScale(Graph* graph) {
  return ForEachNode(graph, [graph](NodeId id) {
    MINNOW_RETURN_IF_ERROR(FoldBehind(graph, id));
    return graph->node(id).dead ? OkStatus() : FoldBefore(graph, id);
  });
}

}  // namespace minnow::passes
