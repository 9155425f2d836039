// The functions of kernels.inc, for the files that define them and the table that lists them.
#ifndef MINNOW_KERNELS_WINOGRAD_DECLARATIONS_H_
#define MINNOW_KERNELS_WINOGRAD_DECLARATIONS_H_

#include "base/target_region.h"
#include "kernels/winograd/winograd.h"

namespace minnow::kernels {

#define MINNOW_WINOGRAD_F32(isa, suffix)                              \
  void winograd_input_f32_##suffix(const WinogradInputF32Args& args); \
  void winograd_output_f32_##suffix(const WinogradOutputF32Args& args);
#include "kernels/winograd/kernels.inc"
#undef MINNOW_WINOGRAD_F32

}  // namespace minnow::kernels

#endif  // MINNOW_KERNELS_WINOGRAD_DECLARATIONS_H_
