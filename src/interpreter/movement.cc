// What ops compute that only move elements, bit by bit and for every dtype: reshapes, transpose,
// slices, expand, concat, pad, gather.
#include <algorithm>
#include <cstring>

#include "graph/op_rules.h"
#include "interpreter/elements.h"
#include "interpreter/evaluators.h"
#include "interpreter/facts.h"
#include "interpreter/indices.h"

namespace minnow::interpreter {
namespace {

Status CopyAll(const TensorView& x, const MutableTensorView& output) {
  std::memcpy(output.data, x.data, output.size_bytes());
  return OkStatus();
}

// output[i, j, …] = x[base + i * strides[0] + j * strides[1] + …].
Status CopyStrided(const TensorView& x, int64_t base, const Strides& strides,
                   const MutableTensorView& output) {
  const int64_t length = RowLength(output.shape);
  const int64_t step = RowStep(output.shape, strides);
  return ForWidth(output.dtype, [&](auto tag) {
    using T = decltype(tag);
    T* y = output.as<T>();
    const std::array<Strides, 1> walked = {strides};
    return ForEachRow<1>(output.shape, walked, [&](const std::array<int64_t, 1>& offsets) {
      const T* row = x.as<T>() + base + offsets[0];
      for (int64_t i = 0; i < length; ++i) *y++ = row[i * step];
      return OkStatus();
    });
  });
}

template <typename Op>
Status RunSlice(const Op& op, const Inputs& inputs, const MutableTensorView& output) {
  const std::vector<graph::InputFact> facts = FactsOf(inputs);
  graph::SlicePlan plan;
  MINNOW_RETURN_IF_ERROR(graph::PlanSlice(op, graph::OpInputs(facts), &plan));
  const Strides own = RowMajorStrides(inputs[0].shape);
  Strides strides = {};
  int64_t base = 0;
  size_t kept = 0;
  for (size_t axis = 0; axis < plan.ranges.size(); ++axis) {
    base += plan.ranges[axis].begin * own[axis];
    if (!plan.dropped[axis]) strides[kept++] = plan.ranges[axis].step * own[axis];
  }
  return CopyStrided(inputs[0], base, strides, output);
}

// The input index that an output index of a padded axis shows; -1 for the fill value.
// kReflect mirrors about the border element, which is not repeated.
int64_t PaddedSource(graph::PadFill fill, int64_t index, int64_t begin, int64_t size) {
  const int64_t source = index - begin;
  if (source >= 0 && source < size) return source;
  switch (fill) {
    case graph::PadFill::kEdge:
      return source < 0 ? 0 : size - 1;
    case graph::PadFill::kReflect:
      return source < 0 ? -source : 2 * (size - 1) - source;
    case graph::PadFill::kConstant:
      break;
  }
  return -1;
}

template <typename T>
void PadInto(graph::PadFill fill, const std::vector<int64_t>& pads, const TensorView& x, T value,
             const MutableTensorView& output) {
  const Strides strides = RowMajorStrides(x.shape);
  const int rank = output.shape.rank();
  const int64_t count = output.ElementCount();
  T* y = output.as<T>();
  std::array<int64_t, kMaxRank> index = {};
  for (int64_t i = 0; i < count; ++i) {
    int64_t offset = 0;
    for (int axis = 0; axis < rank && offset >= 0; ++axis) {
      const size_t a = static_cast<size_t>(axis);
      const int64_t source = PaddedSource(fill, index[a], pads[a], x.shape[axis]);
      offset = source < 0 ? -1 : offset + source * strides[a];
    }
    y[i] = offset < 0 ? value : x.as<T>()[offset];
    for (int axis = rank - 1; axis >= 0; --axis) {
      const size_t a = static_cast<size_t>(axis);
      if (++index[a] < output.shape[axis]) break;
      index[a] = 0;
    }
  }
}

}  // namespace

Status Run(const graph::Reshape&, const Inputs& inputs, const MutableTensorView& output) {
  return CopyAll(inputs[0], output);
}
Status Run(const graph::Squeeze&, const Inputs& inputs, const MutableTensorView& output) {
  return CopyAll(inputs[0], output);
}
Status Run(const graph::Unsqueeze&, const Inputs& inputs, const MutableTensorView& output) {
  return CopyAll(inputs[0], output);
}
Status Run(const graph::Flatten&, const Inputs& inputs, const MutableTensorView& output) {
  return CopyAll(inputs[0], output);
}
Status Run(const graph::Identity&, const Inputs& inputs, const MutableTensorView& output) {
  return CopyAll(inputs[0], output);
}

Status Run(const graph::Transpose& op, const Inputs& inputs, const MutableTensorView& output) {
  const int rank = output.shape.rank();
  const Strides own = RowMajorStrides(inputs[0].shape);
  Strides strides = {};
  for (int axis = 0; axis < rank; ++axis) {
    const size_t a = static_cast<size_t>(axis);
    int64_t source = op.perm.empty() ? rank - 1 - axis : op.perm[a];
    if (source < 0) source += rank;
    strides[a] = own[static_cast<size_t>(source)];
  }
  return CopyStrided(inputs[0], 0, strides, output);
}

Status Run(const graph::Expand&, const Inputs& inputs, const MutableTensorView& output) {
  return CopyStrided(inputs[0], 0, BroadcastStrides(inputs[0].shape, output.shape), output);
}

Status Run(const graph::Slice& op, const Inputs& inputs, const MutableTensorView& output) {
  return RunSlice(op, inputs, output);
}
Status Run(const graph::StridedSlice& op, const Inputs& inputs, const MutableTensorView& output) {
  return RunSlice(op, inputs, output);
}

Status Run(const graph::ShapeOf& op, const Inputs& inputs, const MutableTensorView& output) {
  const graph::SliceRange range = graph::ResolveSlice(inputs[0].shape.rank(), op.start, op.end, 1);
  for (int64_t i = 0; i < range.count; ++i) {
    const int64_t dim = inputs[0].shape[static_cast<int>(range.begin + i)];
    if (op.dtype == DType::kS32) {
      // A dim of 2^31 is possible where another is 0.
      output.as<int32_t>()[i] = FromDouble<int32_t>(static_cast<double>(dim));
    } else {
      output.as<int64_t>()[i] = dim;
    }
  }
  return OkStatus();
}

Status Run(const graph::Concat& op, const Inputs& inputs, const MutableTensorView& output) {
  const StatusOr<int> axis = NormalizeAxis(op.axis, output.shape.rank());
  if (!axis.ok()) return axis.status();
  const int64_t outer = output.shape.ElementCount(0, *axis);
  char* to = output.as<char>();
  for (int64_t i = 0; i < outer; ++i) {
    for (const TensorView& input : inputs) {
      const size_t bytes = input.size_bytes() / static_cast<size_t>(outer);
      if (bytes > 0) std::memcpy(to, input.as<char>() + static_cast<size_t>(i) * bytes, bytes);
      to += bytes;
    }
  }
  return OkStatus();
}

Status Run(const graph::Pad& op, const Inputs& inputs, const MutableTensorView& output) {
  const std::vector<graph::InputFact> facts = FactsOf(inputs);
  graph::MaybeInts pads;
  MINNOW_RETURN_IF_ERROR(graph::ReadList(graph::OpInputs(facts), 1, "pads", op.pads, &pads));
  return ForWidth(output.dtype, [&](auto tag) {
    using T = decltype(tag);
    T value = 0;
    if (Has(inputs, 2)) {
      std::memcpy(&value, inputs[2].data, sizeof(T));
    } else {
      StoreNumber(static_cast<double>(op.value), output.dtype, &value);
    }
    PadInto<T>(op.fill, *pads, inputs[0], value, output);
    return OkStatus();
  });
}

Status Run(const graph::Gather& op, const Inputs& inputs, const MutableTensorView& output) {
  const TensorView& x = inputs[0];
  const StatusOr<int> axis = NormalizeAxis(op.axis, x.shape.rank());
  if (!axis.ok()) return axis.status();
  const int64_t outer = x.shape.ElementCount(0, *axis);
  const int64_t dim = x.shape[*axis];
  const int64_t count = inputs[1].ElementCount();
  const size_t bytes =
      static_cast<size_t>(x.shape.ElementCount(*axis + 1, x.shape.rank())) * DTypeSize(x.dtype);
  char* to = output.as<char>();
  for (int64_t i = 0; i < outer; ++i) {
    for (int64_t j = 0; j < count; ++j) {
      int64_t index = 0;
      MINNOW_RETURN_IF_ERROR(ResolveIndex(IndexAt(inputs[1], j), dim, &index));
      std::memcpy(to, x.as<char>() + static_cast<size_t>(i * dim + index) * bytes, bytes);
      to += bytes;
    }
  }
  return OkStatus();
}

}  // namespace minnow::interpreter
