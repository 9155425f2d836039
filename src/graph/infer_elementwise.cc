// Shapes of ops that work element by element or along one axis: unary, binary, cast, where,
// normalisation, softmax, reductions.
#include <cmath>

#include "graph/op_rules.h"

namespace minnow::graph {
namespace {

Status CheckNumeric(const InputFact& input) {
  if (input.dtype != DType::kBool) return OkStatus();
  return InvalidModel("elements of type bool, expected numbers");
}

Status CheckBool(const InputFact& input) {
  if (input.dtype == DType::kBool) return OkStatus();
  return InvalidModel("elements of type %s, expected bool", DTypeName(input.dtype));
}

bool WorksOnIntegers(UnaryKind kind) {
  return kind == UnaryKind::kNeg || kind == UnaryKind::kAbs || kind == UnaryKind::kSign ||
         kind == UnaryKind::kSquare;
}

bool IsComparison(BinaryKind kind) {
  switch (kind) {
    case BinaryKind::kEqual:
    case BinaryKind::kLess:
    case BinaryKind::kGreater:
    case BinaryKind::kLessEqual:
    case BinaryKind::kGreaterEqual:
      return true;
    default:
      return false;
  }
}

bool IsShift(BinaryKind kind) {
  return kind == BinaryKind::kShiftLeft || kind == BinaryKind::kShiftRight;
}

bool IsUnsigned(DType dtype) {
  return dtype == DType::kU8 || dtype == DType::kU16 || dtype == DType::kU32 ||
         dtype == DType::kU64;
}

bool IsLogical(BinaryKind kind) {
  return kind == BinaryKind::kAnd || kind == BinaryKind::kOr || kind == BinaryKind::kXor;
}

// The broadcast of `shape` with another input's, absent when either is.
Status Broadcast(const InputFact& input, std::optional<Shape>* shape) {
  if (!*shape || !input.shape) {
    shape->reset();
    return OkStatus();
  }
  const StatusOr<Shape> both = BroadcastShapes(**shape, *input.shape);
  if (!both.ok()) return both.status();
  *shape = *both;
  return OkStatus();
}

}  // namespace

Status Infer(const Unary& op, const OpInputs& inputs, OutputFact* output) {
  if (op.kind == UnaryKind::kNot) {
    MINNOW_RETURN_IF_ERROR(CheckBool(inputs[0]));
  } else if (WorksOnIntegers(op.kind)) {
    MINNOW_RETURN_IF_ERROR(CheckNumeric(inputs[0]));
  } else {
    MINNOW_RETURN_IF_ERROR(CheckFloat(inputs[0]));
  }
  if (!std::isfinite(op.alpha) || !std::isfinite(op.beta)) {
    return InvalidModel("alpha %g or beta %g is not finite", static_cast<double>(op.alpha),
                        static_cast<double>(op.beta));
  }
  output->dtype = inputs[0].dtype;
  output->shape = inputs[0].shape;
  return OkStatus();
}

Status Infer(const Clamp& op, const OpInputs& inputs, OutputFact* output) {
  MINNOW_RETURN_IF_ERROR(CheckNumeric(inputs[0]));
  Activation bounds;
  bounds.min = op.min;
  bounds.max = op.max;
  MINNOW_RETURN_IF_ERROR(CheckActivation(bounds));
  output->dtype = inputs[0].dtype;
  output->shape = inputs[0].shape;
  return OkStatus();
}

Status Infer(const Binary& op, const OpInputs& inputs, OutputFact* output) {
  MINNOW_RETURN_IF_ERROR(CheckSameDType(inputs, 0, 1));
  MINNOW_RETURN_IF_ERROR(CheckActivation(op.activation));
  const bool gives_bool = IsComparison(op.kind) || IsLogical(op.kind);
  if (IsLogical(op.kind)) {
    MINNOW_RETURN_IF_ERROR(CheckBool(inputs[0]));
  } else if (op.kind != BinaryKind::kEqual) {
    MINNOW_RETURN_IF_ERROR(CheckNumeric(inputs[0]));
  }
  if (IsShift(op.kind) && !IsUnsigned(inputs[0].dtype)) {
    return InvalidModel("shifts of %s, expected unsigned integers", DTypeName(inputs[0].dtype));
  }
  if (gives_bool && !op.activation.IsNone()) return InvalidModel("an activation on bool");
  output->dtype = gives_bool ? DType::kBool : inputs[0].dtype;
  output->shape = inputs[0].shape;
  return Broadcast(inputs[1], &output->shape);
}

Status Infer(const Where&, const OpInputs& inputs, OutputFact* output) {
  MINNOW_RETURN_IF_ERROR(CheckBool(inputs[0]));
  MINNOW_RETURN_IF_ERROR(CheckSameDType(inputs, 1, 2));
  output->dtype = inputs[1].dtype;
  output->shape = inputs[1].shape;
  MINNOW_RETURN_IF_ERROR(Broadcast(inputs[2], &output->shape));
  return Broadcast(inputs[0], &output->shape);
}

Status Infer(const Cast& op, const OpInputs& inputs, OutputFact* output) {
  output->dtype = op.dtype;
  output->shape = inputs[0].shape;
  return OkStatus();
}

Status Infer(const Identity&, const OpInputs& inputs, OutputFact* output) {
  output->dtype = inputs[0].dtype;
  output->shape = inputs[0].shape;
  return OkStatus();
}

Status Infer(const BatchNorm& op, const OpInputs& inputs, OutputFact* output) {
  if (!std::isfinite(op.epsilon) || op.epsilon <= 0.0f) {
    return InvalidModel("epsilon %g is not a positive number", static_cast<double>(op.epsilon));
  }
  MINNOW_RETURN_IF_ERROR(CheckFloat(inputs[0]));
  output->dtype = inputs[0].dtype;
  output->shape = inputs[0].shape;
  int64_t channels = kUnknownDim;
  if (inputs[0].shape) {
    const Shape& x = *inputs[0].shape;
    if (x.rank() < 2) {
      return InvalidModel("the input has the shape %s, expected [N, ..., C] or [N, C, ...]",
                          x.ToString().c_str());
    }
    channels = op.layout == DataLayout::kNHWC ? x[x.rank() - 1] : x[1];
  }
  for (size_t i = 1; i < 5; ++i) {
    MINNOW_RETURN_IF_ERROR(CheckSameDType(inputs, 0, i));
    if (!inputs[i].shape) continue;
    const Shape& list = *inputs[i].shape;
    if (list.rank() != 1) {
      return InvalidModel("input %zu has the shape %s, expected one value a channel", i,
                          list.ToString().c_str());
    }
    MINNOW_RETURN_IF_ERROR(MergeDims(list[0], channels, "values and channels", &channels));
  }
  return OkStatus();
}

Status Infer(const Softmax& op, const OpInputs& inputs, OutputFact* output) {
  if (op.bytes) return InferOnBytes(op, inputs, output);
  MINNOW_RETURN_IF_ERROR(CheckFloat(inputs[0]));
  output->dtype = inputs[0].dtype;
  output->shape = inputs[0].shape;
  if (!output->shape) return OkStatus();
  return NormalizeAxis(op.axis, output->shape->rank()).status();
}

Status FindReducedAxes(const Reduce& op, const OpInputs& inputs, int rank, ReducedAxes* axes) {
  MaybeInts list;
  MINNOW_RETURN_IF_ERROR(ReadList(inputs, 1, "axes", op.axes, &list));
  axes->known = list.has_value();
  if (!axes->known) return OkStatus();
  std::vector<int> normalized;
  MINNOW_RETURN_IF_ERROR(NormalizeAxes(*list, rank, &normalized));
  for (int axis = 0; axis < rank; ++axis) axes->reduced[axis] = normalized.empty();
  for (int axis : normalized) axes->reduced[axis] = true;
  return OkStatus();
}

Status Infer(const Reduce& op, const OpInputs& inputs, OutputFact* output) {
  if (op.bytes) return InferOnBytes(op, inputs, output);
  MINNOW_RETURN_IF_ERROR(CheckNumeric(inputs[0]));
  output->dtype = inputs[0].dtype;
  if (!inputs[0].shape) return OkStatus();
  const Shape& x = *inputs[0].shape;
  ReducedAxes axes;
  MINNOW_RETURN_IF_ERROR(FindReducedAxes(op, inputs, x.rank(), &axes));
  if (!axes.known && !op.keep_dims) return OkStatus();
  Shape result;
  for (int axis = 0; axis < x.rank(); ++axis) {
    if (!axes.known) {
      // Either 1 or the same as before.
      result.Append(x[axis] == 1 ? 1 : kUnknownDim);
    } else if (!axes.reduced[axis]) {
      result.Append(x[axis]);
    } else if (op.keep_dims) {
      result.Append(1);
    }
  }
  output->shape = result;
  return OkStatus();
}

}  // namespace minnow::graph
