// The transforms of Winograd's 3x3 convolution F(2x2, 3x3) on channel-blocked pixels.
//
// A tile of 4x4 inputs d gives 2x2 outputs y = Aᵀ [ (G g Gᵀ) . (Bᵀ d B) ] A with 16 products for a
// pair of channels, where 36 are needed without; summed over input channels the products are 16
// matrix products. Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks", 2015,
// section 4.1.
#ifndef MINNOW_KERNELS_WINOGRAD_WINOGRAD_H_
#define MINNOW_KERNELS_WINOGRAD_WINOGRAD_H_

#include <cstddef>
#include <cstdint>

#include "base/cpu_features.h"
#include "kernels/epilogue.h"

namespace minnow::kernels {

// Places of a transformed tile.
inline constexpr int kWinogradPositions = 16;

// Bᵀ d B for a row of tiles and one block of 16 channels.
struct WinogradInputF32Args {
  // Pixel 0 of the four input rows under the tiles, [in_width][16]. Null: a row of padding.
  const float* rows[4] = {};
  int64_t in_width = 0;
  int64_t pad_left = 0;  // 0 to 2
  int64_t tiles = 0;     // tile t begins at column 2 t - pad_left
  // Position p of tile t: out[p * position_stride + t * 16].
  float* out = nullptr;
  int64_t position_stride = 0;
};

// Aᵀ m A for the same, then bias, residual and activation.
struct WinogradOutputF32Args {
  const float* in = nullptr;  // as WinogradInputF32Args::out
  int64_t position_stride = 0;
  int64_t tiles = 0;
  const float* bias = nullptr;  // [16]
  // The two output rows, [out_width][16]; the second is null where there is only one.
  float* rows[2] = {};
  const float* residual[2] = {};  // as the rows, or null
  int64_t out_width = 0;          // 2 * tiles or one less
  Epilogue epilogue;
};

struct WinogradF32Kernel {
  Isa isa;
  const char* name;
  void (*input)(const WinogradInputF32Args& args);
  void (*output)(const WinogradOutputF32Args& args);
};

const WinogradF32Kernel& SelectWinogradF32(Isa isa);
const WinogradF32Kernel* WinogradF32Kernels(size_t* count);

// G g Gᵀ of one 3x3 kernel, in double: g[9] at `stride` floats from one to the next.
void TransformWinogradWeights(const float* g, int64_t stride, float out[kWinogradPositions]);

}  // namespace minnow::kernels

#endif  // MINNOW_KERNELS_WINOGRAD_WINOGRAD_H_
