// Composes pixels with alpha over a background.
#ifndef MINNOW_IMAGE_ALPHA_H_
#define MINNOW_IMAGE_ALPHA_H_

#include <cstdint>

namespace minnow::image {

// round(a * b / 255) for a, b in 0..255, exact.
inline uint8_t MulDiv255(uint32_t a, uint32_t b) {
  const uint32_t product = a * b + 128;
  return static_cast<uint8_t>((product + (product >> 8)) >> 8);
}

// rgb[i] = round((pixel * alpha + background * (255 - alpha)) / 255), in the file's own (gamma
// encoded) values, as browsers do. `rgb` may be `rgba`.
inline void ComposeRow(const uint8_t* rgba, int64_t width, const uint8_t background[3],
                       uint8_t* rgb) {
  for (int64_t x = 0; x < width; ++x) {
    const uint32_t alpha = rgba[4 * x + 3];
    for (int c = 0; c < 3; ++c) {
      const uint32_t sum = rgba[4 * x + c] * alpha + background[c] * (255 - alpha) + 128;
      rgb[3 * x + c] = static_cast<uint8_t>((sum + (sum >> 8)) >> 8);
    }
  }
}

}  // namespace minnow::image

#endif  // MINNOW_IMAGE_ALPHA_H_
