// Elementwise work on bytes: sums and products of two quantised arrays, and the ways from float to
// bytes and back; and tables of bytes. Bytes are unsigned.
#ifndef MINNOW_KERNELS_QELTWISE_QELTWISE_H_
#define MINNOW_KERNELS_QELTWISE_QELTWISE_H_

#include <cstddef>
#include <cstdint>

#include "base/cpu_features.h"
#include "kernels/requant.h"

namespace minnow::kernels {

inline constexpr int64_t kQbinaryPeriod = 64;

// out[i] = byte of (x op y) / y_scale, x = (a[i] - a_zero) * a_scale and y alike in double. `out`
// overlaps neither.
//
// Kernels guess a * a_factor + b * b_factor + shift, or (a - a_zero) (b - b_zero) * product + zero
// point, in float, and compute again what is nearer to a half than `margin`. Where b serves many
// others, `b_factors` of QproductFactors save that: they are made once, in an order of the kernel's
// own in each stretch of kQbinaryPeriod.
struct QbinaryArgs {
  const uint8_t* a = nullptr;
  const uint8_t* b = nullptr;
  const float* b_factors = nullptr;  // of a product; null: none
  uint8_t* out = nullptr;
  int64_t n = 0;
  // A multiple of kQbinaryPeriod after which b and its factors repeat: they are as long as that and
  // kQbinaryPeriod more; or 0.
  int64_t b_period = 0;
  int32_t a_zero = 0, b_zero = 0;
  double a_scale = 1.0, b_scale = 1.0;  // of a difference: b_scale is negative
  bool is_product = false;
  float a_factor = 1.0f, b_factor = 1.0f, shift = 0.0f;
  float product = 1.0f;
  float margin = kTieMargin;
  Requant requant;  // without multipliers and scales
};

// The byte of one pair.
inline uint8_t QbinaryExact(const QbinaryArgs& args, uint8_t a, uint8_t b) {
  const double x = (a - args.a_zero) * args.a_scale, y = (b - args.b_zero) * args.b_scale;
  return ToByte((args.is_product ? x * y : x + y) / args.requant.y_scale, args.requant);
}

// Fills the factors and the margin in from the scales. False where a guess could leave the range
// that kernels convert.
bool FillQbinaryFactors(QbinaryArgs* args);

// out[i] = clamp(round(in[i] / scale) + zero_point, 0, 255), the division in float, halves to even;
// NaN gives the zero point.
struct QuantizeArgs {
  const float* in = nullptr;
  uint8_t* out = nullptr;
  int64_t n = 0;
  float scale = 1.0f;
  int32_t zero_point = 0;
};

inline uint8_t QuantizeExact(const QuantizeArgs& args, float x) {
  constexpr float kShift = 12582912.0f;  // 1.5 * 2^23: sums with it have no fraction bits
  const auto low = static_cast<float>(-args.zero_point);
  float steps = x / args.scale;
  if (steps != steps) return static_cast<uint8_t>(args.zero_point);
  steps = steps < low ? low : (steps > low + 255.0f ? low + 255.0f : steps);
  return static_cast<uint8_t>(static_cast<int32_t>((steps + kShift) - kShift) + args.zero_point);
}

// out[i] = (in[i] - zero_point) * scale.
struct DequantizeArgs {
  const uint8_t* in = nullptr;
  float* out = nullptr;
  int64_t n = 0;
  float scale = 1.0f;
  int32_t zero_point = 0;
};

// out[i] = table[in[i]].
struct QmapArgs {
  const uint8_t* in = nullptr;
  uint8_t* out = nullptr;
  int64_t n = 0;
  const uint8_t* table = nullptr;  // [256]
};

struct QeltwiseKernel;

// The factors of a product by b: (b - b_zero) * product * kGuessUnits, but of a few bytes b with
// other last bits. With them every a gives the exact byte, as the kernel has shown, so that nothing
// need be computed again.
struct QproductFactors {
  static constexpr int kMost = 4;
  float common[kMost], instead[kMost];
  int count = 0;

  // False where there are none: where products are just a half. Tries all pairs, in some 30 us.
  bool Find(const QeltwiseKernel& kernel, const QbinaryArgs& args);
};

struct QeltwiseKernel {
  Isa isa;
  const char* name;
  void (*binary)(const QbinaryArgs& args);
  // Writes the b_factors of b; n is a multiple of kQbinaryPeriod.
  void (*factors)(const QbinaryArgs& args, const QproductFactors& factors, float* out);
  void (*quantize)(const QuantizeArgs& args);
  void (*dequantize)(const DequantizeArgs& args);
  void (*map)(const QmapArgs& args);
};

const QeltwiseKernel& SelectQeltwise(Isa isa);
const QeltwiseKernel* QeltwiseKernels(size_t* count);

}  // namespace minnow::kernels

#endif  // MINNOW_KERNELS_QELTWISE_QELTWISE_H_
