// OpenVINO convolutions and poolings: windows over the two spatial axes of NCHW.
#include <utility>

#include "importers/common_rows.h"
#include "importers/openvino/attributes.h"
#include "importers/openvino/ops.h"

namespace minnow::importers::openvino {
namespace {

using graph::DataLayout;
using graph::Padding;
using graph::PadMode;
using graph::ValueId;

using Pair = std::vector<int64_t>;

// A list of two numbers from `least` up; `otherwise` twice where it is absent.
Pair ReadPair(const NodeView& node, const char* name, int64_t least, int64_t otherwise) {
  Pair given = ReadInts(node, name);
  if (!given.empty() && given.size() != 2) {
    node.Record(Unsupported("%zu-dimensional windows are not supported (2-dimensional ones are)",
                            given.size()));
    return {otherwise, otherwise};
  }
  if (given.empty() || !CheckWindowList(node, given, 2, least, name).ok()) {
    return {otherwise, otherwise};
  }
  return given;
}

Padding ReadPadding(const NodeView& node) {
  const std::string_view mode = node.Text("auto_pad", "explicit");
  if (mode == "same_upper") return {PadMode::kSameUpper};
  if (mode == "same_lower") return {PadMode::kSameLower};
  if (mode == "valid") return {PadMode::kValid};
  if (mode != "explicit" && mode != "notset") {
    node.Record(InvalidModel("auto_pad is %s", Quote(mode).c_str()));
  }
  const Pair begin = ReadPair(node, "pads_begin", 0, 0), end = ReadPair(node, "pads_end", 0, 0);
  return {PadMode::kExplicit, begin[0], begin[1], end[0], end[1]};
}

graph::Conv2D ReadConv(const NodeView& node) {
  const Pair strides = ReadPair(node, "strides", 1, 1),
             dilations = ReadPair(node, "dilations", 1, 1);
  graph::Conv2D conv;
  conv.stride_h = strides[0];
  conv.stride_w = strides[1];
  conv.dilation_h = dilations[0];
  conv.dilation_w = dilations[1];
  conv.padding = ReadPadding(node);
  conv.layout = DataLayout::kNCHW;
  conv.weight_layout = graph::WeightLayout::kOIHW;
  return conv;
}

// How many dims the weights have beyond those of the window is the operator's matter.
Status CheckWeightRank(const NodeView& node, const std::optional<Shape>& shape, int expected) {
  if (!shape || shape->rank() == expected) return OkStatus();
  return node.Fail(
      Unsupported("weights of the shape %s; rank %d, for a 2-dimensional window, is "
                  "supported",
                  shape->ToString().c_str(), expected));
}

graph::Pool2D ReadPool(const NodeView& node, graph::PoolKind kind) {
  const Pair kernel = ReadPair(node, "kernel", 1, 0), strides = ReadPair(node, "strides", 1, 1);
  const Pair dilations = ReadPair(node, "dilations", 1, 1);
  if (kernel[0] == 0) node.Record(InvalidModel("attribute \"kernel\" is missing"));
  graph::Pool2D pool;
  pool.kind = kind;
  pool.kernel_h = kernel[0];
  pool.kernel_w = kernel[1];
  pool.stride_h = strides[0];
  pool.stride_w = strides[1];
  pool.dilation_h = dilations[0];
  pool.dilation_w = dilations[1];
  pool.padding = ReadPadding(node);
  pool.layout = DataLayout::kNCHW;
  const std::string_view rounding = node.Text("rounding_type", "floor");
  pool.ceil_mode = rounding == "ceil" || rounding == "ceil_torch";
  if (!pool.ceil_mode && rounding != "floor") {
    node.Record(InvalidModel("rounding_type is %s", Quote(rounding).c_str()));
  }
  return pool;
}

}  // namespace

Status ImportConvolution(const NodeView& node, ImportContext* context) {
  const ValueId x = node.Input(0), weights = node.Input(1);
  MINNOW_RETURN_IF_ERROR(CheckWeightRank(node, context->ShapeOf(weights), 4));
  return node.Output(0, ReadConv(node), {x, weights});
}

// The weights are [groups, O, I, H, W], where O and I are counted in a group.
Status ImportGroupConvolution(const NodeView& node, ImportContext* context) {
  const ValueId x = node.Input(0);
  ValueId weights = node.Input(1);
  const std::optional<Shape> shape = context->ShapeOf(weights);
  MINNOW_RETURN_IF_ERROR(context->status());
  MINNOW_RETURN_IF_ERROR(CheckWeightRank(node, shape, 5));
  if (!shape || !shape->IsStatic()) {
    return node.Fail(Unsupported("weights whose shape is not known before run time"));
  }
  graph::Conv2D conv = ReadConv(node);
  conv.groups = (*shape)[0];
  const int64_t dims[] = {(*shape)[0] * (*shape)[1], (*shape)[2], (*shape)[3], (*shape)[4]};
  const StatusOr<Shape> flat = Shape::Make(dims, 4);
  if (!flat.ok()) return node.Fail(flat.status());
  if (const Tensor* constant = context->graph().ConstantOf(weights)) {
    Tensor reshaped = constant->Reshaped(*flat);
    weights = context->graph().AddConstant(node.OutputName(0) + "/weights", std::move(reshaped));
  } else {
    weights = node.Add(graph::Reshape{{flat->begin(), flat->end()}, true}, {weights});
  }
  return node.Output(0, conv, {x, weights});
}

Status ImportMaxPool(const NodeView& node, ImportContext*) {
  if (node.OutputUsed(1)) return node.Fail(Unsupported("the output of indices is not supported"));
  return node.Output(0, ReadPool(node, graph::PoolKind::kMax), {node.Input(0)});
}

Status ImportAvgPool(const NodeView& node, ImportContext*) {
  graph::Pool2D pool = ReadPool(node, graph::PoolKind::kAverage);
  pool.count_include_pad = !ReadBool(node, "exclude-pad", false);
  return node.Output(0, pool, {node.Input(0)});
}

}  // namespace minnow::importers::openvino
