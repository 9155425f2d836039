// 64 channels at a time.
#include "base/target_region.h"
#include "kernels/qpool/declarations.h"
#include "kernels/simd/unroll.h"

#if MINNOW_X86_64
#include <immintrin.h>

MINNOW_TARGET_BEGIN("avx512f,avx512bw,avx512vl,avx512dq,avx2,fma")
namespace minnow::kernels {
namespace {
// clang-format off
#include "kernels/simd/bytes-avx512-inl.h"
#include "kernels/simd/requant-inl.h"
#include "kernels/simd/window-inl.h"
// clang-format on

struct B : Wide {
  static constexpr int kVectors = 4;
  static MINNOW_INLINE I LoadBytes(const uint8_t* p) { return Load(p); }
  // Sums in 16 bits. Without the sums of the odd bytes, the sums of all are those of the even ones.
  struct Words {
    I all, odd;

    MINNOW_INLINE Words() : all(Zero()), odd(Zero()) {}
    MINNOW_INLINE void Take(const uint8_t* p) {
      I bytes = Load(p);
      __asm__("" : "+v"(bytes));  // else GCC loads them twice, over the ends of cache lines
      all = _mm512_add_epi16(all, bytes);
      odd = _mm512_add_epi16(odd, _mm512_srli_epi16(bytes, 8));
    }
    MINNOW_INLINE void Store(I (&words)[2]) const {
      const I even = _mm512_sub_epi16(all, _mm512_slli_epi16(odd, 8));
      words[0] = Low16(even, odd);
      words[1] = High16(even, odd);
    }
  };
  static constexpr bool Folds(int64_t channels) { return channels == 16 || channels == 32; }
  static MINNOW_INLINE I Fold(I sum, int64_t channels) {
    sum = Add(sum, _mm512_shuffle_i64x2(sum, sum, 0x4e));
    return channels == 32 ? sum : Add(sum, _mm512_shuffle_i64x2(sum, sum, 0xb1));
  }
  // The lower half of the bits as the upper one.
  static MINNOW_INLINE I Raise(F x) { return _mm512_slli_epi32(_mm512_castps_si512(x), 16); }
  static MINNOW_INLINE I Max8(I a, I b) { return _mm512_max_epu8(a, b); }
};

// clang-format off
#include "kernels/qpool/vectors-inl.h"
#include "kernels/qpool/generic-inl.h"
// clang-format on
}  // namespace

void qpool_max_64_avx512(const QpoolArgs& args) { MaxRow(args); }
void qpool_average_64_avx512(const QpoolArgs& args) { AverageRow(args); }
void qpool_mean_64_avx512(const QmeanArgs& args) { Mean(args); }

}  // namespace minnow::kernels
MINNOW_TARGET_END
#endif
