// 16 elements at a time.
#include "base/target_region.h"
#include "kernels/qeltwise/declarations.h"
#include "kernels/simd/unroll.h"

#if MINNOW_X86_64
#include <immintrin.h>

MINNOW_TARGET_BEGIN("avx2,fma")
namespace minnow::kernels {
namespace {

struct W {
  using I = __m256i;
  using F = __m256;
  static constexpr int kLanes = 8, kVectors = 2;

  static MINNOW_INLINE F Set(float x) { return _mm256_set1_ps(x); }
  static MINNOW_INLINE F Load(const float* p) { return _mm256_loadu_ps(p); }
  static MINNOW_INLINE void Store(float* p, F v) { _mm256_storeu_ps(p, v); }
  static MINNOW_INLINE I Widen(const uint8_t* p) {
    return _mm256_cvtepu8_epi32(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(p)));
  }
  static MINNOW_INLINE F FromBytes(const uint8_t* p) { return _mm256_cvtepi32_ps(Widen(p)); }
  // Elements stay in order.
  static constexpr int64_t Picked(int64_t at) { return at; }
  // Bytes less a number, which costs less as integers.
  static MINNOW_INLINE void Differences(const uint8_t* p, int32_t less, F (&x)[kVectors]) {
    MINNOW_UNROLL
    for (int v = 0; v < kVectors; ++v) {
      const I bytes = Widen(p + v * kLanes);
      x[v] = _mm256_cvtepi32_ps(_mm256_sub_epi32(bytes, _mm256_set1_epi32(less)));
    }
  }
  // `to` where x is `from`.
  static MINNOW_INLINE F Replace(F x, F from, F to) {
    return _mm256_blendv_ps(x, to, _mm256_cmp_ps(x, from, _CMP_EQ_OQ));
  }
  static MINNOW_INLINE F Sub(F a, F b) { return _mm256_sub_ps(a, b); }
  static MINNOW_INLINE F Mul(F a, F b) { return _mm256_mul_ps(a, b); }
  static MINNOW_INLINE F MulAdd(F a, F b, F c) { return _mm256_fmadd_ps(a, b, c); }
  // NaN passes.
  static MINNOW_INLINE F Clamp(F x, F low, F high) {
    return _mm256_min_ps(high, _mm256_max_ps(low, x));
  }
  // Whose lower half is the smaller one.
  static MINNOW_INLINE I Nearer(I a, I b) { return _mm256_min_epu16(a, b); }
  static MINNOW_INLINE uint32_t NearHalf(I x, int32_t limit) {
    const I low = _mm256_and_si256(x, _mm256_set1_epi32(0xffff));
    const I is_near = _mm256_cmpgt_epi32(_mm256_set1_epi32(limit), low);
    return static_cast<uint32_t>(_mm256_movemask_ps(_mm256_castsi256_ps(is_near)));
  }
  static MINNOW_INLINE bool IsNearHalf(I x, int32_t limit) { return NearHalf(x, limit) != 0; }
  static MINNOW_INLINE I Round(F x) { return _mm256_cvtps_epi32(x); }
  // Of guesses.
  static MINNOW_INLINE void StoreBytes(uint8_t* p, const I (&q)[kVectors], int32_t min,
                                       int32_t max) {
    const I words = _mm256_permute4x64_epi64(
        _mm256_packs_epi32(_mm256_srai_epi32(q[0], 16), _mm256_srai_epi32(q[1], 16)), 0xd8);
    __m128i bytes =
        _mm_packus_epi16(_mm256_castsi256_si128(words), _mm256_extracti128_si256(words, 1));
    bytes = _mm_max_epu8(bytes, _mm_set1_epi8(static_cast<char>(min)));
    bytes = _mm_min_epu8(bytes, _mm_set1_epi8(static_cast<char>(max)));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(p), bytes);
  }

  static MINNOW_INLINE void StorePicked(uint8_t* p, const I (&q)[kVectors], int32_t min,
                                        int32_t max) {
    StoreBytes(p, q, min, max);
  }

  // Tables: vectors of bytes.
  static constexpr int kBytes = 32;
  static MINNOW_INLINE I Zero() { return _mm256_setzero_si256(); }
  static MINNOW_INLINE I SetByte(int x) { return _mm256_set1_epi8(static_cast<char>(x)); }
  static MINNOW_INLINE I LoadI(const uint8_t* p) {
    return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p));
  }
  static MINNOW_INLINE void StoreI(uint8_t* p, I v) {
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(p), v);
  }
  static MINNOW_INLINE I Or(I a, I b) { return _mm256_or_si256(a, b); }
  static MINNOW_INLINE I Sub8(I a, I b) { return _mm256_sub_epi8(a, b); }
  static MINNOW_INLINE I AddSaturated(I a, I b) { return _mm256_adds_epu8(a, b); }
  // Sixteen bytes, looked up by the lower half of each byte of x; 0 where its first bit is set.
  static MINNOW_INLINE I Lookup(const uint8_t* sixteen, I x) {
    const __m128i row = _mm_loadu_si128(reinterpret_cast<const __m128i*>(sixteen));
    return _mm256_shuffle_epi8(_mm256_broadcastsi128_si256(row), x);
  }
};

// clang-format off
#include "kernels/qeltwise/generic-inl.h"
// clang-format on
}  // namespace

void qeltwise_binary_avx2(const QbinaryArgs& args) { Binary(args); }
void qeltwise_factors_avx2(const QbinaryArgs& args, const QproductFactors& factors, float* out) {
  Factors(args, factors, out);
}
void qeltwise_quantize_avx2(const QuantizeArgs& args) { QuantizeAll(args); }
void qeltwise_dequantize_avx2(const DequantizeArgs& args) { DequantizeAll(args); }
void qeltwise_map_avx2(const QmapArgs& args) { MapAll(args); }

}  // namespace minnow::kernels
MINNOW_TARGET_END
#endif
