// Each sum tends to 2: neither infinite nor denormal.
#include "base/target_region.h"
#include "kernels/peak/declarations.h"
#include "kernels/simd/unroll.h"

#if MINNOW_X86_64
#include <immintrin.h>

MINNOW_TARGET_BEGIN("avx512f,avx512bw,avx512vl,avx512dq,avx2,fma")
namespace minnow::kernels {
namespace {

using V = __m512;
inline V Step(V sum) { return _mm512_fmadd_ps(sum, _mm512_set1_ps(0.5f), _mm512_set1_ps(1.0f)); }

// clang-format off
#include "kernels/peak/chains-inl.h"
// clang-format on
}  // namespace

int64_t peak_f32_avx512(int64_t steps) {
  RunChains(steps, _mm512_set1_ps(0.0f));
  return steps * kChains * 16;
}

}  // namespace minnow::kernels
MINNOW_TARGET_END
#endif
