// Shapes of ops that find, order, pick or place elements by index.
#include <algorithm>

#include "graph/op_rules.h"

namespace minnow::graph {
namespace {

Status CheckNumbers(const InputFact& input) {
  if (input.dtype != DType::kBool) return OkStatus();
  return InvalidModel("elements of type bool, expected numbers");
}

// Every axis of `indices` but `axis` is at most as long as that of x.
Status CheckElementIndices(const OpInputs& inputs, int64_t axis) {
  MINNOW_RETURN_IF_ERROR(CheckIndices(inputs[1]));
  if (!inputs[0].shape || !inputs[1].shape) return OkStatus();
  const Shape& x = *inputs[0].shape;
  const Shape& indices = *inputs[1].shape;
  const StatusOr<int> normal = NormalizeAxis(axis, x.rank());
  if (!normal.ok()) return normal.status();
  bool fits = indices.rank() == x.rank();
  for (int i = 0; fits && i < x.rank(); ++i) {
    fits = i == *normal || x[i] == kUnknownDim || indices[i] <= x[i];
  }
  if (fits) return OkStatus();
  return InvalidModel("indices of the shape %s do not fit %s", indices.ToString().c_str(),
                      x.ToString().c_str());
}

// Places of `depth` numbers each: the last axis of the indices.
struct PlaceShape {
  int64_t depth = kUnknownDim;
  Shape shape;  // one entry a place, then the axes of x that a place leaves open
};
Status FindPlaces(const OpInputs& inputs, int64_t batch_dims, PlaceShape* places) {
  MINNOW_RETURN_IF_ERROR(CheckIndices(inputs[1]));
  if (!inputs[0].shape || !inputs[1].shape) return OkStatus();
  const Shape& x = *inputs[0].shape;
  const Shape& indices = *inputs[1].shape;
  if (indices.rank() == 0) return InvalidModel("the indices are a scalar");
  places->depth = indices[indices.rank() - 1];
  if (places->depth == kUnknownDim) return OkStatus();
  if (batch_dims < 0 || batch_dims >= indices.rank() || places->depth < 1 ||
      places->depth > x.rank() - batch_dims) {
    return InvalidModel("indices of the shape %s do not fit %s behind %lld shared axes",
                        indices.ToString().c_str(), x.ToString().c_str(),
                        static_cast<long long>(batch_dims));
  }
  const int first = static_cast<int>(batch_dims + places->depth);
  if (indices.rank() - 1 + x.rank() - first > kMaxRank) {
    return InvalidModel("the output's rank is above the supported %d", kMaxRank);
  }
  for (int i = 0; i < indices.rank() - 1; ++i) {
    int64_t dim = indices[i];
    if (i < batch_dims) MINNOW_RETURN_IF_ERROR(MergeDims(dim, x[i], "a shared axis", &dim));
    places->shape.Append(dim);
  }
  for (int i = first; i < x.rank(); ++i) places->shape.Append(x[i]);
  return OkStatus();
}

Status CheckScatter(const OpInputs& inputs, ScatterKind kind) {
  MINNOW_RETURN_IF_ERROR(CheckSameDType(inputs, 0, 2));
  return kind == ScatterKind::kReplace ? OkStatus() : CheckNumbers(inputs[0]);
}

// The shape of `input` is `expected`, as far as both are known.
Status CheckShape(const InputFact& input, const Shape& expected, const char* what) {
  if (!input.shape) return OkStatus();
  bool same = input.shape->rank() == expected.rank();
  for (int axis = 0; same && axis < expected.rank(); ++axis) {
    const int64_t a = (*input.shape)[axis], b = expected[axis];
    same = a == b || a == kUnknownDim || b == kUnknownDim;
  }
  if (same) return OkStatus();
  return InvalidModel("%s has the shape %s, expected %s", what, input.shape->ToString().c_str(),
                      expected.ToString().c_str());
}

// x with the length of `axis` not known before the data are.
Status OpenAxis(const InputFact& input, int64_t axis, std::optional<Shape>* shape) {
  if (!input.shape) return OkStatus();
  const StatusOr<int> normal = NormalizeAxis(axis, input.shape->rank());
  if (!normal.ok()) return normal.status();
  *shape = *input.shape;
  (**shape)[*normal] = kUnknownDim;
  return OkStatus();
}

}  // namespace

Status Infer(const ArgReduce& op, const OpInputs& inputs, OutputFact* output) {
  MINNOW_RETURN_IF_ERROR(CheckNumbers(inputs[0]));
  output->dtype = DType::kS64;
  if (!inputs[0].shape) return OkStatus();
  const Shape& x = *inputs[0].shape;
  const StatusOr<int> axis = NormalizeAxis(op.axis, x.rank());
  if (!axis.ok()) return axis.status();
  if (x[*axis] == 0) return InvalidModel("axis %d has no elements", *axis);
  Shape result;
  for (int i = 0; i < x.rank(); ++i) {
    if (i != *axis) result.Append(x[i]);
    if (i == *axis && op.keep_dims) result.Append(1);
  }
  output->shape = result;
  return OkStatus();
}

Status Infer(const CumSum&, const OpInputs& inputs, OutputFact* output) {
  MINNOW_RETURN_IF_ERROR(CheckNumbers(inputs[0]));
  std::optional<int64_t> axis;
  MINNOW_RETURN_IF_ERROR(ReadInt(inputs, 1, "axis", &axis));
  output->dtype = inputs[0].dtype;
  output->shape = inputs[0].shape;
  if (!axis || !output->shape) return OkStatus();
  return NormalizeAxis(*axis, output->shape->rank()).status();
}

Status Infer(const GatherElements& op, const OpInputs& inputs, OutputFact* output) {
  MINNOW_RETURN_IF_ERROR(CheckElementIndices(inputs, op.axis));
  output->dtype = inputs[0].dtype;
  output->shape = inputs[1].shape;
  return OkStatus();
}

Status Infer(const GatherNd& op, const OpInputs& inputs, OutputFact* output) {
  output->dtype = inputs[0].dtype;
  PlaceShape places;
  MINNOW_RETURN_IF_ERROR(FindPlaces(inputs, op.batch_dims, &places));
  if (places.depth != kUnknownDim) output->shape = places.shape;
  return OkStatus();
}

Status Infer(const ScatterElements& op, const OpInputs& inputs, OutputFact* output) {
  MINNOW_RETURN_IF_ERROR(CheckScatter(inputs, op.kind));
  MINNOW_RETURN_IF_ERROR(CheckElementIndices(inputs, op.axis));
  output->dtype = inputs[0].dtype;
  output->shape = inputs[0].shape;
  return inputs[1].shape ? CheckShape(inputs[2], *inputs[1].shape, "the updates") : OkStatus();
}

Status Infer(const ScatterNd& op, const OpInputs& inputs, OutputFact* output) {
  MINNOW_RETURN_IF_ERROR(CheckScatter(inputs, op.kind));
  output->dtype = inputs[0].dtype;
  output->shape = inputs[0].shape;
  PlaceShape places;
  MINNOW_RETURN_IF_ERROR(FindPlaces(inputs, 0, &places));
  if (places.depth == kUnknownDim) return OkStatus();
  return CheckShape(inputs[2], places.shape, "the updates");
}

Status Infer(const TopK& op, const OpInputs& inputs, OutputFact* output) {
  MINNOW_RETURN_IF_ERROR(CheckNumbers(inputs[0]));
  output->dtype = op.indices ? DType::kS64 : inputs[0].dtype;
  MINNOW_RETURN_IF_ERROR(OpenAxis(inputs[0], op.axis, &output->shape));
  std::optional<int64_t> k;
  MINNOW_RETURN_IF_ERROR(ReadInt(inputs, 1, "k", &k));
  if (!k || !output->shape) return OkStatus();
  const int axis = *NormalizeAxis(op.axis, output->shape->rank());
  const int64_t dim = (*inputs[0].shape)[axis];
  if (*k < 0 || (dim != kUnknownDim && *k > dim)) {
    return InvalidModel("k is %lld, the axis has %lld elements", static_cast<long long>(*k),
                        static_cast<long long>(dim));
  }
  (*output->shape)[axis] = *k;
  return OkStatus();
}

Status Infer(const ReverseSequence& op, const OpInputs& inputs, OutputFact* output) {
  MINNOW_RETURN_IF_ERROR(CheckIndices(inputs[1]));
  output->dtype = inputs[0].dtype;
  output->shape = inputs[0].shape;
  if (!output->shape) return OkStatus();
  const StatusOr<int> time = NormalizeAxis(op.time_axis, output->shape->rank());
  const StatusOr<int> batch = NormalizeAxis(op.batch_axis, output->shape->rank());
  if (!time.ok() || !batch.ok() || *time == *batch) {
    return InvalidModel("time_axis %lld and batch_axis %lld of an input of rank %d",
                        static_cast<long long>(op.time_axis), static_cast<long long>(op.batch_axis),
                        output->shape->rank());
  }
  return CheckShape(inputs[1], Shape{(*output->shape)[*batch]}, "sequence_lens");
}

Status Infer(const NonZero&, const OpInputs& inputs, OutputFact* output) {
  output->dtype = DType::kS64;
  if (inputs[0].shape) output->shape = Shape{inputs[0].shape->rank(), kUnknownDim};
  return OkStatus();
}

Status Infer(const Compress& op, const OpInputs& inputs, OutputFact* output) {
  if (inputs[1].dtype != DType::kBool || (inputs[1].shape && inputs[1].shape->rank() != 1)) {
    return InvalidModel("the condition is no list of bool");
  }
  output->dtype = inputs[0].dtype;
  if (op.flat) output->shape = Shape{kUnknownDim};
  return op.flat ? OkStatus() : OpenAxis(inputs[0], op.axis, &output->shape);
}

Status Infer(const Unique& op, const OpInputs& inputs, OutputFact* output) {
  MINNOW_RETURN_IF_ERROR(CheckNumbers(inputs[0]));
  const bool values = op.result == Unique::Result::kValues;
  output->dtype = values ? inputs[0].dtype : DType::kS64;
  if (!op.flat) {
    MINNOW_RETURN_IF_ERROR(OpenAxis(inputs[0], op.axis, &output->shape));
    if (values) return OkStatus();
  }
  output->shape = Shape{kUnknownDim};
  return OkStatus();
}

Status Infer(const NonMaxSuppression&, const OpInputs& inputs, OutputFact* output) {
  output->dtype = DType::kS64;
  output->shape = Shape{kUnknownDim, 3};
  for (size_t i : {size_t{0}, size_t{1}, size_t{3}, size_t{4}}) {
    if (!inputs.Has(i)) continue;
    const InputFact& input = inputs[i];
    if (input.dtype != DType::kF32) {
      return InvalidModel("input %zu has the type %s, expected f32", i, DTypeName(input.dtype));
    }
    const bool is_number = i > 1;
    const bool fits =
        !input.shape || (is_number ? !input.shape->IsStatic() || input.shape->ElementCount() == 1
                                   : input.shape->rank() == 3);
    if (!fits) {
      return InvalidModel("input %zu has the shape %s", i, input.shape->ToString().c_str());
    }
  }
  std::optional<int64_t> most;
  MINNOW_RETURN_IF_ERROR(ReadInt(inputs, 2, "max_output_boxes_per_class", &most));
  if (!inputs[0].shape || !inputs[1].shape) return OkStatus();
  const Shape& boxes = *inputs[0].shape;
  const Shape& scores = *inputs[1].shape;
  int64_t merged = 0;
  MINNOW_RETURN_IF_ERROR(MergeDims(boxes[0], scores[0], "batches", &merged));
  MINNOW_RETURN_IF_ERROR(MergeDims(boxes[1], scores[2], "boxes and scores", &merged));
  return MergeDims(boxes[2], 4, "numbers of a box", &merged);
}

}  // namespace minnow::graph
