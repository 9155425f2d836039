// A block is two vectors.
#include "base/target_region.h"
#include "kernels/simd/unroll.h"
#include "kernels/winograd/declarations.h"

#if MINNOW_X86_64
#include <immintrin.h>

MINNOW_TARGET_BEGIN("avx2,fma")
namespace minnow::kernels {
namespace {
// clang-format off
#include "kernels/simd/avx2-inl.h"
#include "kernels/simd/epilogue-inl.h"
#include "kernels/winograd/generic-inl.h"
// clang-format on
}  // namespace

void winograd_input_f32_8_avx2(const WinogradInputF32Args& args) { TransformInput(args); }
void winograd_output_f32_8_avx2(const WinogradOutputF32Args& args) { TransformOutput(args); }

}  // namespace minnow::kernels
MINNOW_TARGET_END
#endif
