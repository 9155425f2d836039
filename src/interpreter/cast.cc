// What Cast and Fill compute. Floats become integers by truncation toward zero and saturate; NaN
// becomes 0. Integers become narrower integers modulo 2^bits. Anything but zero is true. f16 rounds
// to nearest even and overflows to infinity.
#include <algorithm>
#include <cmath>
#include <cstring>

#include "interpreter/elements.h"
#include "interpreter/evaluators.h"
#include "tensor/half.h"

namespace minnow::interpreter {
namespace {

// Tags for the two dtypes that have no arithmetic type of their own.
struct Half {
  uint16_t bits;
};
struct Truth {
  uint8_t byte;
};

uint16_t DoubleToHalf(double value) {
  const uint16_t sign = std::signbit(value) ? 0x8000 : 0;
  const double magnitude = std::fabs(value);
  if (std::isnan(value)) return sign | 0x7e00;
  // 65520 is halfway between the largest f16 and the next power of two.
  if (magnitude >= 65520.0) return sign | 0x7c00;
  if (magnitude == 0.0) return sign;
  int exponent = 0;
  static_cast<void>(std::frexp(magnitude, &exponent));
  // Units in the last place are 2^-24 for subnormals, else 2^(exponent - 11).
  const int unit = exponent < -13 ? -24 : exponent - 11;
  const int steps = static_cast<int>(std::nearbyint(std::ldexp(magnitude, -unit)));
  // Steps of a normal number are 1024 to 2048; adding them carries into the exponent by itself.
  const int base = unit == -24 ? 0 : (unit + 24) * 1024;
  return static_cast<uint16_t>(sign + base + steps);
}

template <typename From, typename To>
void Convert(const From& from, To* to) {
  if constexpr (std::is_same_v<From, Half>) {
    Convert(FloatOfHalf(from.bits), to);
  } else if constexpr (std::is_same_v<From, Truth>) {
    Convert(static_cast<int32_t>(from.byte != 0), to);
  } else if constexpr (std::is_same_v<To, Half>) {
    to->bits = DoubleToHalf(static_cast<double>(from));
  } else if constexpr (std::is_same_v<To, Truth>) {
    to->byte = from != From(0);
  } else if constexpr (std::is_floating_point_v<From>) {
    *to = FromDouble<To>(static_cast<double>(from));
  } else {
    *to = static_cast<To>(from);
  }
}

template <typename F>
Status ForAny(DType dtype, const F& f) {
  if (dtype == DType::kF16) return f(Half());
  if (dtype == DType::kBool) return f(Truth());
  return ForNumber(dtype, f);
}

}  // namespace

Status Run(const graph::Cast&, const Inputs& inputs, const MutableTensorView& output) {
  const int64_t count = output.ElementCount();
  if (inputs[0].dtype == output.dtype) {
    std::memcpy(output.data, inputs[0].data, output.size_bytes());
    return OkStatus();
  }
  if (inputs[0].dtype == DType::kF16 && output.dtype == DType::kF32) {  // weights of whole networks
    FloatsOfHalves(inputs[0].as<uint16_t>(), output.as<float>(), count);
    return OkStatus();
  }
  return ForAny(inputs[0].dtype, [&](auto from_tag) {
    using From = decltype(from_tag);
    return ForAny(output.dtype, [&](auto to_tag) {
      using To = decltype(to_tag);
      const From* from = inputs[0].as<From>();
      To* to = output.as<To>();
      for (int64_t i = 0; i < count; ++i) Convert(from[i], to + i);
      return OkStatus();
    });
  });
}

void StoreNumber(double value, DType dtype, void* element) {
  const Status always_ok = ForAny(dtype, [&](auto tag) {
    Convert(value, static_cast<decltype(tag)*>(element));
    return OkStatus();
  });
  static_cast<void>(always_ok);
}

Status Run(const graph::Fill& op, const Inputs&, const MutableTensorView& output) {
  char* bytes = output.as<char>();
  const size_t total = output.size_bytes();
  StoreNumber(op.value, output.dtype, bytes);
  // What is filled doubles with every copy.
  for (size_t filled = DTypeSize(output.dtype); filled < total; filled *= 2) {
    std::memcpy(bytes + filled, bytes, std::min(filled, total - filled));
  }
  return OkStatus();
}

}  // namespace minnow::interpreter
