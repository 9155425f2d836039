// Upsampling: each axis on its own, nearest as a Gather of fixed indices, bilinear as a product
// with the fixed matrix of its weights. Height and width must be known.
#include <algorithm>
#include <cmath>

#include "importers/torchscript/ops.h"

namespace minnow::importers::torchscript {
namespace {

using graph::ValueId;

constexpr int64_t kMaxSide = int64_t{1} << 16;
constexpr int64_t kMaxWeights = int64_t{1} << 22;

struct AxisPlan {
  int64_t from = 0, to = 0;
  double step = 1.0;  // input pixels an output pixel
};

// The scale factor of an axis: from a list of two, or from arguments of their own.
std::optional<double> ScaleOf(const Call& call, size_t first, size_t axis) {
  const Value& value = call.Argument(first, "scale_factors");
  if (value.Is(Value::Kind::kList)) {
    const std::vector<Value>& items = value.items->items;
    if (items.size() == 2) return NumberOf(items[axis], &call.trace());
    call.Fail(InvalidModel("scale_factors has %zu numbers", items.size()));
  }
  const std::string_view keyword = axis == 0 ? "scales_h" : "scales_w";
  if (!call.Has(first + axis, keyword)) return std::nullopt;
  return call.Number(first + axis, keyword, 1.0);
}

AxisPlan PlanAxis(const Call& call, int64_t from, size_t axis, size_t first_scale) {
  AxisPlan plan{from, 0, 1.0};
  const std::optional<double> scale = ScaleOf(call, first_scale, axis);
  const std::vector<int64_t> sizes = call.Ints(1, "output_size");
  if (sizes.size() == 2) {
    plan.to = sizes[axis];
  } else if (scale && *scale > 0.0 && *scale < static_cast<double>(kMaxSide)) {
    plan.to = static_cast<int64_t>(std::floor(static_cast<double>(from) * *scale));
  }
  if (from < 1 || from > kMaxSide || plan.to < 1 || plan.to > kMaxSide ||
      from * plan.to > kMaxWeights || (scale && !(*scale > 0.0))) {
    call.Fail(Unsupported("upsampling from %lld to %lld", static_cast<long long>(from),
                          static_cast<long long>(plan.to)));
    return {1, 1, 1.0};
  }
  plan.step = scale ? 1.0 / *scale : static_cast<double>(from) / static_cast<double>(plan.to);
  return plan;
}

// Image, then one plan for the height and one for the width.
struct Resize {
  ValueId x = graph::kNoValue;
  AxisPlan axes[2];
};

Resize ReadResize(const Call& call, size_t first_scale) {
  Resize resize;
  resize.x = call.Tensor(0, "input");
  const Shape shape = call.ShapeOf(resize.x);
  if (shape.rank() != 4) {
    call.Fail(Unsupported("the input has the shape %s; four dimensions are supported",
                          shape.ToString().c_str()));
    return resize;
  }
  for (size_t axis = 0; axis < 2; ++axis) {
    resize.axes[axis] = PlanAxis(call, shape[static_cast<int>(axis) + 2], axis, first_scale);
  }
  return resize;
}

// Row `i` holds what each input pixel gives to output pixel `i`.
std::vector<float> Weights(const AxisPlan& plan, bool align_corners) {
  std::vector<float> weights(static_cast<size_t>(plan.from * plan.to), 0.0f);
  for (int64_t i = 0; i < plan.to; ++i) {
    const auto position = static_cast<double>(i);
    double x = std::max((position + 0.5) * plan.step - 0.5, 0.0);
    if (align_corners) {
      x = plan.to == 1
              ? 0.0
              : position * static_cast<double>(plan.from - 1) / static_cast<double>(plan.to - 1);
    }
    const int64_t low = std::min(static_cast<int64_t>(x), plan.from - 1);
    const int64_t high = std::min(low + 1, plan.from - 1);
    const double part = x - static_cast<double>(low);
    float* row = weights.data() + i * plan.from;
    row[low] += static_cast<float>(1.0 - part);
    row[high] += static_cast<float>(part);
  }
  return weights;
}

}  // namespace

// (x, output_size, scale_factors) or (x, output_size, scales_h, scales_w)
Value RunUpsampleNearest(const Call& call) {
  const Resize resize = ReadResize(call, 2);
  ValueId x = resize.x;
  for (int axis = 0; axis < 2; ++axis) {
    const AxisPlan& plan = resize.axes[axis];
    std::vector<int64_t> indices(static_cast<size_t>(plan.to));
    for (int64_t i = 0; i < plan.to; ++i) {
      indices[static_cast<size_t>(i)] =
          std::min(static_cast<int64_t>(static_cast<double>(i) * plan.step), plan.from - 1);
    }
    const ValueId list = call.trace().AddInts(Shape{plan.to}, indices);
    x = call.Add(graph::Gather{axis + 2}, {x, list});
  }
  return call.Result(x);
}

// (x, output_size, align_corners, scale_factors) or (…, scales_h, scales_w)
Value RunUpsampleBilinear(const Call& call) {
  const Resize resize = ReadResize(call, 3);
  const bool align_corners = call.Bool(2, "align_corners", false);
  const AxisPlan& rows = resize.axes[0];
  const AxisPlan& columns = resize.axes[1];
  const ValueId down =
      call.trace().AddFloats("rows", Shape{rows.to, rows.from}, Weights(rows, align_corners));
  const ValueId across = call.trace().AddFloats("columns", Shape{columns.to, columns.from},
                                                Weights(columns, align_corners));
  const ValueId wide = call.Add(graph::MatMul{false, true}, {resize.x, across});
  return call.Result(graph::MatMul{}, {down, wide});
}

}  // namespace minnow::importers::torchscript
