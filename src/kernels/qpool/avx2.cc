// 16 channels at a time.
#include "base/target_region.h"
#include "kernels/qpool/declarations.h"
#include "kernels/simd/unroll.h"

#if MINNOW_X86_64
#include <immintrin.h>

MINNOW_TARGET_BEGIN("avx2,fma")
namespace minnow::kernels {
namespace {
// clang-format off
#include "kernels/simd/bytes-avx2-inl.h"
#include "kernels/simd/requant-inl.h"
#include "kernels/simd/window-inl.h"
// clang-format on

struct B : Wide {
  static constexpr int kVectors = 2;
  // In the lower half.
  static MINNOW_INLINE I LoadBytes(const uint8_t* p) {
    return _mm256_castsi128_si256(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p)));
  }
  static MINNOW_INLINE I Zero() { return _mm256_setzero_si256(); }
  static MINNOW_INLINE I Add(I a, I b) { return _mm256_add_epi32(a, b); }
  // Sums in 16 bits.
  struct Words {
    I all;

    MINNOW_INLINE Words() : all(Zero()) {}
    MINNOW_INLINE void Take(const uint8_t* p) { all = _mm256_add_epi16(all, Widen(p)); }
    MINNOW_INLINE void Store(I (&words)[1]) const { words[0] = all; }
  };
  static constexpr bool Folds(int64_t /*channels*/) { return false; }
  static MINNOW_INLINE I Fold(I sum, int64_t /*channels*/) { return sum; }
  // The lower half of the bits as the upper one.
  static MINNOW_INLINE I Raise(F x) { return _mm256_slli_epi32(_mm256_castps_si256(x), 16); }
  static MINNOW_INLINE I Max8(I a, I b) { return _mm256_max_epu8(a, b); }
  static MINNOW_INLINE I Low16(I a, I b) { return _mm256_unpacklo_epi16(a, b); }
  static MINNOW_INLINE I High16(I a, I b) { return _mm256_unpackhi_epi16(a, b); }
};

// clang-format off
#include "kernels/qpool/vectors-inl.h"
#include "kernels/qpool/generic-inl.h"
// clang-format on
}  // namespace

void qpool_max_16_avx2(const QpoolArgs& args) { MaxRow(args); }
void qpool_average_16_avx2(const QpoolArgs& args) { AverageRow(args); }
void qpool_mean_16_avx2(const QmeanArgs& args) { Mean(args); }

}  // namespace minnow::kernels
MINNOW_TARGET_END
#endif
