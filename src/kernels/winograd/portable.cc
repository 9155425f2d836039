// A block is four vectors.
#include "kernels/simd/unroll.h"
#include "kernels/winograd/declarations.h"

namespace minnow::kernels {
namespace {
// clang-format off
#include "kernels/simd/portable-inl.h"
#include "kernels/simd/epilogue-inl.h"
#include "kernels/winograd/generic-inl.h"
// clang-format on
}  // namespace

void winograd_input_f32_4_portable(const WinogradInputF32Args& args) { TransformInput(args); }
void winograd_output_f32_4_portable(const WinogradOutputF32Args& args) { TransformOutput(args); }

}  // namespace minnow::kernels
