// Products of bytes, four to a sum of 32 bits.
#include "base/target_region.h"
#include "kernels/peak/declarations.h"
#include "kernels/simd/unroll.h"

#if MINNOW_X86_64
#include <immintrin.h>

MINNOW_TARGET_BEGIN("avx512f,avx512bw,avx512vl,avx512dq,avx512vnni,avx2,fma")
namespace minnow::kernels {
namespace {

using V = __m512i;
inline V Step(V sum) { return _mm512_dpbusd_epi32(sum, _mm512_set1_epi8(3), _mm512_set1_epi8(1)); }

// clang-format off
#include "kernels/peak/chains-inl.h"
// clang-format on
}  // namespace

int64_t peak_bytes_avx512vnni(int64_t steps) {
  RunChains(steps, _mm512_setzero_si512());
  return steps * kChains * 64;
}

}  // namespace minnow::kernels
MINNOW_TARGET_END
#endif
