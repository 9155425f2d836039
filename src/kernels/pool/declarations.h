// The functions of kernels.inc, for the files that define them and the table that lists them.
#ifndef MINNOW_KERNELS_POOL_DECLARATIONS_H_
#define MINNOW_KERNELS_POOL_DECLARATIONS_H_

#include "base/target_region.h"
#include "kernels/pool/pool.h"

namespace minnow::kernels {

#define MINNOW_POOL_F32(isa, suffix)                  \
  void maxpool_f32_##suffix(const PoolF32Args& args); \
  void avgpool_f32_##suffix(const PoolF32Args& args); \
  void mean_f32_##suffix(const float* in, int64_t pixels, float* out);
#include "kernels/pool/kernels.inc"
#undef MINNOW_POOL_F32

}  // namespace minnow::kernels

#endif  // MINNOW_KERNELS_POOL_DECLARATIONS_H_
