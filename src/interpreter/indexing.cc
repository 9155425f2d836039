// What ops compute that move elements to or from places given as data: GatherElements, GatherNd,
// ScatterElements, ScatterNd, ReverseSequence.
#include <algorithm>
#include <cstring>

#include "interpreter/elements.h"
#include "interpreter/evaluators.h"
#include "interpreter/indices.h"

namespace minnow::interpreter {
namespace {

using graph::ScatterKind;

// Calls f(place, i) for each index, i in row-major order: the offset in x of the element that index
// i names, with the index along `axis` and the rest of its position from i itself.
template <typename F>
Status ForEachElement(const Shape& x, const TensorView& indices, int axis, const F& f) {
  const Strides own = RowMajorStrides(x);
  Strides walked = own;
  walked[static_cast<size_t>(axis)] = 0;
  const int64_t step = RowStep(indices.shape, walked);
  const int64_t length = RowLength(indices.shape);
  int64_t i = 0;
  const std::array<Strides, 1> strides = {walked};
  return ForEachRow<1>(indices.shape, strides, [&](const std::array<int64_t, 1>& offsets) {
    for (int64_t column = 0; column < length; ++column, ++i) {
      int64_t index = 0;
      MINNOW_RETURN_IF_ERROR(ResolveIndex(IndexAt(indices, i), x[axis], &index));
      f(offsets[0] + column * step + index * own[static_cast<size_t>(axis)], i);
    }
    return OkStatus();
  });
}

// Calls f(offset, place) for each place in x, in row-major order. A place is the last axis of the
// indices, behind `batch_dims` shared axes; `slice` elements of x belong to it.
template <typename F>
Status ForEachPlace(const Shape& x, const TensorView& indices, int64_t batch_dims, const F& f) {
  const Strides own = RowMajorStrides(x);
  const int last = indices.shape.rank() - 1;
  const int64_t depth = indices.shape[last];
  const int64_t places = indices.shape.ElementCount(0, last);
  const int shared = static_cast<int>(batch_dims);
  const int64_t batches = x.ElementCount(0, shared);
  const int64_t batch_size = x.ElementCount(shared, x.rank());
  for (int64_t place = 0; place < places; ++place) {
    int64_t offset = place / (places / batches) * batch_size;
    for (int64_t i = 0; i < depth; ++i) {
      const int axis = shared + static_cast<int>(i);
      int64_t index = 0;
      MINNOW_RETURN_IF_ERROR(ResolveIndex(IndexAt(indices, place * depth + i), x[axis], &index));
      offset += index * own[static_cast<size_t>(axis)];
    }
    f(offset, place);
  }
  return OkStatus();
}

template <typename T>
void Combine(ScatterKind kind, T update, T* element) {
  switch (kind) {
    case ScatterKind::kReplace:
      *element = update;
      break;
    case ScatterKind::kAdd:
      *element = static_cast<T>(*element + update);
      break;
    case ScatterKind::kMul:
      *element = static_cast<T>(*element * update);
      break;
    case ScatterKind::kMin:
      *element = std::min(*element, update);
      break;
    case ScatterKind::kMax:
      *element = std::max(*element, update);
      break;
  }
}

// Integers add and multiply modulo 2^bits; signed ones in their unsigned form.
template <typename F>
Status ForScattered(ScatterKind kind, DType dtype, const F& f) {
  if (kind == ScatterKind::kReplace) return ForWidth(dtype, f);
  const bool wraps = kind == ScatterKind::kAdd || kind == ScatterKind::kMul;
  if (wraps && dtype != DType::kF32 && dtype != DType::kF64 && dtype != DType::kF16) {
    return ForWidth(dtype, f);
  }
  return ForNumber(dtype, f);
}

}  // namespace

Status Run(const graph::GatherElements& op, const Inputs& inputs, const MutableTensorView& output) {
  const StatusOr<int> axis = NormalizeAxis(op.axis, inputs[0].shape.rank());
  if (!axis.ok()) return axis.status();
  return ForWidth(output.dtype, [&](auto tag) {
    using T = decltype(tag);
    return ForEachElement(inputs[0].shape, inputs[1], *axis, [&](int64_t offset, int64_t i) {
      output.as<T>()[i] = inputs[0].as<T>()[offset];
    });
  });
}

Status Run(const graph::GatherNd& op, const Inputs& inputs, const MutableTensorView& output) {
  const Shape& x = inputs[0].shape;
  const int first = static_cast<int>(op.batch_dims + inputs[1].shape[inputs[1].shape.rank() - 1]);
  const size_t element = DTypeSize(output.dtype);
  const size_t bytes = static_cast<size_t>(x.ElementCount(first, x.rank())) * element;
  return ForEachPlace(x, inputs[1], op.batch_dims, [&](int64_t offset, int64_t place) {
    std::memcpy(output.as<char>() + static_cast<size_t>(place) * bytes,
                inputs[0].as<char>() + static_cast<size_t>(offset) * element, bytes);
  });
}

Status Run(const graph::ScatterElements& op, const Inputs& inputs,
           const MutableTensorView& output) {
  const StatusOr<int> axis = NormalizeAxis(op.axis, inputs[0].shape.rank());
  if (!axis.ok()) return axis.status();
  return ForScattered(op.kind, output.dtype, [&](auto tag) {
    using T = decltype(tag);
    std::memcpy(output.data, inputs[0].data, output.size_bytes());
    return ForEachElement(inputs[0].shape, inputs[1], *axis, [&](int64_t offset, int64_t i) {
      Combine(op.kind, inputs[2].as<T>()[i], output.as<T>() + offset);
    });
  });
}

Status Run(const graph::ScatterNd& op, const Inputs& inputs, const MutableTensorView& output) {
  const Shape& x = inputs[0].shape;
  const int first = static_cast<int>(inputs[1].shape[inputs[1].shape.rank() - 1]);
  const int64_t slice = x.ElementCount(first, x.rank());
  return ForScattered(op.kind, output.dtype, [&](auto tag) {
    using T = decltype(tag);
    std::memcpy(output.data, inputs[0].data, output.size_bytes());
    return ForEachPlace(x, inputs[1], 0, [&](int64_t offset, int64_t place) {
      const T* update = inputs[2].as<T>() + place * slice;
      for (int64_t i = 0; i < slice; ++i) {
        Combine(op.kind, update[i], output.as<T>() + offset + i);
      }
    });
  });
}

Status Run(const graph::ReverseSequence& op, const Inputs& inputs,
           const MutableTensorView& output) {
  const Shape& shape = output.shape;
  const int time = *NormalizeAxis(op.time_axis, shape.rank());
  const int batch = *NormalizeAxis(op.batch_axis, shape.rank());
  for (int64_t b = 0; b < shape[batch]; ++b) {
    const int64_t length = IndexAt(inputs[1], b);
    if (length < 0 || length > shape[time]) {
      return InvalidArgument("a sequence of %lld steps in an axis of %lld",
                             static_cast<long long>(length), static_cast<long long>(shape[time]));
    }
  }
  const Strides strides = RowMajorStrides(shape);
  const int64_t time_step = strides[static_cast<size_t>(time)];
  const int64_t batch_step = strides[static_cast<size_t>(batch)];
  const int64_t count = output.ElementCount();
  return ForWidth(output.dtype, [&](auto tag) {
    using T = decltype(tag);
    for (int64_t i = 0; i < count; ++i) {
      const int64_t t = i / time_step % shape[time];
      const int64_t length = IndexAt(inputs[1], i / batch_step % shape[batch]);
      const int64_t from = t < length ? length - 1 - t : t;
      output.as<T>()[i] = inputs[0].as<T>()[i + (from - t) * time_step];
    }
    return OkStatus();
  });
}

}  // namespace minnow::interpreter
