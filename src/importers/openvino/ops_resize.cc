// Interpolate: each axis on its own, nearest as a Gather of fixed indices, the others as a product
// with the fixed matrix of their weights. Sizes must be known when the model is loaded.
#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "importers/common_rows.h"
#include "importers/openvino/attributes.h"
#include "importers/openvino/ops.h"

namespace minnow::importers::openvino {
namespace {

using graph::ValueId;

struct Interpolation {
  std::string mode;         // nearest, linear, linear_onnx, cubic
  std::string coordinates;  // coordinate_transformation_mode
  std::string rounding;     // nearest_mode
  double cube_coefficient = -0.75;
};

struct AxisPlan {
  int axis = 0;
  int64_t from = 0, to = 0;
  double scale = 1.0;
};

// The place in the input of output element `i`.
double SourceOf(const Interpolation& kind, const AxisPlan& plan, int64_t i) {
  const auto position = static_cast<double>(i);
  if (kind.coordinates == "asymmetric") return position / plan.scale;
  if (kind.coordinates == "tf_half_pixel_for_nn") return (position + 0.5) / plan.scale;
  if (kind.coordinates == "align_corners") {
    if (plan.to == 1) return 0.0;
    return position * static_cast<double>(plan.from - 1) / static_cast<double>(plan.to - 1);
  }
  if (kind.coordinates == "pytorch_half_pixel" && plan.to == 1) return 0.0;
  return (position + 0.5) / plan.scale - 0.5;
}

int64_t NearestOf(const Interpolation& kind, const AxisPlan& plan, double x) {
  double nearest = std::ceil(x - 0.5);  // round_prefer_floor
  if (kind.rounding == "round_prefer_ceil") nearest = std::floor(x + 0.5);
  if (kind.rounding == "floor") nearest = std::floor(x);
  if (kind.rounding == "ceil") nearest = std::ceil(x);
  if (kind.rounding == "simple") nearest = plan.scale < 1.0 ? std::ceil(x) : std::trunc(x);
  return static_cast<int64_t>(std::clamp(nearest, 0.0, static_cast<double>(plan.from - 1)));
}

// Adds the weights of one output element to a row of `plan.from` zeros.
void AddWeights(const Interpolation& kind, const AxisPlan& plan, double x, float* row) {
  const auto last = static_cast<double>(plan.from - 1);
  const double floor = std::floor(x), t = x - floor;
  const auto add = [&](double index, double weight) {
    row[static_cast<int64_t>(std::clamp(index, 0.0, last))] += static_cast<float>(weight);
  };
  if (kind.mode != "cubic") {
    add(floor, 1.0 - t);
    add(floor + 1.0, t);
    return;
  }
  const double a = kind.cube_coefficient;
  add(floor - 1.0, a * (t - 1.0) * (t - 1.0) * t);
  add(floor, ((a + 2.0) * t - (a + 3.0)) * t * t + 1.0);
  add(floor + 1.0, (((-a - 2.0) * t + (2.0 * a + 3.0)) * t - a) * t);
  add(floor + 2.0, -a * t * t * (t - 1.0));
}

Status Charge(const NodeView& node, ImportContext* context, int64_t elements, int64_t size_bytes) {
  if (elements <= *context->expansion_budget_bytes() / size_bytes) {
    *context->expansion_budget_bytes() -= elements * size_bytes;
    return OkStatus();
  }
  return node.Fail(Unsupported("the sizes are too large"));
}

// x with one axis resized; kNoValue after an error.
ValueId Nearest(const NodeView& node, ImportContext* context, const Interpolation& kind,
                const AxisPlan& plan, ValueId x) {
  if (!Charge(node, context, plan.to, sizeof(int64_t)).ok()) return graph::kNoValue;
  std::vector<int64_t> indices(static_cast<size_t>(plan.to));
  for (int64_t i = 0; i < plan.to; ++i) {
    indices[static_cast<size_t>(i)] = NearestOf(kind, plan, SourceOf(kind, plan, i));
  }
  StatusOr<Tensor> tensor = Tensor::From<int64_t>(Shape{plan.to}, indices.data());
  if (!tensor.ok()) node.Record(tensor.status());
  if (!tensor.ok()) return graph::kNoValue;
  const std::string name = node.OutputName(0) + "/indices" + std::to_string(plan.axis);
  return node.Add(graph::Gather{plan.axis},
                  {x, context->graph().AddConstant(name, std::move(*tensor))});
}

ValueId Weighted(const NodeView& node, ImportContext* context, const Interpolation& kind,
                 const AxisPlan& plan, int rank, ValueId x) {
  const int behind = rank - 1 - plan.axis;
  if (behind > 1) {
    node.Record(Unsupported("axis %d of %d; the last two are supported", plan.axis, rank));
    return graph::kNoValue;
  }
  // Both factors are at most kMaxElements.
  if (!Charge(node, context, plan.from * plan.to, sizeof(float)).ok()) return graph::kNoValue;
  std::vector<float> weights(static_cast<size_t>(plan.from * plan.to), 0.0f);
  for (int64_t i = 0; i < plan.to; ++i) {
    AddWeights(kind, plan, SourceOf(kind, plan, i), &weights[static_cast<size_t>(i * plan.from)]);
  }
  const ValueId matrix = node.AddConstant(Shape{plan.to, plan.from}, weights);
  if (behind == 0) return node.Add(graph::MatMul{false, true}, {x, matrix});
  return node.Add(graph::MatMul{}, {matrix, x});
}

Interpolation ReadKind(const NodeView& node, int64_t opset) {
  Interpolation kind;
  kind.mode = node.Text("mode", "");
  if (opset < 4) {
    const bool align = ReadBool(node, "align_corners", true);
    kind.coordinates = align ? "align_corners" : "asymmetric";
    kind.rounding = "simple";
  } else {
    kind.coordinates = node.Text("coordinate_transformation_mode", "half_pixel");
    kind.rounding = node.Text("nearest_mode", "round_prefer_floor");
    kind.cube_coefficient = static_cast<double>(ReadFloat(node, "cube_coeff", -0.75f));
  }
  const auto check = [&node](const std::string& value, std::initializer_list<const char*> known) {
    if (std::find(known.begin(), known.end(), value) != known.end()) return;
    node.Record(Unsupported("mode %s is not supported", Quote(value).c_str()));
  };
  check(kind.mode, {"nearest", "linear", "linear_onnx", "cubic"});
  check(kind.coordinates, {"half_pixel", "pytorch_half_pixel", "asymmetric", "tf_half_pixel_for_nn",
                           "align_corners"});
  check(kind.rounding, {"round_prefer_floor", "round_prefer_ceil", "floor", "ceil", "simple"});
  if (ReadBool(node, "antialias", false)) node.Record(Unsupported("antialias is not supported"));
  for (const char* pads : {"pads_begin", "pads_end"}) {
    for (int64_t pad : ReadInts(node, pads)) {
      if (pad != 0) node.Record(Unsupported("%s are not supported", pads));
    }
  }
  return kind;
}

// The numbers of a constant list of f32.
std::vector<double> RequiredScales(const NodeView& node, size_t index) {
  const Tensor* tensor = node.ConstantInput(index);
  if (tensor == nullptr || tensor->dtype() != DType::kF32) {
    node.Record(Unsupported("the scales are no constant of f32"));
    return {};
  }
  const auto* values = tensor->as<float>();
  return {values, values + tensor->ElementCount()};
}

// One plan an axis that changes.
std::vector<AxisPlan> ReadPlans(const NodeView& node, const Shape& shape, int64_t opset) {
  // Inputs: data, sizes, scales, axes (4); data, sizes or scales, axes (11); axes an attribute (1).
  const size_t axes_input = opset >= 11 ? 2 : 3;
  std::vector<int64_t> axes;
  if (opset < 4) axes = ReadInts(node, "axes");
  if (opset >= 4 && node.HasInput(axes_input)) axes = node.RequiredInts(axes_input, "the axes");
  for (int axis = 0; axes.empty() && axis < shape.rank(); ++axis) axes.push_back(axis);
  const bool by_scales = opset >= 4 && node.Text("shape_calculation_mode", "") == "scales";
  std::vector<double> numbers;
  if (by_scales) {
    numbers = RequiredScales(node, opset >= 11 ? 1 : 2);
  } else {
    for (int64_t size : node.RequiredInts(1, "the sizes")) {
      numbers.push_back(static_cast<double>(size));
    }
  }
  std::vector<AxisPlan> plans;
  if (numbers.size() != axes.size()) {
    node.Record(InvalidModel("%zu sizes for %zu axes", numbers.size(), axes.size()));
    return plans;
  }
  for (size_t i = 0; i < axes.size(); ++i) {
    const StatusOr<int> axis = NormalizeAxis(axes[i], shape.rank());
    if (!axis.ok()) node.Record(axis.status());
    if (!axis.ok()) return {};
    const int64_t from = shape[*axis];
    if (from < 1) {
      // An axis that keeps its size may be open.
      if (by_scales && numbers[i] == 1.0) continue;
      node.Record(Unsupported("axis %d has no size known before run time", *axis));
      return {};
    }
    const double to = by_scales ? std::floor(numbers[i] * static_cast<double>(from)) : numbers[i];
    if (!(to >= 1.0 && to <= static_cast<double>(kMaxElements))) {
      node.Record(InvalidModel("axis %d gets the size %g", *axis, to));
      return {};
    }
    const double scale = by_scales ? numbers[i] : to / static_cast<double>(from);
    const AxisPlan plan{*axis, from, static_cast<int64_t>(to), scale};
    if (plan.to != from || scale != 1.0) plans.push_back(plan);
  }
  return plans;
}

}  // namespace

Status ImportInterpolate(const NodeView& node, ImportContext* context) {
  const int64_t opset = OpsetOf(node.record());
  const Interpolation kind = ReadKind(node, opset);
  ValueId x = node.Input(0);
  const std::optional<Shape> shape = context->ShapeOf(x);
  MINNOW_RETURN_IF_ERROR(context->status());
  if (!shape) return node.Fail(Unsupported("an input of unknown shape"));
  for (const AxisPlan& plan : ReadPlans(node, *shape, opset)) {
    if (!context->status().ok()) return context->status();
    x = kind.mode == "nearest" ? Nearest(node, context, kind, plan, x)
                               : Weighted(node, context, kind, plan, shape->rank(), x);
  }
  return node.Output(0, graph::Identity{}, {x});
}

}  // namespace minnow::importers::openvino
