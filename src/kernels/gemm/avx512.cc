// 14 pixels x 32 channels: 28 accumulators, 2 weights, 1-2 broadcasts of 32 registers.
#include "base/target_region.h"
#include "kernels/gemm/declarations.h"
#include "kernels/simd/unroll.h"

#if MINNOW_X86_64
#include <immintrin.h>

MINNOW_TARGET_BEGIN("avx512f,avx512bw,avx512vl,avx512dq,avx2,fma")
namespace minnow::kernels {
namespace {
// clang-format off
#include "kernels/simd/avx512-inl.h"
#include "kernels/simd/epilogue-inl.h"
#include "kernels/gemm/generic-inl.h"
// clang-format on
}  // namespace

void gemm_f32_wide_14x32_avx512(const GemmF32Args& args) { PanelOfAnyStride<14, 2>(args); }
void gemm_f32_narrow_14x32_avx512(const GemmF32Args& args) { PanelOfAnyStride<14, 1>(args); }

}  // namespace minnow::kernels
MINNOW_TARGET_END
#endif
