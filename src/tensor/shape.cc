#include "tensor/shape.h"

#include <algorithm>

namespace minnow {

Shape::Shape(std::initializer_list<int64_t> dims) {
  for (int64_t dim : dims) Append(dim);
}

StatusOr<Shape> Shape::Make(const int64_t* dims, size_t rank) {
  if (rank > kMaxRank) {
    return InvalidArgument("rank %zu is above the supported %d", rank, kMaxRank);
  }
  Shape shape;
  int64_t count = 1;
  for (size_t i = 0; i < rank; ++i) {
    if (dims[i] < kUnknownDim || dims[i] > kMaxElements) {
      return InvalidArgument("dimension %zu has the size %lld", i, static_cast<long long>(dims[i]));
    }
    if (dims[i] > 0) {
      if (count > kMaxElements / dims[i]) {
        return InvalidArgument("the shape has more than %lld elements",
                               static_cast<long long>(kMaxElements));
      }
      count *= dims[i];
    }
    shape.Append(dims[i]);
  }
  return shape;
}

bool Shape::IsStatic() const {
  return std::all_of(begin(), end(), [](int64_t dim) { return dim >= 0; });
}

int64_t Shape::ElementCount() const {
  if (!IsStatic()) return kUnknownDim;
  return ElementCount(0, rank_);
}

int64_t Shape::ElementCount(int first, int last) const {
  // A zero anywhere makes the product zero, however large the others are.
  if (std::any_of(dims_ + first, dims_ + last, [](int64_t dim) { return dim == 0; })) return 0;
  int64_t count = 1;
  for (int axis = first; axis < last; ++axis) {
    // Both are no larger, so that the product does not overflow, and without a division.
    if (static_cast<uint64_t>(dims_[axis]) > uint64_t{kMaxElements}) return kMaxElements + 1;
    count *= dims_[axis];
    if (count > kMaxElements) return kMaxElements + 1;
  }
  return count;
}

bool Shape::operator==(const Shape& other) const {
  return rank_ == other.rank_ && std::equal(begin(), end(), other.begin());
}

std::string Shape::ToString() const {
  std::string text = "[";
  for (int axis = 0; axis < rank_; ++axis) {
    if (axis > 0) text += ',';
    text += dims_[axis] == kUnknownDim ? std::string("?") : std::to_string(dims_[axis]);
  }
  return text + "]";
}

StatusOr<int> NormalizeAxis(int64_t axis, int rank) {
  if (axis < -rank || axis >= rank) {
    return InvalidModel("axis %lld is outside rank %d", static_cast<long long>(axis), rank);
  }
  return static_cast<int>(axis < 0 ? axis + rank : axis);
}

}  // namespace minnow
