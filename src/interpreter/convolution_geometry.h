// Where the windows of a Conv2D lie, for every data and weight layout. Internal to interpreter/.
#ifndef MINNOW_INTERPRETER_CONVOLUTION_GEOMETRY_H_
#define MINNOW_INTERPRETER_CONVOLUTION_GEOMETRY_H_

#include <algorithm>
#include <cstdint>

#include "base/status.h"
#include "graph/ops.h"
#include "tensor/shape.h"

namespace minnow::interpreter {

// Elements between neighbours of an image or weight tensor, whatever their order.
struct ImageStrides {
  int64_t batch, height, width, channel;
};

struct WeightStrides {
  int64_t output, input, height, width;
};

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

struct Geometry {
  Axis vertical, horizontal;
  int64_t batch, output_channels, output_h, output_w;
  int64_t group_inputs, group_outputs;
  ImageStrides x, y;
  WeightStrides w;
};

// REQUIRES: the shapes follow from one another by the op's shape rule.
Status MakeGeometry(const graph::Conv2D& op, const Shape& x, const Shape& weights,
                    const Shape& output, Geometry* geometry);

}  // namespace minnow::interpreter

#endif  // MINNOW_INTERPRETER_CONVOLUTION_GEOMETRY_H_
