// TensorFlow operators that compute: bias, normalisation, products, activations, reductions.
#include "importers/common_rows.h"
#include "importers/tensorflow/ops.h"

namespace minnow::importers::tensorflow {
namespace {

using graph::Binary;
using graph::BinaryKind;
using graph::Unary;
using graph::UnaryKind;
using graph::ValueId;

// A constant empty list of axes reduces nothing, unlike graph::Reduce's.
Status ImportReduce(const NodeView& node, graph::ReduceKind kind) {
  graph::Reduce reduce;
  reduce.kind = kind;
  reduce.keep_dims = node.Bool("keep_dims", false);
  std::vector<ValueId> inputs = {node.Input(0)};
  if (const std::optional<std::vector<int64_t>> axes = node.ConstantInts(1)) {
    if (axes->empty()) return node.Output(0, graph::Identity{}, std::move(inputs));
    reduce.axes = *axes;
  } else {
    inputs.push_back(node.Input(1));
  }
  return node.Output(0, reduce, std::move(inputs));
}

}  // namespace

// The bias is one number a channel: along the last axis, or along axis 1 in NCHW.
Status ImportBiasAdd(const NodeView& node, ImportContext* context) {
  const ValueId x = node.Input(0);
  ValueId bias = node.Input(1);
  if (ReadLayout(node) == graph::DataLayout::kNCHW) {
    const std::optional<Shape> shape = context->ShapeOf(x);
    const int rank = shape ? shape->rank() : 4;
    graph::Reshape column;
    column.shape.push_back(-1);
    for (int axis = 2; axis < rank; ++axis) column.shape.push_back(1);
    if (rank > 2) bias = node.Add(std::move(column), {bias});
  }
  return node.Output(0, Binary{BinaryKind::kAdd, {}}, {x, bias});
}

Status ImportFusedBatchNorm(const NodeView& node, ImportContext*) {
  if (node.Bool("is_training", true)) {
    return node.Fail(Unsupported("is_training true is not supported"));
  }
  for (size_t i = 1; i < 6; ++i) {
    if (node.OutputUsed(i)) {
      return node.Fail(Unsupported("output %zu, a statistic of training, is read", i));
    }
  }
  const graph::BatchNorm norm{node.Float("epsilon", 1e-4f), ReadLayout(node)};
  return node.Output(0, norm,
                     {node.Input(0), node.Input(1), node.Input(2), node.Input(3), node.Input(4)});
}

Status ImportMatMul(const NodeView& node, ImportContext*) {
  const graph::MatMul op{node.Bool("transpose_a", false), node.Bool("transpose_b", false)};
  return node.Output(0, op, {node.Input(0), node.Input(1)});
}

Status ImportBatchMatMul(const NodeView& node, ImportContext*) {
  const graph::MatMul op{node.Bool("adj_x", false), node.Bool("adj_y", false)};
  return node.Output(0, op, {node.Input(0), node.Input(1)});
}

Status ImportRelu6(const NodeView& node, ImportContext*) {
  return node.Output(0, graph::Clamp{0.0f, 6.0f}, {node.Input(0)});
}

Status ImportElu(const NodeView& node, ImportContext*) {
  return node.Output(0, Unary{UnaryKind::kElu, 1.0f}, {node.Input(0)});
}

Status ImportLeakyRelu(const NodeView& node, ImportContext*) {
  return node.Output(0, Unary{UnaryKind::kLeakyRelu, node.Float("alpha", 0.2f)}, {node.Input(0)});
}

Status ImportSquaredDifference(const NodeView& node, ImportContext*) {
  const ValueId difference = node.Add(Binary{BinaryKind::kSub, {}}, {node.Input(0), node.Input(1)});
  return node.Output(0, Unary{UnaryKind::kSquare}, {difference});
}

Status ImportNotEqual(const NodeView& node, ImportContext*) {
  const ValueId equal = node.Add(Binary{BinaryKind::kEqual, {}}, {node.Input(0), node.Input(1)});
  return node.Output(0, Unary{UnaryKind::kNot}, {equal});
}

Status ImportMean(const NodeView& node, ImportContext*) {
  return ImportReduce(node, graph::ReduceKind::kMean);
}

Status ImportSum(const NodeView& node, ImportContext*) {
  return ImportReduce(node, graph::ReduceKind::kSum);
}

Status ImportMax(const NodeView& node, ImportContext*) {
  return ImportReduce(node, graph::ReduceKind::kMax);
}

Status ImportMin(const NodeView& node, ImportContext*) {
  return ImportReduce(node, graph::ReduceKind::kMin);
}

Status ImportProd(const NodeView& node, ImportContext*) {
  return ImportReduce(node, graph::ReduceKind::kProd);
}

Status ImportSoftmax(const NodeView& node, ImportContext*) {
  return node.Output(0, graph::Softmax{-1, false}, {node.Input(0)});
}

Status ImportLogSoftmax(const NodeView& node, ImportContext*) {
  return node.Output(0, graph::Softmax{-1, true}, {node.Input(0)});
}

// Unlike SelectV2 a list of conditions chooses whole rows, which is not numpy's broadcasting.
Status ImportSelect(const NodeView& node, ImportContext* context) {
  const std::optional<Shape> condition = context->ShapeOf(node.Input(0));
  const std::optional<Shape> x = context->ShapeOf(node.Input(1));
  if (!condition || !x || (condition->rank() != 0 && condition->rank() != x->rank())) {
    return node.Fail(
        Unsupported("a condition that is neither a scalar nor of the rank of its "
                    "choices is not supported"));
  }
  return ImportWhere(node, context);
}

}  // namespace minnow::importers::tensorflow
