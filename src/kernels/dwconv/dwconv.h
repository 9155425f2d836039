// f32 depthwise convolution of some output rows of one block of 16 channels.
//
//   out[x][c] = epilogue(bias[c] + sum over ky, kx of rows[ky][x * stride + kx * dilation -
//   pad_left][c]
//                                                     * weights[ky * kernel_w + kx][c])
//
// Columns outside [0, in_width) count as zero and are skipped. Each output is one chain of
// multiply-adds in the order (ky, kx).
#ifndef MINNOW_KERNELS_DWCONV_DWCONV_H_
#define MINNOW_KERNELS_DWCONV_DWCONV_H_

#include <cstddef>
#include <cstdint>

#include "base/cpu_features.h"
#include "kernels/epilogue.h"

namespace minnow::kernels {

struct DwconvF32Args {
  // Pixel 0 of each input row under the window of the first output row, [in_width][16], and on to
  // the last one's: (out_rows - 1) * stride_h + (kernel_h - 1) * dilation_h + 1 of them. Null: a
  // row of padding.
  const float* const* rows = nullptr;
  int64_t in_width = 0;
  int64_t out_width = 0;  // >= 0
  int64_t out_rows = 1;   // >= 0
  int64_t kernel_h = 3, kernel_w = 3;
  int64_t stride_h = 1, stride_w = 1;
  int64_t dilation_h = 1, dilation_w = 1;
  int64_t pad_left = 0;
  const float* weights = nullptr;  // [kernel_h * kernel_w][16]
  const float* bias = nullptr;     // [16]
  float* out = nullptr;            // [out_rows][out_width][16]
  Epilogue epilogue;
};

using DwconvF32Function = void (*)(const DwconvF32Args&);

struct DwconvF32Kernel {
  Isa isa;
  const char* name;
  DwconvF32Function run;
};

const DwconvF32Kernel& SelectDwconvF32(Isa isa);
const DwconvF32Kernel* DwconvF32Kernels(size_t* count);

}  // namespace minnow::kernels

#endif  // MINNOW_KERNELS_DWCONV_DWCONV_H_
