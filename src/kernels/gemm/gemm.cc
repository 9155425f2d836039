#include "kernels/gemm/gemm.h"

#include "kernels/gemm/declarations.h"
#include "kernels/table.h"

namespace minnow::kernels {
namespace {

#define MINNOW_GEMM_F32(isa, suffix, mr, wide) \
  {isa, "gemm_f32_" #suffix, mr, wide, gemm_f32_wide_##suffix, gemm_f32_narrow_##suffix},
constexpr GemmF32Kernel kKernels[] = {
#include "kernels/gemm/kernels.inc"
};
#undef MINNOW_GEMM_F32
}  // namespace

const GemmF32Kernel& SelectGemmF32(Isa isa) { return Select(kKernels, isa); }

const GemmF32Kernel* GemmF32Kernels(size_t* count) { return Supported(kKernels, count); }

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
