// What ops compute whose output is as long as the data make it: NonZero, Compress, Unique,
// NonMaxSuppression. They allocate it themselves.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <numeric>
#include <vector>

#include "interpreter/elements.h"
#include "interpreter/evaluators.h"
#include "interpreter/indices.h"

namespace minnow::interpreter {
namespace {

using List = std::vector<int64_t>;

StatusOr<Tensor> IntTensor(const List& values, const Shape& shape) {
  return Tensor::From<int64_t>(shape, values.data());
}

int64_t SizeOf(const List& list) { return static_cast<int64_t>(list.size()); }

// Slices along `axis`, or the elements of the whole tensor.
struct Slices {
  int64_t outer = 1, count = 1, inner = 1;
  Shape shape;  // of a tensor of slices; `axis` is where their number stands
  int axis = 0;
};

StatusOr<Slices> SlicesOf(const TensorView& x, bool flat, int64_t axis) {
  Slices slices;
  if (flat) {
    slices.count = x.ElementCount();
    slices.shape = Shape{slices.count};
    return slices;
  }
  const StatusOr<int> normal = NormalizeAxis(axis, x.shape.rank());
  if (!normal.ok()) return normal.status();
  slices.outer = x.shape.ElementCount(0, *normal);
  slices.count = x.shape[*normal];
  slices.inner = x.shape.ElementCount(*normal + 1, x.shape.rank());
  slices.shape = x.shape;
  slices.axis = *normal;
  return slices;
}

// The slices named, in their order.
StatusOr<Tensor> Pick(const TensorView& x, const Slices& slices, const List& chosen) {
  Shape shape = slices.shape;
  shape[slices.axis] = SizeOf(chosen);
  StatusOr<Tensor> picked = Tensor::Allocate(x.dtype, shape);
  if (!picked.ok()) return picked;
  const size_t bytes = static_cast<size_t>(slices.inner) * DTypeSize(x.dtype);
  char* to = static_cast<char*>(picked->mutable_data());
  for (int64_t i = 0; i < slices.outer; ++i) {
    for (int64_t slice : chosen) {
      const size_t from = static_cast<size_t>(i * slices.count + slice) * bytes;
      if (bytes > 0) std::memcpy(to, x.as<char>() + from, bytes);
      to += bytes;
    }
  }
  return picked;
}

// -1, 0 or 1: how two slices compare, element by element; a NaN is larger than every number.
template <typename T>
int CompareSlices(const T* x, const Slices& slices, int64_t a, int64_t b) {
  for (int64_t i = 0; i < slices.outer; ++i) {
    for (int64_t j = 0; j < slices.inner; ++j) {
      const T left = x[(i * slices.count + a) * slices.inner + j];
      const T right = x[(i * slices.count + b) * slices.inner + j];
      const bool left_nan = IsNan(left), right_nan = IsNan(right);
      if (left_nan || right_nan) {
        if (left_nan != right_nan) return left_nan ? 1 : -1;
      } else if (left != right) {
        return left < right ? -1 : 1;
      }
    }
  }
  return 0;
}

struct Groups {
  List first;    // of each group, the first slice
  List inverse;  // of each slice, its group
  List counts;
};

template <typename T>
Groups GroupSlices(const T* x, const Slices& slices, bool sorted) {
  List order(static_cast<size_t>(slices.count));
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(),
                   [&](int64_t a, int64_t b) { return CompareSlices(x, slices, a, b) < 0; });
  Groups groups;
  groups.inverse.resize(order.size());
  for (size_t i = 0; i < order.size(); ++i) {
    if (i == 0 || CompareSlices(x, slices, order[i - 1], order[i]) != 0) {
      groups.first.push_back(order[i]);
      groups.counts.push_back(0);
    }
    ++groups.counts.back();
    groups.inverse[static_cast<size_t>(order[i])] = SizeOf(groups.first) - 1;
  }
  if (sorted) return groups;
  List by_appearance(groups.first.size());
  std::iota(by_appearance.begin(), by_appearance.end(), 0);
  const auto at = [](const List& list, int64_t i) { return list[static_cast<size_t>(i)]; };
  std::sort(by_appearance.begin(), by_appearance.end(),
            [&](int64_t a, int64_t b) { return at(groups.first, a) < at(groups.first, b); });
  Groups moved;
  List place(by_appearance.size());
  for (int64_t group : by_appearance) {
    place[static_cast<size_t>(group)] = SizeOf(moved.first);
    moved.first.push_back(at(groups.first, group));
    moved.counts.push_back(at(groups.counts, group));
  }
  for (int64_t group : groups.inverse) moved.inverse.push_back(at(place, group));
  return moved;
}

struct Box {
  float top, left, bottom, right;
};

Box BoxAt(const float* numbers, bool center) {
  const float* b = numbers;
  if (center) {
    return {b[1] - b[3] / 2, b[0] - b[2] / 2, b[1] + b[3] / 2, b[0] + b[2] / 2};
  }
  return {std::min(b[0], b[2]), std::min(b[1], b[3]), std::max(b[0], b[2]), std::max(b[1], b[3])};
}

// Intersection over union.
float OverlapOf(const Box& a, const Box& b) {
  const float height = std::min(a.bottom, b.bottom) - std::max(a.top, b.top);
  const float width = std::min(a.right, b.right) - std::max(a.left, b.left);
  if (height <= 0.0f || width <= 0.0f) return 0.0f;
  const float shared = height * width;
  const float areas =
      (a.bottom - a.top) * (a.right - a.left) + (b.bottom - b.top) * (b.right - b.left);
  return shared / (areas - shared);
}

struct SuppressionLimits {
  int64_t most = 0;
  float overlap = 0.0f;
  float score = 0.0f;
  bool has_score = false;
};

// The boxes of one class that survive, by falling score.
List Survivors(const std::vector<Box>& boxes, const float* scores,
               const SuppressionLimits& limits) {
  List order;
  for (int64_t i = 0; i < static_cast<int64_t>(boxes.size()); ++i) {
    if (std::isnan(scores[i])) continue;
    if (!limits.has_score || scores[i] > limits.score) order.push_back(i);
  }
  std::stable_sort(order.begin(), order.end(),
                   [&](int64_t a, int64_t b) { return scores[a] > scores[b]; });
  List kept;
  for (int64_t candidate : order) {
    if (SizeOf(kept) >= limits.most) break;
    const Box& box = boxes[static_cast<size_t>(candidate)];
    const bool lost = std::any_of(kept.begin(), kept.end(), [&](int64_t winner) {
      return OverlapOf(boxes[static_cast<size_t>(winner)], box) > limits.overlap;
    });
    if (!lost) kept.push_back(candidate);
  }
  return kept;
}

}  // namespace

StatusOr<Tensor> Make(const graph::NonZero&, const Inputs& inputs) {
  const TensorView& x = inputs[0];
  const size_t bytes = DTypeSize(x.dtype);
  List found;
  // -0.0 is zero too.
  const bool is_float = x.dtype == DType::kF16 || x.dtype == DType::kF32 || x.dtype == DType::kF64;
  for (int64_t i = 0; i < x.ElementCount(); ++i) {
    const auto* element = x.as<uint8_t>() + static_cast<size_t>(i) * bytes;
    bool is_zero = std::all_of(element, element + bytes - 1, [](uint8_t b) { return b == 0; });
    is_zero = is_zero && (is_float ? (element[bytes - 1] & 0x7f) == 0 : element[bytes - 1] == 0);
    if (!is_zero) found.push_back(i);
  }
  const Strides strides = RowMajorStrides(x.shape);
  List places;
  places.reserve(found.size() * static_cast<size_t>(x.shape.rank()));
  for (int axis = 0; axis < x.shape.rank(); ++axis) {
    for (int64_t i : found) {
      places.push_back(i / strides[static_cast<size_t>(axis)] % x.shape[axis]);
    }
  }
  return IntTensor(places, Shape{x.shape.rank(), SizeOf(found)});
}

StatusOr<Tensor> Make(const graph::Compress& op, const Inputs& inputs) {
  const StatusOr<Slices> slices = SlicesOf(inputs[0], op.flat, op.axis);
  if (!slices.ok()) return slices.status();
  if (inputs[1].ElementCount() > slices->count) {
    return InvalidArgument("a condition of %lld for %lld slices",
                           static_cast<long long>(inputs[1].ElementCount()),
                           static_cast<long long>(slices->count));
  }
  List chosen;
  for (int64_t i = 0; i < inputs[1].ElementCount(); ++i) {
    if (inputs[1].as<uint8_t>()[i] != 0) chosen.push_back(i);
  }
  return Pick(inputs[0], *slices, chosen);
}

StatusOr<Tensor> Make(const graph::Unique& op, const Inputs& inputs) {
  const StatusOr<Slices> slices = SlicesOf(inputs[0], op.flat, op.axis);
  if (!slices.ok()) return slices.status();
  Groups groups;
  MINNOW_RETURN_IF_ERROR(ForNumber(inputs[0].dtype, [&](auto tag) {
    using T = decltype(tag);
    groups = GroupSlices(inputs[0].as<T>(), *slices, op.sorted);
    return OkStatus();
  }));
  switch (op.result) {
    case graph::Unique::Result::kValues:
      return Pick(inputs[0], *slices, groups.first);
    case graph::Unique::Result::kFirstIndices:
      return IntTensor(groups.first, Shape{SizeOf(groups.first)});
    case graph::Unique::Result::kInverse:
      return IntTensor(groups.inverse, Shape{SizeOf(groups.inverse)});
    case graph::Unique::Result::kCounts:
      break;
  }
  return IntTensor(groups.counts, Shape{SizeOf(groups.counts)});
}

StatusOr<Tensor> Make(const graph::NonMaxSuppression& op, const Inputs& inputs) {
  SuppressionLimits limits;
  if (Has(inputs, 2)) limits.most = IndexAt(inputs[2], 0);
  if (Has(inputs, 3)) limits.overlap = *inputs[3].as<float>();
  limits.has_score = Has(inputs, 4);
  if (limits.has_score) limits.score = *inputs[4].as<float>();
  const int64_t batches = inputs[1].shape[0], classes = inputs[1].shape[1];
  const int64_t count = inputs[1].shape[2];
  List rows;
  std::vector<Box> boxes(static_cast<size_t>(count));
  for (int64_t batch = 0; batch < batches; ++batch) {
    for (int64_t i = 0; i < count; ++i) {
      boxes[static_cast<size_t>(i)] =
          BoxAt(inputs[0].as<float>() + (batch * count + i) * 4, op.center);
    }
    for (int64_t label = 0; label < classes; ++label) {
      const float* scores = inputs[1].as<float>() + (batch * classes + label) * count;
      for (int64_t box : Survivors(boxes, scores, limits)) {
        rows.insert(rows.end(), {batch, label, box});
      }
    }
  }
  return IntTensor(rows, Shape{SizeOf(rows) / 3, 3});
}

}  // namespace minnow::interpreter
