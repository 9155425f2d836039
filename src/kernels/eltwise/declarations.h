// The functions of kernels.inc, for the files that define them and the table that lists them.
#ifndef MINNOW_KERNELS_ELTWISE_DECLARATIONS_H_
#define MINNOW_KERNELS_ELTWISE_DECLARATIONS_H_

#include "base/target_region.h"
#include "kernels/eltwise/eltwise.h"

namespace minnow::kernels {

#define MINNOW_ELTWISE_F32(isa, suffix)             \
  void add_f32_##suffix(const BinaryF32Args& args); \
  void sub_f32_##suffix(const BinaryF32Args& args); \
  void mul_f32_##suffix(const BinaryF32Args& args); \
  void div_f32_##suffix(const BinaryF32Args& args); \
  void min_f32_##suffix(const BinaryF32Args& args); \
  void max_f32_##suffix(const BinaryF32Args& args); \
  void affine_f32_##suffix(const UnaryF32Args& args);
#include "kernels/eltwise/kernels.inc"
#undef MINNOW_ELTWISE_F32

}  // namespace minnow::kernels

#endif  // MINNOW_KERNELS_ELTWISE_DECLARATIONS_H_
