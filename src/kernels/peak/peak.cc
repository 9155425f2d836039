#include "kernels/peak/peak.h"

#include "kernels/peak/declarations.h"
#include "kernels/table.h"

namespace minnow::kernels {
namespace {

#define MINNOW_PEAK(isa, suffix, bytes) {isa, "peak_" #suffix, peak_f32_##suffix, bytes},
constexpr PeakKernel kKernels[] = {
#include "kernels/peak/kernels.inc"
};
#undef MINNOW_PEAK

}  // namespace

const PeakKernel& SelectPeak(Isa isa) { return Select(kKernels, isa); }

const PeakKernel* PeakKernels(size_t* count) { return Supported(kKernels, count); }

}  // namespace minnow::kernels
