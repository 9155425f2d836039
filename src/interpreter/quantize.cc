// What Quantize and Dequantize compute, with one scale and zero point or one for each index of an
// axis.
#include <cmath>

#include "interpreter/elements.h"
#include "interpreter/evaluators.h"

namespace minnow::interpreter {
namespace {

// A list of one element, or one an index of an axis: which element an element of x goes by.
class Channels {
 public:
  Channels(const TensorView& list, const Shape& shape, int64_t axis) {
    if (list.ElementCount() == 1) return;
    const StatusOr<int> normal = NormalizeAxis(axis, shape.rank());
    if (!normal.ok()) return;
    count_ = shape[*normal];
    inner_ = shape.ElementCount(*normal + 1, shape.rank());
  }
  bool IsOne() const { return count_ == 1; }
  int64_t operator()(int64_t i) const { return i / inner_ % count_; }

 private:
  int64_t count_ = 1, inner_ = 1;
};

template <typename T>
T QuantizeOne(float x, float scale, T zero_point) {
  const double zero = static_cast<double>(zero_point);
  const double steps = static_cast<double>(x / scale);
  if (std::isnan(steps)) return zero_point;
  const double low = static_cast<double>(std::numeric_limits<T>::min()) - zero;
  const double high = static_cast<double>(std::numeric_limits<T>::max()) - zero;
  return static_cast<T>(RoundToEven(steps < low ? low : (steps > high ? high : steps)) + zero);
}

}  // namespace

Status Run(const graph::Quantize& op, const Inputs& inputs, const MutableTensorView& output) {
  const float* x = inputs[0].as<float>();
  const float* scales = inputs[1].as<float>();
  const Channels scale_of(inputs[1], output.shape, op.axis);
  const Channels zero_of(inputs[2], output.shape, op.axis);
  const int64_t count = output.ElementCount();
  return ForQuantized(output.dtype, [&](auto tag) {
    using T = decltype(tag);
    const T* zeros = inputs[2].as<T>();
    T* y = output.as<T>();
    if (scale_of.IsOne() && zero_of.IsOne()) {
      for (int64_t i = 0; i < count; ++i) y[i] = QuantizeOne(x[i], scales[0], zeros[0]);
      return OkStatus();
    }
    for (int64_t i = 0; i < count; ++i) {
      y[i] = QuantizeOne(x[i], scales[scale_of(i)], zeros[zero_of(i)]);
    }
    return OkStatus();
  });
}

Status Run(const graph::Dequantize& op, const Inputs& inputs, const MutableTensorView& output) {
  const float* scales = inputs[1].as<float>();
  const Channels scale_of(inputs[1], output.shape, op.axis);
  const bool has_zero = Has(inputs, 2);
  const Channels zero_of(has_zero ? inputs[2] : inputs[1], output.shape, op.axis);
  const int64_t count = output.ElementCount();
  float* y = output.as<float>();
  return ForQuantized(inputs[0].dtype, [&](auto tag) {
    using T = decltype(tag);
    using Wide = std::conditional_t<sizeof(T) == 4, int64_t, int32_t>;
    const T* x = inputs[0].as<T>();
    const T* zeros = has_zero ? inputs[2].as<T>() : nullptr;
    if (scale_of.IsOne() && zero_of.IsOne()) {
      const Wide zero = has_zero ? static_cast<Wide>(zeros[0]) : Wide(0);
      for (int64_t i = 0; i < count; ++i) {
        y[i] = static_cast<float>(static_cast<Wide>(x[i]) - zero) * scales[0];
      }
      return OkStatus();
    }
    for (int64_t i = 0; i < count; ++i) {
      const Wide zero = has_zero ? static_cast<Wide>(zeros[zero_of(i)]) : Wide(0);
      y[i] = static_cast<float>(static_cast<Wide>(x[i]) - zero) * scales[scale_of(i)];
    }
    return OkStatus();
  });
}

}  // namespace minnow::interpreter
