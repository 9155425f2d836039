// 7 columns at a time: 7 divides every width of the MobileNets at 224.
#include "base/target_region.h"
#include "kernels/dwconv/declarations.h"
#include "kernels/simd/unroll.h"

#if MINNOW_X86_64
#include <immintrin.h>

MINNOW_TARGET_BEGIN("avx512f,avx512bw,avx512vl,avx512dq,avx2,fma")
namespace minnow::kernels {
namespace {
// clang-format off
#include "kernels/simd/avx512-inl.h"
#include "kernels/simd/epilogue-inl.h"
#include "kernels/dwconv/generic-inl.h"
#include "kernels/dwconv/row-pairs-inl.h"
// clang-format on
}  // namespace

void dwconv_f32_7x16_avx512(const DwconvF32Args& args) { StripsOrPairs<7>(args); }

}  // namespace minnow::kernels
MINNOW_TARGET_END
#endif
