// The functions of kernels.inc, for the files that define them and the table that lists them.
#ifndef MINNOW_KERNELS_GEMM_DECLARATIONS_H_
#define MINNOW_KERNELS_GEMM_DECLARATIONS_H_

#include "base/target_region.h"
#include "kernels/gemm/gemm.h"

namespace minnow::kernels {

#define MINNOW_GEMM_F32(isa, suffix, mr, wide)          \
  void gemm_f32_wide_##suffix(const GemmF32Args& args); \
  void gemm_f32_narrow_##suffix(const GemmF32Args& args);
#include "kernels/gemm/kernels.inc"
#undef MINNOW_GEMM_F32

}  // namespace minnow::kernels

#endif  // MINNOW_KERNELS_GEMM_DECLARATIONS_H_
