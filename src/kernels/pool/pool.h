// f32 pooling over channel-blocked pixels: one output row of one block of 16 channels, or the mean
// of a whole plane.
#ifndef MINNOW_KERNELS_POOL_POOL_H_
#define MINNOW_KERNELS_POOL_POOL_H_

#include <cstddef>
#include <cstdint>

#include "base/cpu_features.h"
#include "kernels/epilogue.h"

namespace minnow::kernels {

struct PoolF32Args {
  // kernel_h pointers to pixel 0 of an input row, [in_width][16]; null: a row of padding.
  const float* const* rows = nullptr;
  int64_t in_width = 0;
  int64_t out_width = 0;  // >= 0
  int64_t kernel_h = 1;
  int64_t kernel_w = 1;
  int64_t stride = 1;
  int64_t dilation = 1;
  int64_t pad_left = 0;
  // Average: divide by all kernel_h * kernel_w elements, padding included, not by those in the row.
  bool count_padding = false;
  float* out = nullptr;  // [out_width][16]
};

struct PoolF32Kernel {
  Isa isa;
  const char* name;
  // Padding never wins a maximum; NaN may be lost. A window without any element gives -inf / NaN.
  void (*max_row)(const PoolF32Args& args);
  void (*average_row)(const PoolF32Args& args);
  // out[c] = mean over `pixels` of in[pixel][c], 16 channels. pixels >= 1.
  void (*mean)(const float* in, int64_t pixels, float* out);
};

const PoolF32Kernel& SelectPoolF32(Isa isa);
const PoolF32Kernel* PoolF32Kernels(size_t* count);

}  // namespace minnow::kernels

#endif  // MINNOW_KERNELS_POOL_POOL_H_
