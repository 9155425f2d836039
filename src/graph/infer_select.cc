// Shapes of ops that pick elements by index: Gather, Slice, StridedSlice.
#include <algorithm>

#include "graph/op_rules.h"

namespace minnow::graph {
namespace {

// Ranges over whole axes.
void StartPlan(const Shape& x, SlicePlan* plan) {
  plan->ranges.assign(static_cast<size_t>(x.rank()), SliceRange());
  plan->dropped.assign(static_cast<size_t>(x.rank()), false);
  for (int axis = 0; axis < x.rank(); ++axis) {
    plan->ranges[static_cast<size_t>(axis)].count = x[axis];
  }
}

Status ResolveRange(int64_t dim, int64_t start, int64_t end, int64_t step, SliceRange* range) {
  if (step == 0) return InvalidModel("a step is 0");
  if (dim == kUnknownDim) {
    *range = {kUnknownDim, step, kUnknownDim};
  } else {
    *range = ResolveSlice(dim, start, end, step);
  }
  return OkStatus();
}

// A plan's shape; the dims that are dropped left out.
Shape PlannedShape(const SlicePlan& plan) {
  Shape shape;
  for (size_t axis = 0; axis < plan.ranges.size(); ++axis) {
    if (!plan.dropped[axis]) shape.Append(plan.ranges[axis].count);
  }
  return shape;
}

struct SliceLists {
  MaybeInts starts, ends, axes, steps;
};

// Inputs when starts is one, else the attributes. Fills in the defaults of axes and steps.
Status ReadSliceLists(const Slice& op, const OpInputs& inputs, SliceLists* lists) {
  const bool from_inputs = inputs.Has(1);
  if (from_inputs != inputs.Has(2) || (!from_inputs && (inputs.Has(3) || inputs.Has(4)))) {
    return InvalidModel("starts and ends must both be given");
  }
  static const std::vector<int64_t> kNone;
  MINNOW_RETURN_IF_ERROR(ReadList(inputs, 1, "starts", op.starts, &lists->starts));
  MINNOW_RETURN_IF_ERROR(ReadList(inputs, 2, "ends", op.ends, &lists->ends));
  MINNOW_RETURN_IF_ERROR(ReadList(inputs, 3, "axes", from_inputs ? kNone : op.axes, &lists->axes));
  MINNOW_RETURN_IF_ERROR(
      ReadList(inputs, 4, "steps", from_inputs ? kNone : op.steps, &lists->steps));
  if (!lists->starts || !lists->ends) return OkStatus();
  const size_t count = lists->starts->size();
  if (lists->axes && lists->axes->empty()) {
    for (size_t i = 0; i < count; ++i) lists->axes->push_back(static_cast<int64_t>(i));
  }
  if (lists->steps && lists->steps->empty()) lists->steps->assign(count, 1);
  if (lists->ends->size() != count || (lists->axes && lists->axes->size() != count) ||
      (lists->steps && lists->steps->size() != count)) {
    return InvalidModel("starts, ends, axes and steps differ in length");
  }
  return OkStatus();
}

bool Bit(int64_t mask, size_t bit) { return ((mask >> bit) & 1) != 0; }

// How many axes a StridedSlice speaks of, or kUnknownDim.
Status StridedSliceLength(const OpInputs& inputs, int rank, int64_t* length) {
  *length = kUnknownDim;
  for (size_t i = 1; i < 4; ++i) {
    if (!inputs[i].shape) continue;
    const Shape& list = *inputs[i].shape;
    if (list.rank() != 1) {
      return InvalidModel("input %zu has the shape %s, expected a list", i,
                          list.ToString().c_str());
    }
    MINNOW_RETURN_IF_ERROR(MergeDims(*length, list[0], "begin, end and strides", length));
  }
  if (*length <= rank) return OkStatus();
  return InvalidModel("%lld axes sliced of an input of rank %d", static_cast<long long>(*length),
                      rank);
}

// TensorFlow drops the axis and takes the element at `begin`, whatever the other masks say.
Status ResolveShrunk(int64_t dim, int64_t begin, int64_t stride, SliceRange* range) {
  if (stride <= 0) return InvalidModel("a dropped axis has a stride that is not positive");
  *range = {kUnknownDim, 1, 1};
  if (dim == kUnknownDim) return OkStatus();
  range->begin = begin < 0 ? begin + dim : begin;
  if (range->begin >= 0 && range->begin < dim) return OkStatus();
  return InvalidModel("index %lld is outside a dimension of %lld", static_cast<long long>(begin),
                      static_cast<long long>(dim));
}

}  // namespace

SliceRange ResolveSlice(int64_t dim, int64_t start, int64_t end, int64_t step) {
  SliceRange range;
  // Steps beyond the axis all select one element; clamped so that the sums below cannot overflow.
  range.step = std::clamp(step, -(kMaxElements + 1), kMaxElements + 1);
  if (start < 0) start += dim;
  if (end < 0) end += dim;
  if (step > 0) {
    start = std::clamp<int64_t>(start, 0, dim);
    end = std::clamp<int64_t>(end, 0, dim);
    range.count = end > start ? (end - start + range.step - 1) / range.step : 0;
  } else {
    start = std::clamp<int64_t>(start, -1, dim - 1);
    end = std::clamp<int64_t>(end, -1, dim - 1);
    range.count = start > end ? (start - end - range.step - 1) / -range.step : 0;
  }
  range.begin = range.count > 0 ? start : 0;
  return range;
}

Status PlanSlice(const Slice& op, const OpInputs& inputs, SlicePlan* plan) {
  const Shape& x = *inputs[0].shape;
  StartPlan(x, plan);
  SliceLists lists;
  MINNOW_RETURN_IF_ERROR(ReadSliceLists(op, inputs, &lists));
  std::vector<int> axes;
  if (lists.axes) MINNOW_RETURN_IF_ERROR(NormalizeAxes(*lists.axes, x.rank(), &axes));
  if (!lists.starts || !lists.ends || !lists.axes || !lists.steps) {
    // With known axes the others stay as they are.
    const bool all = !lists.axes || axes.empty();
    for (size_t i = 0; i < plan->ranges.size(); ++i) {
      if (all || std::find(axes.begin(), axes.end(), static_cast<int>(i)) != axes.end()) {
        plan->ranges[i].count = kUnknownDim;
      }
    }
    return OkStatus();
  }
  for (size_t i = 0; i < axes.size(); ++i) {
    MINNOW_RETURN_IF_ERROR(ResolveRange(x[axes[i]], (*lists.starts)[i], (*lists.ends)[i],
                                        (*lists.steps)[i],
                                        &plan->ranges[static_cast<size_t>(axes[i])]));
  }
  return OkStatus();
}

Status PlanSlice(const StridedSlice& op, const OpInputs& inputs, SlicePlan* plan) {
  const Shape& x = *inputs[0].shape;
  StartPlan(x, plan);
  MaybeInts begin, end, strides;
  MINNOW_RETURN_IF_ERROR(ReadList(inputs, 1, "begin", {}, &begin));
  MINNOW_RETURN_IF_ERROR(ReadList(inputs, 2, "end", {}, &end));
  MINNOW_RETURN_IF_ERROR(ReadList(inputs, 3, "strides", {}, &strides));
  int64_t length = 0;
  MINNOW_RETURN_IF_ERROR(StridedSliceLength(inputs, x.rank(), &length));
  if (length == kUnknownDim) {
    plan->rank_known = op.shrink_axis_mask == 0;
    for (SliceRange& range : plan->ranges) range.count = kUnknownDim;
    return OkStatus();
  }
  for (size_t i = 0; i < static_cast<size_t>(length); ++i) {
    const int64_t dim = x[static_cast<int>(i)];
    SliceRange& range = plan->ranges[i];
    plan->dropped[i] = Bit(op.shrink_axis_mask, i);
    const bool keeps_begin = Bit(op.begin_mask, i);
    const bool keeps_end = Bit(op.end_mask, i);
    if (!strides || (!begin && (plan->dropped[i] || !keeps_begin)) ||
        (!end && !plan->dropped[i] && !keeps_end)) {
      range.count = kUnknownDim;
      continue;
    }
    const int64_t stride = (*strides)[i];
    if (plan->dropped[i]) {
      MINNOW_RETURN_IF_ERROR(ResolveShrunk(dim, (*begin)[i], stride, &range));
      continue;
    }
    // A masked bound is one past everything on its side.
    const int64_t first = stride > 0 ? 0 : kMaxElements + 1;
    const int64_t last = stride > 0 ? kMaxElements + 1 : -2 * (kMaxElements + 1);
    MINNOW_RETURN_IF_ERROR(ResolveRange(dim, keeps_begin ? first : (*begin)[i],
                                        keeps_end ? last : (*end)[i], stride, &range));
  }
  return OkStatus();
}

Status Infer(const Slice& op, const OpInputs& inputs, OutputFact* output) {
  output->dtype = inputs[0].dtype;
  if (!inputs[0].shape) return OkStatus();
  SlicePlan plan;
  MINNOW_RETURN_IF_ERROR(PlanSlice(op, inputs, &plan));
  output->shape = PlannedShape(plan);
  return OkStatus();
}

Status Infer(const StridedSlice& op, const OpInputs& inputs, OutputFact* output) {
  output->dtype = inputs[0].dtype;
  if (!inputs[0].shape) return OkStatus();
  SlicePlan plan;
  MINNOW_RETURN_IF_ERROR(PlanSlice(op, inputs, &plan));
  if (plan.rank_known) output->shape = PlannedShape(plan);
  return OkStatus();
}

Status Infer(const Gather& op, const OpInputs& inputs, OutputFact* output) {
  output->dtype = inputs[0].dtype;
  const InputFact& indices = inputs[1];
  MINNOW_RETURN_IF_ERROR(CheckIndices(indices));
  if (!inputs[0].shape) return OkStatus();
  const Shape& x = *inputs[0].shape;
  const StatusOr<int> axis = NormalizeAxis(op.axis, x.rank());
  if (!axis.ok()) return axis.status();
  if (!indices.shape) return OkStatus();
  if (x.rank() - 1 + indices.shape->rank() > kMaxRank) {
    return InvalidModel("the output's rank is above the supported %d", kMaxRank);
  }
  Shape result;
  for (int i = 0; i < *axis; ++i) result.Append(x[i]);
  for (int64_t dim : *indices.shape) result.Append(dim);
  for (int i = *axis + 1; i < x.rank(); ++i) result.Append(x[i]);
  output->shape = result;
  return OkStatus();
}

}  // namespace minnow::graph
