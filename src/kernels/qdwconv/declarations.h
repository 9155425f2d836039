// The functions of kernels.inc, for the files that define them and the table that lists them.
#ifndef MINNOW_KERNELS_QDWCONV_DECLARATIONS_H_
#define MINNOW_KERNELS_QDWCONV_DECLARATIONS_H_

#include "base/target_region.h"
#include "kernels/qdwconv/qdwconv.h"

namespace minnow::kernels {

#define MINNOW_QDWCONV(isa, suffix, form) void qdwconv_##suffix(const QdwconvArgs& args);
#include "kernels/qdwconv/kernels.inc"
#undef MINNOW_QDWCONV

#if MINNOW_X86_64
// Parts of them. The whole as rows of bytes, where that is faster; gives whether it did.
bool QdwconvFlat(const QdwconvArgs& args);
// The blocks of the channels below `channels`, a multiple of 64 or all; and the
// channels from `first` on, where they are few enough.
void QdwconvBlocks(const QdwconvArgs& args, int64_t channels);
bool QdwconvHasTail(const QdwconvArgs& args, int64_t first);
void QdwconvTail(const QdwconvArgs& args, int64_t first);
#endif

}  // namespace minnow::kernels

#endif  // MINNOW_KERNELS_QDWCONV_DECLARATIONS_H_
