// A decoded picture.
#ifndef MINNOW_IMAGE_IMAGE_H_
#define MINNOW_IMAGE_IMAGE_H_

#include <cstdint>

#include "base/aligned_buffer.h"

namespace minnow::image {

// 8-bit RGB, row-major HWC, rows without gaps: pixels[(y * width + x) * 3 + channel].
struct Image {
  int64_t width = 0;
  int64_t height = 0;
  AlignedBuffer pixels;
};

// Borrowed pixels, e.g. of a caller's buffer: 1 (grey), 3 (RGB) or 4 (RGBA; alpha is composed over
// the background) channels of 8 bits.
struct ImageView {
  int64_t width = 0;
  int64_t height = 0;
  int channels = 3;
  const uint8_t* pixels = nullptr;
};

}  // namespace minnow::image

#endif  // MINNOW_IMAGE_IMAGE_H_
