// Straight loops; bound by memory.
#include "base/target_region.h"
#include "kernels/eltwise/declarations.h"
#include "kernels/simd/unroll.h"

#if MINNOW_X86_64
#include <immintrin.h>

MINNOW_TARGET_BEGIN("avx2,fma")
namespace minnow::kernels {
namespace {
// clang-format off
#include "kernels/simd/avx2-inl.h"
#include "kernels/simd/epilogue-inl.h"
#include "kernels/eltwise/generic-inl.h"
// clang-format on
}  // namespace

void add_f32_avx2(const BinaryF32Args& args) { Binary<AddOp>(args); }
void sub_f32_avx2(const BinaryF32Args& args) { Binary<SubOp>(args); }
void mul_f32_avx2(const BinaryF32Args& args) { Binary<MulOp>(args); }
void div_f32_avx2(const BinaryF32Args& args) { Binary<DivOp>(args); }
void min_f32_avx2(const BinaryF32Args& args) { Binary<MinOp>(args); }
void max_f32_avx2(const BinaryF32Args& args) { Binary<MaxOp>(args); }
void affine_f32_avx2(const UnaryF32Args& args) { AffineOf(args); }

}  // namespace minnow::kernels
MINNOW_TARGET_END
#endif
