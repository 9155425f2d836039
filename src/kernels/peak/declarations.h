// The functions of kernels.inc, for the files that define them and the table that lists them.
#ifndef MINNOW_KERNELS_PEAK_DECLARATIONS_H_
#define MINNOW_KERNELS_PEAK_DECLARATIONS_H_

#include "base/target_region.h"
#include "kernels/peak/peak.h"

namespace minnow::kernels {

#define MINNOW_PEAK(isa, suffix, bytes) int64_t peak_f32_##suffix(int64_t steps);
#include "kernels/peak/kernels.inc"
#undef MINNOW_PEAK
int64_t peak_bytes_avx512vnni(int64_t steps);

}  // namespace minnow::kernels

#endif  // MINNOW_KERNELS_PEAK_DECLARATIONS_H_
