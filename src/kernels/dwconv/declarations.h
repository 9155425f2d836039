// The functions of kernels.inc, for the files that define them and the table that lists them.
#ifndef MINNOW_KERNELS_DWCONV_DECLARATIONS_H_
#define MINNOW_KERNELS_DWCONV_DECLARATIONS_H_

#include "base/target_region.h"
#include "kernels/dwconv/dwconv.h"

namespace minnow::kernels {

#define MINNOW_DWCONV_F32(isa, suffix) void dwconv_f32_##suffix(const DwconvF32Args& args);
#include "kernels/dwconv/kernels.inc"
#undef MINNOW_DWCONV_F32

}  // namespace minnow::kernels

#endif  // MINNOW_KERNELS_DWCONV_DECLARATIONS_H_
