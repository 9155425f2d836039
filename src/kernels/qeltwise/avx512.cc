// 64 elements at a time.
#include "base/target_region.h"
#include "kernels/qeltwise/declarations.h"
#include "kernels/simd/unroll.h"

#if MINNOW_X86_64
#include <immintrin.h>

MINNOW_TARGET_BEGIN("avx512f,avx512bw,avx512vl,avx512dq,avx2,fma")
namespace minnow::kernels {
namespace {

struct W {
  using I = __m512i;
  using F = __m512;
  static constexpr int kLanes = 16, kVectors = 4;

  static MINNOW_INLINE F Set(float x) { return _mm512_set1_ps(x); }
  static MINNOW_INLINE F Load(const float* p) { return _mm512_loadu_ps(p); }
  static MINNOW_INLINE void Store(float* p, F v) { _mm512_storeu_ps(p, v); }
  static MINNOW_INLINE I Widen(const uint8_t* p) {
    return _mm512_cvtepu8_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p)));
  }
  static MINNOW_INLINE F FromBytes(const uint8_t* p) { return _mm512_cvtepi32_ps(Widen(p)); }
  // Which element of a step is the one at `at` of the vectors that Differences picks: those whose
  // words, put side by side, StorePicked packs to a row.
  static constexpr int64_t Picked(int64_t at) {
    return at % 16 / 4 * 16 + at / 32 * 8 + at % 4 * 2 + at / 16 % 2;
  }
  // Bytes less a number: as the last bits of 2^23, from which one subtraction makes it.
  static MINNOW_INLINE void Differences(const uint8_t* p, int32_t less, F (&x)[kVectors]) {
    const I bytes = LoadI(p), power = _mm512_set1_epi32(0x4b000000);
    const F zero = Set(static_cast<float>(0x800000 + less));
    MINNOW_UNROLL
    for (int v = 0; v < kVectors; ++v) {
      const int first = v / 2 * 8 + v % 2;
      const I picks = _mm512_set4_epi32(first + 6, first + 4, first + 2, first);
      const I bits = _mm512_mask_shuffle_epi8(power, 0x1111111111111111, bytes, picks);
      x[v] = _mm512_sub_ps(_mm512_castsi512_ps(bits), zero);
    }
  }
  // `to` where x is `from`.
  static MINNOW_INLINE F Replace(F x, F from, F to) {
    return _mm512_mask_mov_ps(x, _mm512_cmp_ps_mask(x, from, _CMP_EQ_OQ), to);
  }
  static MINNOW_INLINE F Sub(F a, F b) { return _mm512_sub_ps(a, b); }
  static MINNOW_INLINE F Mul(F a, F b) { return _mm512_mul_ps(a, b); }
  static MINNOW_INLINE F MulAdd(F a, F b, F c) { return _mm512_fmadd_ps(a, b, c); }
  // NaN passes.
  static MINNOW_INLINE F Clamp(F x, F low, F high) {
    return _mm512_min_ps(high, _mm512_max_ps(low, x));
  }
  // Whose lower half is the smaller one.
  static MINNOW_INLINE I Nearer(I a, I b) { return _mm512_min_epu16(a, b); }
  static MINNOW_INLINE uint32_t NearHalf(I x, int32_t limit) {
    const I low = _mm512_and_si512(x, _mm512_set1_epi32(0xffff));
    return _mm512_cmplt_epu32_mask(low, _mm512_set1_epi32(limit));
  }
  static MINNOW_INLINE bool IsNearHalf(I x, int32_t limit) {
    const I last = _mm512_set1_epi16(static_cast<int16_t>(limit - 1));
    return _mm512_mask_cmple_epu16_mask(0x55555555, x, last) != 0;
  }
  static MINNOW_INLINE I Round(F x) { return _mm512_cvtps_epi32(x); }
  // The upper halves of both.
  static MINNOW_INLINE I Upper(I a, I b) {
    return _mm512_permutex2var_epi16(
        a,
        _mm512_cvtepu8_epi16(_mm256_setr_epi8(1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29,
                                              31, 33, 35, 37, 39, 41, 43, 45, 47, 49, 51, 53, 55,
                                              57, 59, 61, 63)),
        b);
  }
  // Of guesses.
  static MINNOW_INLINE void StoreBytes(uint8_t* p, const I (&q)[kVectors], int32_t min,
                                       int32_t max) {
    const I packed = _mm512_packus_epi16(Upper(q[0], q[1]), Upper(q[2], q[3]));
    StoreBounded(p, _mm512_permutexvar_epi64(_mm512_setr_epi64(0, 2, 4, 6, 1, 3, 5, 7), packed),
                 min, max);
  }
  static MINNOW_INLINE void StorePicked(uint8_t* p, const I (&q)[kVectors], int32_t min,
                                        int32_t max) {
    StoreBounded(p, _mm512_packus_epi16(BesideUpper(q[0], q[1]), BesideUpper(q[2], q[3])), min,
                 max);
  }
  // The upper halves of both, in turn.
  static MINNOW_INLINE I BesideUpper(I a, I b) {
    return _mm512_mask_blend_epi16(0xaaaaaaaa, _mm512_srli_epi32(a, 16), b);
  }
  static MINNOW_INLINE void StoreBounded(uint8_t* p, I bytes, int32_t min, int32_t max) {
    if (min > 0 || max < 255) {
      bytes = _mm512_max_epu8(bytes, SetByte(min));
      bytes = _mm512_min_epu8(bytes, SetByte(max));
    }
    _mm512_storeu_si512(p, bytes);
  }

  // Tables: vectors of bytes.
  static constexpr int kBytes = 64;
  static MINNOW_INLINE I Zero() { return _mm512_setzero_si512(); }
  static MINNOW_INLINE I SetByte(int x) { return _mm512_set1_epi8(static_cast<char>(x)); }
  static MINNOW_INLINE I LoadI(const uint8_t* p) { return _mm512_loadu_si512(p); }
  static MINNOW_INLINE void StoreI(uint8_t* p, I v) { _mm512_storeu_si512(p, v); }
  static MINNOW_INLINE I Or(I a, I b) { return _mm512_or_si512(a, b); }
  static MINNOW_INLINE I Sub8(I a, I b) { return _mm512_sub_epi8(a, b); }
  static MINNOW_INLINE I AddSaturated(I a, I b) { return _mm512_adds_epu8(a, b); }
  // Sixteen bytes, looked up by the lower half of each byte of x; 0 where its first bit is set.
  static MINNOW_INLINE I Lookup(const uint8_t* sixteen, I x) {
    const __m128i row = _mm_loadu_si128(reinterpret_cast<const __m128i*>(sixteen));
    return _mm512_shuffle_epi8(_mm512_broadcast_i32x4(row), x);
  }
};

// clang-format off
#include "kernels/qeltwise/generic-inl.h"
// clang-format on
}  // namespace

void qeltwise_binary_avx512(const QbinaryArgs& args) { Binary(args); }
void qeltwise_factors_avx512(const QbinaryArgs& args, const QproductFactors& factors, float* out) {
  Factors(args, factors, out);
}
void qeltwise_quantize_avx512(const QuantizeArgs& args) { QuantizeAll(args); }
void qeltwise_dequantize_avx512(const DequantizeArgs& args) { DequantizeAll(args); }
void qeltwise_map_avx512(const QmapArgs& args) { MapAll(args); }

}  // namespace minnow::kernels
MINNOW_TARGET_END
#endif
