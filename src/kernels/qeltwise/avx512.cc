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
  // Bytes less a number, which costs less as integers.
  static MINNOW_INLINE F Difference(const uint8_t* p, int32_t less) {
    return _mm512_cvtepi32_ps(_mm512_sub_epi32(Widen(p), _mm512_set1_epi32(less)));
  }
  static MINNOW_INLINE F Sub(F a, F b) { return _mm512_sub_ps(a, b); }
  static MINNOW_INLINE F Mul(F a, F b) { return _mm512_mul_ps(a, b); }
  static MINNOW_INLINE F MulAdd(F a, F b, F c) { return _mm512_fmadd_ps(a, b, c); }
  // NaN passes.
  static MINNOW_INLINE F Clamp(F x, F low, F high) {
    return _mm512_min_ps(high, _mm512_max_ps(low, x));
  }
  // A guess as an integer; the largest, where it is larger than those.
  static MINNOW_INLINE I ToUnits(F x) {
    const I bits = _mm512_min_epi32(_mm512_castps_si512(x), _mm512_set1_epi32(kLargestGuess));
    return Round(_mm512_castsi512_ps(bits));
  }
  // Whose lower half is the smaller one.
  static MINNOW_INLINE I Nearer(I a, I b) { return _mm512_min_epu16(a, b); }
  static MINNOW_INLINE uint32_t NearHalf(I x, int32_t limit) {
    const I low = _mm512_and_si512(x, _mm512_set1_epi32(0xffff));
    return _mm512_cmplt_epu32_mask(low, _mm512_set1_epi32(limit));
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
    I bytes = _mm512_permutexvar_epi64(_mm512_setr_epi64(0, 2, 4, 6, 1, 3, 5, 7), packed);
    if (min > 0 || max < 255) {
      bytes = _mm512_max_epu8(bytes, _mm512_set1_epi8(static_cast<char>(min)));
      bytes = _mm512_min_epu8(bytes, _mm512_set1_epi8(static_cast<char>(max)));
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
void qeltwise_quantize_avx512(const QuantizeArgs& args) { QuantizeAll(args); }
void qeltwise_dequantize_avx512(const DequantizeArgs& args) { DequantizeAll(args); }
void qeltwise_map_avx512(const QmapArgs& args) { MapAll(args); }

}  // namespace minnow::kernels
MINNOW_TARGET_END
#endif
