// The functions of kernels.inc, for the files that define them and the table that lists them.
#ifndef MINNOW_KERNELS_QDWCONV_DECLARATIONS_H_
#define MINNOW_KERNELS_QDWCONV_DECLARATIONS_H_

#include "base/target_region.h"
#include "kernels/qdwconv/qdwconv.h"

namespace minnow::kernels {

#define MINNOW_QDWCONV(isa, suffix, form) void qdwconv_##suffix(const QdwconvArgs& args);
#include "kernels/qdwconv/kernels.inc"
#undef MINNOW_QDWCONV

}  // namespace minnow::kernels

#endif  // MINNOW_KERNELS_QDWCONV_DECLARATIONS_H_
