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

GemmPanel PanelAt(const GemmF32Kernel& kernel, int64_t n, int64_t index) {
  const GemmPanels panels = PanelsFor(kernel, n);
  const int64_t wide = std::min(index, panels.wide_count);
  GemmPanel panel;
  panel.first = wide * kernel.wide + (index - wide) * kBlock;
  panel.width = index < panels.wide_count ? kernel.wide : kBlock;
  panel.rows = std::min(panel.width, n - panel.first);
  return panel;
}

namespace {

// Channels of all rows at a time, so that lines are read and written while they are in the
// first-level cache.
constexpr int64_t kAtATime = 16;

}  // namespace

void PackPanel(const GemmPanel& panel, const float* rows, int64_t k, float* packed) {
  const int64_t width = panel.width;
  for (int64_t from = 0; from < k; from += kAtATime) {
    const int64_t to = std::min(from + kAtATime, k);
    for (int64_t lane = 0; lane < width; ++lane) {
      for (int64_t i = from; i < to; ++i) {
        packed[i * width + lane] = lane < panel.rows ? rows[lane * k + i] : 0.0f;
      }
    }
  }
}

void UnpackPanel(const GemmPanel& panel, const float* packed, int64_t k, float* rows) {
  for (int64_t from = 0; from < k; from += kAtATime) {
    const int64_t to = std::min(from + kAtATime, k);
    for (int64_t lane = 0; lane < panel.rows; ++lane) {
      for (int64_t i = from; i < to; ++i) rows[lane * k + i] = packed[i * panel.width + lane];
    }
  }
}

void PackGemmF32(const GemmF32Kernel& kernel, const float* weights, int64_t k, int64_t n,
                 float* packed) {
  for (int64_t index = 0; index < PanelsFor(kernel, n).count(); ++index) {
    const GemmPanel panel = PanelAt(kernel, n, index);
    PackPanel(panel, weights + panel.first * k, k, packed + panel.first * k);
  }
}

}  // namespace minnow::kernels
