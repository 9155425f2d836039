// The resize loops for AVX2: four taps of three channels are one multiply-add of 16-bit pairs.
//
// No FMA: the products are rounded as in reference.cc, so that every machine makes the same tensor.
#include "base/target_region.h"

#if MINNOW_X86_64

#include <immintrin.h>

#include "kernels/resize/declarations.h"

MINNOW_TARGET_BEGIN("avx2")

namespace minnow::kernels {
namespace {

// One output pixel: lanes 0..2 are the channels of the source, lane 3 is 0.
inline __m128 SumGroups(const ResizeRowPlan& plan, const uint8_t* source, int64_t x) {
  // Four pixels of three bytes, as pairs of neighbours: r0 r1 g0 g1 b0 b1 - - r2 r3 g2 g3 b2 b3 - -
  const __m128i pairs = _mm_setr_epi8(0, 3, 1, 4, 2, 5, -1, -1, 6, 9, 7, 10, 8, 11, -1, -1);
  const uint8_t* pixels = source + 3 * plan.start[x];
  const int16_t* weights = plan.weights + kResizeGroupWeights * plan.groups * x;
  __m256i sum = _mm256_setzero_si256();
  for (int64_t group = 0; group < plan.groups; ++group) {
    const __m128i bytes =
        _mm_loadu_si128(reinterpret_cast<const __m128i*>(pixels + 3 * kResizeGroupTaps * group));
    const __m256i words = _mm256_cvtepu8_epi16(_mm_shuffle_epi8(bytes, pairs));
    const __m256i weight =
        _mm256_loadu_si256(reinterpret_cast<const __m256i*>(weights + kResizeGroupWeights * group));
    sum = _mm256_add_epi32(sum, _mm256_madd_epi16(weight, words));
  }
  const __m128i total =
      _mm_add_epi32(_mm256_castsi256_si128(sum), _mm256_extracti128_si256(sum, 1));
  return _mm_mul_ps(_mm_cvtepi32_ps(total), _mm_set1_ps(plan.unit));
}

// Writes one float more than the row has: the next pixel, or the slack, takes it.
void InterleavedRow(const ResizeRowPlan& plan, const uint8_t* source, float* out) {
  alignas(16) int32_t lane_of[4] = {0, 1, 2, 3};
  for (int c = 0; c < 3; ++c) lane_of[plan.order[c]] = c;
  const __m128i lanes = _mm_load_si128(reinterpret_cast<const __m128i*>(lane_of));
  for (int64_t x = 0; x < plan.width; ++x) {
    _mm_storeu_ps(out + 3 * x, _mm_permutevar_ps(SumGroups(plan, source, x), lanes));
  }
}

void PlanarRow(const ResizeRowPlan& plan, const uint8_t* source, float* out) {
  float* plane[3];
  for (int c = 0; c < 3; ++c) plane[c] = out + plan.order[c] * plan.width;
  int64_t x = 0;
  for (; x + 4 <= plan.width; x += 4) {
    __m128 r = SumGroups(plan, source, x);
    __m128 g = SumGroups(plan, source, x + 1);
    __m128 b = SumGroups(plan, source, x + 2);
    __m128 rest = SumGroups(plan, source, x + 3);
    _MM_TRANSPOSE4_PS(r, g, b, rest);
    _mm_storeu_ps(plane[0] + x, r);
    _mm_storeu_ps(plane[1] + x, g);
    _mm_storeu_ps(plane[2] + x, b);
  }
  for (; x < plan.width; ++x) {
    alignas(16) float pixel[4];
    _mm_store_ps(pixel, SumGroups(plan, source, x));
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
                         int64_t begin, int64_t count, const float* scale, const float* offset,
                         float* out) {
  int64_t i = 0;
  for (; i + 4 * kLanes <= count; i += 4 * kLanes) {
    __m256 sum[4];
    BlendBlock(taps, rows, weights, begin + i, sum);
    for (int64_t k = 0; k < 4; ++k) {
      const int64_t from = begin + i + k * kLanes;
      StoreScaled(sum[k], scale + from, offset + from, out + i + k * kLanes);
    }
  }
  for (; i + kLanes <= count; i += kLanes) {
    const int64_t from = begin + i;
    StoreScaled(BlendEight(taps, rows, weights, from), scale + from, offset + from, out + i);
  }
  for (; i < count; ++i) {
    const int64_t from = begin + i;
    out[i] = BlendOne(taps, rows, weights, from) * scale[from] + offset[from];
  }
}

void blend_rows_u8_avx2(int64_t taps, const float* const* rows, const float* weights, int64_t begin,
                        int64_t count, uint8_t* out) {
  // The packs work within 128-bit halves; this puts the groups of four bytes back in order.
  const __m256i order = _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7);
  int64_t i = 0;
  for (; i + 4 * kLanes <= count; i += 4 * kLanes) {
    __m256 sum[4];
    BlendBlock(taps, rows, weights, begin + i, sum);
    const __m256i low = _mm256_packs_epi32(RoundHalfUp(sum[0]), RoundHalfUp(sum[1]));
    const __m256i high = _mm256_packs_epi32(RoundHalfUp(sum[2]), RoundHalfUp(sum[3]));
    const __m256i bytes = _mm256_packus_epi16(low, high);
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(out + i),
                        _mm256_permutevar8x32_epi32(bytes, order));
  }
  for (; i < count; ++i) {
    const float value = BlendOne(taps, rows, weights, begin + i) + 0.5f;
    out[i] = value <= 0.0f ? 0 : value >= 255.0f ? 255 : static_cast<uint8_t>(value);
  }
}

}  // namespace minnow::kernels

MINNOW_TARGET_END

#endif  // MINNOW_X86_64
