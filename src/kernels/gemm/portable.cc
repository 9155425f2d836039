// 3 pixels x 16 channels with four lanes a vector: 12 accumulators.
#include "kernels/gemm/declarations.h"
#include "kernels/simd/unroll.h"

namespace minnow::kernels {
namespace {
// clang-format off
#include "kernels/simd/portable-inl.h"
#include "kernels/simd/epilogue-inl.h"
#include "kernels/simd/tiles-inl.h"
#include "kernels/gemm/generic-inl.h"
// clang-format on
}  // namespace

void gemm_f32_wide_3x16_portable(const GemmF32Args& args) { PanelOfAnyStride<3, 4>(args); }
void gemm_f32_narrow_3x16_portable(const GemmF32Args& args) { PanelOfAnyStride<3, 4>(args); }

}  // namespace minnow::kernels
