#include "kernels/eltwise/eltwise.h"

#include "kernels/eltwise/declarations.h"
#include "kernels/table.h"

namespace minnow::kernels {
namespace {

#define MINNOW_ELTWISE_F32(isa, suffix) \
  {isa,                                 \
   "eltwise_f32_" #suffix,              \
   add_f32_##suffix,                    \
   sub_f32_##suffix,                    \
   mul_f32_##suffix,                    \
   div_f32_##suffix,                    \
   min_f32_##suffix,                    \
   max_f32_##suffix,                    \
   affine_f32_##suffix},
constexpr EltwiseF32Kernel kKernels[] = {
#include "kernels/eltwise/kernels.inc"
};
#undef MINNOW_ELTWISE_F32

}  // namespace

const EltwiseF32Kernel& SelectEltwiseF32(Isa isa) { return Select(kKernels, isa); }

const EltwiseF32Kernel* EltwiseF32Kernels(size_t* count) { return Supported(kKernels, count); }

}  // namespace minnow::kernels
