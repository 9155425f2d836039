// The resize loops for AVX2: two taps of three channels share a vector, six of its eight lanes.
//
// No FMA: the products are rounded as in reference.cc, so that every machine makes the same tensor.
#include "base/target_region.h"

#if MINNOW_X86_64

#include <immintrin.h>

#include "kernels/resize/declarations.h"

MINNOW_TARGET_BEGIN("avx2")

namespace minnow::kernels {
namespace {

// One output pixel: lanes 0..2 are the channels of the source, lane 3 is of no meaning.
inline __m128 SumPairs(const uint8_t* source, const float* weights, int64_t pairs) {
  __m256 sum = _mm256_setzero_ps();
  for (int64_t pair = 0; pair < pairs; ++pair) {
    const __m128i bytes = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(source + 6 * pair));
    const __m256 pixels = _mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(bytes));
    const __m256 weight = _mm256_loadu_ps(weights + kResizePairFloats * pair);
    sum = _mm256_add_ps(sum, _mm256_mul_ps(weight, pixels));
  }
  const __m256i odd_lanes = _mm256_setr_epi32(3, 4, 5, 5, 3, 4, 5, 5);
  const __m256 odd = _mm256_permutevar8x32_ps(sum, odd_lanes);
  return _mm_add_ps(_mm256_castps256_ps128(sum), _mm256_castps256_ps128(odd));
}

// Writes one float more than the row has: the next pixel, or the slack, takes it.
void InterleavedRow(const ResizeRowPlan& plan, const uint8_t* source, float* out) {
  alignas(16) int32_t lane_of[4] = {0, 1, 2, 3};
  for (int c = 0; c < 3; ++c) lane_of[plan.order[c]] = c;
  const __m128i lanes = _mm_load_si128(reinterpret_cast<const __m128i*>(lane_of));
  const int64_t step = kResizePairFloats * plan.pairs;
  for (int64_t x = 0; x < plan.width; ++x) {
    const __m128 pixel = SumPairs(source + 3 * plan.start[x], plan.weights + step * x, plan.pairs);
    _mm_storeu_ps(out + 3 * x, _mm_permutevar_ps(pixel, lanes));
  }
}

void PlanarRow(const ResizeRowPlan& plan, const uint8_t* source, float* out) {
  float* plane[3];
  for (int c = 0; c < 3; ++c) plane[c] = out + plan.order[c] * plan.width;
  const int64_t step = kResizePairFloats * plan.pairs;
  int64_t x = 0;
  for (; x + 4 <= plan.width; x += 4) {
    const int64_t* start = plan.start + x;
    const float* weights = plan.weights + step * x;
    __m128 r = SumPairs(source + 3 * start[0], weights, plan.pairs);
    __m128 g = SumPairs(source + 3 * start[1], weights + step, plan.pairs);
    __m128 b = SumPairs(source + 3 * start[2], weights + 2 * step, plan.pairs);
    __m128 rest = SumPairs(source + 3 * start[3], weights + 3 * step, plan.pairs);
    _MM_TRANSPOSE4_PS(r, g, b, rest);
    _mm_storeu_ps(plane[0] + x, r);
    _mm_storeu_ps(plane[1] + x, g);
    _mm_storeu_ps(plane[2] + x, b);
  }
  for (; x < plan.width; ++x) {
    alignas(16) float pixel[4];
    _mm_store_ps(pixel,
                 SumPairs(source + 3 * plan.start[x], plan.weights + step * x, plan.pairs));
    for (int c = 0; c < 3; ++c) plane[c][x] = pixel[c];
  }
}

constexpr int64_t kLanes = 8;

inline __m256 BlendEight(int64_t taps, const float* const* rows, const float* weights, int64_t i) {
  __m256 sum = _mm256_setzero_ps();
  for (int64_t t = 0; t < taps; ++t) {
    const __m256 product =
        _mm256_mul_ps(_mm256_broadcast_ss(weights + t), _mm256_loadu_ps(rows[t] + i));
    sum = _mm256_add_ps(sum, product);
  }
  return sum;
}

// Four independent sums hide the latency of the additions.
inline void BlendBlock(int64_t taps, const float* const* rows, const float* weights, int64_t i,
                       __m256* sum) {
  __m256 a = _mm256_setzero_ps(), b = a, c = a, d = a;
  for (int64_t t = 0; t < taps; ++t) {
    const __m256 weight = _mm256_broadcast_ss(weights + t);
    const float* row = rows[t] + i;
    a = _mm256_add_ps(a, _mm256_mul_ps(weight, _mm256_loadu_ps(row)));
    b = _mm256_add_ps(b, _mm256_mul_ps(weight, _mm256_loadu_ps(row + kLanes)));
    c = _mm256_add_ps(c, _mm256_mul_ps(weight, _mm256_loadu_ps(row + 2 * kLanes)));
    d = _mm256_add_ps(d, _mm256_mul_ps(weight, _mm256_loadu_ps(row + 3 * kLanes)));
  }
  sum[0] = a;
  sum[1] = b;
  sum[2] = c;
  sum[3] = d;
}

inline float BlendOne(int64_t taps, const float* const* rows, const float* weights, int64_t i) {
  float sum = 0.0f;
  for (int64_t t = 0; t < taps; ++t) sum += weights[t] * rows[t][i];
  return sum;
}

inline void StoreScaled(__m256 sum, const float* scale, const float* offset, float* out) {
  const __m256 scaled = _mm256_mul_ps(sum, _mm256_loadu_ps(scale));
  _mm256_storeu_ps(out, _mm256_add_ps(scaled, _mm256_loadu_ps(offset)));
}

inline __m256i RoundHalfUp(__m256 value) {
  return _mm256_cvttps_epi32(_mm256_add_ps(value, _mm256_set1_ps(0.5f)));
}

}  // namespace

void resize_row_u8_avx2(const ResizeRowPlan& plan, const uint8_t* source, float* out) {
  if (plan.planar) {
    PlanarRow(plan, source, out);
  } else {
    InterleavedRow(plan, source, out);
  }
}

void blend_rows_f32_avx2(int64_t taps, const float* const* rows, const float* weights,
                         int64_t count, const float* scale, const float* offset, float* out) {
  int64_t i = 0;
  for (; i + 4 * kLanes <= count; i += 4 * kLanes) {
    __m256 sum[4];
    BlendBlock(taps, rows, weights, i, sum);
    for (int64_t k = 0; k < 4; ++k) {
      const int64_t at = i + k * kLanes;
      StoreScaled(sum[k], scale + at, offset + at, out + at);
    }
  }
  for (; i + kLanes <= count; i += kLanes) {
    StoreScaled(BlendEight(taps, rows, weights, i), scale + i, offset + i, out + i);
  }
  for (; i < count; ++i) out[i] = BlendOne(taps, rows, weights, i) * scale[i] + offset[i];
}

void blend_rows_u8_avx2(int64_t taps, const float* const* rows, const float* weights, int64_t count,
                        uint8_t* out) {
  // The packs work within 128-bit halves; this puts the groups of four bytes back in order.
  const __m256i order = _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7);
  int64_t i = 0;
  for (; i + 4 * kLanes <= count; i += 4 * kLanes) {
    __m256 sum[4];
    BlendBlock(taps, rows, weights, i, sum);
    const __m256i low = _mm256_packs_epi32(RoundHalfUp(sum[0]), RoundHalfUp(sum[1]));
    const __m256i high = _mm256_packs_epi32(RoundHalfUp(sum[2]), RoundHalfUp(sum[3]));
    const __m256i bytes = _mm256_packus_epi16(low, high);
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(out + i),
                        _mm256_permutevar8x32_epi32(bytes, order));
  }
  for (; i < count; ++i) {
    const float value = BlendOne(taps, rows, weights, i) + 0.5f;
    out[i] = value <= 0.0f ? 0 : value >= 255.0f ? 255 : static_cast<uint8_t>(value);
  }
}

}  // namespace minnow::kernels

MINNOW_TARGET_END

#endif  // MINNOW_X86_64
