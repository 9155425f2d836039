// Which variants of the resize loops exist, and which one a machine uses.
#include "kernels/resize/resize.h"

#include "base/target_region.h"
#include "kernels/resize/declarations.h"

namespace minnow::kernels {

const std::vector<ResizeKernels>& AllResizeKernels() {
  static const auto* const kAll = new std::vector<ResizeKernels>{
#if MINNOW_X86_64
      {Isa::kAvx2, "resize_u8_avx2", resize_row_u8_avx2, blend_rows_f32_avx2, blend_rows_u8_avx2},
#endif
      {Isa::kPortable, "resize_u8_reference", resize_row_u8_reference, blend_rows_f32_reference,
       blend_rows_u8_reference},
  };
  return *kAll;
}

const ResizeKernels& SelectResize(Isa isa) {
  for (const ResizeKernels& kernels : AllResizeKernels()) {
    if (kernels.isa <= isa) return kernels;
  }
  return AllResizeKernels().back();
}

}  // namespace minnow::kernels
