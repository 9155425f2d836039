// What Conv2D computes, for every data and weight layout: the sum over the window, term by term.
#include <algorithm>

#include "graph/op_rules.h"
#include "interpreter/elements.h"
#include "interpreter/evaluators.h"

namespace minnow::interpreter {
namespace {

// Elements between neighbours of an image or weight tensor, whatever their order.
struct ImageStrides {
  int64_t batch, height, width, channel;
};

ImageStrides ImageStridesOf(const Shape& shape, graph::DataLayout layout) {
  const graph::ImageAxes axes = graph::ImageAxesOf(layout);
  const Strides strides = RowMajorStrides(shape);
  return {strides[0], strides[static_cast<size_t>(axes.height)],
          strides[static_cast<size_t>(axes.width)], strides[static_cast<size_t>(axes.channels)]};
}

struct WeightStrides {
  int64_t output, input, height, width;
};

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

// One axis: where windows start, and which of their taps lie inside the image.
struct Axis {
  int64_t size, kernel, stride, dilation, pad;

  int64_t Start(int64_t position) const { return position * stride - pad; }
  int64_t FirstTap(int64_t start) const {
    return start >= 0 ? 0 : (-start + dilation - 1) / dilation;
  }
  // One past the last.
  int64_t EndTap(int64_t start) const {
    if (start >= size) return 0;
    return std::min(kernel, (size - start + dilation - 1) / dilation);
  }
};

StatusOr<Axis> MakeAxis(int64_t size, int64_t kernel, int64_t stride, int64_t dilation,
                        graph::PadMode mode, int64_t pad_begin, int64_t pad_end) {
  const StatusOr<graph::Window> window =
      graph::ResolveWindow(size, kernel, stride, dilation, mode, pad_begin, pad_end, false);
  if (!window.ok()) return window.status();
  return Axis{size, kernel, stride, dilation, window->pad_begin};
}

struct Geometry {
  Axis vertical, horizontal;
  int64_t batch, output_channels, output_h, output_w;
  int64_t group_inputs, group_outputs;
  ImageStrides x, y;
  WeightStrides w;
};

Status MakeGeometry(const graph::Conv2D& op, const Inputs& inputs, const Shape& output,
                    Geometry* geometry) {
  const Shape& x = inputs[0].shape;
  const graph::ImageAxes axes = graph::ImageAxesOf(op.layout);
  const graph::WeightDims dims = graph::WeightDimsOf(inputs[1].shape, op.weight_layout);
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
  geometry->w = WeightStridesOf(inputs[1].shape, op.weight_layout);
  return OkStatus();
}

// The window at (top, left) over the channels of one group, for output channel weights `w`.
template <typename T>
double SumWindow(const Geometry& g, const T* x, const T* w, int64_t top, int64_t left) {
  double sum = 0.0;
  const int64_t end_y = g.vertical.EndTap(top);
  const int64_t end_x = g.horizontal.EndTap(left);
  for (int64_t ky = g.vertical.FirstTap(top); ky < end_y; ++ky) {
    for (int64_t kx = g.horizontal.FirstTap(left); kx < end_x; ++kx) {
      const T* pixel = x + (top + ky * g.vertical.dilation) * g.x.height +
                       (left + kx * g.horizontal.dilation) * g.x.width;
      const T* taps = w + ky * g.w.height + kx * g.w.width;
      for (int64_t c = 0; c < g.group_inputs; ++c) {
        sum +=
            static_cast<double>(pixel[c * g.x.channel]) * static_cast<double>(taps[c * g.w.input]);
      }
    }
  }
  return sum;
}

template <typename T>
void Convolve(const graph::Conv2D& op, const Inputs& inputs, const Geometry& g, T* y) {
  const T* bias = Has(inputs, 2) ? inputs[2].as<T>() : nullptr;
  const T* residual = Has(inputs, 3) ? inputs[3].as<T>() : nullptr;
  for (int64_t n = 0; n < g.batch; ++n) {
    for (int64_t oy = 0; oy < g.output_h; ++oy) {
      for (int64_t ox = 0; ox < g.output_w; ++ox) {
        for (int64_t o = 0; o < g.output_channels; ++o) {
          const int64_t first_channel = o / g.group_outputs * g.group_inputs;
          const T* x = inputs[0].as<T>() + n * g.x.batch + first_channel * g.x.channel;
          double sum = SumWindow(g, x, inputs[1].as<T>() + o * g.w.output, g.vertical.Start(oy),
                                 g.horizontal.Start(ox));
          const int64_t at = n * g.y.batch + oy * g.y.height + ox * g.y.width + o * g.y.channel;
          if (bias != nullptr) sum += static_cast<double>(bias[o]);
          if (residual != nullptr) sum += static_cast<double>(residual[at]);
          y[at] = static_cast<T>(Activate(op.activation, sum));
        }
      }
    }
  }
}

}  // namespace

Status Run(const graph::Conv2D& op, const Inputs& inputs, const MutableTensorView& output) {
  Geometry geometry = {};
  MINNOW_RETURN_IF_ERROR(MakeGeometry(op, inputs, output.shape, &geometry));
  return ForFloat(output.dtype, [&](auto tag) {
    using T = decltype(tag);
    Convolve(op, inputs, geometry, output.as<T>());
    return OkStatus();
  });
}

}  // namespace minnow::interpreter
