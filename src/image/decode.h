// JPEG and PNG bytes to pixels, upright and bounded.
#ifndef MINNOW_IMAGE_DECODE_H_
#define MINNOW_IMAGE_DECODE_H_

#include <cstddef>
#include <cstdint>

#include "base/status.h"
#include "image/image.h"

namespace minnow::image {

// How much a picture may ask for. What is beyond is refused before memory is taken for it.
struct DecodeLimits {
  // Width × height.
  int64_t max_pixels = 100'000'000;
  // Scans of a JPEG: each costs a walk over all coefficients however few bytes it has. Encoders
  // write about ten.
  int max_scans = 100;
  // Chunks of a PNG. Encoders write one for every 8 kB or more of pixels.
  int max_chunks = 100'000;
};

struct DecodeOptions : DecodeLimits {
  // The size that the picture will be resized to, 0 when unknown. A JPEG that is much larger is
  // decoded at a reduced scale (a power of two, in the DCT domain).
  int64_t target_width = 0;
  int64_t target_height = 0;
  // Threads at most, the caller's among them; 0: ThreadPool::DefaultThreads(). A JPEG with restart
  // markers is decoded by as many as are idle in the shared pool; the pixels are the same.
  int threads = 1;
  // Of the file, for each of them: a thread more costs 30 us.
  int64_t min_pixels_per_thread = 1 << 16;
  // What shows through transparent pixels of a PNG.
  uint8_t background[3] = {0, 0, 0};
};

struct ImageInfo {
  const char* format = "";  // "jpeg" or "png"
  // As shown: EXIF orientation applied.
  int64_t width = 0;
  int64_t height = 0;
};

// kInvalidImage: not a JPEG or PNG, truncated, corrupt. kResourceExhausted: beyond a limit, or a
// side above a million pixels. kUnsupported: JPEG processes and colour spaces that the decoder does
// not know (12 bits, lossless).
StatusOr<ImageInfo> ReadInfo(const uint8_t* bytes, size_t size, const DecodeOptions& options);
StatusOr<Image> Decode(const uint8_t* bytes, size_t size, const DecodeOptions& options);

}  // namespace minnow::image

#endif  // MINNOW_IMAGE_DECODE_H_
