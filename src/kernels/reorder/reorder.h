// Copies of f32 pixels between the channel-blocked layout [C/16][P][16] and plain ones, one image.
// P pixels, C channels; lanes beyond C become zero and are not read.
#ifndef MINNOW_KERNELS_REORDER_REORDER_H_
#define MINNOW_KERNELS_REORDER_REORDER_H_

#include <cstdint>

namespace minnow::kernels {

// Element (p, c) of the plain side is at p * pixel_stride + c * channel_stride: NHWC is (C, 1),
// NCHW (1, P). Blocks [first_block, last_block) are copied.
struct ReorderArgs {
  int64_t pixels = 0;
  int64_t channels = 0;
  int64_t pixel_stride = 0;
  int64_t channel_stride = 0;
  int64_t first_block = 0;
  int64_t last_block = 0;
};

void PlainToBlocked(const ReorderArgs& args, const float* plain, float* blocked);
void BlockedToPlain(const ReorderArgs& args, const float* blocked, float* plain);

}  // namespace minnow::kernels

#endif  // MINNOW_KERNELS_REORDER_REORDER_H_
