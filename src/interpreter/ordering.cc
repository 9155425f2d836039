// What ops compute that order or add up elements along one axis: ArgReduce, TopK, CumSum.
#include <algorithm>
#include <cmath>
#include <vector>

#include "interpreter/elements.h"
#include "interpreter/evaluators.h"
#include "interpreter/indices.h"

namespace minnow::interpreter {
namespace {

// An axis of a row-major tensor as a stack of lines.
struct Lines {
  int64_t outer = 1, length = 1, inner = 1;

  Lines(const Shape& shape, int axis)
      : outer(shape.ElementCount(0, axis)),
        length(shape[axis]),
        inner(shape.ElementCount(axis + 1, shape.rank())) {}
  // Calls f(line, first element of it); its elements are `inner` apart.
  template <typename F>
  void ForEach(const F& f) const {
    for (int64_t i = 0; i < outer * inner; ++i) f(i, i / inner * length * inner + i % inner);
  }
};

// Whether a comes before b: larger first or smaller first, a NaN before all.
template <typename T>
bool Precedes(T a, T b, bool largest) {
  if (IsNan(a) || IsNan(b)) return IsNan(a) && !IsNan(b);
  return largest ? a > b : a < b;
}

}  // namespace

Status Run(const graph::ArgReduce& op, const Inputs& inputs, const MutableTensorView& output) {
  const StatusOr<int> axis = NormalizeAxis(op.axis, inputs[0].shape.rank());
  if (!axis.ok()) return axis.status();
  const Lines lines(inputs[0].shape, *axis);
  return ForNumber(inputs[0].dtype, [&](auto tag) {
    using T = decltype(tag);
    lines.ForEach([&](int64_t line, int64_t first) {
      const T* x = inputs[0].as<T>() + first;
      int64_t best = 0;
      for (int64_t i = 1; i < lines.length; ++i) {
        const T value = x[i * lines.inner], leader = x[best * lines.inner];
        const bool wins =
            op.last ? !Precedes(leader, value, !op.min) : Precedes(value, leader, !op.min);
        if (wins) best = i;
      }
      output.as<int64_t>()[line] = best;
    });
    return OkStatus();
  });
}

Status Run(const graph::TopK& op, const Inputs& inputs, const MutableTensorView& output) {
  const StatusOr<int> axis = NormalizeAxis(op.axis, inputs[0].shape.rank());
  if (!axis.ok()) return axis.status();
  const Lines lines(inputs[0].shape, *axis);
  const int64_t k = output.shape[*axis];
  std::vector<int64_t> order;
  return ForNumber(inputs[0].dtype, [&](auto tag) {
    using T = decltype(tag);
    lines.ForEach([&](int64_t line, int64_t first) {
      const T* x = inputs[0].as<T>() + first;
      const auto before = [&](int64_t a, int64_t b) {
        const T left = x[a * lines.inner], right = x[b * lines.inner];
        if (Precedes(left, right, op.largest)) return true;
        return !Precedes(right, left, op.largest) && a < b;
      };
      // The best k so far, the last of them in front.
      order.clear();
      for (int64_t i = 0; i < lines.length && k > 0; ++i) {
        if (static_cast<int64_t>(order.size()) == k) {
          if (!before(i, order.front())) continue;
          std::pop_heap(order.begin(), order.end(), before);
          order.pop_back();
        }
        order.push_back(i);
        std::push_heap(order.begin(), order.end(), before);
      }
      std::sort_heap(order.begin(), order.end(), before);
      const int64_t start = line / lines.inner * k * lines.inner + line % lines.inner;
      for (int64_t i = 0; i < k; ++i) {
        const int64_t from = order[static_cast<size_t>(i)], to = start + i * lines.inner;
        if (op.indices) {
          output.as<int64_t>()[to] = from;
        } else {
          output.as<T>()[to] = x[from * lines.inner];
        }
      }
    });
    return OkStatus();
  });
}

Status Run(const graph::CumSum& op, const Inputs& inputs, const MutableTensorView& output) {
  const StatusOr<int> axis = NormalizeAxis(IndexAt(inputs[1], 0), output.shape.rank());
  if (!axis.ok()) return axis.status();
  const Lines lines(output.shape, *axis);
  return ForNumber(output.dtype, [&](auto tag) {
    using T = decltype(tag);
    // Floats in double; integers modulo 2^64, of which the low bits are the result.
    using Sum = std::conditional_t<std::is_floating_point_v<T>, double, uint64_t>;
    lines.ForEach([&](int64_t, int64_t first) {
      Sum sum = 0;
      for (int64_t i = 0; i < lines.length; ++i) {
        const int64_t place = op.reverse ? lines.length - 1 - i : i;
        const int64_t offset = first + place * lines.inner;
        const Sum before = sum;
        sum += static_cast<Sum>(inputs[0].as<T>()[offset]);
        output.as<T>()[offset] = static_cast<T>(op.exclusive ? before : sum);
      }
    });
    return OkStatus();
  });
}

}  // namespace minnow::interpreter
