// f32 matrix multiplication on channel-blocked pixels: pointwise convolutions, convolutions by taps
// (implicit GEMM) and fully connected layers.
//
//   c[p][n] = epilogue(bias[n] + sum over taps t, channels k of a_t[p][k] * b[t][k][n] +
//   residual[p][n])
//
// Every c[p][n] is one chain of multiply-adds in the order (t, k), whatever the tile, so that
// results do not depend on how the work is cut.
#ifndef MINNOW_KERNELS_GEMM_GEMM_H_
#define MINNOW_KERNELS_GEMM_GEMM_H_

#include <cstddef>
#include <cstdint>

#include "base/cpu_features.h"
#include "kernels/epilogue.h"

namespace minnow::kernels {

// All sizes are in elements. Pixels p in [0, m), m >= 0; output channels n in [0, panel width).
struct GemmF32Args {
  int64_t m = 0;
  // Element (t, p, k) of A: a[taps[t] + p * pixel_stride + (k / 16) * a_block_stride + k % 16].
  const float* a = nullptr;
  const int64_t* taps = nullptr;
  int64_t tap_count = 1;
  int64_t channels = 0;
  int64_t pixel_stride = kBlock;
  int64_t a_block_stride = 0;
  const float* b = nullptr;     // one packed panel (PackGemmF32), 64-byte aligned
  const float* bias = nullptr;  // as many as the panel is wide
  // Element (p, n) of C: c[p * c_pixel_stride + (n / 16) * c_block_stride + n % 16]; residual
  // alike, or null.
  float* c = nullptr;
  int64_t c_pixel_stride = kBlock;
  int64_t c_block_stride = 0;
  const float* residual = nullptr;
  Epilogue epilogue;
  // A was written by another core, or long ago: pull its next block while one is multiplied.
  bool a_is_cold = false;
  // Pulled into the cache meanwhile: the weights that come next. May be null.
  const float* prefetch = nullptr;
};

using GemmF32Function = void (*)(const GemmF32Args&);

struct GemmF32Kernel {
  Isa isa;
  const char* name;
  int64_t mr;    // pixels of one register tile: cut work at multiples of it
  int64_t wide;  // channels of a full panel, a multiple of 16
  // For panels of `wide` and of 16 channels (the same function where wide is 16). Any strides are
  // right; 16, 32 (stride 2), 2 and 6 (first convolutions, planar and not) have code of their own
  // where c_pixel_stride is 16.
  GemmF32Function wide_panel;
  GemmF32Function narrow_panel;
};

// The best row for `isa`. Never null.
const GemmF32Kernel& SelectGemmF32(Isa isa);
// All rows that this machine can run: for tests and benches.
const GemmF32Kernel* GemmF32Kernels(size_t* count);

// Panels of a layer with n output channels: full ones, then narrow ones of 16.
struct GemmPanels {
  int64_t wide_count = 0;
  int64_t narrow_count = 0;
  int64_t count() const { return wide_count + narrow_count; }
};
GemmPanels PanelsFor(const GemmF32Kernel& kernel, int64_t n);

// Floats that the packed weights of k = taps * channels rows take: panel after panel, each
// [k][panel width], zero beyond n.
int64_t PackedGemmF32Size(const GemmF32Kernel& kernel, int64_t k, int64_t n);
// Packs weights[n][k] (row-major; OHWI flattened: k = (tap, channel)). `packed` is 64-byte aligned.
void PackGemmF32(const GemmF32Kernel& kernel, const float* weights, int64_t k, int64_t n,
                 float* packed);

// A panel of it: `rows` of the weights become `width` columns, from k * `first` floats on in both,
// so that a panel can be packed where its rows lie.
struct GemmPanel {
  int64_t first = 0;
  int64_t rows = 0;
  int64_t width = 0;
};
GemmPanel PanelAt(const GemmF32Kernel& kernel, int64_t n, int64_t index);
// One panel from its rows to `packed`, and back. The two lie apart. Threads may do different ones.
void PackPanel(const GemmPanel& panel, const float* rows, int64_t k, float* packed);
void UnpackPanel(const GemmPanel& panel, const float* packed, int64_t k, float* rows);

}  // namespace minnow::kernels

#endif  // MINNOW_KERNELS_GEMM_GEMM_H_
