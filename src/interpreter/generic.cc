// What Trilu, Range, Tile, Det and Lrn compute.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <vector>

#include "interpreter/elements.h"
#include "interpreter/evaluators.h"
#include "interpreter/indices.h"

namespace minnow::interpreter {
namespace {

// By elimination with the largest pivot of each column. `m` is n x n and is overwritten.
double Determinant(double* m, int64_t n) {
  double determinant = 1.0;
  for (int64_t c = 0; c < n; ++c) {
    int64_t pivot = c;
    for (int64_t r = c + 1; r < n; ++r) {
      if (std::fabs(m[r * n + c]) > std::fabs(m[pivot * n + c])) pivot = r;
    }
    if (m[pivot * n + c] == 0.0) return 0.0;
    if (pivot != c) {
      std::swap_ranges(m + c * n, m + (c + 1) * n, m + pivot * n);
      determinant = -determinant;
    }
    determinant *= m[c * n + c];
    for (int64_t r = c + 1; r < n; ++r) {
      const double factor = m[r * n + c] / m[c * n + c];
      for (int64_t i = c; i < n; ++i) m[r * n + i] -= factor * m[c * n + i];
    }
  }
  return determinant;
}

}  // namespace

Status Run(const graph::Trilu& op, const Inputs& inputs, const MutableTensorView& output) {
  const Shape& shape = output.shape;
  const int64_t rows = shape[shape.rank() - 2], columns = shape[shape.rank() - 1];
  const int64_t given = Has(inputs, 1) ? IndexAt(inputs[1], 0) : 0;
  const int64_t k = std::clamp(given, -rows, columns);
  const int64_t count = output.ElementCount();
  return ForWidth(output.dtype, [&](auto tag) {
    using T = decltype(tag);
    for (int64_t i = 0; i < count; ++i) {
      const int64_t beyond = i % columns - i / columns % rows - k;
      const bool kept = op.upper ? beyond >= 0 : beyond <= 0;
      output.as<T>()[i] = kept ? inputs[0].as<T>()[i] : T(0);
    }
    return OkStatus();
  });
}

Status Run(const graph::Range&, const Inputs& inputs, const MutableTensorView& output) {
  const int64_t count = output.ElementCount();
  return ForNumber(output.dtype, [&](auto tag) {
    using T = decltype(tag);
    const double start = static_cast<double>(*inputs[0].as<T>());
    const double delta = static_cast<double>(*inputs[2].as<T>());
    for (int64_t i = 0; i < count; ++i) {
      output.as<T>()[i] = FromDouble<T>(start + static_cast<double>(i) * delta);
    }
    return OkStatus();
  });
}

Status Run(const graph::Tile&, const Inputs& inputs, const MutableTensorView& output) {
  const Strides from = RowMajorStrides(inputs[0].shape);
  const Strides to = RowMajorStrides(output.shape);
  const int64_t count = output.ElementCount();
  return ForWidth(output.dtype, [&](auto tag) {
    using T = decltype(tag);
    for (int64_t i = 0; i < count; ++i) {
      int64_t offset = 0;
      for (int axis = 0; axis < output.shape.rank(); ++axis) {
        const size_t a = static_cast<size_t>(axis);
        offset += i / to[a] % inputs[0].shape[axis] * from[a];
      }
      output.as<T>()[i] = inputs[0].as<T>()[offset];
    }
    return OkStatus();
  });
}

Status Run(const graph::Det&, const Inputs& inputs, const MutableTensorView& output) {
  const int64_t n = inputs[0].shape[inputs[0].shape.rank() - 1];
  std::vector<double> matrix(static_cast<size_t>(n * n));
  return ForFloat(output.dtype, [&](auto tag) {
    using T = decltype(tag);
    for (int64_t i = 0; i < output.ElementCount(); ++i) {
      const T* x = inputs[0].as<T>() + i * n * n;
      std::copy(x, x + n * n, matrix.begin());
      output.as<T>()[i] = static_cast<T>(Determinant(matrix.data(), n));
    }
    return OkStatus();
  });
}

Status Run(const graph::Lrn& op, const Inputs& inputs, const MutableTensorView& output) {
  const Shape& shape = output.shape;
  const int64_t channels = shape[1];
  const int64_t inner = shape.ElementCount(2, shape.rank());
  const int64_t before = (op.size - 1) / 2, after = op.size - 1 - before;
  const double scale = static_cast<double>(op.alpha) / static_cast<double>(op.size);
  return ForFloat(output.dtype, [&](auto tag) {
    using T = decltype(tag);
    for (int64_t i = 0; i < output.ElementCount(); ++i) {
      const int64_t c = i / inner % channels;
      const int64_t first = std::max<int64_t>(0, c - before);
      const int64_t last = std::min(channels - 1, c + after);
      double sum = 0.0;
      for (int64_t j = first; j <= last; ++j) {
        const double value = static_cast<double>(inputs[0].as<T>()[i + (j - c) * inner]);
        sum += value * value;
      }
      const double base = static_cast<double>(op.bias) + scale * sum;
      const double divisor = std::pow(base, static_cast<double>(op.beta));
      output.as<T>()[i] = static_cast<T>(static_cast<double>(inputs[0].as<T>()[i]) / divisor);
    }
    return OkStatus();
  });
}

}  // namespace minnow::interpreter
