// Feeds any bytes to the image decoders: a Status or a picture within the limit, nothing else.
#include <cstdint>
#include <cstdlib>

#include "image/decode.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  minnow::image::DecodeOptions options;
  options.max_pixels = 1 << 20;
  options.target_width = options.target_height = size % 2 == 0 ? 0 : 8;
  minnow::StatusOr<minnow::image::ImageInfo> info = minnow::image::ReadInfo(data, size, options);
  minnow::StatusOr<minnow::image::Image> image = minnow::image::Decode(data, size, options);
  if (image.ok()) {
    if (!info.ok() || image->width * image->height > options.max_pixels) std::abort();
    if (image->pixels.size() != static_cast<size_t>(3 * image->width * image->height)) std::abort();
  }
  return 0;
}
