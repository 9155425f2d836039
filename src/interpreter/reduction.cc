// What Pool2D, Reduce and Softmax compute. Sums of floats are accumulated in double. A NaN wins
// every maximum and minimum. The maximum of nothing is the lowest value of the type (-inf), the
// mean of nothing NaN.
#include <algorithm>
#include <cmath>

#include "graph/op_rules.h"
#include "interpreter/elements.h"
#include "interpreter/evaluators.h"
#include "interpreter/facts.h"

namespace minnow::interpreter {
namespace {

template <typename T>
T LowestOf() {
  if constexpr (std::is_floating_point_v<T>) return -std::numeric_limits<T>::infinity();
  return std::numeric_limits<T>::min();
}

template <typename T>
T HighestOf() {
  if constexpr (std::is_floating_point_v<T>) return std::numeric_limits<T>::infinity();
  return std::numeric_limits<T>::max();
}

// One axis of a pooling window: its taps inside the image, and the extent that counts for an
// average that includes padding (the overhang of ceil_mode never counts).
struct PoolAxis {
  int64_t size, kernel, stride, dilation, pad_begin, pad_end;

  struct Taps {
    int64_t first, end, step, count_with_pad;
  };
  Taps At(int64_t position) const {
    const int64_t start = position * stride - pad_begin;
    Taps taps;
    taps.step = dilation;
    taps.first = start >= 0 ? start : start + (-start + dilation - 1) / dilation * dilation;
    taps.end = std::min(start + (kernel - 1) * dilation + 1, size);
    const int64_t padded = size + pad_end - start;
    taps.count_with_pad = std::min(kernel, (padded + dilation - 1) / dilation);
    return taps;
  }
};

StatusOr<PoolAxis> MakePoolAxis(int64_t size, int64_t kernel, int64_t stride, int64_t dilation,
                                const graph::Pool2D& op, int64_t pad_begin, int64_t pad_end) {
  const StatusOr<graph::Window> window = graph::ResolveWindow(
      size, kernel, stride, dilation, op.padding.mode, pad_begin, pad_end, op.ceil_mode);
  if (!window.ok()) return window.status();
  return PoolAxis{size, kernel, stride, dilation, window->pad_begin, window->pad_end};
}

using Taps = PoolAxis::Taps;

template <typename T>
T MaxOver(const T* x, const Taps& rows, const Taps& columns, int64_t row_step,
          int64_t column_step) {
  T best = LowestOf<T>();
  for (int64_t y = rows.first; y < rows.end; y += rows.step) {
    for (int64_t c = columns.first; c < columns.end; c += columns.step) {
      const T value = x[y * row_step + c * column_step];
      if (value > best || IsNan(value)) best = value;
    }
  }
  return best;
}

template <typename T>
T AverageOver(const T* x, const Taps& rows, const Taps& columns, int64_t row_step,
              int64_t column_step, bool count_include_pad) {
  double sum = 0.0;
  int64_t inside = 0;
  for (int64_t y = rows.first; y < rows.end; y += rows.step) {
    for (int64_t c = columns.first; c < columns.end; c += columns.step) {
      sum += static_cast<double>(x[y * row_step + c * column_step]);
      ++inside;
    }
  }
  const int64_t count = count_include_pad ? rows.count_with_pad * columns.count_with_pad : inside;
  return count == 0 ? T(0) : static_cast<T>(sum / static_cast<double>(count));
}

struct PoolGeometry {
  PoolAxis vertical, horizontal;
  int height, width, channels;  // axis numbers
};

template <typename T>
void Pool(const graph::Pool2D& op, const PoolGeometry& g, const TensorView& input,
          const MutableTensorView& output) {
  const Strides from = RowMajorStrides(input.shape);
  const Strides to = RowMajorStrides(output.shape);
  const size_t h = static_cast<size_t>(g.height);
  const size_t w = static_cast<size_t>(g.width);
  const size_t c = static_cast<size_t>(g.channels);
  for (int64_t n = 0; n < output.shape[0]; ++n) {
    for (int64_t oy = 0; oy < output.shape[g.height]; ++oy) {
      const Taps rows = g.vertical.At(oy);
      for (int64_t ox = 0; ox < output.shape[g.width]; ++ox) {
        const Taps columns = g.horizontal.At(ox);
        for (int64_t channel = 0; channel < output.shape[g.channels]; ++channel) {
          const T* x = input.as<T>() + n * from[0] + channel * from[c];
          T* y = output.as<T>() + n * to[0] + oy * to[h] + ox * to[w] + channel * to[c];
          *y = op.kind == graph::PoolKind::kMax
                   ? MaxOver(x, rows, columns, from[h], from[w])
                   : AverageOver(x, rows, columns, from[h], from[w], op.count_include_pad);
        }
      }
    }
  }
}

// The running result of a reduction of T.
template <typename T>
class Accumulator {
 public:
  // Floats in double; integers modulo 2^64, of which the low bits are the result.
  using Sum = std::conditional_t<std::is_floating_point_v<T>, double, uint64_t>;

  explicit Accumulator(graph::ReduceKind kind) : kind_(kind) {
    if (kind == graph::ReduceKind::kProd) sum_ = 1;
    best_ = kind == graph::ReduceKind::kMin ? HighestOf<T>() : LowestOf<T>();
  }

  void Add(T value) {
    switch (kind_) {
      case graph::ReduceKind::kMean:
      case graph::ReduceKind::kSum:
        sum_ += static_cast<Sum>(value);
        break;
      case graph::ReduceKind::kProd:
        sum_ *= static_cast<Sum>(value);
        break;
      case graph::ReduceKind::kMax:
        if (value > best_ || IsNan(value)) best_ = value;
        break;
      case graph::ReduceKind::kMin:
        if (value < best_ || IsNan(value)) best_ = value;
        break;
    }
  }

  // The mean of integers truncates toward zero. REQUIRES: count > 0 for that.
  T Result(int64_t count) const {
    if (kind_ == graph::ReduceKind::kMax || kind_ == graph::ReduceKind::kMin) return best_;
    if (kind_ != graph::ReduceKind::kMean) return static_cast<T>(sum_);
    if constexpr (std::is_floating_point_v<T>) {
      return static_cast<T>(sum_ / static_cast<double>(count));
    } else if constexpr (std::is_signed_v<T>) {
      return static_cast<T>(static_cast<int64_t>(sum_) / count);
    } else {
      return static_cast<T>(sum_ / static_cast<uint64_t>(count));
    }
  }

 private:
  graph::ReduceKind kind_;
  Sum sum_ = 0;
  T best_;
};

// The input's shape with the reduced axes made 1 (what is kept) and with the kept axes made 1 (what
// is summed over).
struct ReducedShapes {
  Shape kept, summed;
};

template <typename T>
Status ReduceInto(graph::ReduceKind kind, const T* x, const Shape& shape,
                  const ReducedShapes& shapes, T* y) {
  const std::array<Strides, 1> strides = {RowMajorStrides(shape)};
  const int64_t count = shapes.summed.ElementCount();
  if (count == 0 && kind == graph::ReduceKind::kMean && !std::is_floating_point_v<T>) {
    return InvalidArgument("the integer mean of no elements");
  }
  const int64_t step = RowStep(shape, strides[0]);
  const int64_t kept_length = RowLength(shapes.kept);
  const int64_t summed_length = RowLength(shapes.summed);
  return ForEachRow<1>(shapes.kept, strides, [&](const std::array<int64_t, 1>& kept) {
    for (int64_t i = 0; i < kept_length; ++i) {
      const T* from = x + kept[0] + i * step;
      Accumulator<T> accumulator(kind);
      MINNOW_RETURN_IF_ERROR(
          ForEachRow<1>(shapes.summed, strides, [&](const std::array<int64_t, 1>& summed) {
            for (int64_t j = 0; j < summed_length; ++j) {
              accumulator.Add(from[summed[0] + j * step]);
            }
            return OkStatus();
          }));
      *y++ = accumulator.Result(count);
    }
    return OkStatus();
  });
}

// `length` elements, `step` apart. exp(x - max) / sum, so that nothing overflows.
template <typename T>
void SoftmaxRow(const T* x, T* y, int64_t length, int64_t step, bool log) {
  double largest = -std::numeric_limits<double>::infinity();
  for (int64_t i = 0; i < length; ++i) {
    const double value = static_cast<double>(x[i * step]);
    if (value > largest || std::isnan(value)) largest = value;
  }
  double sum = 0.0;
  for (int64_t i = 0; i < length; ++i) {
    sum += std::exp(static_cast<double>(x[i * step]) - largest);
  }
  for (int64_t i = 0; i < length; ++i) {
    const double shifted = static_cast<double>(x[i * step]) - largest;
    y[i * step] = static_cast<T>(log ? shifted - std::log(sum) : std::exp(shifted) / sum);
  }
}

}  // namespace

Status Run(const graph::Pool2D& op, const Inputs& inputs, const MutableTensorView& output) {
  if (op.bytes) return RunOnBytes(op, inputs, output);
  const graph::ImageAxes axes = graph::ImageAxesOf(op.layout);
  const graph::Padding& pad = op.padding;
  const StatusOr<PoolAxis> vertical =
      MakePoolAxis(inputs[0].shape[axes.height], op.kernel_h, op.stride_h, op.dilation_h, op,
                   pad.top, pad.bottom);
  if (!vertical.ok()) return vertical.status();
  const StatusOr<PoolAxis> horizontal =
      MakePoolAxis(inputs[0].shape[axes.width], op.kernel_w, op.stride_w, op.dilation_w, op,
                   pad.left, pad.right);
  if (!horizontal.ok()) return horizontal.status();
  const PoolGeometry geometry = {*vertical, *horizontal, axes.height, axes.width, axes.channels};
  return ForNumber(output.dtype, [&](auto tag) {
    using T = decltype(tag);
    Pool<T>(op, geometry, inputs[0], output);
    return OkStatus();
  });
}

Status Run(const graph::Reduce& op, const Inputs& inputs, const MutableTensorView& output) {
  if (op.bytes) return RunOnBytes(op, inputs, output);
  const Shape& shape = inputs[0].shape;
  const std::vector<graph::InputFact> facts = FactsOf(inputs);
  graph::ReducedAxes axes;
  MINNOW_RETURN_IF_ERROR(graph::FindReducedAxes(op, graph::OpInputs(facts), shape.rank(), &axes));
  ReducedShapes shapes;
  for (int axis = 0; axis < shape.rank(); ++axis) {
    shapes.kept.Append(axes.reduced[axis] ? 1 : shape[axis]);
    shapes.summed.Append(axes.reduced[axis] ? shape[axis] : 1);
  }
  return ForNumber(output.dtype, [&](auto tag) {
    using T = decltype(tag);
    return ReduceInto(op.kind, inputs[0].as<T>(), shape, shapes, output.as<T>());
  });
}

Status Run(const graph::Softmax& op, const Inputs& inputs, const MutableTensorView& output) {
  if (op.bytes) return RunOnBytes(op, inputs, output);
  const Shape& shape = output.shape;
  const StatusOr<int> axis = NormalizeAxis(op.axis, shape.rank());
  if (!axis.ok()) return axis.status();
  const int64_t outer = shape.ElementCount(0, *axis);
  const int64_t length = shape[*axis];
  const int64_t inner = shape.ElementCount(*axis + 1, shape.rank());
  return ForFloat(output.dtype, [&](auto tag) {
    using T = decltype(tag);
    for (int64_t i = 0; i < outer * inner; ++i) {
      const int64_t start = i / inner * length * inner + i % inner;
      SoftmaxRow(inputs[0].as<T>() + start, output.as<T>() + start, length, inner, op.log);
    }
    return OkStatus();
  });
}

}  // namespace minnow::interpreter
