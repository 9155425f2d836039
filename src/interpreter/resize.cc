// What Resize computes: each axis on its own, a few weighted neighbours an output index, in double.
#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "graph/op_rules.h"
#include "interpreter/elements.h"
#include "interpreter/evaluators.h"
#include "interpreter/facts.h"

namespace minnow::interpreter {
namespace {

using graph::Resize;

// Of one output index along one axis.
struct Sample {
  int count = 0;
  int64_t indices[4] = {};
  double weights[4] = {};
  bool is_outside = false;  // kTfCropAndResize only
};

struct AxisGeometry {
  int64_t from, to;
  double scale;
  double roi_start, roi_end;
};

double PlaceOf(const Resize& op, const AxisGeometry& axis, int64_t index) {
  const double x = static_cast<double>(index);
  const double last_from = static_cast<double>(axis.from - 1);
  const double last_to = static_cast<double>(axis.to - 1);
  switch (op.coordinates) {
    case Resize::Coordinates::kHalfPixel:
      break;
    case Resize::Coordinates::kPytorchHalfPixel:
      if (axis.to == 1) return 0.0;
      break;
    case Resize::Coordinates::kAlignCorners:
      return axis.to == 1 ? 0.0 : x * last_from / last_to;
    case Resize::Coordinates::kAsymmetric:
      return x / axis.scale;
    case Resize::Coordinates::kTfHalfPixelForNn:
      return (x + 0.5) / axis.scale;
    case Resize::Coordinates::kTfCropAndResize:
      if (axis.to == 1) return 0.5 * (axis.roi_start + axis.roi_end) * last_from;
      return (axis.roi_start + x * (axis.roi_end - axis.roi_start) / last_to) * last_from;
  }
  return (x + 0.5) / axis.scale - 0.5;
}

double NearestTo(Resize::Rounding rounding, double x) {
  switch (rounding) {
    case Resize::Rounding::kRoundPreferFloor:
      return std::ceil(x - 0.5);
    case Resize::Rounding::kRoundPreferCeil:
      return std::floor(x + 0.5);
    case Resize::Rounding::kFloor:
      return std::floor(x);
    case Resize::Rounding::kCeil:
      break;
  }
  return std::ceil(x);
}

// Weights of the neighbours at floor(x) - 1 … floor(x) + 2 for t = x - floor(x): Keys' cubic
// convolution with the coefficient a.
void CubicWeights(double t, double a, double weights[4]) {
  const auto near = [a](double d) { return ((a + 2.0) * d - (a + 3.0)) * d * d + 1.0; };
  const auto far = [a](double d) { return ((a * d - 5.0 * a) * d + 8.0 * a) * d - 4.0 * a; };
  weights[0] = far(t + 1.0);
  weights[1] = near(t);
  weights[2] = near(1.0 - t);
  weights[3] = far(2.0 - t);
}

Sample SampleAt(const Resize& op, const AxisGeometry& axis, int64_t index) {
  const double last = static_cast<double>(axis.from - 1);
  Sample sample;
  double x = PlaceOf(op, axis, index);
  if (op.coordinates == Resize::Coordinates::kTfCropAndResize) {
    sample.is_outside = !(x >= 0.0 && x <= last);
  }
  // A place far outside (or a NaN from the roi) takes the border; so sums below cannot overflow.
  x = x >= -2.0 ? std::min(x, last + 2.0) : -2.0;
  const auto add = [&](double at, double weight) {
    if (op.exclude_outside && (at < 0.0 || at > last)) return;
    sample.indices[sample.count] = static_cast<int64_t>(std::clamp(at, 0.0, last));
    sample.weights[sample.count++] = weight;
  };
  const double floor = std::floor(x);
  if (op.mode == Resize::Mode::kNearest) {
    sample.indices[sample.count] =
        static_cast<int64_t>(std::clamp(NearestTo(op.rounding, x), 0.0, last));
    sample.weights[sample.count++] = 1.0;
  } else if (op.mode == Resize::Mode::kLinear) {
    add(floor, 1.0 - (x - floor));
    add(floor + 1.0, x - floor);
  } else {
    double weights[4];
    CubicWeights(x - floor, static_cast<double>(op.cubic_a), weights);
    for (int i = 0; i < 4; ++i) add(floor - 1.0 + i, weights[i]);
  }
  double sum = 0.0;
  for (int i = 0; i < sample.count; ++i) sum += sample.weights[i];
  if (op.exclude_outside && sum != 0.0) {
    for (int i = 0; i < sample.count; ++i) sample.weights[i] /= sum;
  }
  return sample;
}

// Nearest: elements as they are, whatever their type.
Status Move(const Resize& op, const std::vector<AxisGeometry>& axes, const TensorView& x,
            const MutableTensorView& output) {
  const Strides from = RowMajorStrides(x.shape);
  const Strides to = RowMajorStrides(output.shape);
  // Of each axis, where its output indices lie in the input.
  std::vector<std::vector<uint32_t>> sources(axes.size());
  for (size_t a = 0; a < axes.size(); ++a) {
    sources[a].resize(static_cast<size_t>(axes[a].to));
    for (int64_t i = 0; i < axes[a].to; ++i) {
      sources[a][static_cast<size_t>(i)] =
          static_cast<uint32_t>(SampleAt(op, axes[a], i).indices[0]);
    }
  }
  const int64_t count = output.ElementCount();
  return ForWidth(output.dtype, [&](auto tag) {
    using T = decltype(tag);
    for (int64_t i = 0; i < count; ++i) {
      int64_t offset = 0;
      for (size_t a = 0; a < axes.size(); ++a) {
        const int64_t index = i / to[a] % axes[a].to;
        offset += int64_t{sources[a][static_cast<size_t>(index)]} * from[a];
      }
      output.as<T>()[i] = x.as<T>()[offset];
    }
    return OkStatus();
  });
}

// One axis of `shape` resampled; `shape` follows.
std::vector<double> ResampleAxis(const Resize& op, const AxisGeometry& geometry, int axis,
                                 const std::vector<double>& x, Shape* shape) {
  const int64_t outer = shape->ElementCount(0, axis), length = (*shape)[axis];
  const int64_t inner = shape->ElementCount(axis + 1, shape->rank());
  std::vector<double> y(static_cast<size_t>(outer * geometry.to * inner), 0.0);
  for (int64_t j = 0; j < geometry.to; ++j) {
    const Sample sample = SampleAt(op, geometry, j);
    for (int64_t i = 0; i < outer; ++i) {
      double* to = y.data() + (i * geometry.to + j) * inner;
      for (int n = 0; n < sample.count; ++n) {
        const double* from = x.data() + (i * length + sample.indices[n]) * inner;
        for (int64_t k = 0; k < inner; ++k) to[k] += sample.weights[n] * from[k];
      }
    }
  }
  (*shape)[axis] = geometry.to;
  return y;
}

// Axes that shrink come first, so that nothing between is larger than input and output.
std::vector<int> OrderOfAxes(const Shape& from, const Shape& to) {
  std::vector<int> order(static_cast<size_t>(from.rank()));
  std::iota(order.begin(), order.end(), 0);
  std::stable_partition(order.begin(), order.end(), [&](int a) { return to[a] <= from[a]; });
  return order;
}

void FillOutside(const Resize& op, const AxisGeometry& geometry, int axis, const Shape& shape,
                 std::vector<double>* y) {
  const int64_t outer = shape.ElementCount(0, axis);
  const int64_t inner = shape.ElementCount(axis + 1, shape.rank());
  for (int64_t j = 0; j < geometry.to; ++j) {
    if (!SampleAt(op, geometry, j).is_outside) continue;
    for (int64_t i = 0; i < outer; ++i) {
      double* first = y->data() + (i * geometry.to + j) * inner;
      std::fill(first, first + inner, static_cast<double>(op.extrapolation));
    }
  }
}

}  // namespace

Status Run(const Resize& op, const Inputs& inputs, const MutableTensorView& output) {
  const TensorView& x = inputs[0];
  const std::vector<graph::InputFact> facts = FactsOf(inputs);
  std::optional<std::vector<graph::ResizedAxis>> plan;
  MINNOW_RETURN_IF_ERROR(graph::PlanResize(graph::OpInputs(facts), &plan));
  const size_t rank = plan->size();
  const bool crops = op.coordinates == Resize::Coordinates::kTfCropAndResize;
  std::vector<AxisGeometry> axes(rank);
  for (size_t a = 0; a < rank; ++a) {
    axes[a] = {x.shape[static_cast<int>(a)], (*plan)[a].size, (*plan)[a].scale, 0.0, 1.0};
    if (!crops) continue;
    axes[a].roi_start = static_cast<double>(inputs[1].as<float>()[a]);
    axes[a].roi_end = static_cast<double>(inputs[1].as<float>()[rank + a]);
  }
  if (op.mode == Resize::Mode::kNearest && !crops) return Move(op, axes, x, output);
  return ForNumber(output.dtype, [&](auto tag) {
    using T = decltype(tag);
    std::vector<double> values(x.as<T>(), x.as<T>() + x.ElementCount());
    Shape shape = x.shape;
    for (int axis : OrderOfAxes(x.shape, output.shape)) {
      const AxisGeometry& geometry = axes[static_cast<size_t>(axis)];
      if (!crops && geometry.to == geometry.from && geometry.scale == 1.0) continue;
      values = ResampleAxis(op, geometry, axis, values, &shape);
    }
    for (int axis = 0; crops && axis < shape.rank(); ++axis) {
      FillOutside(op, axes[static_cast<size_t>(axis)], axis, shape, &values);
    }
    for (size_t i = 0; i < values.size(); ++i) output.as<T>()[i] = FromDouble<T>(values[i]);
    return OkStatus();
  });
}

}  // namespace minnow::interpreter
