// Bytes to the numbers that they stand for, and back. Internal to interpreter/.
#ifndef MINNOW_INTERPRETER_REQUANTIZE_H_
#define MINNOW_INTERPRETER_REQUANTIZE_H_

#include <cstdint>

#include "graph/ops.h"
#include "interpreter/elements.h"
#include "tensor/dtype.h"
#include "tensor/quantization.h"

namespace minnow::interpreter {

// Byte `bits` of `dtype` as a number.
inline int32_t ByteOf(DType dtype, uint8_t bits) {
  return dtype == DType::kU8 ? static_cast<int32_t>(bits) : static_cast<int8_t>(bits);
}

// From a real number to the bits of an output byte.
class Requantizer {
 public:
  Requantizer(const QuantParams& y, DType dtype, const graph::Activation& activation)
      : activation_(activation),
        has_activation_(!activation.IsNone()),
        scale_(static_cast<double>(y.scale)),
        zero_point_(y.zero_point),
        low_((dtype == DType::kU8 ? 0 : -128) - y.zero_point) {}

  uint8_t operator()(double real) const {
    if (has_activation_) real = Activate(activation_, real);
    double steps = real / scale_;
    if (!(steps >= low_)) steps = low_;
    if (steps > low_ + 255.0) steps = low_ + 255.0;
    return static_cast<uint8_t>(static_cast<int32_t>(RoundToEven(steps)) + zero_point_);
  }

 private:
  const graph::Activation activation_;
  const bool has_activation_;
  const double scale_;
  const int32_t zero_point_;
  const double low_;
};

}  // namespace minnow::interpreter

#endif  // MINNOW_INTERPRETER_REQUANTIZE_H_
