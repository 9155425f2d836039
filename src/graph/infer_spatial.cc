// Shapes of windows over any number of spatial axes: ConvNd and PoolNd.
#include <algorithm>

#include "graph/op_rules.h"

namespace minnow::graph {
namespace {

Status CheckList(const std::vector<int64_t>& list, size_t size, int64_t least, const char* what) {
  if (list.size() != size) {
    return InvalidModel("%s has %zu numbers, expected %zu", what, list.size(), size);
  }
  for (int64_t number : list) {
    if (number < least || number > kMaxWindowAttribute) {
      return InvalidModel("%s holds %lld, expected at least %lld and at most %lld", what,
                          static_cast<long long>(number), static_cast<long long>(least),
                          static_cast<long long>(kMaxWindowAttribute));
    }
  }
  return OkStatus();
}

template <typename Op>
Status CheckLists(const Op& op, size_t axes) {
  MINNOW_RETURN_IF_ERROR(CheckList(op.strides, axes, 1, "strides"));
  MINNOW_RETURN_IF_ERROR(CheckList(op.dilations, axes, 1, "dilations"));
  if (op.mode != PadMode::kExplicit) return OkStatus();
  return CheckList(op.pads, 2 * axes, 0, "pads");
}

Status PlaceWindow(PadMode mode, bool ceil_mode, SpatialAxis* axis) {
  const StatusOr<Window> window =
      ResolveWindow(axis->size, axis->kernel, axis->stride, axis->dilation, mode, axis->pad_begin,
                    axis->pad_end, ceil_mode);
  if (!window.ok()) return window.status();
  axis->output = window->output;
  axis->pad_begin = window->pad_begin;
  axis->pad_end = window->pad_end;
  return OkStatus();
}

// Of what the full kernels cover, `total` pixels are cut off.
void CutEnds(int64_t total, PadMode mode, SpatialAxis* axis) {
  const int64_t smaller = total / 2;
  axis->pad_begin = mode == PadMode::kSameUpper ? smaller : total - smaller;
  axis->pad_end = total - axis->pad_begin;
}

Status PlaceTransposed(const ConvNd& op, size_t i, SpatialAxis* axis) {
  axis->output = kUnknownDim;
  if (axis->size == kUnknownDim || axis->kernel == kUnknownDim) return OkStatus();
  const int64_t added = op.output_padding.empty() ? 0 : op.output_padding[i];
  // At most 2^31 * 2^20 + 2^31 * 2^20.
  const int64_t full =
      (axis->size - 1) * axis->stride + (axis->kernel - 1) * axis->dilation + 1 + added;
  if (!op.output_sizes.empty()) {
    axis->output = op.output_sizes[i];
    CutEnds(std::max<int64_t>(0, full - axis->output), op.mode, axis);
  } else if (op.mode == PadMode::kSameUpper || op.mode == PadMode::kSameLower) {
    axis->output = axis->size * axis->stride;
    CutEnds(std::max<int64_t>(0, full - axis->output), op.mode, axis);
  } else {
    axis->output = full - axis->pad_begin - axis->pad_end;
  }
  if (axis->output >= 1 && axis->output <= kMaxElements && axis->size >= 1) return OkStatus();
  return InvalidModel("an axis of %lld becomes %lld", static_cast<long long>(axis->size),
                      static_cast<long long>(axis->output));
}

template <typename Op>
SpatialAxis AxisOf(const Op& op, size_t i, int64_t size, int64_t kernel) {
  SpatialAxis axis;
  axis.size = size;
  axis.kernel = kernel;
  axis.stride = op.strides[i];
  axis.dilation = op.dilations[i];
  if (op.mode == PadMode::kExplicit) {
    axis.pad_begin = op.pads[i];
    axis.pad_end = op.pads[op.strides.size() + i];
  }
  return axis;
}

Status CheckChannels(const ConvNd& op, int64_t channels, const Shape& weights) {
  if (op.groups < 1) return InvalidModel("groups is %lld", static_cast<long long>(op.groups));
  const int64_t in = op.transposed ? weights[0] : weights[1] * op.groups;
  const bool known = channels != kUnknownDim && weights.IsStatic();
  if (known && (weights.ElementCount() == 0 || channels != in || channels % op.groups != 0 ||
                (!op.transposed && weights[0] % op.groups != 0))) {
    return InvalidModel("weights of the shape %s for %lld channels in %lld groups",
                        weights.ToString().c_str(), static_cast<long long>(channels),
                        static_cast<long long>(op.groups));
  }
  return OkStatus();
}

void AppendOutputs(const std::vector<SpatialAxis>& axes, Shape* shape) {
  for (const SpatialAxis& axis : axes) shape->Append(axis.output);
}

}  // namespace

StatusOr<std::vector<SpatialAxis>> PlanWindows(const ConvNd& op, const Shape& x,
                                               const Shape& weights) {
  const size_t count = op.strides.size();
  MINNOW_RETURN_IF_ERROR(CheckLists(op, count));
  if (x.rank() != static_cast<int>(count) + 2 || weights.rank() != x.rank()) {
    return InvalidModel("the input %s and weights %s for %zu spatial axes", x.ToString().c_str(),
                        weights.ToString().c_str(), count);
  }
  if (!op.output_padding.empty()) {
    MINNOW_RETURN_IF_ERROR(CheckList(op.output_padding, count, 0, "output_padding"));
  }
  if (!op.output_sizes.empty()) {
    MINNOW_RETURN_IF_ERROR(CheckList(op.output_sizes, count, 1, "output_shape"));
  }
  std::vector<SpatialAxis> axes;
  for (size_t i = 0; i < count; ++i) {
    const int at = static_cast<int>(i) + 2;
    SpatialAxis axis = AxisOf(op, i, x[at], weights[at]);
    if (op.transposed) {
      MINNOW_RETURN_IF_ERROR(PlaceTransposed(op, i, &axis));
    } else if (axis.kernel == kUnknownDim) {
      axis.output = kUnknownDim;
    } else {
      MINNOW_RETURN_IF_ERROR(PlaceWindow(op.mode, false, &axis));
    }
    axes.push_back(axis);
  }
  return axes;
}

StatusOr<std::vector<SpatialAxis>> PlanWindows(const PoolNd& op, const Shape& x) {
  const size_t count = op.kernel.size();
  MINNOW_RETURN_IF_ERROR(CheckList(op.kernel, count, 1, "kernel_shape"));
  MINNOW_RETURN_IF_ERROR(CheckLists(op, count));
  if (x.rank() != static_cast<int>(count) + 2) {
    return InvalidModel("the input %s for %zu spatial axes", x.ToString().c_str(), count);
  }
  std::vector<SpatialAxis> axes;
  for (size_t i = 0; i < count; ++i) {
    SpatialAxis axis = AxisOf(op, i, x[static_cast<int>(i) + 2], op.kernel[i]);
    MINNOW_RETURN_IF_ERROR(PlaceWindow(op.mode, op.ceil_mode, &axis));
    axes.push_back(axis);
  }
  return axes;
}

Status Infer(const ConvNd& op, const OpInputs& inputs, OutputFact* output) {
  MINNOW_RETURN_IF_ERROR(CheckFloat(inputs[0]));
  MINNOW_RETURN_IF_ERROR(CheckSameDType(inputs, 0, 1));
  MINNOW_RETURN_IF_ERROR(CheckSameDType(inputs, 0, 2));
  output->dtype = inputs[0].dtype;
  if (!inputs[0].shape || !inputs[1].shape) return OkStatus();
  const Shape& x = *inputs[0].shape;
  const Shape& weights = *inputs[1].shape;
  const StatusOr<std::vector<SpatialAxis>> axes = PlanWindows(op, x, weights);
  if (!axes.ok()) return axes.status();
  MINNOW_RETURN_IF_ERROR(CheckChannels(op, x[1], weights));
  int64_t channels = weights[op.transposed ? 1 : 0];
  if (op.transposed && channels != kUnknownDim) channels *= op.groups;
  if (inputs.Has(2) && inputs[2].shape) {
    const Shape& bias = *inputs[2].shape;
    if (bias.rank() != 1) return InvalidModel("the bias has the shape %s", bias.ToString().c_str());
    MINNOW_RETURN_IF_ERROR(MergeDims(bias[0], channels, "bias and output channels", &channels));
  }
  Shape result = {x[0], channels};
  AppendOutputs(*axes, &result);
  output->shape = result;
  return OkStatus();
}

Status Infer(const PoolNd& op, const OpInputs& inputs, OutputFact* output) {
  if (op.average) MINNOW_RETURN_IF_ERROR(CheckFloat(inputs[0]));
  if (inputs[0].dtype == DType::kBool) return Unsupported("elements of type bool");
  output->dtype = op.indices ? DType::kS64 : inputs[0].dtype;
  if (!inputs[0].shape) return OkStatus();
  const StatusOr<std::vector<SpatialAxis>> axes = PlanWindows(op, *inputs[0].shape);
  if (!axes.ok()) return axes.status();
  Shape result = {(*inputs[0].shape)[0], (*inputs[0].shape)[1]};
  AppendOutputs(*axes, &result);
  output->shape = result;
  return OkStatus();
}

}  // namespace minnow::graph
