// Where does a model spell out hard-sigmoid or hard-swish?
//   clamp(x + b, 0, m) / m                 = HardSigmoid(x; 1/m, b/m)
//   x * HardSigmoid(x; 1/6, 0.5)           = HardSwish(x)
//   x * clamp(x + 3, 0, 6) / 6             = HardSwish(x), multiplied in either order
// Operators in between must have no other reader: they would run beside the fused one.
#include <cmath>

#include "passes/passes.h"
#include "passes/rewrite.h"

namespace minnow::passes {
namespace {

using graph::Graph;
using graph::Node;
using graph::NodeId;
using graph::ValueId;

bool IsNear(double a, double b) { return std::fabs(a - b) <= 1e-6 * std::fabs(b); }

const graph::Binary* AsPlainBinary(const Node* node, graph::BinaryKind kind) {
  const auto* op = node == nullptr ? nullptr : std::get_if<graph::Binary>(&node->op);
  return op != nullptr && op->kind == kind && op->activation.IsNone() ? op : nullptr;
}

// x op constant, in either order where `commutes`.
struct WithScalar {
  ValueId x;
  double scalar;
};
std::optional<WithScalar> MatchScalar(const Graph& graph, const Node* node, graph::BinaryKind kind,
                                      bool commutes) {
  if (AsPlainBinary(node, kind) == nullptr) return std::nullopt;
  for (size_t i = 0; i < (commutes ? 2u : 1u); ++i) {
    const ValueId x = node->inputs[i], constant = node->inputs[1 - i];
    const std::optional<double> scalar = ConstantScalar(graph, constant);
    if (!scalar || graph.IsConstant(x)) continue;
    const std::optional<Shape>& shape = graph.value(x).shape;
    const int constant_rank = graph.ConstantOf(constant)->shape().rank();
    if (constant_rank == 0 || (shape && constant_rank <= shape->rank())) {
      return WithScalar{x, *scalar};
    }
  }
  return std::nullopt;
}

// Mul by a number or Div by its inverse.
std::optional<WithScalar> MatchScale(const Graph& graph, const Node* node) {
  if (const auto product = MatchScalar(graph, node, graph::BinaryKind::kMul, true)) return product;
  const auto quotient = MatchScalar(graph, node, graph::BinaryKind::kDiv, false);
  if (!quotient) return std::nullopt;
  return WithScalar{quotient->x, 1.0 / quotient->scalar};
}

// clamp(x + shift, 0, max), read once at both steps.
struct ShiftedClamp {
  ValueId x;
  double shift;
  double max;
};
std::optional<ShiftedClamp> MatchShiftedClamp(const Graph& graph, ValueId value) {
  const auto* clamp = ProducerAs<graph::Clamp>(graph, value);
  if (clamp == nullptr || clamp->min != 0.0f || !HasOneReader(graph, value)) return std::nullopt;
  const ValueId sum = graph.ProducerOf(value)->inputs[0];
  if (!HasOneReader(graph, sum)) return std::nullopt;
  const auto shifted = MatchScalar(graph, graph.ProducerOf(sum), graph::BinaryKind::kAdd, true);
  if (!shifted) return std::nullopt;
  return ShiftedClamp{shifted->x, shifted->scalar, static_cast<double>(clamp->max)};
}

std::optional<graph::Unary> MatchHardSigmoid(const Graph& graph, const Node& node, ValueId* x) {
  const auto scale = MatchScale(graph, &node);
  if (!scale) return std::nullopt;
  const auto clamp = MatchShiftedClamp(graph, scale->x);
  if (!clamp || !IsNear(scale->scalar * clamp->max, 1.0)) return std::nullopt;
  *x = clamp->x;
  return graph::Unary{graph::UnaryKind::kHardSigmoid, static_cast<float>(scale->scalar),
                      static_cast<float>(scale->scalar * clamp->shift)};
}

bool IsSwishGate(const graph::Unary* op) {
  return op != nullptr && op->kind == graph::UnaryKind::kHardSigmoid &&
         IsNear(static_cast<double>(op->alpha), 1.0 / 6.0) &&
         IsNear(static_cast<double>(op->beta), 0.5);
}

// x * HardSigmoid(x)
bool MatchGatedProduct(const Graph& graph, const Node& node, ValueId* x) {
  if (AsPlainBinary(&node, graph::BinaryKind::kMul) == nullptr) return false;
  for (size_t i = 0; i < 2; ++i) {
    const ValueId gate = node.inputs[i], other = node.inputs[1 - i];
    if (IsSwishGate(ProducerAs<graph::Unary>(graph, gate)) && HasOneReader(graph, gate) &&
        graph.ProducerOf(gate)->inputs[0] == other) {
      *x = other;
      return true;
    }
  }
  return false;
}

// (x * clamp(x + 3, 0, 6)) / 6
bool MatchScaledProduct(const Graph& graph, const Node& node, ValueId* x) {
  const auto scale = MatchScale(graph, &node);
  if (!scale || !IsNear(scale->scalar, 1.0 / 6.0) || !HasOneReader(graph, scale->x)) return false;
  const Node* product = graph.ProducerOf(scale->x);
  if (AsPlainBinary(product, graph::BinaryKind::kMul) == nullptr) return false;
  for (size_t i = 0; i < 2; ++i) {
    const auto clamp = MatchShiftedClamp(graph, product->inputs[i]);
    if (clamp && clamp->x == product->inputs[1 - i] && IsNear(clamp->shift, 3.0) &&
        IsNear(clamp->max, 6.0)) {
      *x = clamp->x;
      return true;
    }
  }
  return false;
}

}  // namespace

Status FuseHardSwish(Graph* graph) {
  return ForEachNode(graph, [graph](NodeId id) {
    const Node& node = graph->node(id);
    ValueId x = graph::kNoValue;
    graph::Op fused = graph::Unary{graph::UnaryKind::kHardSwish, 0.0f, 0.0f};
    if (!MatchGatedProduct(*graph, node, &x) && !MatchScaledProduct(*graph, node, &x)) {
      const auto sigmoid = MatchHardSigmoid(*graph, node, &x);
      if (!sigmoid) return OkStatus();
      fused = *sigmoid;
    }
    graph->node(id).op = fused;
    graph->node(id).inputs = {x};
    return OkStatus();
  });
}

}  // namespace minnow::passes
