// A block is two vectors.
#include "base/target_region.h"
#include "kernels/pool/declarations.h"
#include "kernels/simd/unroll.h"

#if MINNOW_X86_64
#include <immintrin.h>

MINNOW_TARGET_BEGIN("avx2,fma")
namespace minnow::kernels {
namespace {
// clang-format off
#include "kernels/simd/avx2-inl.h"
#include "kernels/simd/epilogue-inl.h"
#include "kernels/simd/window-inl.h"
#include "kernels/pool/generic-inl.h"
// clang-format on
}  // namespace

void maxpool_f32_8_avx2(const PoolF32Args& args) { PoolRow<true>(args); }
void avgpool_f32_8_avx2(const PoolF32Args& args) { PoolRow<false>(args); }
void mean_f32_8_avx2(const float* in, int64_t pixels, float* out) { MeanOf(in, pixels, out); }

}  // namespace minnow::kernels
MINNOW_TARGET_END
#endif
