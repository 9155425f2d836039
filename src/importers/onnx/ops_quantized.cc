// ONNX operators of quantised models. Those on integers (QLinear…) are written out in real numbers
// between DequantizeLinear and QuantizeLinear; the pass fuse_quantized finds the integers again.
#include <utility>

#include "importers/common_rows.h"
#include "importers/onnx/ops.h"
#include "importers/onnx/tensors.h"
#include "importers/onnx/wiring.h"

namespace minnow::importers::onnx {
namespace {

using graph::kNoValue;
using graph::ValueId;

// `inputs` x, scale and zero point: the last may be kNoValue.
ValueId Dequantized(const NodeView& node, std::vector<ValueId> inputs, int64_t axis) {
  if (inputs.back() == kNoValue) inputs.pop_back();
  return node.Add(graph::Dequantize{axis}, std::move(inputs));
}

// The i32 bias of a QLinearConv has the scale x_scale * w_scale.
StatusOr<Tensor> BiasScale(const NodeView& node) {
  const Tensor* x = node.ConstantInput(1);
  const Tensor* w = node.ConstantInput(4);
  if (x == nullptr || w == nullptr) return Unsupported("scales computed at run time");
  if (x->dtype() != DType::kF32 || w->dtype() != DType::kF32 || x->ElementCount() != 1) {
    return InvalidModel("the scales are %s%s and %s%s", DTypeName(x->dtype()),
                        x->shape().ToString().c_str(), DTypeName(w->dtype()),
                        w->shape().ToString().c_str());
  }
  StatusOr<Tensor> scale = Tensor::Allocate(DType::kF32, w->shape());
  if (!scale.ok()) return scale;
  for (int64_t i = 0; i < w->ElementCount(); ++i) {
    scale->mutable_as<float>()[i] = x->as<float>()[0] * w->as<float>()[i];
  }
  return scale;
}

// Output 0 is Quantize(`real`) by inputs `first` (scale) and first + 1 (zero point).
Status OutputQuantized(const NodeView& node, ValueId real, size_t first) {
  return node.Output(0, graph::Quantize{}, {real, node.Input(first), node.Input(first + 1)});
}

// Input `index` less its zero point, exactly: integers and their products fit in f64.
ValueId Centred(const NodeView& node, const Wiring& w, size_t index, ValueId zero_point) {
  const ValueId x = w.Cast(node.Input(index), DType::kF64);
  return zero_point == kNoValue ? x : w.Sub(x, w.Cast(zero_point, DType::kF64));
}

// A zero point a row (or an output channel) as a column of `rank` dimensions; a scalar as it is.
ValueId AlongRows(const Wiring& w, ImportContext* context, ValueId zero_point, int rank) {
  const std::optional<Shape> shape = context->ShapeOf(zero_point);
  if (!shape || shape->rank() != 1 || (*shape)[0] == 1) return zero_point;
  return w.Unsqueeze(zero_point, AxesBetween(1, rank));
}

Status CheckNoBlocks(const NodeView& node) {
  if (node.Int("block_size", 0) == 0) return OkStatus();
  return node.Fail(Unsupported("quantisation in blocks is not supported"));
}

}  // namespace

Status ImportQuantizeLinear(const NodeView& node, ImportContext* context) {
  MINNOW_RETURN_IF_ERROR(CheckNoBlocks(node));
  const graph::Quantize quantize{node.Int("axis", 1)};
  const ValueId x = node.Input(0), scale = node.Input(1);
  if (node.HasInput(2)) return node.Output(0, quantize, {x, scale, node.Input(2)});
  const std::optional<DType> dtype = ToDType(node.Int("output_dtype", 0));
  StatusOr<Tensor> zero = Tensor::Allocate(dtype.value_or(DType::kU8), Shape{});
  if (!zero.ok()) return node.Fail(zero.status());
  const ValueId zero_point =
      context->graph().AddConstant(node.OutputName(0) + "/zero_point", std::move(*zero));
  return node.Output(0, quantize, {x, scale, zero_point});
}

Status ImportDequantizeLinear(const NodeView& node, ImportContext*) {
  MINNOW_RETURN_IF_ERROR(CheckNoBlocks(node));
  const graph::Dequantize dequantize{node.Int("axis", 1)};
  std::vector<ValueId> inputs = {node.Input(0), node.Input(1)};
  if (node.HasInput(2)) inputs.push_back(node.Input(2));
  return node.Output(0, dequantize, std::move(inputs));
}

Status ImportQLinearConv(const NodeView& node, ImportContext* context) {
  const ValueId x = Dequantized(node, {node.Input(0), node.Input(1), node.Input(2)}, 1);
  const ValueId weights = Dequantized(node, {node.Input(3), node.Input(4), node.Input(5)}, 0);
  MINNOW_RETURN_IF_ERROR(context->status());
  const StatusOr<graph::Conv2D> conv = ReadConv(node, context, weights);
  if (!conv.ok()) return conv.status();
  std::vector<ValueId> inputs = {x, weights};
  if (node.HasInput(8)) {
    StatusOr<Tensor> scale = BiasScale(node);
    if (!scale.ok()) return node.Fail(scale.status());
    const ValueId bias_scale =
        context->graph().AddConstant(node.OutputName(0) + "/bias_scale", std::move(*scale));
    inputs.push_back(Dequantized(node, {node.Input(8), bias_scale, kNoValue}, 0));
  }
  return OutputQuantized(node, node.Add(*conv, std::move(inputs)), 6);
}

// Scales of b may be one a column.
Status ImportQLinearMatMul(const NodeView& node, ImportContext*) {
  const ValueId a = Dequantized(node, {node.Input(0), node.Input(1), node.Input(2)}, -2);
  const ValueId b = Dequantized(node, {node.Input(3), node.Input(4), node.Input(5)}, -1);
  return OutputQuantized(node, node.Add(graph::MatMul{}, {a, b}), 6);
}

Status ImportMatMulInteger(const NodeView& node, ImportContext* context) {
  const Wiring w(node, context);
  const ValueId a_zero = AlongRows(w, context, node.OptionalInput(2), 2);
  const ValueId a = Centred(node, w, 0, a_zero);
  const ValueId b = Centred(node, w, 1, node.OptionalInput(3));
  return node.Output(0, graph::Cast{DType::kS32}, {node.Add(graph::MatMul{}, {a, b})});
}

Status ImportConvInteger(const NodeView& node, ImportContext* context) {
  const Wiring w(node, context);
  const ValueId x = Centred(node, w, 0, node.OptionalInput(2));
  const ValueId zero = AlongRows(w, context, node.OptionalInput(3), 4);
  const ValueId weights = Centred(node, w, 1, zero);
  const StatusOr<graph::Conv2D> conv = ReadConv(node, context, weights);
  if (!conv.ok()) return conv.status();
  return node.Output(0, graph::Cast{DType::kS32}, {node.Add(*conv, {x, weights})});
}

// u8 over the range of x and zero: scale = (max - min) / 255.
Status ImportDynamicQuantizeLinear(const NodeView& node, ImportContext* context) {
  using graph::BinaryKind;
  using graph::ReduceKind;
  const Wiring w(node, context);
  const ValueId x = node.Input(0), nothing = w.Like(0.0, x), steps = w.Like(255.0, x);
  const ValueId max = w.Reduce(ReduceKind::kMax, x, {}, false);
  const ValueId min = w.Reduce(ReduceKind::kMin, x, {}, false);
  const ValueId high = w.Binary(BinaryKind::kMax, max, nothing);
  const ValueId low = w.Binary(BinaryKind::kMin, min, nothing);
  const ValueId scale = w.Div(w.Sub(high, low), steps);
  const ValueId place = w.Unary(graph::UnaryKind::kNeg, w.Div(low, scale));
  const ValueId rounded =
      w.Unary(graph::UnaryKind::kRound, node.Add(graph::Clamp{0.0f, 255.0f}, {place}));
  const ValueId zero_point = w.Cast(rounded, DType::kU8);
  MINNOW_RETURN_IF_ERROR(node.Output(0, graph::Quantize{}, {x, scale, zero_point}));
  MINNOW_RETURN_IF_ERROR(node.Output(1, graph::Identity{}, {scale}));
  return node.Output(2, graph::Identity{}, {zero_point});
}

}  // namespace minnow::importers::onnx
