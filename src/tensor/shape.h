// Tensor shapes: up to eight dimensions, outermost first; -1 is a dimension not known yet.
#ifndef MINNOW_TENSOR_SHAPE_H_
#define MINNOW_TENSOR_SHAPE_H_

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>

#include "base/status.h"

namespace minnow {

inline constexpr int kMaxRank = 8;
inline constexpr int64_t kUnknownDim = -1;
// No tensor has more elements than this, so that products of shapes never overflow, nor sizes in
// bytes where addresses have 32 bits (Wasm).
inline constexpr int64_t kMaxElements = int64_t{1} << (sizeof(size_t) >= 8 ? 31 : 26);

class Shape {
 public:
  Shape() = default;  // rank 0: a scalar
  // REQUIRES: at most kMaxRank dims, each >= -1. For literals; use Make for data from outside.
  Shape(std::initializer_list<int64_t> dims);
  // Fails with kInvalidArgument beyond kMaxRank, on a dim < -1, or above kMaxElements elements.
  static StatusOr<Shape> Make(const int64_t* dims, size_t rank);

  int rank() const { return rank_; }
  // REQUIRES: 0 <= axis < rank().
  int64_t operator[](int axis) const { return dims_[axis]; }
  int64_t& operator[](int axis) { return dims_[axis]; }
  const int64_t* begin() const { return dims_; }
  const int64_t* end() const { return dims_ + rank_; }

  // REQUIRES: rank() < kMaxRank.
  void Append(int64_t dim) { dims_[rank_++] = dim; }

  // True when no dimension is -1.
  bool IsStatic() const;
  // Product of the dims; 1 for a scalar; -1 when a dimension is unknown; saturates at kMaxElements
  // + 1.
  int64_t ElementCount() const;
  // Product of the dims in [first, last). REQUIRES: those are known.
  int64_t ElementCount(int first, int last) const;

  bool operator==(const Shape& other) const;
  bool operator!=(const Shape& other) const { return !(*this == other); }

  // "[1,224,224,3]"; unknown dims print as "?".
  std::string ToString() const;

 private:
  int rank_ = 0;
  int64_t dims_[kMaxRank] = {};
};

// Turns a negative axis into its positive form. Fails with kInvalidModel when out of [-rank, rank).
StatusOr<int> NormalizeAxis(int64_t axis, int rank);

}  // namespace minnow

#endif  // MINNOW_TENSOR_SHAPE_H_
