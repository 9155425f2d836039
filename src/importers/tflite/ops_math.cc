// TensorFlow Lite operators that compute, and those between integers and real numbers.
#include "importers/tflite/ops.h"

namespace minnow::importers::tflite {
namespace {

using graph::BinaryKind;
using graph::ValueId;

ValueId AddScalar(const Node& node, float value) {
  return node.AddConstant(Tensor::From(Shape{}, &value));
}

}  // namespace

// The input is flattened to rows of the weights' length; with keep_num_dims it keeps its dims.
Status ImportFullyConnected(const Node& node) {
  const Shape weights = node.InputShape(1);
  if (weights.rank() != 2 || weights[1] <= 0) {
    return node.Fail(InvalidModel("the weights have the shape %s, expected [outputs, inputs]",
                                  weights.ToString().c_str()));
  }
  if (const int format = node.options().S8(1, 0); format != 0) {
    return node.Fail(Unsupported("the weights format %d", format));
  }
  graph::FullyConnected product;
  product.activation = ReadActivation(node, 0);
  const Shape shape = node.InputShape(0);
  const bool keeps_dims = node.options().Bool(2, false);
  if (keeps_dims || (shape.rank() == 2 && shape[1] == weights[1])) {
    return node.OutputReal(0, product, {node.Real(0), node.Real(1), node.OptionalReal(2)});
  }
  ValueId x = node.Add(graph::Reshape{{-1, weights[1]}, false}, {node.Stored(0)});
  if (node.InputQuantization(0)) x = node.Dequantized(0, x, 0);
  return node.OutputReal(0, product, {x, node.Real(1), node.OptionalReal(2)});
}

Status ImportLeakyRelu(const Node& node) {
  const float alpha = node.options().F32(0, 0.0f);
  return node.OutputReal(0, graph::Unary{graph::UnaryKind::kLeakyRelu, alpha}, {node.Real(0)});
}

// max(x, 0) + slope * min(x, 0)
Status ImportPrelu(const Node& node) {
  const ValueId x = node.Real(0), zero = AddScalar(node, 0.0f);
  const ValueId above = node.Add(graph::Binary{BinaryKind::kMax, {}}, {x, zero});
  const ValueId below = node.Add(graph::Binary{BinaryKind::kMin, {}}, {x, zero});
  const ValueId scaled = node.Add(graph::Binary{BinaryKind::kMul, {}}, {below, node.Real(1)});
  return node.OutputReal(0, graph::Binary{BinaryKind::kAdd, {}}, {above, scaled});
}

Status ImportSoftmax(const Node& node) {
  const float beta = node.options().F32(0, 0.0f);
  ValueId x = node.Real(0);
  if (beta != 1.0f) {
    x = node.Add(graph::Binary{BinaryKind::kMul, {}}, {x, AddScalar(node, beta)});
  }
  return node.OutputReal(0, graph::Softmax{-1, false}, {x});
}

Status ImportLogSoftmax(const Node& node) {
  return node.OutputReal(0, graph::Softmax{-1, true}, {node.Real(0)});
}

Status ImportSquaredDifference(const Node& node) {
  const ValueId difference =
      node.Add(graph::Binary{BinaryKind::kSub, {}}, {node.Real(0), node.Real(1)});
  return node.OutputReal(0, graph::Unary{graph::UnaryKind::kSquare}, {difference});
}

Status ImportQuantize(const Node& node) {
  return node.OutputReal(0, graph::Identity{}, {node.Real(0)});
}

// Of f16 weights too.
Status ImportDequantize(const Node& node) {
  if (node.InputQuantization(0)) return node.OutputReal(0, graph::Identity{}, {node.Real(0)});
  return node.OutputReal(0, graph::Cast{DType::kF32}, {node.Stored(0)});
}

}  // namespace minnow::importers::tflite
