// Tables of bytes, 64 elements at a time: the table is four vectors, each half of it one look-up.
#include "base/target_region.h"
#include "kernels/qeltwise/declarations.h"

#if MINNOW_X86_64
#include <immintrin.h>

MINNOW_TARGET_BEGIN("avx512f,avx512bw,avx512vl,avx512dq,avx512vbmi,avx2,fma")
namespace minnow::kernels {

void qeltwise_map_avx512vbmi(const QmapArgs& args) {
  const __m512i a = _mm512_loadu_si512(args.table), b = _mm512_loadu_si512(args.table + 64);
  const __m512i c = _mm512_loadu_si512(args.table + 128), d = _mm512_loadu_si512(args.table + 192);
  for (int64_t i = 0; i < args.n; i += 64) {
    const int64_t left = args.n - i;
    const __mmask64 mask = left >= 64 ? ~uint64_t{0} : (uint64_t{1} << left) - 1;
    const __m512i x = _mm512_maskz_loadu_epi8(mask, args.in + i);
    const __m512i low = _mm512_permutex2var_epi8(a, x, b), high = _mm512_permutex2var_epi8(c, x, d);
    const __m512i y = _mm512_mask_blend_epi8(_mm512_movepi8_mask(x), low, high);
    _mm512_mask_storeu_epi8(args.out + i, mask, y);
  }
}

}  // namespace minnow::kernels
MINNOW_TARGET_END
#endif
