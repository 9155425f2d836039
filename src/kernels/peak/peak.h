// How many multiply-adds can this CPU do? Loops of nothing else, in registers: what other kernels
// are measured against.
#ifndef MINNOW_KERNELS_PEAK_PEAK_H_
#define MINNOW_KERNELS_PEAK_PEAK_H_

#include <cstdint>

#include "base/cpu_features.h"

namespace minnow::kernels {

// Does multiply-adds, twelve vectors a step; returns how many. REQUIRES: steps >= 0.
using PeakFunction = int64_t (*)(int64_t steps);

struct PeakKernel {
  Isa isa;
  const char* name;
  PeakFunction f32;
  PeakFunction bytes;  // into sums of 32 bits; null where there is no instruction for it
};

const PeakKernel& SelectPeak(Isa isa);
const PeakKernel* PeakKernels(size_t* count);

}  // namespace minnow::kernels

#endif  // MINNOW_KERNELS_PEAK_PEAK_H_
