// 14 pixels x 32 channels: 28 accumulators, 2 weights, 1-2 broadcasts of 32 registers.
#include "base/target_region.h"
#include "kernels/gemm/declarations.h"
#include "kernels/simd/unroll.h"

#if MINNOW_X86_64
#include <immintrin.h>

#include <cstddef>

#define MINNOW_ASM_R "zmm"
#define MINNOW_ASM_W0 "28"
#define MINNOW_ASM_W1 "29"
#define MINNOW_ASM_T0 "30"
#define MINNOW_ASM_T1 "31"
// clang-format off
#define MINNOW_ASM_ROWS(M)                                                                   \
  M(0, 14, "30") M(1, 15, "31") M(2, 16, "30") M(3, 17, "31") M(4, 18, "30") M(5, 19, "31")  \
  M(6, 20, "30") M(7, 21, "31") M(8, 22, "30") M(9, 23, "31") M(10, 24, "30") M(11, 25, "31") \
  M(12, 26, "30") M(13, 27, "31")
// clang-format on
#define MINNOW_ASM_CLOBBERS                                                                     \
  "zmm0", "zmm1", "zmm2", "zmm3", "zmm4", "zmm5", "zmm6", "zmm7", "zmm8", "zmm9", "zmm10",      \
      "zmm11", "zmm12", "zmm13", "zmm14", "zmm15", "zmm16", "zmm17", "zmm18", "zmm19", "zmm20", \
      "zmm21", "zmm22", "zmm23", "zmm24", "zmm25", "zmm26", "zmm27", "zmm28", "zmm29", "zmm30", \
      "zmm31"

MINNOW_TARGET_BEGIN("avx512f,avx512bw,avx512vl,avx512dq,avx2,fma")
namespace minnow::kernels {
namespace {
// clang-format off
#include "kernels/simd/avx512-inl.h"
#include "kernels/simd/epilogue-inl.h"
#include "kernels/simd/tiles-inl.h"
#include "kernels/gemm/generic-inl.h"
// clang-format on
}  // namespace

void gemm_f32_wide_14x32_avx512(const GemmF32Args& args) { PanelOfAnyStride<14, 2>(args); }
void gemm_f32_narrow_14x32_avx512(const GemmF32Args& args) { PanelOfAnyStride<14, 1>(args); }

}  // namespace minnow::kernels
MINNOW_TARGET_END
#endif
