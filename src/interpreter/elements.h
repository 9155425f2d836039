// What the evaluators share: choosing a C++ type for a dtype, walking tensors by strides, storing
// results. Internal to interpreter/.
#ifndef MINNOW_INTERPRETER_ELEMENTS_H_
#define MINNOW_INTERPRETER_ELEMENTS_H_

#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <type_traits>

#include "base/status.h"
#include "graph/ops.h"
#include "tensor/dtype.h"
#include "tensor/shape.h"

namespace minnow::interpreter {

inline Status NoSuchType(DType dtype) {
  return Unsupported("elements of type %s are not implemented for this op", DTypeName(dtype));
}

// Calls f(T()) with float or double.
template <typename F>
Status ForFloat(DType dtype, const F& f) {
  if (dtype == DType::kF32) return f(float());
  if (dtype == DType::kF64) return f(double());
  return NoSuchType(dtype);
}

// Calls f(T()) with the integer type of `dtype`, of those that quantised tensors have.
template <typename F>
Status ForQuantized(DType dtype, const F& f) {
  switch (dtype) {
    case DType::kU8:
      return f(uint8_t());
    case DType::kS8:
      return f(int8_t());
    case DType::kU16:
      return f(uint16_t());
    case DType::kS16:
      return f(int16_t());
    case DType::kS32:
      return f(int32_t());
    default:
      return NoSuchType(dtype);
  }
}

// Calls f(T()) with the integer type of `dtype`.
template <typename F>
Status ForInteger(DType dtype, const F& f) {
  if (dtype == DType::kU32) return f(uint32_t());
  if (dtype == DType::kS64) return f(int64_t());
  if (dtype == DType::kU64) return f(uint64_t());
  return ForQuantized(dtype, f);
}

template <typename F>
Status ForNumber(DType dtype, const F& f) {
  if (dtype == DType::kF32 || dtype == DType::kF64) return ForFloat(dtype, f);
  return ForInteger(dtype, f);
}

// Calls f(T()) with an unsigned integer as wide as an element: for ops that only move elements.
template <typename F>
Status ForWidth(DType dtype, const F& f) {
  switch (DTypeSize(dtype)) {
    case 1:
      return f(uint8_t());
    case 2:
      return f(uint16_t());
    case 4:
      return f(uint32_t());
    default:
      return f(uint64_t());
  }
}

// Elements between neighbours along each axis; 0 repeats one element.
using Strides = std::array<int64_t, kMaxRank>;

inline Strides RowMajorStrides(const Shape& shape) {
  Strides strides = {};
  int64_t step = 1;
  for (int axis = shape.rank() - 1; axis >= 0; --axis) {
    strides[static_cast<size_t>(axis)] = step;
    step *= shape[axis];
  }
  return strides;
}

// How an operand of shape `from` is read at the indices of the broadcast shape `to`.
inline Strides BroadcastStrides(const Shape& from, const Shape& to) {
  const Strides own = RowMajorStrides(from);
  const int shift = to.rank() - from.rank();
  Strides strides = {};
  for (int axis = 0; axis < from.rank(); ++axis) {
    const size_t target = static_cast<size_t>(axis + shift);
    strides[target] = from[axis] == 1 ? 0 : own[static_cast<size_t>(axis)];
  }
  return strides;
}

// Walks `shape` row by row in row-major order: calls f(offsets) once a row, where a row is the last
// axis (one element for a scalar) and offsets[i] follows strides[i]. An empty shape has no rows.
template <size_t N, typename F>
Status ForEachRow(const Shape& shape, const std::array<Strides, N>& strides, const F& f) {
  const int outer = shape.rank() - 1;
  for (int64_t dim : shape) {
    if (dim == 0) return OkStatus();
  }
  std::array<int64_t, N> offsets = {};
  std::array<int64_t, kMaxRank> index = {};
  while (true) {
    MINNOW_RETURN_IF_ERROR(f(offsets));
    int axis = outer - 1;
    for (; axis >= 0; --axis) {
      const size_t a = static_cast<size_t>(axis);
      if (++index[a] < shape[axis]) {
        for (size_t i = 0; i < N; ++i) offsets[i] += strides[i][a];
        break;
      }
      for (size_t i = 0; i < N; ++i) offsets[i] -= strides[i][a] * (index[a] - 1);
      index[a] = 0;
    }
    if (axis < 0) return OkStatus();
  }
}

// Length of such a row, and the step of an operand along it.
inline int64_t RowLength(const Shape& shape) {
  return shape.rank() == 0 ? 1 : shape[shape.rank() - 1];
}
inline int64_t RowStep(const Shape& shape, const Strides& strides) {
  return shape.rank() == 0 ? 0 : strides[static_cast<size_t>(shape.rank() - 1)];
}

template <typename T>
bool IsNan(T value) {
  if constexpr (std::is_floating_point_v<T>) return std::isnan(value);
  return false;
}

// min(max(x, min), max); a NaN stays a NaN.
inline double ClampTo(double x, float min, float max) {
  if (x < static_cast<double>(min)) x = static_cast<double>(min);
  if (x > static_cast<double>(max)) x = static_cast<double>(max);
  return x;
}

inline double HardSwishOf(double x) { return x * ClampTo(x / 6.0 + 0.5, 0.0f, 1.0f); }

inline double Activate(const graph::Activation& activation, double x) {
  if (activation.kind == graph::Activation::Kind::kHardSwish) return HardSwishOf(x);
  return ClampTo(x, activation.min, activation.max);
}

// The nearest integer, halves to even. REQUIRES: |x| < 2^51.
inline double RoundToEven(double x) {
  constexpr double kShift = 6755399441055744.0;  // 1.5 * 2^52: sums with it have no fraction bits
  return (x + kShift) - kShift;
}

// A double as an element: integers truncate toward zero and saturate, a NaN becomes 0.
template <typename T>
T FromDouble(double value) {
  if constexpr (std::is_floating_point_v<T>) {
    return static_cast<T>(value);
  } else {
    // 2^digits is a double exactly, unlike the largest 64-bit integer.
    const double limit = std::ldexp(1.0, std::numeric_limits<T>::digits);
    if (std::isnan(value)) return 0;
    if (value >= limit) return std::numeric_limits<T>::max();
    if (value <= -limit || (std::is_unsigned_v<T> && value <= 0.0)) {
      return std::numeric_limits<T>::min();
    }
    return static_cast<T>(value);
  }
}

}  // namespace minnow::interpreter

#endif  // MINNOW_INTERPRETER_ELEMENTS_H_
