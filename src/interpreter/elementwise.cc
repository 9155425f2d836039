// What Unary, Clamp, BatchNorm and Where compute, one element at a time. Floats are computed in
// double and rounded once; integers wrap around.
#include <cmath>

#include "graph/op_rules.h"
#include "interpreter/elements.h"
#include "interpreter/evaluators.h"

namespace minnow::interpreter {
namespace {

double SignOf(double x) {
  if (x > 0.0) return 1.0;
  return x < 0.0 ? -1.0 : x;  // zeros and NaN stay
}

double UnaryOf(const graph::Unary& op, double x) {
  const double alpha = static_cast<double>(op.alpha);
  const double beta = static_cast<double>(op.beta);
  switch (op.kind) {
    case graph::UnaryKind::kNeg:
      return -x;
    case graph::UnaryKind::kAbs:
      return std::fabs(x);
    case graph::UnaryKind::kSqrt:
      return std::sqrt(x);
    case graph::UnaryKind::kRsqrt:
      return 1.0 / std::sqrt(x);
    case graph::UnaryKind::kExp:
      return std::exp(x);
    case graph::UnaryKind::kLog:
      return std::log(x);
    case graph::UnaryKind::kReciprocal:
      return 1.0 / x;
    case graph::UnaryKind::kSigmoid:
      return 1.0 / (1.0 + std::exp(-x));
    case graph::UnaryKind::kTanh:
      return std::tanh(x);
    case graph::UnaryKind::kErf:
      return std::erf(x);
    case graph::UnaryKind::kFloor:
      return std::floor(x);
    case graph::UnaryKind::kCeil:
      return std::ceil(x);
    case graph::UnaryKind::kRound:
      return std::nearbyint(x);  // halves to even
    case graph::UnaryKind::kSign:
      return SignOf(x);
    case graph::UnaryKind::kNot:
      return x;  // bool only; see NotOf
    case graph::UnaryKind::kSquare:
      return x * x;
    case graph::UnaryKind::kHardSwish:
      return HardSwishOf(x);
    case graph::UnaryKind::kSoftplus:
      // log(1 + exp(x)), written so that a large x does not overflow
      return std::log1p(std::exp(-std::fabs(x))) + (x > 0.0 ? x : 0.0);
    case graph::UnaryKind::kGelu:
      return 0.5 * x * (1.0 + std::erf(x / std::sqrt(2.0)));
    case graph::UnaryKind::kHardSigmoid:
      return ClampTo(alpha * x + beta, 0.0f, 1.0f);
    case graph::UnaryKind::kLeakyRelu:
      return x < 0.0 ? alpha * x : x;
    case graph::UnaryKind::kElu:
      return x < 0.0 ? alpha * std::expm1(x) : x;
    case graph::UnaryKind::kSin:
      return std::sin(x);
    case graph::UnaryKind::kCos:
      return std::cos(x);
    case graph::UnaryKind::kTan:
      return std::tan(x);
    case graph::UnaryKind::kAsin:
      return std::asin(x);
    case graph::UnaryKind::kAcos:
      return std::acos(x);
    case graph::UnaryKind::kAtan:
      return std::atan(x);
    case graph::UnaryKind::kSinh:
      return std::sinh(x);
    case graph::UnaryKind::kCosh:
      return std::cosh(x);
    case graph::UnaryKind::kAsinh:
      return std::asinh(x);
    case graph::UnaryKind::kAcosh:
      return std::acosh(x);
    case graph::UnaryKind::kAtanh:
      return std::atanh(x);
  }
  return x;
}

// Neg, Abs, Sign and Square of integers, modulo 2^bits.
template <typename T>
T IntegerUnaryOf(graph::UnaryKind kind, T x) {
  const uint64_t bits = static_cast<uint64_t>(x);
  const bool negative = x < T(0);
  switch (kind) {
    case graph::UnaryKind::kNeg:
      return static_cast<T>(uint64_t{0} - bits);
    case graph::UnaryKind::kAbs:
      return negative ? static_cast<T>(uint64_t{0} - bits) : x;
    case graph::UnaryKind::kSign:
      return negative ? static_cast<T>(-1) : static_cast<T>(x > T(0));
    default:
      return static_cast<T>(bits * bits);
  }
}

void NotOf(const TensorView& x, const MutableTensorView& output) {
  const int64_t count = output.ElementCount();
  for (int64_t i = 0; i < count; ++i) output.as<uint8_t>()[i] = x.as<uint8_t>()[i] == 0;
}

}  // namespace

Status Run(const graph::Unary& op, const Inputs& inputs, const MutableTensorView& output) {
  if (op.kind == graph::UnaryKind::kNot) {
    NotOf(inputs[0], output);
    return OkStatus();
  }
  const int64_t count = output.ElementCount();
  return ForNumber(output.dtype, [&](auto tag) {
    using T = decltype(tag);
    const T* x = inputs[0].as<T>();
    T* y = output.as<T>();
    for (int64_t i = 0; i < count; ++i) {
      if constexpr (std::is_floating_point_v<T>) {
        y[i] = static_cast<T>(UnaryOf(op, static_cast<double>(x[i])));
      } else {
        y[i] = IntegerUnaryOf(op.kind, x[i]);
      }
    }
    return OkStatus();
  });
}

Status Run(const graph::Clamp& op, const Inputs& inputs, const MutableTensorView& output) {
  const int64_t count = output.ElementCount();
  return ForNumber(output.dtype, [&](auto tag) {
    using T = decltype(tag);
    const T* x = inputs[0].as<T>();
    T* y = output.as<T>();
    for (int64_t i = 0; i < count; ++i) {
      const double value = static_cast<double>(x[i]);
      const double clamped = ClampTo(value, op.min, op.max);
      // What is inside the bounds is not sent through double: a 64-bit integer may not fit.
      y[i] = clamped < value || clamped > value ? FromDouble<T>(clamped) : x[i];
    }
    return OkStatus();
  });
}

Status Run(const graph::BatchNorm& op, const Inputs& inputs, const MutableTensorView& output) {
  const Shape& shape = output.shape;
  const int axis = op.layout == graph::DataLayout::kNHWC ? shape.rank() - 1 : 1;
  const int64_t channels = shape[axis];
  const int64_t outer = shape.ElementCount(0, axis);
  const int64_t inner = shape.ElementCount(axis + 1, shape.rank());
  return ForFloat(output.dtype, [&](auto tag) {
    using T = decltype(tag);
    const auto parameter = [&](size_t i, int64_t c) {
      return static_cast<double>(inputs[i].as<T>()[c]);
    };
    const T* x = inputs[0].as<T>();
    T* y = output.as<T>();
    for (int64_t i = 0; i < outer * channels; ++i) {
      const int64_t c = i % channels;
      const double deviation = std::sqrt(parameter(4, c) + static_cast<double>(op.epsilon));
      for (int64_t j = i * inner; j < (i + 1) * inner; ++j) {
        const double centred = static_cast<double>(x[j]) - parameter(3, c);
        y[j] = static_cast<T>(centred / deviation * parameter(1, c) + parameter(2, c));
      }
    }
    return OkStatus();
  });
}

Status Run(const graph::Where&, const Inputs& inputs, const MutableTensorView& output) {
  const Shape& shape = output.shape;
  std::array<Strides, 3> strides;
  for (size_t i = 0; i < 3; ++i) strides[i] = BroadcastStrides(inputs[i].shape, shape);
  const int64_t length = RowLength(shape);
  return ForWidth(output.dtype, [&](auto tag) {
    using T = decltype(tag);
    T* y = output.as<T>();
    return ForEachRow<3>(shape, strides, [&](const std::array<int64_t, 3>& offsets) {
      const uint8_t* condition = inputs[0].as<uint8_t>() + offsets[0];
      const T* chosen = inputs[1].as<T>() + offsets[1];
      const T* other = inputs[2].as<T>() + offsets[2];
      for (int64_t i = 0; i < length; ++i) {
        *y++ = condition[i * RowStep(shape, strides[0])] != 0
                   ? chosen[i * RowStep(shape, strides[1])]
                   : other[i * RowStep(shape, strides[2])];
      }
      return OkStatus();
    });
  });
}

}  // namespace minnow::interpreter
