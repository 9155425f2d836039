// What Conv2D computes, for every data and weight layout: the sum over the window, term by term.
#include "interpreter/convolution_geometry.h"
#include "interpreter/elements.h"
#include "interpreter/evaluators.h"

namespace minnow::interpreter {
namespace {

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
  MINNOW_RETURN_IF_ERROR(
      MakeGeometry(op, inputs[0].shape, inputs[1].shape, output.shape, &geometry));
  return ForFloat(output.dtype, [&](auto tag) {
    using T = decltype(tag);
    Convolve(op, inputs, geometry, output.as<T>());
    return OkStatus();
  });
}

}  // namespace minnow::interpreter
