// TensorFlow Lite operators that slide a window: convolutions and pools. All are NHWC.
#include "importers/tflite/ops.h"

namespace minnow::importers::tflite {
namespace {

using graph::ValueId;

graph::Padding ReadPadding(const Node& node, int field) {
  graph::Padding padding;
  const int kind = node.options().S8(field, 0);
  padding.mode = kind == 0 ? graph::PadMode::kSameUpper : graph::PadMode::kValid;
  if (kind != 0 && kind != 1) node.Record(InvalidModel("the padding %d", kind));
  return padding;
}

// The last dimension of an input of rank 4; 0 and an error where there is none.
int64_t ChannelsOf(const Node& node, size_t i) {
  const Shape shape = node.InputShape(i);
  if (shape.rank() == 4 && shape[3] > 0) return shape[3];
  node.Record(InvalidModel("input %zu has the shape %s, expected 4 dimensions and known channels",
                           i, shape.ToString().c_str()));
  return 0;
}

Status OutputConv(const Node& node, const graph::Conv2D& conv, ValueId weights) {
  return node.OutputReal(0, conv, {node.Real(0), weights, node.OptionalReal(2)});
}

// [1,H,W,O] as OHWI: constant ones at once, so that they stay integers.
ValueId DepthwiseWeights(const Node& node) {
  const std::optional<Quantization> q = node.InputQuantization(1);
  const Tensor* constant = node.Constant(1);
  if (constant == nullptr) return node.Add(graph::Transpose{{3, 1, 2, 0}}, {node.Real(1)});
  const ValueId stored = node.AddConstant(DepthwiseToOhwi(*constant));
  if (!q) return stored;
  if (q->scales.size() > 1 && q->axis != 3) {
    node.Record(Unsupported("depthwise weights with scales along axis %d", q->axis));
  }
  return node.Dequantized(1, stored, 0);
}

// Conv2DOptions and DepthwiseConv2DOptions are alike but for one field before the activation.
graph::Conv2D ReadConv(const Node& node, int activation_field) {
  graph::Conv2D conv;
  conv.padding = ReadPadding(node, 0);
  conv.stride_w = node.options().S32(1, 0);
  conv.stride_h = node.options().S32(2, 0);
  conv.activation = ReadActivation(node, activation_field);
  conv.dilation_w = node.options().S32(activation_field + 1, 1);
  conv.dilation_h = node.options().S32(activation_field + 2, 1);
  return conv;
}

Status ImportPool(const Node& node, graph::PoolKind kind) {
  graph::Pool2D pool;
  pool.kind = kind;
  pool.padding = ReadPadding(node, 0);
  pool.stride_w = node.options().S32(1, 0);
  pool.stride_h = node.options().S32(2, 0);
  pool.kernel_w = node.options().S32(3, 0);
  pool.kernel_h = node.options().S32(4, 0);
  const graph::Activation activation = ReadActivation(node, 5);
  if (kind == graph::PoolKind::kMax && activation.IsNone()) return node.OutputMoved(pool);
  return OutputActivated(node, pool, {node.Real(0)}, activation);
}

}  // namespace

Status ImportConv2D(const Node& node) {
  graph::Conv2D conv = ReadConv(node, 3);
  const int64_t channels = ChannelsOf(node, 0), group_channels = ChannelsOf(node, 1);
  if (channels == 0 || group_channels == 0) return node.Fail(OkStatus());
  if (channels % group_channels != 0) {
    return node.Fail(InvalidModel("weights for %lld of %lld channels",
                                  static_cast<long long>(group_channels),
                                  static_cast<long long>(channels)));
  }
  conv.groups = channels / group_channels;
  return OutputConv(node, conv, node.Real(1));
}

Status ImportDepthwiseConv2D(const Node& node) {
  graph::Conv2D conv = ReadConv(node, 4);
  conv.groups = ChannelsOf(node, 0);
  if (conv.groups == 0) return node.Fail(OkStatus());
  return OutputConv(node, conv, DepthwiseWeights(node));
}

Status ImportAveragePool2D(const Node& node) { return ImportPool(node, graph::PoolKind::kAverage); }

Status ImportMaxPool2D(const Node& node) { return ImportPool(node, graph::PoolKind::kMax); }

}  // namespace minnow::importers::tflite
