#include "kernels/pool/pool.h"

#include "kernels/pool/declarations.h"
#include "kernels/table.h"

namespace minnow::kernels {
namespace {

#define MINNOW_POOL_F32(isa, suffix) \
  {isa, "pool_f32_" #suffix, maxpool_f32_##suffix, avgpool_f32_##suffix, mean_f32_##suffix},
constexpr PoolF32Kernel kKernels[] = {
#include "kernels/pool/kernels.inc"
};
#undef MINNOW_POOL_F32

}  // namespace

const PoolF32Kernel& SelectPoolF32(Isa isa) { return Select(kKernels, isa); }

const PoolF32Kernel* PoolF32Kernels(size_t* count) { return Supported(kKernels, count); }

}  // namespace minnow::kernels
