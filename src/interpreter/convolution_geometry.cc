// How the geometry of a Conv2D follows from its attributes and shapes.
#include "interpreter/convolution_geometry.h"

#include "graph/op_rules.h"
#include "interpreter/elements.h"

namespace minnow::interpreter {
namespace {

ImageStrides ImageStridesOf(const Shape& shape, graph::DataLayout layout) {
  const graph::ImageAxes axes = graph::ImageAxesOf(layout);
  const Strides strides = RowMajorStrides(shape);
  return {strides[0], strides[static_cast<size_t>(axes.height)],
          strides[static_cast<size_t>(axes.width)], strides[static_cast<size_t>(axes.channels)]};
}

WeightStrides WeightStridesOf(const Shape& shape, graph::WeightLayout layout) {
  const Strides s = RowMajorStrides(shape);
  switch (layout) {
    case graph::WeightLayout::kOHWI:
      return {s[0], s[3], s[1], s[2]};
    case graph::WeightLayout::kOIHW:
      return {s[0], s[1], s[2], s[3]};
    case graph::WeightLayout::kHWIO:
      return {s[3], s[2], s[0], s[1]};
    case graph::WeightLayout::kHWCM:
      break;
  }
  // Channel and multiplier together number the output channels: c * M + m.
  return {1, 0, s[0], s[1]};
}

StatusOr<Axis> MakeAxis(int64_t size, int64_t kernel, int64_t stride, int64_t dilation,
                        graph::PadMode mode, int64_t pad_begin, int64_t pad_end) {
  const StatusOr<graph::Window> window =
      graph::ResolveWindow(size, kernel, stride, dilation, mode, pad_begin, pad_end, false);
  if (!window.ok()) return window.status();
  return Axis{size, kernel, stride, dilation, window->pad_begin};
}

}  // namespace

Status MakeGeometry(const graph::Conv2D& op, const Shape& x, const Shape& weights,
                    const Shape& output, Geometry* geometry) {
  const graph::ImageAxes axes = graph::ImageAxesOf(op.layout);
  const graph::WeightDims dims = graph::WeightDimsOf(weights, op.weight_layout);
  const graph::Padding& pad = op.padding;
  const StatusOr<Axis> vertical = MakeAxis(x[axes.height], dims.kernel_h, op.stride_h,
                                           op.dilation_h, pad.mode, pad.top, pad.bottom);
  if (!vertical.ok()) return vertical.status();
  const StatusOr<Axis> horizontal = MakeAxis(x[axes.width], dims.kernel_w, op.stride_w,
                                             op.dilation_w, pad.mode, pad.left, pad.right);
  if (!horizontal.ok()) return horizontal.status();
  geometry->vertical = *vertical;
  geometry->horizontal = *horizontal;
  geometry->batch = output[0];
  geometry->output_channels = output[axes.channels];
  geometry->output_h = output[axes.height];
  geometry->output_w = output[axes.width];
  geometry->group_inputs = dims.input_channels;
  geometry->group_outputs = dims.output_channels / op.groups;
  geometry->x = ImageStridesOf(x, op.layout);
  geometry->y = ImageStridesOf(output, op.layout);
  geometry->w = WeightStridesOf(weights, op.weight_layout);
  return OkStatus();
}

}  // namespace minnow::interpreter
