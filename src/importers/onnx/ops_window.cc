// ONNX convolutions and poolings: windows over the two spatial axes of NCHW.
#include "importers/common_rows.h"
#include "importers/onnx/ops.h"

namespace minnow::importers::onnx {
namespace {

using graph::DataLayout;
using graph::Padding;
using graph::PadMode;
using graph::ValueId;

// The attributes that Conv, MaxPool and AveragePool share; kernel_shape 0 where it is absent.
struct WindowAttributes {
  int64_t kernel_h = 0, kernel_w = 0;
  int64_t stride_h = 1, stride_w = 1;
  int64_t dilation_h = 1, dilation_w = 1;
  Padding padding;
};

void ReadPair(const NodeView& node, const char* name, int64_t* h, int64_t* w) {
  const std::vector<int64_t> pair = node.Ints(name);
  if (!CheckWindowList(node, pair, 2, 1, name).ok() || pair.empty()) return;
  *h = pair[0];
  *w = pair[1];
}

Padding ReadPadding(const NodeView& node) {
  Padding padding;
  const std::string_view mode = node.Text("auto_pad", "NOTSET");
  if (mode == "SAME_UPPER") {
    padding.mode = PadMode::kSameUpper;
  } else if (mode == "SAME_LOWER") {
    padding.mode = PadMode::kSameLower;
  } else if (mode == "VALID") {
    padding.mode = PadMode::kValid;
  } else if (mode != "NOTSET") {
    node.Record(InvalidModel("auto_pad is %s", Quote(mode).c_str()));
  } else {
    const std::vector<int64_t> pads = node.Ints("pads");
    if (CheckWindowList(node, pads, 4, 0, "pads").ok() && !pads.empty()) {
      padding = {PadMode::kExplicit, pads[0], pads[1], pads[2], pads[3]};
    }
  }
  return padding;
}

// Fails with kUnsupported for 1-D and 3-D windows before any list is found to be of a wrong length.
WindowAttributes ReadWindow(const NodeView& node, size_t spatial_rank) {
  WindowAttributes window;
  if (spatial_rank != 2) {
    node.Record(Unsupported("%zu-dimensional windows are not supported (2-dimensional ones are)",
                            spatial_rank));
    return window;
  }
  ReadPair(node, "kernel_shape", &window.kernel_h, &window.kernel_w);
  ReadPair(node, "strides", &window.stride_h, &window.stride_w);
  ReadPair(node, "dilations", &window.dilation_h, &window.dilation_w);
  window.padding = ReadPadding(node);
  return window;
}

Status ImportPool(const NodeView& node, graph::PoolKind kind) {
  const std::vector<int64_t> kernel = node.Ints("kernel_shape");
  if (kernel.empty()) return node.Fail(InvalidModel("attribute \"kernel_shape\" is missing"));
  const WindowAttributes window = ReadWindow(node, kernel.size());
  graph::Pool2D pool;
  pool.kind = kind;
  pool.kernel_h = window.kernel_h;
  pool.kernel_w = window.kernel_w;
  pool.stride_h = window.stride_h;
  pool.stride_w = window.stride_w;
  pool.dilation_h = window.dilation_h;
  pool.dilation_w = window.dilation_w;
  pool.padding = window.padding;
  pool.ceil_mode = node.Bool("ceil_mode", false);
  pool.count_include_pad = node.Bool("count_include_pad", false);
  pool.layout = DataLayout::kNCHW;
  return node.Output(0, pool, {node.Input(0)});
}

Status ImportGlobalPool(const NodeView& node, ImportContext* context, graph::ReduceKind kind) {
  const ValueId x = node.Input(0);
  const std::optional<Shape> shape = context->ShapeOf(x);
  const int rank = shape ? shape->rank() : 4;
  if (rank < 3)
    return node.Fail(InvalidModel("the input has rank %d, at least 3 was expected", rank));
  graph::Reduce reduce;
  reduce.kind = kind;
  for (int axis = 2; axis < rank; ++axis) reduce.axes.push_back(axis);
  return node.Output(0, reduce, {x});
}

}  // namespace

StatusOr<graph::Conv2D> ReadConv(const NodeView& node, ImportContext* context, ValueId weights) {
  const std::optional<Shape> shape = context->ShapeOf(weights);
  if (shape && shape->rank() < 3) {
    return node.Fail(InvalidModel("the weights have the shape %s", shape->ToString().c_str()));
  }
  const size_t kernel_rank = node.Ints("kernel_shape").size();
  const WindowAttributes window = ReadWindow(
      node, shape ? static_cast<size_t>(shape->rank()) - 2 : (kernel_rank != 0 ? kernel_rank : 2));
  MINNOW_RETURN_IF_ERROR(context->status());
  if (shape && window.kernel_h != 0 &&
      (((*shape)[2] != kUnknownDim && (*shape)[2] != window.kernel_h) ||
       ((*shape)[3] != kUnknownDim && (*shape)[3] != window.kernel_w))) {
    return node.Fail(InvalidModel("kernel_shape is [%lld,%lld], the weights have the shape %s",
                                  static_cast<long long>(window.kernel_h),
                                  static_cast<long long>(window.kernel_w),
                                  shape->ToString().c_str()));
  }
  graph::Conv2D conv;
  conv.stride_h = window.stride_h;
  conv.stride_w = window.stride_w;
  conv.dilation_h = window.dilation_h;
  conv.dilation_w = window.dilation_w;
  conv.groups = node.Int("group", 1);
  if (conv.groups < 1 || conv.groups > kMaxElements) {
    return node.Fail(InvalidModel("group is %lld", static_cast<long long>(conv.groups)));
  }
  conv.padding = window.padding;
  conv.layout = DataLayout::kNCHW;
  conv.weight_layout = graph::WeightLayout::kOIHW;
  return conv;
}

Status ImportConv(const NodeView& node, ImportContext* context) {
  std::vector<ValueId> inputs = {node.Input(0), node.Input(1)};
  const StatusOr<graph::Conv2D> conv = ReadConv(node, context, inputs[1]);
  if (!conv.ok()) return conv.status();
  if (node.HasInput(2)) inputs.push_back(node.Input(2));
  return node.Output(0, *conv, std::move(inputs));
}

Status ImportMaxPool(const NodeView& node, ImportContext*) {
  if (node.OutputUsed(1)) return node.Fail(Unsupported("the output Indices is not supported"));
  return ImportPool(node, graph::PoolKind::kMax);
}

Status ImportAveragePool(const NodeView& node, ImportContext*) {
  return ImportPool(node, graph::PoolKind::kAverage);
}

Status ImportGlobalAveragePool(const NodeView& node, ImportContext* context) {
  return ImportGlobalPool(node, context, graph::ReduceKind::kMean);
}

Status ImportGlobalMaxPool(const NodeView& node, ImportContext* context) {
  return ImportGlobalPool(node, context, graph::ReduceKind::kMax);
}

}  // namespace minnow::importers::onnx
