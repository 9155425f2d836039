// 4 columns at a time of a quarter block.
#include "kernels/dwconv/declarations.h"
#include "kernels/simd/unroll.h"

namespace minnow::kernels {
namespace {
// clang-format off
#include "kernels/simd/portable-inl.h"
#include "kernels/simd/epilogue-inl.h"
#include "kernels/dwconv/generic-inl.h"
// clang-format on
}  // namespace

void dwconv_f32_4x4_portable(const DwconvF32Args& args) { Strips<4>(args); }

}  // namespace minnow::kernels
