// 6 pixels x 16 channels: 12 accumulators, 2 weights, 1 broadcast of 16 registers.
#include "base/target_region.h"
#include "kernels/gemm/declarations.h"
#include "kernels/simd/unroll.h"

#if MINNOW_X86_64
#include <immintrin.h>

MINNOW_TARGET_BEGIN("avx2,fma")
namespace minnow::kernels {
namespace {
// clang-format off
#include "kernels/simd/avx2-inl.h"
#include "kernels/simd/epilogue-inl.h"
#include "kernels/gemm/generic-inl.h"
// clang-format on
}  // namespace

void gemm_f32_wide_6x16_avx2(const GemmF32Args& args) { PanelOfAnyStride<6, 2>(args); }
void gemm_f32_narrow_6x16_avx2(const GemmF32Args& args) { PanelOfAnyStride<6, 2>(args); }

}  // namespace minnow::kernels
MINNOW_TARGET_END
#endif
