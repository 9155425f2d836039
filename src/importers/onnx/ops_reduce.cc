// ONNX operators that reduce axes or run along one: sums and norms, extremes and their places.
#include <limits>

#include "importers/common_rows.h"
#include "importers/onnx/ops.h"
#include "importers/onnx/wiring.h"

namespace minnow::importers::onnx {
namespace {

using graph::BinaryKind;
using graph::kNoValue;
using graph::ReduceKind;
using graph::UnaryKind;
using graph::ValueId;

// The axes are an attribute before opset 13 (ReduceSum) or 18 (the others), then an input.
struct ReducePlan {
  graph::Reduce op;
  ValueId axes = kNoValue;  // where they are computed
  bool does_nothing = false;
};

ReducePlan ReadReduce(const NodeView& node, ImportContext* context, ReduceKind kind) {
  ReducePlan plan;
  plan.op.kind = kind;
  plan.op.axes = node.Ints("axes");
  plan.op.keep_dims = node.Bool("keepdims", true);
  if (const std::optional<std::vector<int64_t>> axes = node.ConstantInts(1)) {
    plan.op.axes = *axes;
  } else {
    plan.axes = node.OptionalInput(1);
  }
  const std::optional<Shape> list = context->ShapeOf(plan.axes);
  const bool is_empty = plan.axes == kNoValue ? plan.op.axes.empty() : list && *list == Shape{0};
  plan.does_nothing = is_empty && node.Bool("noop_with_empty_axes", false);
  return plan;
}

std::vector<ValueId> InputsOf(const ReducePlan& plan, ValueId x) {
  return plan.axes == kNoValue ? std::vector<ValueId>{x} : std::vector<ValueId>{x, plan.axes};
}

Status OutputReduced(const NodeView& node, const ReducePlan& plan, ValueId x) {
  if (plan.does_nothing) return node.Output(0, graph::Identity{}, {x});
  return node.Output(0, plan.op, InputsOf(plan, x));
}

ValueId Reduced(const NodeView& node, const ReducePlan& plan, ValueId x) {
  return plan.does_nothing ? x : node.Add(plan.op, InputsOf(plan, x));
}

Status ImportArgReduce(const NodeView& node, bool min) {
  graph::ArgReduce op;
  op.min = min;
  op.axis = node.Int("axis", 0);
  op.keep_dims = node.Bool("keepdims", true);
  op.last = node.Bool("select_last_index", false);
  return node.Output(0, op, {node.Input(0)});
}

}  // namespace

template <ReduceKind kKind>
Status ImportReduce(const NodeView& node, ImportContext* context) {
  return OutputReduced(node, ReadReduce(node, context, kKind), node.Input(0));
}
template Status ImportReduce<ReduceKind::kMean>(const NodeView&, ImportContext*);
template Status ImportReduce<ReduceKind::kSum>(const NodeView&, ImportContext*);
template Status ImportReduce<ReduceKind::kMax>(const NodeView&, ImportContext*);
template Status ImportReduce<ReduceKind::kMin>(const NodeView&, ImportContext*);
template Status ImportReduce<ReduceKind::kProd>(const NodeView&, ImportContext*);

Status ImportReduceL1(const NodeView& node, ImportContext* context) {
  const Wiring w(node, context);
  return OutputReduced(node, ReadReduce(node, context, ReduceKind::kSum),
                       w.Unary(UnaryKind::kAbs, node.Input(0)));
}

Status ImportReduceL2(const NodeView& node, ImportContext* context) {
  const Wiring w(node, context);
  const ValueId squares = w.Unary(UnaryKind::kSquare, node.Input(0));
  const ValueId sum = Reduced(node, ReadReduce(node, context, ReduceKind::kSum), squares);
  return node.Output(0, graph::Unary{UnaryKind::kSqrt}, {sum});
}

Status ImportReduceSumSquare(const NodeView& node, ImportContext* context) {
  const Wiring w(node, context);
  return OutputReduced(node, ReadReduce(node, context, ReduceKind::kSum),
                       w.Unary(UnaryKind::kSquare, node.Input(0)));
}

Status ImportReduceLogSum(const NodeView& node, ImportContext* context) {
  const ValueId sum = Reduced(node, ReadReduce(node, context, ReduceKind::kSum), node.Input(0));
  return node.Output(0, graph::Unary{UnaryKind::kLog}, {sum});
}

// max + log(sum(exp(x - max))), so that nothing overflows; the maximum kept finite.
Status ImportReduceLogSumExp(const NodeView& node, ImportContext* context) {
  const Wiring w(node, context);
  constexpr float kLargest = std::numeric_limits<float>::max();
  const graph::Clamp finite{-kLargest, kLargest};
  const ValueId x = node.Input(0);
  ReducePlan max = ReadReduce(node, context, ReduceKind::kMax);
  const ValueId shift = node.Add(finite, {Reduced(node, max, x)});
  max.op.keep_dims = true;
  const ValueId kept = node.Add(finite, {Reduced(node, max, x)});
  const ValueId powers = w.Unary(UnaryKind::kExp, w.Sub(x, kept));
  const ValueId sum = Reduced(node, ReadReduce(node, context, ReduceKind::kSum), powers);
  const graph::Binary add{BinaryKind::kAdd, {}};
  return node.Output(0, add, {w.Unary(UnaryKind::kLog, sum), shift});
}

Status ImportArgMax(const NodeView& node, ImportContext*) { return ImportArgReduce(node, false); }
Status ImportArgMin(const NodeView& node, ImportContext*) { return ImportArgReduce(node, true); }

Status ImportCumSum(const NodeView& node, ImportContext*) {
  const graph::CumSum op{node.Bool("exclusive", false), node.Bool("reverse", false)};
  return node.Output(0, op, {node.Input(0), node.Input(1)});
}

// 1 at the first largest element of each line, 0 elsewhere. Before opset 13 the input counts as a
// matrix cut before `axis`.
Status ImportHardmax(const NodeView& node, ImportContext* context) {
  const Wiring w(node, context);
  const bool is_matrix = context->opset() < 13;
  int64_t axis = node.Int("axis", is_matrix ? 1 : -1);
  const ValueId input = node.Input(0);
  ValueId x = input;
  if (is_matrix) {
    x = node.Add(graph::Flatten{axis}, {x});
    axis = -1;
  }
  const int rank = w.RankOf(x);
  MINNOW_RETURN_IF_ERROR(context->status());
  const StatusOr<int> normal = NormalizeAxis(axis, rank);
  if (!normal.ok()) return node.Fail(normal.status());
  std::vector<int64_t> line(static_cast<size_t>(rank - *normal), 1);
  line[0] = -1;
  const ValueId largest = node.Add(graph::ArgReduce{false, *normal, true, false}, {x});
  const ValueId places = w.Reshape(w.Count(w.DimOf(x, *normal)), line);
  const ValueId hits = w.Binary(BinaryKind::kEqual, largest, places);
  const graph::Cast cast{w.DTypeOf(x)};
  if (!is_matrix) return node.Output(0, cast, {hits});
  const ValueId shape = node.Add(graph::ShapeOf{}, {input});
  return node.Output(0, graph::Reshape{{}, true}, {node.Add(cast, {hits}), shape});
}

}  // namespace minnow::importers::onnx
