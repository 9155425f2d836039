#include "kernels/gemm/gemm.h"

#include "base/target_region.h"
#include "kernels/gemm/declarations.h"

namespace minnow::kernels {
namespace {

#if MINNOW_X86_64
#define MINNOW_GEMM_F32(isa, suffix, mr, wide) \
  {isa, "gemm_f32_" #suffix, mr, wide, gemm_f32_wide_##suffix, gemm_f32_narrow_##suffix},
#else
#define MINNOW_GEMM_F32(isa, suffix, mr, wide) \
  {isa, "gemm_f32_" #suffix, mr, wide, gemm_f32_wide_3x16_portable, gemm_f32_narrow_3x16_portable},
#endif
constexpr GemmF32Kernel kKernels[] = {
#include "kernels/gemm/kernels.inc"
};
#undef MINNOW_GEMM_F32
constexpr size_t kCount = sizeof(kKernels) / sizeof(kKernels[0]);

size_t FirstFor(Isa isa) {
  size_t first = 0;
  while (first + 1 < kCount && kKernels[first].isa > isa) ++first;
  return first;
}

}  // namespace

const GemmF32Kernel& SelectGemmF32(Isa isa) { return kKernels[FirstFor(isa)]; }

const GemmF32Kernel* GemmF32Kernels(size_t* count) {
  const size_t first = FirstFor(DetectedIsa());
  *count = kCount - first;
  return kKernels + first;
}

GemmPanels PanelsFor(const GemmF32Kernel& kernel, int64_t n) {
  const int64_t blocks = (n + kBlock - 1) / kBlock;
  const int64_t per_wide = kernel.wide / kBlock;
  return {blocks / per_wide, blocks % per_wide};
}

int64_t PackedGemmF32Size(const GemmF32Kernel&, int64_t k, int64_t n) {
  return k * ((n + kBlock - 1) / kBlock * kBlock);
}

void PackGemmF32(const GemmF32Kernel& kernel, const float* weights, int64_t k, int64_t n,
                 float* packed) {
  const GemmPanels panels = PanelsFor(kernel, n);
  int64_t first = 0;
  for (int64_t panel = 0; panel < panels.count(); ++panel) {
    const int64_t width = panel < panels.wide_count ? kernel.wide : kBlock;
    // Row by row of the weights, so that they are read in order; the panel is small enough to stay
    // in the cache meanwhile.
    for (int64_t lane = 0; lane < width; ++lane) {
      const int64_t row = first + lane;
      for (int64_t i = 0; i < k; ++i) {
        packed[i * width + lane] = row < n ? weights[row * k + i] : 0.0f;
      }
    }
    packed += k * width;
    first += width;
  }
}

}  // namespace minnow::kernels
