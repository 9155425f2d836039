// A block is one vector.
#include "base/target_region.h"
#include "kernels/simd/unroll.h"
#include "kernels/winograd/declarations.h"

#if MINNOW_X86_64
#include <immintrin.h>

MINNOW_TARGET_BEGIN("avx512f,avx512bw,avx512vl,avx512dq,avx2,fma")
namespace minnow::kernels {
namespace {
// clang-format off
#include "kernels/simd/avx512-inl.h"
#include "kernels/simd/epilogue-inl.h"
#include "kernels/winograd/generic-inl.h"
// clang-format on
}  // namespace

void winograd_input_f32_16_avx512(const WinogradInputF32Args& args) { TransformInput(args); }
void winograd_output_f32_16_avx512(const WinogradOutputF32Args& args) { TransformOutput(args); }

}  // namespace minnow::kernels
MINNOW_TARGET_END
#endif
