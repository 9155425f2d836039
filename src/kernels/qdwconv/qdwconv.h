// Depthwise convolution on bytes, requantised to bytes: some output rows of a row-major image.
//
//   sum[x][c] = bias[c] + sum over ky, kx of rows[ky][x * stride + kx * dilation - pad_left][c]
//                                          * weights[ky * kernel_w + kx][c]
//   out[x][c] = requant(sum[x][c])
//
// Columns outside [0, in_width) are read from `zero`. Sums are exact in 32 bits.
#ifndef MINNOW_KERNELS_QDWCONV_QDWCONV_H_
#define MINNOW_KERNELS_QDWCONV_QDWCONV_H_

#include <cstddef>
#include <cstdint>

#include "base/cpu_features.h"
#include "kernels/requant.h"

namespace minnow::kernels {

// Bytes behind the last pixel of a row, and of `zero`, that a kernel may read.
inline constexpr int64_t kQdwconvOverRead = 64;

struct QdwconvArgs {
  // Pixel 0 of each input row under the window of the first output row, [in_width][channels], and
  // on to the last one's: (out_rows - 1) * stride_h + (kernel_h - 1) * dilation_h + 1 of them. A
  // row of padding is a row of zero points.
  const uint8_t* const* rows = nullptr;
  const uint8_t* zero = nullptr;  // one pixel of padding, [channels]
  int64_t channels = 0;
  int64_t in_width = 0;
  int64_t out_width = 0;  // >= 0
  int64_t out_rows = 1;   // >= 0
  int64_t kernel_h = 3, kernel_w = 3;
  int64_t stride_h = 1, stride_w = 1;
  int64_t dilation_h = 1, dilation_w = 1;
  int64_t pad_left = 0;
  const void* weights = nullptr;  // packed (PackQdwconv), 64-byte aligned
  // Several planes: the weights are sums of so many bytes.
  int64_t planes = 1;
  const int32_t* bias = nullptr;  // of the packed width, in register order
  uint8_t* out = nullptr;         // [out_rows][out_width][channels]
  Requant requant;
};

using QdwconvFunction = void (*)(const QdwconvArgs&);

enum class QdwconvForm : uint8_t {
  kQuads,  // s8, four rows of a column of the window a channel; blocks of 64 and at last 32
  kPairs,  // s16, two rows of a column of the window a channel; blocks of 16
  kPlain,  // s16 [tap][channel]
};

struct QdwconvKernel {
  Isa isa;
  const char* name;
  QdwconvForm form;
  QdwconvFunction run;
};

const QdwconvKernel& SelectQdwconv(Isa isa);
const QdwconvKernel* QdwconvKernels(size_t* count);

// Channels with those that fill the last block; and bytes of one packed channel and plane.
int64_t QdwconvWidth(const QdwconvKernel& kernel, int64_t channels);
int64_t QdwconvChannelBytes(const QdwconvKernel& kernel, int64_t kernel_h, int64_t kernel_w);
// Channel whose bias and multiplier stand at place `at` of [0, QdwconvWidth); `channels` or more:
// none's.
int64_t QdwconvChannelAt(const QdwconvKernel& kernel, int64_t channels, int64_t at);
// How many planes weights of these bounds need.
int64_t QdwconvPlanes(const QdwconvKernel& kernel, int16_t smallest, int16_t largest);

// Packs weights[channels][kernel_h * kernel_w]. `packed` has QdwconvWidth * QdwconvChannelBytes *
// planes bytes, zeroed, 64-byte aligned.
void PackQdwconv(const QdwconvKernel& kernel, const int16_t* weights, int64_t channels,
                 int64_t kernel_h, int64_t kernel_w, int64_t planes, void* packed);

}  // namespace minnow::kernels

#endif  // MINNOW_KERNELS_QDWCONV_QDWCONV_H_
