// A block is four vectors.
#include "kernels/pool/declarations.h"
#include "kernels/simd/unroll.h"

namespace minnow::kernels {
namespace {
// clang-format off
#include "kernels/simd/portable-inl.h"
#include "kernels/simd/epilogue-inl.h"
#include "kernels/simd/window-inl.h"
#include "kernels/pool/generic-inl.h"
// clang-format on
}  // namespace

void maxpool_f32_4_portable(const PoolF32Args& args) { PoolRow<true>(args); }
void avgpool_f32_4_portable(const PoolF32Args& args) { PoolRow<false>(args); }
void mean_f32_4_portable(const float* in, int64_t pixels, float* out) { MeanOf(in, pixels, out); }

}  // namespace minnow::kernels
