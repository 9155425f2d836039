// ONNX convolutions and poolings: windows over the spatial axes of N, C, spatial axes. One axis is
// an image of height 1; three and more are left to generic ops.
#include "importers/common_rows.h"
#include "importers/onnx/ops.h"
#include "importers/onnx/wiring.h"

namespace minnow::importers::onnx {
namespace {

using graph::DataLayout;
using graph::Padding;
using graph::PadMode;
using graph::ValueId;

// The attributes that all windows share, one entry a spatial axis; no kernel where it is absent.
struct WindowLists {
  std::vector<int64_t> kernel, strides, dilations, pads;
  PadMode mode = PadMode::kExplicit;
};

std::vector<int64_t> ReadList(const NodeView& node, const char* name, size_t size, int64_t least,
                              int64_t otherwise) {
  std::vector<int64_t> list = node.Ints(name);
  if (!CheckWindowList(node, list, size, least, name).ok() || list.empty()) {
    list.assign(size, otherwise);
  }
  return list;
}

PadMode ReadMode(const NodeView& node) {
  const std::string_view mode = node.Text("auto_pad", "NOTSET");
  if (mode == "SAME_UPPER") return PadMode::kSameUpper;
  if (mode == "SAME_LOWER") return PadMode::kSameLower;
  if (mode == "VALID") return PadMode::kValid;
  if (mode != "NOTSET") node.Record(InvalidModel("auto_pad is %s", Quote(mode).c_str()));
  return PadMode::kExplicit;
}

WindowLists ReadWindow(const NodeView& node, size_t spatial_rank) {
  WindowLists window;
  if (node.Find("kernel_shape") != nullptr) {
    window.kernel = ReadList(node, "kernel_shape", spatial_rank, 1, 1);
  }
  window.strides = ReadList(node, "strides", spatial_rank, 1, 1);
  window.dilations = ReadList(node, "dilations", spatial_rank, 1, 1);
  window.mode = ReadMode(node);
  window.pads.assign(2 * spatial_rank, 0);
  if (window.mode == PadMode::kExplicit) {
    window.pads = ReadList(node, "pads", 2 * spatial_rank, 0, 0);
  }
  return window;
}

// A window over a line as one over an image of height 1.
WindowLists AsImage(WindowLists window) {
  if (window.strides.size() != 1) return window;
  for (auto* list : {&window.kernel, &window.strides, &window.dilations}) {
    if (!list->empty()) list->insert(list->begin(), 1);
  }
  window.pads = {0, window.pads[0], 0, window.pads[1]};
  return window;
}

// REQUIRES: two spatial axes.
Padding PaddingOf(const WindowLists& window) {
  const std::vector<int64_t>& pads = window.pads;
  return {window.mode, pads[0], pads[1], pads[2], pads[3]};
}

// `op` on a line, as on an image of height 1: the inputs of rank 3 get the axis, the output loses
// it again.
Status OutputOfLine(const NodeView& node, graph::Op op, std::vector<ValueId> inputs,
                    size_t line_inputs) {
  for (size_t i = 0; i < line_inputs; ++i) {
    inputs[i] = node.Add(graph::Unsqueeze{{2}}, {inputs[i]});
  }
  return node.Output(0, graph::Squeeze{{2}}, {node.Add(std::move(op), std::move(inputs))});
}

graph::PoolNd PoolOf(const NodeView& node, const WindowLists& window, bool average) {
  graph::PoolNd pool;
  pool.average = average;
  pool.kernel = window.kernel;
  pool.strides = window.strides;
  pool.dilations = window.dilations;
  pool.pads = window.pads;
  pool.mode = window.mode;
  pool.ceil_mode = node.Bool("ceil_mode", false);
  pool.count_include_pad = node.Bool("count_include_pad", false);
  pool.column_major = node.Bool("storage_order", false);
  return pool;
}

graph::Pool2D ImagePoolOf(const graph::PoolNd& any, const WindowLists& window) {
  graph::Pool2D pool;
  pool.kind = any.average ? graph::PoolKind::kAverage : graph::PoolKind::kMax;
  pool.kernel_h = window.kernel[0];
  pool.kernel_w = window.kernel[1];
  pool.stride_h = window.strides[0];
  pool.stride_w = window.strides[1];
  pool.dilation_h = window.dilations[0];
  pool.dilation_w = window.dilations[1];
  pool.padding = PaddingOf(window);
  pool.ceil_mode = any.ceil_mode;
  pool.count_include_pad = any.count_include_pad;
  pool.layout = DataLayout::kNCHW;
  return pool;
}

Status ImportPool(const NodeView& node, ImportContext* context, bool average) {
  const std::vector<int64_t> kernel = node.Ints("kernel_shape");
  if (kernel.empty()) return node.Fail(InvalidModel("attribute \"kernel_shape\" is missing"));
  const WindowLists window = ReadWindow(node, kernel.size());
  MINNOW_RETURN_IF_ERROR(context->status());
  graph::PoolNd pool = PoolOf(node, window, average);
  const ValueId x = node.Input(0);
  if (!average && node.OutputUsed(1)) {
    MINNOW_RETURN_IF_ERROR(node.Output(0, pool, {x}));
    pool.indices = true;
    return node.Output(1, pool, {x});
  }
  if (kernel.size() > 2) return node.Output(0, pool, {x});
  const graph::Pool2D image = ImagePoolOf(pool, AsImage(window));
  return kernel.size() == 1 ? OutputOfLine(node, image, {x}, 1) : node.Output(0, image, {x});
}

int64_t ReadGroups(const NodeView& node) {
  const int64_t groups = node.Int("group", 1);
  if (groups >= 1 && groups <= kMaxElements) return groups;
  node.Record(InvalidModel("group is %lld", static_cast<long long>(groups)));
  return 1;
}

// The number of spatial axes: as the weights have them, else as the attributes say.
StatusOr<size_t> SpatialRank(const NodeView& node, ImportContext* context, ValueId weights) {
  const std::optional<Shape> shape = context->ShapeOf(weights);
  if (shape && shape->rank() < 3) {
    return node.Fail(InvalidModel("the weights have the shape %s", shape->ToString().c_str()));
  }
  if (shape) return static_cast<size_t>(shape->rank()) - 2;
  const size_t kernel_rank = node.Ints("kernel_shape").size();
  return kernel_rank == 0 ? 2 : kernel_rank;
}

Status CheckKernel(const NodeView& node, const WindowLists& window,
                   const std::optional<Shape>& weights) {
  for (size_t i = 0; weights && i < window.kernel.size(); ++i) {
    const int64_t dim = (*weights)[static_cast<int>(i) + 2];
    if (dim == kUnknownDim || dim == window.kernel[i]) continue;
    return node.Fail(InvalidModel("kernel_shape has %lld, the weights have the shape %s",
                                  static_cast<long long>(window.kernel[i]),
                                  weights->ToString().c_str()));
  }
  return OkStatus();
}

graph::Conv2D ImageConvOf(const WindowLists& window, int64_t groups) {
  graph::Conv2D conv;
  conv.stride_h = window.strides[0];
  conv.stride_w = window.strides[1];
  conv.dilation_h = window.dilations[0];
  conv.dilation_w = window.dilations[1];
  conv.groups = groups;
  conv.padding = PaddingOf(window);
  conv.layout = DataLayout::kNCHW;
  conv.weight_layout = graph::WeightLayout::kOIHW;
  return conv;
}

graph::ConvNd ConvOf(const WindowLists& window, int64_t groups) {
  graph::ConvNd conv;
  conv.strides = window.strides;
  conv.dilations = window.dilations;
  conv.pads = window.pads;
  conv.mode = window.mode;
  conv.groups = groups;
  return conv;
}

// What Conv and ConvTranspose have in common.
struct ConvAttributes {
  WindowLists window;
  int64_t groups = 1;
};
StatusOr<ConvAttributes> ReadConvAttributes(const NodeView& node, ImportContext* context,
                                            ValueId weights) {
  const StatusOr<size_t> rank = SpatialRank(node, context, weights);
  if (!rank.ok()) return rank.status();
  const ConvAttributes attributes = {ReadWindow(node, *rank), ReadGroups(node)};
  MINNOW_RETURN_IF_ERROR(context->status());
  MINNOW_RETURN_IF_ERROR(CheckKernel(node, attributes.window, context->ShapeOf(weights)));
  return attributes;
}

std::vector<ValueId> ConvInputs(const NodeView& node) {
  std::vector<ValueId> inputs = {node.Input(0), node.Input(1)};
  if (node.HasInput(2)) inputs.push_back(node.Input(2));
  return inputs;
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
  const StatusOr<ConvAttributes> attributes = ReadConvAttributes(node, context, weights);
  if (!attributes.ok()) return attributes.status();
  if (attributes->window.strides.size() != 2) {
    return node.Fail(Unsupported("%zu-dimensional windows are not supported here",
                                 attributes->window.strides.size()));
  }
  return ImageConvOf(attributes->window, attributes->groups);
}

Status ImportConv(const NodeView& node, ImportContext* context) {
  const StatusOr<ConvAttributes> attributes = ReadConvAttributes(node, context, node.Input(1));
  if (!attributes.ok()) return attributes.status();
  const auto& [window, groups] = *attributes;
  const size_t rank = window.strides.size();
  if (rank > 2) return node.Output(0, ConvOf(window, groups), ConvInputs(node));
  const graph::Conv2D conv = ImageConvOf(AsImage(window), groups);
  return rank == 1 ? OutputOfLine(node, conv, ConvInputs(node), 2)
                   : node.Output(0, conv, ConvInputs(node));
}

Status ImportConvTranspose(const NodeView& node, ImportContext* context) {
  const StatusOr<ConvAttributes> attributes = ReadConvAttributes(node, context, node.Input(1));
  if (!attributes.ok()) return attributes.status();
  graph::ConvNd conv = ConvOf(attributes->window, attributes->groups);
  conv.transposed = true;
  conv.output_padding = node.Ints("output_padding");
  conv.output_sizes = node.Ints("output_shape");
  return node.Output(0, std::move(conv), ConvInputs(node));
}

Status ImportMaxPool(const NodeView& node, ImportContext* context) {
  return ImportPool(node, context, false);
}

Status ImportAveragePool(const NodeView& node, ImportContext* context) {
  return ImportPool(node, context, true);
}

// The places that MaxPool's indices name get the values, all others 0. They count in the size that
// the windows reach; a larger output_shape adds zeros behind.
Status ImportMaxUnpool(const NodeView& node, ImportContext* context) {
  const Wiring w(node, context);
  const ValueId x = node.Input(0);
  const std::optional<Shape> known = context->ShapeOf(x);
  const WindowLists window = ReadWindow(node, node.Ints("kernel_shape").size());
  MINNOW_RETURN_IF_ERROR(context->status());
  const size_t axes = window.kernel.size();
  if (!known || !known->IsStatic() || known->rank() != static_cast<int>(axes) + 2) {
    return node.Fail(Unsupported("an input whose shape is not known before run time"));
  }
  std::vector<int64_t> dims(known->begin(), known->end());
  for (size_t i = 0; i < axes; ++i) {
    dims[i + 2] = (dims[i + 2] - 1) * window.strides[i] + window.kernel[i] - window.pads[i] -
                  window.pads[axes + i];
  }
  const ValueId shape = w.Ints(dims);
  const ValueId zeros = node.Add(graph::Fill{0.0, w.DTypeOf(x)}, {shape});
  const std::vector<ValueId> inputs = {w.Reshape(zeros, {-1}), w.Reshape(node.Input(1), {-1}),
                                       w.Reshape(x, {-1})};
  const ValueId scattered = node.Add(graph::ScatterElements{}, inputs);
  const graph::Reshape reshape{dims, true};
  if (!node.HasInput(2)) return node.Output(0, reshape, {scattered});
  const ValueId begins = w.Ints(std::vector<int64_t>(dims.size(), 0));
  const ValueId pads = node.Add(graph::Concat{0}, {begins, w.Sub(node.Input(2), shape)});
  return node.Output(0, graph::Pad{}, {node.Add(reshape, {scattered}), pads});
}

Status ImportGlobalAveragePool(const NodeView& node, ImportContext* context) {
  return ImportGlobalPool(node, context, graph::ReduceKind::kMean);
}

Status ImportGlobalMaxPool(const NodeView& node, ImportContext* context) {
  return ImportGlobalPool(node, context, graph::ReduceKind::kMax);
}

}  // namespace minnow::importers::onnx
