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
  static MINNOW_INLINE void LoadWords(const uint8_t* p, I (&words)[2]) {
    words[0] = Low8(Load(p), Zero());
    words[1] = High8(Load(p), Zero());
  }
  static MINNOW_INLINE I Add16(I a, I b) { return _mm512_add_epi16(a, b); }
  static MINNOW_INLINE I Max8(I a, I b) { return _mm512_max_epu8(a, b); }
};

// clang-format off
#include "kernels/qpool/vectors-inl.h"
#include "kernels/qpool/generic-inl.h"
// clang-format on
}  // namespace

void qpool_max_64_avx512(const QpoolArgs& args) { MaxRow(args); }
void qpool_average_64_avx512(const QpoolArgs& args) { AverageRow(args); }

}  // namespace minnow::kernels
MINNOW_TARGET_END
#endif
