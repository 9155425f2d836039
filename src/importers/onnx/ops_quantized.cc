// ONNX operators of quantised models. Those on integers (QLinear…) are written out in real numbers
// between DequantizeLinear and QuantizeLinear; the pass fuse_quantized finds the integers again.
#include <utility>

#include "importers/common_rows.h"
#include "importers/onnx/ops.h"
#include "importers/onnx/tensors.h"

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

}  // namespace minnow::importers::onnx
