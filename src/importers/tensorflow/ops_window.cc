// TensorFlow convolutions and poolings. Attributes list all four axes in the order of data_format.
#include "importers/common_rows.h"
#include "importers/tensorflow/ops.h"

namespace minnow::importers::tensorflow {
namespace {

using graph::DataLayout;
using graph::Padding;
using graph::PadMode;
using graph::ValueId;

struct Pair {
  int64_t h = 1, w = 1;
};

// The spatial two of a list of four numbers; the other two must be 1.
Pair ReadPair(const NodeView& node, const char* name, DataLayout layout) {
  const std::vector<int64_t> list = node.Ints(name);
  if (!CheckWindowList(node, list, 4, 1, name).ok() || list.empty()) return {};
  const size_t h = layout == DataLayout::kNHWC ? 1 : 2;
  const size_t channel = layout == DataLayout::kNHWC ? 3 : 1;
  if (list[0] != 1 || list[channel] != 1) {
    node.Record(Unsupported("%s over batch or channels is not supported", name));
  }
  return {list[h], list[h + 1]};
}

Padding ReadPadding(const NodeView& node, DataLayout layout) {
  Padding padding;
  const std::string_view mode = node.Text("padding", "");
  if (mode == "SAME") {
    padding.mode = PadMode::kSameUpper;
  } else if (mode == "VALID") {
    padding.mode = PadMode::kValid;
  } else if (mode != "EXPLICIT") {
    node.Record(
        InvalidModel("padding is %s, SAME, VALID or EXPLICIT was expected", Quote(mode).c_str()));
  } else {
    const std::vector<int64_t> pads = node.Ints("explicit_paddings");
    if (pads.empty()) node.Record(InvalidModel("attribute \"explicit_paddings\" is missing"));
    if (!CheckWindowList(node, pads, 8, 0, "explicit_paddings").ok() || pads.empty())
      return padding;
    const size_t h = layout == DataLayout::kNHWC ? 2 : 4;
    const size_t channel = layout == DataLayout::kNHWC ? 6 : 2;
    if (pads[0] != 0 || pads[1] != 0 || pads[channel] != 0 || pads[channel + 1] != 0) {
      node.Record(Unsupported("explicit_paddings of batch or channels are not supported"));
    }
    padding = {PadMode::kExplicit, pads[h], pads[h + 2], pads[h + 1], pads[h + 3]};
  }
  return padding;
}

graph::Conv2D ReadConv(const NodeView& node) {
  graph::Conv2D conv;
  conv.layout = ReadLayout(node);
  const Pair stride = ReadPair(node, "strides", conv.layout);
  const Pair dilation = ReadPair(node, "dilations", conv.layout);
  conv.stride_h = stride.h;
  conv.stride_w = stride.w;
  conv.dilation_h = dilation.h;
  conv.dilation_w = dilation.w;
  conv.padding = ReadPadding(node, conv.layout);
  return conv;
}

Status ImportPool(const NodeView& node, graph::PoolKind kind) {
  graph::Pool2D pool;
  pool.kind = kind;
  pool.layout = ReadLayout(node);
  if (node.Ints("ksize").empty()) node.Record(InvalidModel("attribute \"ksize\" is missing"));
  const Pair kernel = ReadPair(node, "ksize", pool.layout);
  const Pair stride = ReadPair(node, "strides", pool.layout);
  pool.kernel_h = kernel.h;
  pool.kernel_w = kernel.w;
  pool.stride_h = stride.h;
  pool.stride_w = stride.w;
  pool.padding = ReadPadding(node, pool.layout);
  return node.Output(0, pool, {node.Input(0)});
}

}  // namespace

Status ImportConv2D(const NodeView& node, ImportContext*) {
  graph::Conv2D conv = ReadConv(node);
  conv.weight_layout = graph::WeightLayout::kHWIO;
  return node.Output(0, conv, {node.Input(0), node.Input(1)});
}

// Weights [H, W, C, multiplier]: as many groups as channels.
Status ImportDepthwiseConv2dNative(const NodeView& node, ImportContext* context) {
  graph::Conv2D conv = ReadConv(node);
  conv.weight_layout = graph::WeightLayout::kHWCM;
  const ValueId weights = node.Input(1);
  const std::optional<Shape> shape = context->ShapeOf(weights);
  if (shape && shape->rank() != 4) {
    return node.Fail(InvalidModel("the weights have the shape %s", shape->ToString().c_str()));
  }
  if (!shape || (*shape)[2] == kUnknownDim) {
    return node.Fail(Unsupported("weights of unknown shape are not supported"));
  }
  if ((*shape)[2] < 1) return node.Fail(InvalidModel("the weights have no channels"));
  conv.groups = (*shape)[2];
  return node.Output(0, conv, {node.Input(0), weights});
}

Status ImportMaxPool(const NodeView& node, ImportContext*) {
  return ImportPool(node, graph::PoolKind::kMax);
}

Status ImportAvgPool(const NodeView& node, ImportContext*) {
  return ImportPool(node, graph::PoolKind::kAverage);
}

}  // namespace minnow::importers::tensorflow
