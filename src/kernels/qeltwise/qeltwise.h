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
// point, in float, and compute again what is nearer to a half than `margin`. A factor of a product
// that serves many others is better made once: `b_factors` are (b - b_zero) * product *
// kGuessUnits.
struct QbinaryArgs {
  const uint8_t* a = nullptr;
  const uint8_t* b = nullptr;
  const float* b_factors = nullptr;  // of a product; null: from b
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

struct QeltwiseKernel {
  Isa isa;
  const char* name;
  void (*binary)(const QbinaryArgs& args);
  void (*quantize)(const QuantizeArgs& args);
  void (*dequantize)(const DequantizeArgs& args);
  void (*map)(const QmapArgs& args);
};

const QeltwiseKernel& SelectQeltwise(Isa isa);
const QeltwiseKernel* QeltwiseKernels(size_t* count);

}  // namespace minnow::kernels

#endif  // MINNOW_KERNELS_QELTWISE_QELTWISE_H_
