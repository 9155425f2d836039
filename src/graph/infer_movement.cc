// Shapes of ops that move elements or give them another shape: reshape, squeeze, transpose, concat,
// pad, gather, expand, fill.
#include <algorithm>
#include <cmath>

#include "graph/op_rules.h"

namespace minnow::graph {
namespace {

// What is left of a Reshape after the dims that output and input share by position are struck out.
struct Balance {
  int64_t known_input = 1;
  int unknown_inputs = 0;
  int64_t known_output = 1;
  int inferred_axis = -1;
};

// A product of dims that stays below 2^62, because each factor is at most kMaxElements.
Status Multiply(int64_t dim, int64_t* product) {
  *product *= dim;
  if (*product <= kMaxElements) return OkStatus();
  return InvalidModel("more than %lld elements", static_cast<long long>(kMaxElements));
}

// Copies 0 dims, refuses what is no dim, and finds the -1.
Status TargetShape(const Shape& input, const std::vector<int64_t>& target, bool allow_zero,
                   Shape* output, bool* copied, int* inferred_axis) {
  if (target.size() > kMaxRank) {
    return InvalidModel("rank %zu is above the supported %d", target.size(), kMaxRank);
  }
  for (size_t i = 0; i < target.size(); ++i) {
    const int axis = static_cast<int>(i);
    copied[i] = target[i] == 0 && !allow_zero;
    if (target[i] < -1 || target[i] > kMaxElements) {
      return InvalidModel("dimension %zu of the target is %lld", i,
                          static_cast<long long>(target[i]));
    }
    if (copied[i] && axis >= input.rank()) {
      return InvalidModel("dimension %zu of the target copies from an input of shape %s", i,
                          input.ToString().c_str());
    }
    if (target[i] == -1) {
      if (*inferred_axis >= 0) return InvalidModel("the target has two dimensions of -1");
      *inferred_axis = axis;
    }
    output->Append(copied[i] ? input[axis] : target[i]);
  }
  return OkStatus();
}

Status WeighDims(const Shape& input, const Shape& output, const bool* copied, Balance* balance) {
  for (int axis = 0; axis < input.rank(); ++axis) {
    // Unknown dims that are copied are struck out; a known one may be zero, so it is counted.
    const bool unknown = input[axis] == kUnknownDim;
    if (unknown && axis < output.rank() && copied[axis]) continue;
    if (unknown) ++balance->unknown_inputs;
    if (!unknown) MINNOW_RETURN_IF_ERROR(Multiply(input[axis], &balance->known_input));
  }
  for (int axis = 0; axis < output.rank(); ++axis) {
    if (axis == balance->inferred_axis || output[axis] == kUnknownDim) continue;
    MINNOW_RETURN_IF_ERROR(Multiply(output[axis], &balance->known_output));
  }
  return OkStatus();
}

Status CheckPads(const Pad& op, const Shape& x, const std::vector<int64_t>& pads) {
  const size_t rank = static_cast<size_t>(x.rank());
  if (pads.size() != 2 * rank) {
    return InvalidModel("%zu pads for an input of rank %zu", pads.size(), rank);
  }
  for (size_t i = 0; i < pads.size(); ++i) {
    const int64_t dim = x[static_cast<int>(i % rank)];
    if (pads[i] < 0 || pads[i] > kMaxWindowAttribute) {
      return Unsupported("pad %lld; [0, %lld] is supported", static_cast<long long>(pads[i]),
                         static_cast<long long>(kMaxWindowAttribute));
    }
    const bool needs_source = pads[i] > 0 && dim != kUnknownDim;
    if (needs_source && ((op.fill == PadFill::kReflect && pads[i] >= dim) ||
                         (op.fill == PadFill::kEdge && dim == 0))) {
      return InvalidModel("pad %lld cannot be filled from a dimension of %lld",
                          static_cast<long long>(pads[i]), static_cast<long long>(dim));
    }
  }
  return OkStatus();
}

// A list of dims from an input; nothing when it is not known.
Status ReadShapeInput(const OpInputs& inputs, size_t index, std::optional<Shape>* shape) {
  MaybeInts list;
  MINNOW_RETURN_IF_ERROR(ReadList(inputs, index, "shape", {}, &list));
  shape->reset();
  if (!list) return OkStatus();
  for (int64_t dim : *list) {
    if (dim < 0) return InvalidModel("shape: a dimension is %lld", static_cast<long long>(dim));
  }
  const StatusOr<Shape> made = Shape::Make(list->data(), list->size());
  if (!made.ok()) return InvalidModel("shape: %s", made.status().message().c_str());
  *shape = *made;
  return OkStatus();
}

}  // namespace

StatusOr<Shape> ResolveReshape(const Shape& input, const std::vector<int64_t>& target,
                               bool allow_zero) {
  Shape output;
  Balance balance;
  bool copied[kMaxRank] = {};
  MINNOW_RETURN_IF_ERROR(
      TargetShape(input, target, allow_zero, &output, copied, &balance.inferred_axis));
  MINNOW_RETURN_IF_ERROR(WeighDims(input, output, copied, &balance));
  const auto mismatch = [&] {
    return InvalidModel("the shape %s cannot become %s", input.ToString().c_str(),
                        output.ToString().c_str());
  };
  // input = known_input * unknowns, output = known_output * (the inferred dim, or 1).
  if (balance.inferred_axis >= 0) {
    if (balance.unknown_inputs > 0) return output;
    if (balance.known_output == 0 || balance.known_input % balance.known_output != 0) {
      return mismatch();
    }
    output[balance.inferred_axis] = balance.known_input / balance.known_output;
    return output;
  }
  const bool fits = balance.unknown_inputs == 0 ? balance.known_input == balance.known_output
                    : balance.known_input == 0  ? balance.known_output == 0
                                                : balance.known_output % balance.known_input == 0;
  if (!fits) return mismatch();
  return output;
}

Status Infer(const Reshape& op, const OpInputs& inputs, OutputFact* output) {
  output->dtype = inputs[0].dtype;
  MaybeInts target;
  MINNOW_RETURN_IF_ERROR(ReadList(inputs, 1, "shape", op.shape, &target));
  if (!target) return OkStatus();
  if (!inputs[0].shape) {
    // Without zeros the target alone says the shape.
    const bool copies = !op.allow_zero && std::count(target->begin(), target->end(), 0) > 0;
    const StatusOr<Shape> alone = Shape::Make(target->data(), target->size());
    if (!alone.ok()) return InvalidModel("shape: %s", alone.status().message().c_str());
    if (std::count(target->begin(), target->end(), -1) > 1) {
      return InvalidModel("the target has two dimensions of -1");
    }
    if (!copies) output->shape = *alone;
    return OkStatus();
  }
  const StatusOr<Shape> shape = ResolveReshape(*inputs[0].shape, *target, op.allow_zero);
  if (!shape.ok()) return shape.status();
  output->shape = *shape;
  return OkStatus();
}

Status Infer(const Squeeze& op, const OpInputs& inputs, OutputFact* output) {
  output->dtype = inputs[0].dtype;
  MaybeInts list;
  MINNOW_RETURN_IF_ERROR(ReadList(inputs, 1, "axes", op.axes, &list));
  if (!inputs[0].shape || !list) return OkStatus();
  const Shape& x = *inputs[0].shape;
  std::vector<int> axes;
  MINNOW_RETURN_IF_ERROR(NormalizeAxes(*list, x.rank(), &axes));
  if (axes.empty() && !x.IsStatic()) return OkStatus();
  Shape result;
  for (int axis = 0; axis < x.rank(); ++axis) {
    const bool named = std::find(axes.begin(), axes.end(), axis) != axes.end();
    if (named && x[axis] != 1 && x[axis] != kUnknownDim) {
      return InvalidModel("axis %d of %s is not 1", axis, x.ToString().c_str());
    }
    if (!named && (!axes.empty() || x[axis] != 1)) result.Append(x[axis]);
  }
  output->shape = result;
  return OkStatus();
}

Status Infer(const Unsqueeze& op, const OpInputs& inputs, OutputFact* output) {
  output->dtype = inputs[0].dtype;
  MaybeInts list;
  MINNOW_RETURN_IF_ERROR(ReadList(inputs, 1, "axes", op.axes, &list));
  if (!inputs[0].shape || !list) return OkStatus();
  const Shape& x = *inputs[0].shape;
  const size_t rank = static_cast<size_t>(x.rank()) + list->size();
  if (rank > kMaxRank) {
    return InvalidModel("rank %zu is above the supported %d", rank, kMaxRank);
  }
  std::vector<int> axes;
  MINNOW_RETURN_IF_ERROR(NormalizeAxes(*list, static_cast<int>(rank), &axes));
  Shape result;
  int source = 0;
  for (int axis = 0; axis < static_cast<int>(rank); ++axis) {
    const bool added = std::find(axes.begin(), axes.end(), axis) != axes.end();
    result.Append(added ? 1 : x[source++]);
  }
  output->shape = result;
  return OkStatus();
}

Status Infer(const Flatten& op, const OpInputs& inputs, OutputFact* output) {
  output->dtype = inputs[0].dtype;
  if (!inputs[0].shape) return OkStatus();
  const Shape& x = *inputs[0].shape;
  const int64_t axis = op.axis < 0 ? op.axis + x.rank() : op.axis;
  if (axis < 0 || axis > x.rank()) {
    return InvalidModel("axis %lld is outside rank %d", static_cast<long long>(op.axis), x.rank());
  }
  Shape sides[2];
  for (int i = 0; i < x.rank(); ++i) sides[i < axis ? 0 : 1].Append(x[i]);
  output->shape = Shape{sides[0].ElementCount(), sides[1].ElementCount()};
  return OkStatus();
}

Status Infer(const Transpose& op, const OpInputs& inputs, OutputFact* output) {
  output->dtype = inputs[0].dtype;
  if (!inputs[0].shape) return OkStatus();
  const Shape& x = *inputs[0].shape;
  std::vector<int> perm;
  MINNOW_RETURN_IF_ERROR(NormalizeAxes(op.perm, x.rank(), &perm));
  if (perm.empty()) {
    for (int axis = x.rank() - 1; axis >= 0; --axis) perm.push_back(axis);
  }
  if (static_cast<int>(perm.size()) != x.rank()) {
    return InvalidModel("%zu axes permuted, but the input has rank %d", perm.size(), x.rank());
  }
  Shape result;
  for (int axis : perm) result.Append(x[axis]);
  output->shape = result;
  return OkStatus();
}

Status Infer(const Concat& op, const OpInputs& inputs, OutputFact* output) {
  output->dtype = inputs[0].dtype;
  for (size_t i = 1; i < inputs.size(); ++i) {
    MINNOW_RETURN_IF_ERROR(CheckSameDType(inputs, 0, i));
  }
  for (size_t i = 0; i < inputs.size(); ++i) {
    if (!inputs[i].shape) return OkStatus();
  }
  Shape result = *inputs[0].shape;
  const StatusOr<int> joined = NormalizeAxis(op.axis, result.rank());
  if (!joined.ok()) return joined.status();
  for (size_t i = 1; i < inputs.size(); ++i) {
    const Shape& next = *inputs[i].shape;
    if (next.rank() != result.rank()) {
      return InvalidModel("inputs of shapes %s and %s", inputs[0].shape->ToString().c_str(),
                          next.ToString().c_str());
    }
    for (int axis = 0; axis < result.rank(); ++axis) {
      int64_t& dim = result[axis];
      if (axis != *joined) {
        MINNOW_RETURN_IF_ERROR(MergeDims(dim, next[axis], "dims beside the axis", &dim));
        continue;
      }
      dim = dim == kUnknownDim || next[axis] == kUnknownDim ? kUnknownDim : dim + next[axis];
      if (dim > kMaxElements) return InvalidModel("the joined axis is too long");
    }
  }
  output->shape = result;
  return OkStatus();
}

Status Infer(const Pad& op, const OpInputs& inputs, OutputFact* output) {
  output->dtype = inputs[0].dtype;
  if (std::isnan(op.value)) return InvalidModel("the fill value is not a number");
  if (inputs.Has(2)) {
    MINNOW_RETURN_IF_ERROR(CheckSameDType(inputs, 0, 2));
    if (inputs[2].shape && inputs[2].shape->IsStatic() && inputs[2].shape->ElementCount() != 1) {
      return InvalidModel("the fill value has the shape %s, expected one element",
                          inputs[2].shape->ToString().c_str());
    }
  }
  MaybeInts pads;
  MINNOW_RETURN_IF_ERROR(ReadList(inputs, 1, "pads", op.pads, &pads));
  if (!inputs[0].shape) return OkStatus();
  Shape result = *inputs[0].shape;
  if (pads) MINNOW_RETURN_IF_ERROR(CheckPads(op, result, *pads));
  for (int axis = 0; axis < result.rank(); ++axis) {
    if (!pads) {
      result[axis] = kUnknownDim;
    } else if (result[axis] != kUnknownDim) {
      result[axis] +=
          (*pads)[static_cast<size_t>(axis)] + (*pads)[static_cast<size_t>(axis + result.rank())];
    }
  }
  output->shape = result;
  return OkStatus();
}

Status Infer(const ShapeOf& op, const OpInputs& inputs, OutputFact* output) {
  if (op.dtype != DType::kS32 && op.dtype != DType::kS64) {
    return InvalidModel("a shape of type %s, expected i32 or i64", DTypeName(op.dtype));
  }
  output->dtype = op.dtype;
  output->shape = Shape{kUnknownDim};
  if (!inputs[0].shape) return OkStatus();
  const SliceRange range = ResolveSlice(inputs[0].shape->rank(), op.start, op.end, 1);
  output->shape = Shape{range.count};
  return OkStatus();
}

Status Infer(const Expand&, const OpInputs& inputs, OutputFact* output) {
  output->dtype = inputs[0].dtype;
  std::optional<Shape> target;
  MINNOW_RETURN_IF_ERROR(ReadShapeInput(inputs, 1, &target));
  if (!inputs[0].shape || !target) return OkStatus();
  const StatusOr<Shape> shape = BroadcastShapes(*inputs[0].shape, *target);
  if (!shape.ok()) return shape.status();
  output->shape = *shape;
  return OkStatus();
}

Status Infer(const Fill& op, const OpInputs& inputs, OutputFact* output) {
  output->dtype = op.dtype;
  return ReadShapeInput(inputs, 0, &output->shape);
}

}  // namespace minnow::graph
