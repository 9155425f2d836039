#include "kernels/gemm/gemm.h"

#include <algorithm>

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

namespace {

// Rows [first, first + width) of the weights as one panel, zero beyond n. 16 channels of all rows
// at a time, so that lines are read and written while they are in the first-level cache.
void PackPanel(const float* weights, int64_t k, int64_t n, int64_t first, int64_t width,
               float* packed) {
  constexpr int64_t kAtATime = 16;
  for (int64_t from = 0; from < k; from += kAtATime) {
    const int64_t to = std::min(from + kAtATime, k);
    for (int64_t lane = 0; lane < width; ++lane) {
      const int64_t row = first + lane;
      for (int64_t i = from; i < to; ++i) {
        packed[i * width + lane] = row < n ? weights[row * k + i] : 0.0f;
      }
    }
  }
}

}  // namespace

void PackGemmF32(const GemmF32Kernel& kernel, const float* weights, int64_t k, int64_t n,
                 int64_t first_panel, int64_t last_panel, float* packed) {
  const GemmPanels panels = PanelsFor(kernel, n);
  for (int64_t panel = first_panel; panel < last_panel; ++panel) {
    const int64_t wide = std::min(panel, panels.wide_count);
    const int64_t first = wide * kernel.wide + (panel - wide) * kBlock;
    const int64_t width = panel < panels.wide_count ? kernel.wide : kBlock;
    PackPanel(weights, k, n, first, width, packed + first * k);
  }
}

void PackGemmF32(const GemmF32Kernel& kernel, const float* weights, int64_t k, int64_t n,
                 float* packed) {
  PackGemmF32(kernel, weights, k, n, 0, PanelsFor(kernel, n).count(), packed);
}

}  // namespace minnow::kernels
