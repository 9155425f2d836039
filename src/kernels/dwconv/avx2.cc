// 4 columns at a time of half a block.
#include "base/target_region.h"
#include "kernels/dwconv/declarations.h"
#include "kernels/simd/unroll.h"

#if MINNOW_X86_64
#include <immintrin.h>

MINNOW_TARGET_BEGIN("avx2,fma")
namespace minnow::kernels {
namespace {
// clang-format off
#include "kernels/simd/avx2-inl.h"
#include "kernels/simd/epilogue-inl.h"
#include "kernels/dwconv/generic-inl.h"
// clang-format on
}  // namespace

void dwconv_f32_4x8_avx2(const DwconvF32Args& args) { Strips<4>(args); }

}  // namespace minnow::kernels
MINNOW_TARGET_END
#endif
