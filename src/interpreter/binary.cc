// What Binary computes: floats in double, rounded once after the activation; integers modulo
// 2^bits. Division truncates toward zero; Mod has the divisor's sign (numpy.mod) for every type.
#include <cmath>

#include "interpreter/elements.h"
#include "interpreter/evaluators.h"

namespace minnow::interpreter {
namespace {

using Kind = graph::BinaryKind;

// The smaller of two; a NaN wins, as in numpy.minimum.
double MinOf(double a, double b) { return a < b || std::isnan(a) ? a : b; }
double MaxOf(double a, double b) { return a > b || std::isnan(a) ? a : b; }

double FloorMod(double a, double b) {
  const double rest = std::fmod(a, b);
  return rest != 0.0 && (rest < 0.0) != (b < 0.0) ? rest + b : rest;
}

double FloatOf(Kind kind, double a, double b) {
  switch (kind) {
    case Kind::kAdd:
      return a + b;
    case Kind::kSub:
      return a - b;
    case Kind::kMul:
      return a * b;
    case Kind::kDiv:
      return a / b;
    case Kind::kMin:
      return MinOf(a, b);
    case Kind::kMax:
      return MaxOf(a, b);
    case Kind::kPow:
      return std::pow(a, b);
    case Kind::kFmod:
      return std::fmod(a, b);
    default:
      return FloorMod(a, b);
  }
}

// a to the power b modulo 2^64; a negative b truncates 1 / a^-b.
template <typename T>
Status PowerOf(T a, T b, T* result) {
  if (b < T(0)) {
    if (a == T(0)) return InvalidArgument("0 to a negative power");
    const bool odd = (static_cast<uint64_t>(b) & 1) != 0;
    const bool minus_one = static_cast<T>(a + T(1)) == T(0);
    *result = a == T(1) ? T(1) : minus_one ? (odd ? a : T(1)) : T(0);
    return OkStatus();
  }
  uint64_t product = 1;
  uint64_t factor = static_cast<uint64_t>(a);
  for (uint64_t exponent = static_cast<uint64_t>(b); exponent != 0; exponent >>= 1) {
    if ((exponent & 1) != 0) product *= factor;
    factor *= factor;
  }
  *result = static_cast<T>(product);
  return OkStatus();
}

// Division and remainder without the two traps: b == 0, and the smallest integer over -1.
template <typename T>
Status DivideOf(Kind kind, T a, T b, T* result) {
  if (b == T(0)) return InvalidArgument("integer division by zero");
  if constexpr (std::is_signed_v<T>) {
    if (b == T(-1)) {
      *result = kind == Kind::kDiv ? static_cast<T>(uint64_t{0} - static_cast<uint64_t>(a)) : T(0);
      return OkStatus();
    }
  }
  const T rest = static_cast<T>(a % b);
  *result = kind == Kind::kFmod ? rest : static_cast<T>(a / b);
  if (kind == Kind::kMod) {
    *result = rest != T(0) && (rest < T(0)) != (b < T(0)) ? static_cast<T>(rest + b) : rest;
  }
  return OkStatus();
}

template <typename T>
Status IntegerOf(Kind kind, T a, T b, T* result) {
  const uint64_t x = static_cast<uint64_t>(a);
  const uint64_t y = static_cast<uint64_t>(b);
  switch (kind) {
    case Kind::kAdd:
      *result = static_cast<T>(x + y);
      break;
    case Kind::kSub:
      *result = static_cast<T>(x - y);
      break;
    case Kind::kMul:
      *result = static_cast<T>(x * y);
      break;
    case Kind::kMin:
      *result = a < b ? a : b;
      break;
    case Kind::kMax:
      *result = a > b ? a : b;
      break;
    case Kind::kPow:
      return PowerOf(a, b, result);
    case Kind::kShiftLeft:
      *result = y < sizeof(T) * 8 ? static_cast<T>(x << y) : T(0);
      break;
    case Kind::kShiftRight:
      *result = y < sizeof(T) * 8 ? static_cast<T>(x >> y) : T(0);
      break;
    default:
      return DivideOf(kind, a, b, result);
  }
  return OkStatus();
}

template <typename T>
bool Compare(Kind kind, T a, T b) {
  switch (kind) {
    case Kind::kEqual:
      return a == b;
    case Kind::kLess:
      return a < b;
    case Kind::kGreater:
      return a > b;
    case Kind::kLessEqual:
      return a <= b;
    default:
      return a >= b;
  }
}

bool LogicalOf(Kind kind, bool a, bool b) {
  if (kind == Kind::kAnd) return a && b;
  return kind == Kind::kOr ? a || b : a != b;
}

// Applies f(a, b, &y) to every pair of the broadcast operands.
template <typename T, typename R, typename F>
Status ForEachPair(const Inputs& inputs, const MutableTensorView& output, const F& f) {
  const Shape& shape = output.shape;
  const std::array<Strides, 2> strides = {BroadcastStrides(inputs[0].shape, shape),
                                          BroadcastStrides(inputs[1].shape, shape)};
  const int64_t length = RowLength(shape);
  const int64_t step_a = RowStep(shape, strides[0]);
  const int64_t step_b = RowStep(shape, strides[1]);
  R* y = output.as<R>();
  return ForEachRow<2>(shape, strides, [&](const std::array<int64_t, 2>& offsets) {
    const T* a = inputs[0].as<T>() + offsets[0];
    const T* b = inputs[1].as<T>() + offsets[1];
    for (int64_t i = 0; i < length; ++i) {
      MINNOW_RETURN_IF_ERROR(f(a[i * step_a], b[i * step_b], y++));
    }
    return OkStatus();
  });
}

Status RunOnBool(Kind kind, const Inputs& inputs, const MutableTensorView& output) {
  return ForEachPair<uint8_t, uint8_t>(inputs, output, [&](uint8_t a, uint8_t b, uint8_t* y) {
    *y = kind == Kind::kEqual ? (a != 0) == (b != 0) : LogicalOf(kind, a != 0, b != 0);
    return OkStatus();
  });
}

Status RunComparison(Kind kind, const Inputs& inputs, const MutableTensorView& output) {
  return ForNumber(inputs[0].dtype, [&](auto tag) {
    using T = decltype(tag);
    return ForEachPair<T, uint8_t>(inputs, output, [&](T a, T b, uint8_t* y) {
      *y = Compare(kind, a, b);
      return OkStatus();
    });
  });
}

}  // namespace

Status Run(const graph::Binary& op, const Inputs& inputs, const MutableTensorView& output) {
  if (inputs[0].dtype == DType::kBool) return RunOnBool(op.kind, inputs, output);
  if (output.dtype == DType::kBool) return RunComparison(op.kind, inputs, output);
  if (inputs[0].dtype == DType::kF32 || inputs[0].dtype == DType::kF64) {
    return ForFloat(inputs[0].dtype, [&](auto tag) {
      using T = decltype(tag);
      return ForEachPair<T, T>(inputs, output, [&](T a, T b, T* y) {
        const double value = FloatOf(op.kind, static_cast<double>(a), static_cast<double>(b));
        *y = static_cast<T>(Activate(op.activation, value));
        return OkStatus();
      });
    });
  }
  if (op.activation.kind == graph::Activation::Kind::kHardSwish) {
    return Unsupported("hard_swish on elements of type %s", DTypeName(output.dtype));
  }
  return ForInteger(output.dtype, [&](auto tag) {
    using T = decltype(tag);
    return ForEachPair<T, T>(inputs, output, [&](T a, T b, T* y) {
      MINNOW_RETURN_IF_ERROR(IntegerOf(op.kind, a, b, y));
      if (op.activation.IsNone()) return OkStatus();
      *y = FromDouble<T>(Activate(op.activation, static_cast<double>(*y)));
      return OkStatus();
    });
  });
}

}  // namespace minnow::interpreter
