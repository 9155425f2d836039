// Which nodes give back their first input unchanged?
#include <algorithm>
#include <limits>

#include "graph/infer_shapes.h"
#include "passes/passes.h"
#include "passes/permutation.h"
#include "passes/rewrite.h"

namespace minnow::passes {
namespace {

using graph::Graph;
using graph::kNoValue;
using graph::Node;
using graph::NodeId;
using graph::ValueId;

// One question an op; those that never are identities fall to the last.
class IsIdentityOp {
 public:
  IsIdentityOp(const Graph& graph, const Node& node) : graph_(graph), node_(node) {}

  bool operator()(const graph::Identity&) const { return true; }
  bool operator()(const graph::Reshape&) const { return KeepsView(); }
  bool operator()(const graph::Flatten&) const { return KeepsView(); }
  bool operator()(const graph::Squeeze&) const { return KeepsView(); }
  bool operator()(const graph::Unsqueeze&) const { return KeepsView(); }
  bool operator()(const graph::Concat&) const { return node_.inputs.size() == 1; }
  bool operator()(const graph::Cast& op) const {
    return graph_.value(node_.inputs[0]).dtype == op.dtype;
  }
  bool operator()(const graph::Expand&) const { return KeepsView() && InShape()->IsStatic(); }
  bool operator()(const graph::Transpose&) const {
    const std::optional<TransposedValue> transposed = AsTranspose(graph_, node_.outputs[0]);
    return transposed && passes::IsIdentity(transposed->perm);
  }
  bool operator()(const graph::Clamp& op) const {
    return op.min == -std::numeric_limits<float>::infinity() &&
           op.max == std::numeric_limits<float>::infinity();
  }
  bool operator()(const graph::Pad& op) const { return IsAll(List(1, op.pads), 0); }
  bool operator()(const graph::Pool2D& op) const {
    const graph::Padding& pad = op.padding;
    const bool no_pad = pad.mode != graph::PadMode::kExplicit ||
                        (pad.top == 0 && pad.left == 0 && pad.bottom == 0 && pad.right == 0);
    return !op.bytes && op.kernel_h == 1 && op.kernel_w == 1 && op.stride_h == 1 &&
           op.stride_w == 1 && no_pad;
  }
  bool operator()(const graph::Slice& op) const {
    if (!InShape() || !OutShape() || !IsAll(List(4, op.steps), 1)) return false;
    const auto axes = List(3, op.axes);
    if (!axes) return false;
    if (axes->empty()) return InShape()->IsStatic() && *InShape() == *OutShape();
    return std::all_of(axes->begin(), axes->end(), [&](int64_t axis) {
      const StatusOr<int> i = NormalizeAxis(axis, InShape()->rank());
      return i.ok() && (*InShape())[*i] != kUnknownDim && (*InShape())[*i] == (*OutShape())[*i];
    });
  }
  // x + 0, x - 0, x * 1, x / 1.
  bool operator()(const graph::Binary& op) const {
    const bool is_sum = op.kind == graph::BinaryKind::kAdd || op.kind == graph::BinaryKind::kSub;
    const bool is_product =
        op.kind == graph::BinaryKind::kMul || op.kind == graph::BinaryKind::kDiv;
    if (!op.activation.IsNone() || (!is_sum && !is_product) || !InShape()) return false;
    const Tensor* tensor = graph_.ConstantOf(node_.inputs[1]);
    const std::optional<double> operand = ConstantScalar(graph_, node_.inputs[1]);
    return operand && *operand == (is_sum ? 0.0 : 1.0) &&
           tensor->shape().rank() <= InShape()->rank();
  }
  template <typename Op>
  bool operator()(const Op&) const {
    return false;
  }

 private:
  const std::optional<Shape>& InShape() const { return graph_.value(node_.inputs[0]).shape; }
  const std::optional<Shape>& OutShape() const { return graph_.value(node_.outputs[0]).shape; }
  bool KeepsView() const { return AreSameView(InShape(), OutShape()); }

  std::optional<std::vector<int64_t>> List(size_t input,
                                           const std::vector<int64_t>& attribute) const {
    const ValueId id = InputOf(node_, input);
    return id == kNoValue ? attribute : graph::ConstantInts(graph_, id);
  }

  static bool IsAll(const std::optional<std::vector<int64_t>>& list, int64_t wanted) {
    return list && std::all_of(list->begin(), list->end(),
                               [wanted](int64_t element) { return element == wanted; });
  }

  const Graph& graph_;
  const Node& node_;
};

}  // namespace

Status RemoveIdentity(Graph* graph) {
  return ForEachNode(graph, [graph](NodeId id) {
    const Node& node = graph->node(id);
    if (!std::visit(IsIdentityOp(*graph, node), node.op)) return OkStatus();
    const ValueId from = node.outputs[0], to = node.inputs[0];
    const bool must_stay = graph->IsOutput(from) && (IsGraphInput(*graph, to) ||
                                                     graph->IsConstant(to) || graph->IsOutput(to));
    if (must_stay) {
      graph->node(id).op = graph::Identity{};
      graph->node(id).inputs = {to};
    } else {
      ReplaceNode(graph, id, to);
    }
    return OkStatus();
  });
}

}  // namespace minnow::passes
