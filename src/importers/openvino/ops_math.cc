// OpenVINO operators that compute: products, normalisation, activations, reductions.
#include <cmath>
#include <limits>

#include "importers/common_rows.h"
#include "importers/openvino/attributes.h"
#include "importers/openvino/ops.h"

namespace minnow::importers::openvino {
namespace {

using graph::Binary;
using graph::BinaryKind;
using graph::Unary;
using graph::UnaryKind;
using graph::ValueId;

constexpr float kInfinity = std::numeric_limits<float>::infinity();

ValueId Wire(const NodeView& node, BinaryKind kind, ValueId a, ValueId b) {
  return node.Add(Binary{kind, {}}, {a, b});
}

ValueId Scalar(const NodeView& node, float value) { return node.AddConstant(Shape(), {value}); }

float RequiredNumber(const NodeView& node, size_t index, const char* what) {
  const std::optional<double> number = node.ConstantNumber(index);
  if (!number) node.Record(Unsupported("%s is not a constant number", what));
  return static_cast<float>(number.value_or(0.0));
}

// 0.5 x (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3)))
Status OutputTanhGelu(const NodeView& node, ValueId x) {
  const ValueId square = node.Add(Unary{UnaryKind::kSquare}, {x});
  const ValueId cubic = Wire(node, BinaryKind::kMul, square, Scalar(node, 0.044715f));
  const ValueId factor = Wire(node, BinaryKind::kAdd, cubic, Scalar(node, 1.0f));
  const ValueId inner = Wire(node, BinaryKind::kMul, x, factor);
  const ValueId scaled = Wire(node, BinaryKind::kMul, inner, Scalar(node, 0.7978845608f));
  const ValueId tanh = node.Add(Unary{UnaryKind::kTanh}, {scaled});
  const ValueId sum = Wire(node, BinaryKind::kAdd, tanh, Scalar(node, 1.0f));
  const ValueId half = Wire(node, BinaryKind::kMul, x, Scalar(node, 0.5f));
  return node.Output(0, Binary{BinaryKind::kMul, {}}, {half, sum});
}

// A list of one number a channel, as [C,1,1] beside a value of rank 4. kNoValue after an error.
ValueId PerChannel(const NodeView& node, ImportContext* context, ValueId x, ValueId list) {
  const std::optional<Shape> x_shape = context->ShapeOf(x), shape = context->ShapeOf(list);
  if (!shape || shape->rank() != 1 || (*shape)[0] == 1) return list;
  if (!x_shape) node.Record(Unsupported("a slope for each channel of an input of unknown rank"));
  std::vector<int64_t> dims(
      x_shape && x_shape->rank() > 2 ? static_cast<size_t>(x_shape->rank()) - 1 : size_t{1}, 1);
  dims[0] = -1;
  return node.Add(graph::Reshape{dims, false}, {list});
}

}  // namespace

Status CheckBroadcast(const NodeView& node) {
  const std::string_view rule = node.Text("auto_broadcast", "numpy");
  if (rule == "numpy" || rule == "none") return OkStatus();
  return node.Fail(
      Unsupported("auto_broadcast %s is not supported (numpy and none are)", Quote(rule).c_str()));
}

// In operator set 1 the order is scale, offset, data, mean, variance; files that say so but have
// the data first exist as well.
Status ImportBatchNormInference(const NodeView& node, ImportContext* context) {
  const graph::BatchNorm norm{ReadFloat(node, "epsilon", ReadFloat(node, "eps", 1e-5f)),
                              graph::DataLayout::kNCHW};
  const ValueId first = node.Input(0), second = node.Input(1), third = node.Input(2);
  const std::optional<Shape> shape = context->ShapeOf(first);
  if (shape && shape->rank() == 1) {
    return node.Output(0, norm, {third, first, second, node.Input(3), node.Input(4)});
  }
  return node.Output(0, norm, {first, second, third, node.Input(3), node.Input(4)});
}

Status ImportClamp(const NodeView& node, ImportContext*) {
  const graph::Clamp clamp{ReadFloat(node, "min", -kInfinity), ReadFloat(node, "max", kInfinity)};
  if (std::isnan(clamp.min) || std::isnan(clamp.max)) {
    return node.Fail(InvalidModel("a bound is not a number"));
  }
  return node.Output(0, clamp, {node.Input(0)});
}

Status ImportElu(const NodeView& node, ImportContext*) {
  const Unary elu{UnaryKind::kElu, ReadFloat(node, "alpha", 1.0f)};
  return node.Output(0, elu, {node.Input(0)});
}

Status ImportGelu(const NodeView& node, ImportContext*) {
  const std::string_view mode = node.Text("approximation_mode", "ERF");
  const bool is_tanh = mode == "TANH" || mode == "tanh";
  if (is_tanh) return OutputTanhGelu(node, node.Input(0));
  if (mode != "ERF" && mode != "erf") {
    return node.Fail(InvalidModel("approximation_mode is %s", Quote(mode).c_str()));
  }
  return node.Output(0, Unary{UnaryKind::kGelu}, {node.Input(0)});
}

// min(max(x + 3, 0), 6) / 6
Status ImportHSigmoid(const NodeView& node, ImportContext*) {
  return node.Output(0, Unary{UnaryKind::kHardSigmoid, 1.0f / 6.0f, 0.5f}, {node.Input(0)});
}

Status ImportHardSigmoid(const NodeView& node, ImportContext*) {
  const Unary op{UnaryKind::kHardSigmoid, RequiredNumber(node, 1, "alpha"),
                 RequiredNumber(node, 2, "beta")};
  return node.Output(0, op, {node.Input(0)});
}

Status ImportMatMul(const NodeView& node, ImportContext*) {
  const graph::MatMul product{ReadBool(node, "transpose_a", false),
                              ReadBool(node, "transpose_b", false)};
  return node.Output(0, product, {node.Input(0), node.Input(1)});
}

// x tanh(log(1 + exp(x)))
Status ImportMish(const NodeView& node, ImportContext*) {
  const ValueId x = node.Input(0);
  const ValueId softplus = node.Add(Unary{UnaryKind::kSoftplus}, {x});
  const ValueId tanh = node.Add(Unary{UnaryKind::kTanh}, {softplus});
  return node.Output(0, Binary{BinaryKind::kMul, {}}, {x, tanh});
}

Status ImportNotEqual(const NodeView& node, ImportContext*) {
  MINNOW_RETURN_IF_ERROR(CheckBroadcast(node));
  const ValueId equal = Wire(node, BinaryKind::kEqual, node.Input(0), node.Input(1));
  return node.Output(0, Unary{UnaryKind::kNot}, {equal});
}

// x < 0 ? slope * x : x
Status ImportPRelu(const NodeView& node, ImportContext* context) {
  const ValueId x = node.Input(0);
  if (const std::optional<double> slope = node.ConstantNumber(1)) {
    const Unary leaky{UnaryKind::kLeakyRelu, static_cast<float>(*slope)};
    return node.Output(0, leaky, {x});
  }
  const ValueId slope = PerChannel(node, context, x, node.Input(1));
  const ValueId positive = node.Add(graph::Clamp{0.0f, kInfinity}, {x});
  const ValueId negative = node.Add(graph::Clamp{-kInfinity, 0.0f}, {x});
  const ValueId scaled = Wire(node, BinaryKind::kMul, negative, slope);
  return node.Output(0, Binary{BinaryKind::kAdd, {}}, {positive, scaled});
}

// An empty list of axes reduces nothing.
Status ImportReduce(const NodeView& node, graph::ReduceKind kind) {
  graph::Reduce reduce;
  reduce.kind = kind;
  reduce.keep_dims = ReadBool(node, "keep_dims", false);
  const ValueId x = node.Input(0);
  const std::optional<std::vector<int64_t>> axes = node.ConstantInts(1);
  if (!axes) return node.Output(0, reduce, {x, node.Input(1)});
  if (axes->empty()) return node.Output(0, graph::Identity{}, {x});
  reduce.axes = *axes;
  return node.Output(0, reduce, {x});
}

Status ImportRound(const NodeView& node, ImportContext* context) {
  const std::string_view mode = node.Text("mode", "half_to_even");
  if (mode != "half_to_even" && mode != "HALF_TO_EVEN") {
    return node.Fail(
        Unsupported("mode %s is not supported (half_to_even is)", Quote(mode).c_str()));
  }
  return ImportUnary<UnaryKind::kRound>(node, context);
}

Status ImportSoftmax(const NodeView& node, ImportContext*) {
  return node.Output(0, graph::Softmax{ReadInt(node, "axis", 1), false}, {node.Input(0)});
}

Status ImportLogSoftmax(const NodeView& node, ImportContext*) {
  return node.Output(0, graph::Softmax{ReadInt(node, "axis", -1), true}, {node.Input(0)});
}

Status ImportSquaredDifference(const NodeView& node, ImportContext*) {
  MINNOW_RETURN_IF_ERROR(CheckBroadcast(node));
  const ValueId difference = Wire(node, BinaryKind::kSub, node.Input(0), node.Input(1));
  return node.Output(0, Unary{UnaryKind::kSquare}, {difference});
}

// x sigmoid(beta x)
Status ImportSwish(const NodeView& node, ImportContext*) {
  const ValueId x = node.Input(0);
  const ValueId scaled = node.HasInput(1) ? Wire(node, BinaryKind::kMul, x, node.Input(1)) : x;
  const ValueId sigmoid = node.Add(Unary{UnaryKind::kSigmoid}, {scaled});
  return node.Output(0, Binary{BinaryKind::kMul, {}}, {x, sigmoid});
}

}  // namespace minnow::importers::openvino
