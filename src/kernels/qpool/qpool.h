// Pooling on bytes: some channels of one output row of a row-major image. Bytes are unsigned.
//
//   maximum:  out[x][c] = the largest byte under the window; 0 where there is none
//   average:  out[x][c] = byte of (sum over the window of rows[ky][column][c] - x_zero) / count
//                         * x_scale / y_scale
//
//   mean:     the average of all pixels of an image
//
// Only what lies inside the row is under the window. `count` is the number of that, or, where
// padding counts, of the whole window.
#ifndef MINNOW_KERNELS_QPOOL_QPOOL_H_
#define MINNOW_KERNELS_QPOOL_QPOOL_H_

#include <cstddef>
#include <cstdint>

#include "base/cpu_features.h"
#include "kernels/requant.h"

namespace minnow::kernels {

// Bytes behind the last pixel of a row that a kernel may read.
inline constexpr int64_t kQpoolOverRead = 64;

struct QpoolArgs {
  // kernel_h pointers to channel 0 of pixel 0; null: a row of padding.
  const uint8_t* const* rows = nullptr;
  int64_t channels = 0;
  int64_t pixel_stride = 0;  // bytes from a pixel to the next, of rows and of `out`
  int64_t in_width = 0;
  int64_t out_width = 0;  // >= 0
  int64_t kernel_h = 1, kernel_w = 1;
  int64_t stride = 1;
  int64_t dilation = 1;
  int64_t pad_left = 0;
  uint8_t* out = nullptr;  // [out_width][channels]
  // Averages only.
  bool count_padding = false;
  int32_t x_zero = 0;
  double x_scale = 1.0;
  Requant requant;  // without multipliers, scales and count
};

struct QmeanArgs {
  const uint8_t* in = nullptr;
  int64_t pixels = 0;
  int64_t channels = 0;
  int64_t pixel_stride = 0;
  uint8_t* out = nullptr;  // [channels]
  int32_t x_zero = 0;
  Requant requant;  // QaverageFactors::Apply
};

// What averages of as many elements share; as long as a vector's bytes.
struct QaverageFactors {
  float multipliers[64];
  double scales[64];

  // Points `requant`, with the scale and zero point of the result, to the factors of averages of
  // `count` elements of scale `x_scale`; 0: of none, whose sum is 0.
  void Apply(double x_scale, int64_t count, Requant* requant);
};

struct QpoolKernel {
  Isa isa;
  const char* name;
  void (*max_row)(const QpoolArgs& args);
  // REQUIRES: QaverageFits.
  void (*average_row)(const QpoolArgs& args);
  // REQUIRES: the same.
  void (*mean)(const QmeanArgs& args);
};

const QpoolKernel& SelectQpool(Isa isa);
const QpoolKernel* QpoolKernels(size_t* count);

// Whether the factors of averages of up to `taps` bytes are normal floats, and their sums fit.
bool QaverageFits(double x_scale, double y_scale, int64_t taps);

}  // namespace minnow::kernels

#endif  // MINNOW_KERNELS_QPOOL_QPOOL_H_
