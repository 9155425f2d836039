// What ConvNd and PoolNd compute, over any number of spatial axes. Sums are accumulated in double.
#include <algorithm>
#include <vector>

#include "graph/op_rules.h"
#include "interpreter/elements.h"
#include "interpreter/evaluators.h"

namespace minnow::interpreter {
namespace {

using Axes = std::vector<graph::SpatialAxis>;
using Position = std::array<int64_t, kMaxRank>;

// Moves to the next position before `limit` on every axis; false after the last.
template <typename Limit>
bool Advance(size_t rank, const Limit& limit, Position* position) {
  for (size_t axis = rank; axis-- > 0;) {
    if (++(*position)[axis] < limit(axis)) return true;
    (*position)[axis] = 0;
  }
  return false;
}

// Calls f(tap, pixel) for the kernel's taps at output position `at` that lie inside the image; both
// are row-major numbers.
template <typename F>
void ForEachTap(const Axes& axes, bool transposed, const Position& at, const F& f) {
  Position tap = {};
  int64_t number = 0;
  do {
    int64_t pixel = 0;
    bool inside = true;
    for (size_t a = 0; a < axes.size() && inside; ++a) {
      const graph::SpatialAxis& axis = axes[a];
      int64_t place = 0;
      if (transposed) {
        const int64_t reached = at[a] + axis.pad_begin - tap[a] * axis.dilation;
        inside = reached >= 0 && reached % axis.stride == 0;
        place = reached / axis.stride;
      } else {
        place = at[a] * axis.stride - axis.pad_begin + tap[a] * axis.dilation;
      }
      inside = inside && place >= 0 && place < axis.size;
      pixel = pixel * axis.size + place;
    }
    if (inside) f(number, pixel);
    ++number;
  } while (Advance(
      axes.size(), [&](size_t a) { return axes[a].kernel; }, &tap));
}

// Taps that an average counts: those inside the image, or with its padding.
int64_t CountOf(const graph::PoolNd& op, const Axes& axes, const Position& at, int64_t inside) {
  if (!op.count_include_pad) return inside;
  int64_t count = 1;
  for (size_t a = 0; a < axes.size(); ++a) {
    const graph::SpatialAxis& axis = axes[a];
    const int64_t start = at[a] * axis.stride - axis.pad_begin;
    const int64_t padded = axis.size + axis.pad_end - start;
    count *= std::min(axis.kernel, (padded + axis.dilation - 1) / axis.dilation);
  }
  return count;
}

// A pixel's row-major number within an image as a column-major one.
int64_t ColumnMajor(const Axes& axes, int64_t pixel) {
  int64_t number = 0, step = 1;
  for (const graph::SpatialAxis& axis : axes) step *= axis.size;
  for (size_t a = axes.size(); a-- > 0;) {
    step /= axes[a].size;
    number += pixel % axes[a].size * step;
    pixel /= axes[a].size;
  }
  return number;
}

template <typename T>
void PoolImages(const graph::PoolNd& op, const Axes& axes, const TensorView& x,
                const MutableTensorView& output) {
  const int64_t pixels = x.shape.ElementCount(2, x.shape.rank());
  const int64_t images = output.shape[0] * output.shape[1];
  int64_t to = 0;
  for (int64_t image = 0; image < images; ++image) {
    const T* from = x.as<T>() + image * pixels;
    Position at = {};
    do {
      double sum = 0.0;
      int64_t inside = 0, best = -1;
      ForEachTap(axes, false, at, [&](int64_t, int64_t pixel) {
        ++inside;
        if (op.average) sum += static_cast<double>(from[pixel]);
        if (best < 0 || from[pixel] > from[best] || IsNan(from[pixel])) best = pixel;
      });
      if (op.indices) {
        const int64_t place = op.column_major ? ColumnMajor(axes, best) : best;
        output.as<int64_t>()[to] = best < 0 ? 0 : image * pixels + place;
      } else if (op.average) {
        const int64_t count = CountOf(op, axes, at, inside);
        output.as<T>()[to] = count == 0 ? T(0) : static_cast<T>(sum / static_cast<double>(count));
      } else {
        output.as<T>()[to] = best < 0 ? std::numeric_limits<T>::lowest() : from[best];
      }
      ++to;
    } while (Advance(
        axes.size(), [&](size_t a) { return axes[a].output; }, &at));
  }
}

// Where the weight of output channel `out` (within its group) and input channel `in` begins.
int64_t WeightsAt(const graph::ConvNd& op, const Shape& weights, int64_t group, int64_t out,
                  int64_t in) {
  const int64_t taps = weights.ElementCount(2, weights.rank());
  const int64_t group_in = op.transposed ? weights[0] / op.groups : weights[1];
  const int64_t group_out = op.transposed ? weights[1] : weights[0] / op.groups;
  if (op.transposed) return ((group * group_in + in) * weights[1] + out) * taps;
  return ((group * group_out + out) * weights[1] + in) * taps;
}

template <typename T>
void Convolve(const graph::ConvNd& op, const Axes& axes, const Inputs& inputs,
              const MutableTensorView& output) {
  const Shape& shape = inputs[0].shape;
  const Shape& weights = inputs[1].shape;
  const int64_t pixels = shape.ElementCount(2, shape.rank());
  const int64_t group_in = shape[1] / op.groups, group_out = output.shape[1] / op.groups;
  const int64_t taps = weights.ElementCount(2, weights.rank());
  const int64_t step = op.transposed ? weights[1] * taps : taps;
  int64_t to = 0;
  for (int64_t image = 0; image < output.shape[0] * output.shape[1]; ++image) {
    const int64_t channel = image % output.shape[1], group = channel / group_out;
    const int64_t first = image / output.shape[1] * shape[1] + group * group_in;
    const T* x = inputs[0].as<T>() + first * pixels;
    const T* w = inputs[1].as<T>() + WeightsAt(op, weights, group, channel % group_out, 0);
    const double bias = Has(inputs, 2) ? static_cast<double>(inputs[2].as<T>()[channel]) : 0.0;
    Position at = {};
    do {
      double sum = bias;
      ForEachTap(axes, op.transposed, at, [&](int64_t tap, int64_t pixel) {
        for (int64_t c = 0; c < group_in; ++c) {
          sum +=
              static_cast<double>(x[c * pixels + pixel]) * static_cast<double>(w[c * step + tap]);
        }
      });
      output.as<T>()[to++] = static_cast<T>(sum);
    } while (Advance(
        axes.size(), [&](size_t a) { return axes[a].output; }, &at));
  }
}

}  // namespace

Status Run(const graph::ConvNd& op, const Inputs& inputs, const MutableTensorView& output) {
  const StatusOr<Axes> axes = graph::PlanWindows(op, inputs[0].shape, inputs[1].shape);
  if (!axes.ok()) return axes.status();
  return ForFloat(output.dtype, [&](auto tag) {
    Convolve<decltype(tag)>(op, *axes, inputs, output);
    return OkStatus();
  });
}

Status Run(const graph::PoolNd& op, const Inputs& inputs, const MutableTensorView& output) {
  const StatusOr<Axes> axes = graph::PlanWindows(op, inputs[0].shape);
  if (!axes.ok()) return axes.status();
  return ForNumber(inputs[0].dtype, [&](auto tag) {
    PoolImages<decltype(tag)>(op, *axes, inputs[0], output);
    return OkStatus();
  });
}

}  // namespace minnow::interpreter
