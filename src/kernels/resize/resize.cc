// Which variants of the resize loops exist, and which one a machine uses.
#include "kernels/resize/resize.h"

#include "base/target_region.h"
#include "kernels/resize/declarations.h"

namespace minnow::kernels {

namespace {

constexpr ResizeKernels kKernels[] = {
#if MINNOW_X86_64
    {Isa::kAvx2, "resize_u8_avx2", resize_row_u8_avx2, blend_rows_f32_avx2, blend_rows_u8_avx2},
#endif
    {Isa::kPortable, "resize_u8_reference", resize_row_u8_reference, blend_rows_f32_reference,
     blend_rows_u8_reference},
};
constexpr size_t kCount = sizeof(kKernels) / sizeof(kKernels[0]);

size_t FirstFor(Isa isa) {
  size_t first = 0;
  while (first + 1 < kCount && kKernels[first].isa > isa) ++first;
  return first;
}

}  // namespace

const ResizeKernels* AllResizeKernels(size_t* count) {
  const size_t first = FirstFor(DetectedIsa());
  *count = kCount - first;
  return kKernels + first;
}

const ResizeKernels& SelectResize(Isa isa) { return kKernels[FirstFor(isa)]; }

}  // namespace minnow::kernels
