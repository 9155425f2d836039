// Shapes of ops that slide a window over an image: convolution and pooling. Padding arithmetic.
#include <algorithm>

#include "graph/op_rules.h"

namespace minnow::graph {
namespace {

Status CheckPositive(int64_t value, const char* what) {
  if (value >= 1 && value <= kMaxWindowAttribute) return OkStatus();
  return InvalidModel("%s %lld is outside [1, %lld]", what, static_cast<long long>(value),
                      static_cast<long long>(kMaxWindowAttribute));
}

Status CheckPad(int64_t value) {
  if (value >= 0 && value <= kMaxWindowAttribute) return OkStatus();
  return InvalidModel("padding %lld is outside [0, %lld]", static_cast<long long>(value),
                      static_cast<long long>(kMaxWindowAttribute));
}

// One axis of a window: what Conv2D and Pool2D have in common.
struct WindowAxis {
  int64_t kernel, stride, dilation, pad_begin, pad_end;
};

Status CheckWindow(const WindowAxis& axis, PadMode mode) {
  MINNOW_RETURN_IF_ERROR(CheckPositive(axis.kernel, "kernel size"));
  MINNOW_RETURN_IF_ERROR(CheckPositive(axis.stride, "stride"));
  MINNOW_RETURN_IF_ERROR(CheckPositive(axis.dilation, "dilation"));
  if (mode != PadMode::kExplicit) return OkStatus();
  MINNOW_RETURN_IF_ERROR(CheckPad(axis.pad_begin));
  return CheckPad(axis.pad_end);
}

int64_t EffectiveKernel(const WindowAxis& axis) { return (axis.kernel - 1) * axis.dilation + 1; }

Window ResolveSame(int64_t input, const WindowAxis& axis, PadMode mode) {
  Window window;
  window.output = (input + axis.stride - 1) / axis.stride;
  int64_t total = (window.output - 1) * axis.stride + EffectiveKernel(axis) - input;
  if (total < 0) total = 0;
  const int64_t smaller = total / 2;
  window.pad_begin = mode == PadMode::kSameUpper ? smaller : total - smaller;
  window.pad_end = total - window.pad_begin;
  return window;
}

Window ResolveUnknown(const WindowAxis& axis, PadMode mode) {
  Window window;
  window.output = kUnknownDim;
  if (mode == PadMode::kExplicit) {
    window.pad_begin = axis.pad_begin;
    window.pad_end = axis.pad_end;
  } else if (mode != PadMode::kValid) {
    // With stride 1 the total is the same for every size.
    const bool any_size = axis.stride == 1;
    const Window one = ResolveSame(1, axis, mode);
    window.pad_begin = any_size ? one.pad_begin : kUnknownDim;
    window.pad_end = any_size ? one.pad_end : kUnknownDim;
  }
  return window;
}

StatusOr<Window> Resolve(int64_t input, const WindowAxis& axis, PadMode mode, bool ceil_mode) {
  MINNOW_RETURN_IF_ERROR(CheckWindow(axis, mode));
  if (input == kUnknownDim) return ResolveUnknown(axis, mode);
  if (input < 0 || input > kMaxElements) {
    return InvalidModel("an image side of %lld", static_cast<long long>(input));
  }
  if (input > 0 && (mode == PadMode::kSameUpper || mode == PadMode::kSameLower)) {
    return ResolveSame(input, axis, mode);
  }
  Window window;
  if (mode == PadMode::kExplicit) {
    window.pad_begin = axis.pad_begin;
    window.pad_end = axis.pad_end;
  }
  const int64_t rest = input + window.pad_begin + window.pad_end - EffectiveKernel(axis);
  if (input == 0 || rest < 0) {
    return InvalidModel("a window of %lld does not fit into %lld with padding %lld and %lld",
                        static_cast<long long>(EffectiveKernel(axis)),
                        static_cast<long long>(input), static_cast<long long>(window.pad_begin),
                        static_cast<long long>(window.pad_end));
  }
  window.output = rest / axis.stride + 1;
  // ONNX: rounding up adds a window only if it starts inside the image or the begin padding. For
  // VALID its formula ceil((input - kernel + 1) / stride) is the same as rounding down.
  if (ceil_mode && mode == PadMode::kExplicit && rest % axis.stride != 0 &&
      window.output * axis.stride < input + window.pad_begin) {
    ++window.output;
  }
  return window;
}

StatusOr<int64_t> OutputSide(int64_t input, const WindowAxis& axis, PadMode mode, bool ceil_mode,
                             const char* side) {
  const StatusOr<Window> window = Resolve(input, axis, mode, ceil_mode);
  if (!window.ok()) return window.status().WithContext(side);
  return window->output;
}

Status CheckImage(const InputFact& image, const char* what) {
  if (image.shape && image.shape->rank() != 4) {
    return InvalidModel("%s has the shape %s, expected 4 dimensions", what,
                        image.shape->ToString().c_str());
  }
  return OkStatus();
}

Status CheckConvAttributes(const Conv2D& op) {
  const Padding& pad = op.padding;
  const WindowAxis vertical = {1, op.stride_h, op.dilation_h, pad.top, pad.bottom};
  const WindowAxis horizontal = {1, op.stride_w, op.dilation_w, pad.left, pad.right};
  MINNOW_RETURN_IF_ERROR(CheckWindow(vertical, pad.mode));
  MINNOW_RETURN_IF_ERROR(CheckWindow(horizontal, pad.mode));
  if (op.groups < 1) return InvalidModel("groups is %lld", static_cast<long long>(op.groups));
  return CheckActivation(op.activation);
}

Status CheckConvChannels(const Conv2D& op, const WeightDims& weights, int64_t input_channels) {
  const int64_t out = weights.output_channels;
  const auto text = [](int64_t value) { return static_cast<long long>(value); };
  if (out == 0 || weights.input_channels == 0) return InvalidModel("weights without elements");
  if (out != kUnknownDim && out % op.groups != 0) {
    return InvalidModel("groups %lld do not divide %lld output channels", text(op.groups),
                        text(out));
  }
  if (input_channels != kUnknownDim && input_channels % op.groups != 0) {
    return InvalidModel("groups %lld do not divide %lld input channels", text(op.groups),
                        text(input_channels));
  }
  if (input_channels != kUnknownDim && weights.input_channels != kUnknownDim &&
      input_channels / op.groups != weights.input_channels) {
    return InvalidModel(
        "weights for %lld input channels a group, but there are %lld in %lld groups",
        text(weights.input_channels), text(input_channels), text(op.groups));
  }
  return OkStatus();
}

Status CheckConvBiasAndResidual(const OpInputs& inputs, const OutputFact& output,
                                int64_t channels) {
  int64_t merged = 0;
  if (inputs.Has(2) && inputs[2].shape) {
    const Shape& bias = *inputs[2].shape;
    if (bias.rank() != 1) {
      return InvalidModel("the bias has the shape %s, expected a list", bias.ToString().c_str());
    }
    MINNOW_RETURN_IF_ERROR(MergeDims(bias[0], channels, "bias and output channels", &merged));
  }
  if (!inputs.Has(3) || !inputs[3].shape || !output.shape) return OkStatus();
  const Shape& residual = *inputs[3].shape;
  if (residual.rank() != 4) {
    return InvalidModel("the residual has the shape %s, expected %s", residual.ToString().c_str(),
                        output.shape->ToString().c_str());
  }
  for (int axis = 0; axis < 4; ++axis) {
    MINNOW_RETURN_IF_ERROR(
        MergeDims(residual[axis], (*output.shape)[axis], "residual and output", &merged));
  }
  return OkStatus();
}

}  // namespace

StatusOr<Window> ResolveWindow(int64_t input, int64_t kernel, int64_t stride, int64_t dilation,
                               PadMode mode, int64_t pad_begin, int64_t pad_end, bool ceil_mode) {
  return Resolve(input, {kernel, stride, dilation, pad_begin, pad_end}, mode, ceil_mode);
}

WeightDims WeightDimsOf(const Shape& weights, WeightLayout layout) {
  const Shape& w = weights;
  switch (layout) {
    case WeightLayout::kOHWI:
      return {w[0], w[3], w[1], w[2]};
    case WeightLayout::kOIHW:
      return {w[0], w[1], w[2], w[3]};
    case WeightLayout::kHWIO:
      return {w[3], w[2], w[0], w[1]};
    case WeightLayout::kHWCM:
      break;
  }
  const bool known = w[2] != kUnknownDim && w[3] != kUnknownDim;
  return {known ? w[2] * w[3] : kUnknownDim, 1, w[0], w[1]};
}

ImageAxes ImageAxesOf(DataLayout layout) {
  return layout == DataLayout::kNHWC ? ImageAxes{1, 2, 3} : ImageAxes{2, 3, 1};
}

Status Infer(const Conv2D& op, const OpInputs& inputs, OutputFact* output) {
  MINNOW_RETURN_IF_ERROR(CheckConvAttributes(op));
  MINNOW_RETURN_IF_ERROR(CheckFloat(inputs[0]));
  for (size_t i = 1; i < 4; ++i) MINNOW_RETURN_IF_ERROR(CheckSameDType(inputs, 0, i));
  MINNOW_RETURN_IF_ERROR(CheckImage(inputs[0], "the input"));
  MINNOW_RETURN_IF_ERROR(CheckImage(inputs[1], "the weights"));
  output->dtype = inputs[0].dtype;
  if (!inputs[1].shape) return OkStatus();
  const Shape& shape = *inputs[1].shape;
  const WeightDims weights = WeightDimsOf(shape, op.weight_layout);
  if (op.weight_layout == WeightLayout::kHWCM && shape[2] != kUnknownDim && shape[2] != op.groups) {
    return InvalidModel("depthwise weights for %lld channels in %lld groups",
                        static_cast<long long>(shape[2]), static_cast<long long>(op.groups));
  }
  const ImageAxes axes = ImageAxesOf(op.layout);
  const int64_t channels = inputs[0].shape ? (*inputs[0].shape)[axes.channels] : kUnknownDim;
  MINNOW_RETURN_IF_ERROR(CheckConvChannels(op, weights, channels));
  if (inputs[0].shape) {
    const Shape& x = *inputs[0].shape;
    Shape result = x;
    result[axes.channels] = weights.output_channels;
    result[axes.height] = result[axes.width] = kUnknownDim;
    const Padding& pad = op.padding;
    if (weights.kernel_h != kUnknownDim) {
      const StatusOr<int64_t> height = OutputSide(
          x[axes.height], {weights.kernel_h, op.stride_h, op.dilation_h, pad.top, pad.bottom},
          pad.mode, false, "height");
      if (!height.ok()) return height.status();
      result[axes.height] = *height;
    }
    if (weights.kernel_w != kUnknownDim) {
      const StatusOr<int64_t> width = OutputSide(
          x[axes.width], {weights.kernel_w, op.stride_w, op.dilation_w, pad.left, pad.right},
          pad.mode, false, "width");
      if (!width.ok()) return width.status();
      result[axes.width] = *width;
    }
    output->shape = result;
  }
  return CheckConvBiasAndResidual(inputs, *output, weights.output_channels);
}

Status Infer(const Pool2D& op, const OpInputs& inputs, OutputFact* output) {
  if (op.bytes) return InferOnBytes(op, inputs, output);
  const Padding& pad = op.padding;
  const WindowAxis vertical = {op.kernel_h, op.stride_h, op.dilation_h, pad.top, pad.bottom};
  const WindowAxis horizontal = {op.kernel_w, op.stride_w, op.dilation_w, pad.left, pad.right};
  for (const WindowAxis& axis : {vertical, horizontal}) {
    MINNOW_RETURN_IF_ERROR(CheckWindow(axis, pad.mode));
    if (pad.mode == PadMode::kExplicit &&
        std::max(axis.pad_begin, axis.pad_end) >= EffectiveKernel(axis)) {
      return InvalidModel("padding %lld reaches past a window of %lld",
                          static_cast<long long>(std::max(axis.pad_begin, axis.pad_end)),
                          static_cast<long long>(EffectiveKernel(axis)));
    }
  }
  if (op.kind == PoolKind::kAverage) MINNOW_RETURN_IF_ERROR(CheckFloat(inputs[0]));
  if (inputs[0].dtype == DType::kBool) return Unsupported("elements of type bool");
  MINNOW_RETURN_IF_ERROR(CheckImage(inputs[0], "the input"));
  output->dtype = inputs[0].dtype;
  if (!inputs[0].shape) return OkStatus();
  const ImageAxes axes = ImageAxesOf(op.layout);
  Shape result = *inputs[0].shape;
  const StatusOr<int64_t> height =
      OutputSide(result[axes.height], vertical, pad.mode, op.ceil_mode, "height");
  if (!height.ok()) return height.status();
  const StatusOr<int64_t> width =
      OutputSide(result[axes.width], horizontal, pad.mode, op.ceil_mode, "width");
  if (!width.ok()) return width.status();
  result[axes.height] = *height;
  result[axes.width] = *width;
  output->shape = result;
  return OkStatus();
}

}  // namespace minnow::graph
