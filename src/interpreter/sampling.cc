// What GridSample computes: an image read at places between its pixels.
#include <algorithm>
#include <cmath>

#include "interpreter/elements.h"
#include "interpreter/evaluators.h"

namespace minnow::interpreter {
namespace {

using graph::GridSample;

// -1 and 1 are the middles of the border pixels, or their outer edges.
double PixelOf(double x, int64_t size, bool align_corners) {
  const double length = static_cast<double>(size);
  return align_corners ? (x + 1.0) / 2.0 * (length - 1.0) : ((x + 1.0) * length - 1.0) / 2.0;
}

// `x` mirrored into [low, high] as often as needed.
double Mirror(double x, double low, double high) {
  const double range = high - low;
  if (range <= 0.0) return low;
  const double turns = std::fabs(x - low) / range;
  const double rest = std::fabs(x - low) - std::floor(turns) * range;
  return std::fmod(std::floor(turns), 2.0) == 0.0 ? low + rest : high - rest;
}

// One channel of one image.
template <typename T>
class Image {
 public:
  Image(const GridSample& op, const T* pixels, int64_t height, int64_t width)
      : op_(op), pixels_(pixels), height_(height), width_(width) {}

  double At(double y, double x) const {
    // A place that is no number, or so far away that it is no index, is outside.
    if (!(std::fabs(x) < 0x1p31 && std::fabs(y) < 0x1p31)) return 0.0;
    if (op_.mode == GridSample::Mode::kNearest) {
      return Pixel(RoundToEven(y), RoundToEven(x));
    }
    const double top = std::floor(y), left = std::floor(x);
    double rows[4], columns[4];
    const int first = Weights(y - top, rows), last = 2 - first;
    Weights(x - left, columns);
    double sum = 0.0;
    for (int i = first; i < last; ++i) {
      for (int j = first; j < last; ++j) {
        sum += rows[i - first] * columns[j - first] * Pixel(top + i, left + j);
      }
    }
    return sum;
  }

 private:
  // Of the neighbours from the offset given back on; as many lie on either side.
  int Weights(double t, double* weights) const {
    if (op_.mode == GridSample::Mode::kLinear) {
      weights[0] = 1.0 - t;
      weights[1] = t;
      return 0;
    }
    constexpr double kA = -0.75;
    const auto near = [](double d) { return ((kA + 2.0) * d - (kA + 3.0)) * d * d + 1.0; };
    const auto far = [](double d) { return ((kA * d - 5.0 * kA) * d + 8.0 * kA) * d - 4.0 * kA; };
    weights[0] = far(t + 1.0);
    weights[1] = near(t);
    weights[2] = near(1.0 - t);
    weights[3] = far(2.0 - t);
    return -1;
  }

  double Bring(double i, int64_t size) const {
    const double last = static_cast<double>(size - 1);
    if (op_.border == GridSample::Border::kReflect) {
      i = op_.align_corners ? Mirror(i, 0.0, last) : Mirror(i, -0.5, last + 0.5);
    }
    return std::clamp(i, 0.0, last);
  }

  double Pixel(double y, double x) const {
    const double row = Bring(y, height_), column = Bring(x, width_);
    if (op_.border == GridSample::Border::kZeros && (row != y || column != x)) return 0.0;
    return static_cast<double>(
        pixels_[static_cast<int64_t>(row) * width_ + static_cast<int64_t>(column)]);
  }

  const GridSample& op_;
  const T* pixels_;
  int64_t height_, width_;
};

}  // namespace

Status Run(const GridSample& op, const Inputs& inputs, const MutableTensorView& output) {
  const Shape& x = inputs[0].shape;
  const int64_t channels = x[1], height = x[2], width = x[3];
  const int64_t places = output.shape[2] * output.shape[3];
  return ForFloat(output.dtype, [&](auto tag) {
    using T = decltype(tag);
    for (int64_t i = 0; i < x[0] * channels; ++i) {
      const Image<T> image(op, inputs[0].as<T>() + i * height * width, height, width);
      const T* grid = inputs[1].as<T>() + i / channels * places * 2;
      for (int64_t p = 0; p < places; ++p) {
        const double column = PixelOf(static_cast<double>(grid[2 * p]), width, op.align_corners);
        const double row = PixelOf(static_cast<double>(grid[2 * p + 1]), height, op.align_corners);
        output.as<T>()[i * places + p] = static_cast<T>(image.At(row, column));
      }
    }
    return OkStatus();
  });
}

}  // namespace minnow::interpreter
