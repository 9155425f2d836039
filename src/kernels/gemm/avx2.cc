// 6 pixels x 16 channels: 12 accumulators, 2 weights, 1 broadcast of 16 registers.
#include "base/target_region.h"
#include "kernels/gemm/declarations.h"
#include "kernels/simd/unroll.h"

#if MINNOW_X86_64
#include <immintrin.h>

#include <cstddef>

#define MINNOW_ASM_R "ymm"
#define MINNOW_ASM_W0 "12"
#define MINNOW_ASM_W1 "13"
#define MINNOW_ASM_T0 "14"
#define MINNOW_ASM_T1 "15"
#define MINNOW_ASM_ROWS(M) \
  M(0, 6, "14") M(1, 7, "15") M(2, 8, "14") M(3, 9, "15") M(4, 10, "14") M(5, 11, "15")
#define MINNOW_ASM_CLOBBERS                                                                \
  "ymm0", "ymm1", "ymm2", "ymm3", "ymm4", "ymm5", "ymm6", "ymm7", "ymm8", "ymm9", "ymm10", \
      "ymm11", "ymm12", "ymm13", "ymm14", "ymm15"

MINNOW_TARGET_BEGIN("avx2,fma")
namespace minnow::kernels {
namespace {
// clang-format off
#include "kernels/simd/avx2-inl.h"
#include "kernels/simd/epilogue-inl.h"
#include "kernels/simd/tiles-inl.h"
#include "kernels/gemm/generic-inl.h"
// clang-format on
}  // namespace

void gemm_f32_wide_6x16_avx2(const GemmF32Args& args) { PanelOfAnyStride<6, 2>(args); }
void gemm_f32_narrow_6x16_avx2(const GemmF32Args& args) { PanelOfAnyStride<6, 2>(args); }

}  // namespace minnow::kernels
MINNOW_TARGET_END
#endif
