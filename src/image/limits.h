// How big a picture may be: asked after its header, before anything is allocated for its pixels.
#ifndef MINNOW_IMAGE_LIMITS_H_
#define MINNOW_IMAGE_LIMITS_H_

#include <cstdint>

#include "base/status.h"
#include "image/decode.h"

namespace minnow::image {

// No side is longer: a strip of one pixel's height would pass every limit on the area and still
// need filter tables of its width. JPEG ends at 65500 anyway.
inline constexpr int64_t kMaxSide = 1'000'000;

inline Status CheckLimits(int64_t width, int64_t height, const DecodeOptions& options) {
  if (width < 1 || height < 1) {
    return InvalidImage("%lld x %lld pixels", static_cast<long long>(width),
                        static_cast<long long>(height));
  }
  if (width > kMaxSide || height > kMaxSide) {
    return ResourceExhausted("%lld x %lld pixels; a side may have up to %lld",
                             static_cast<long long>(width), static_cast<long long>(height),
                             static_cast<long long>(kMaxSide));
  }
  if (width * height > options.max_pixels) {
    return ResourceExhausted("%lld x %lld pixels are more than the limit of %lld",
                             static_cast<long long>(width), static_cast<long long>(height),
                             static_cast<long long>(options.max_pixels));
  }
  return OkStatus();
}

}  // namespace minnow::image

#endif  // MINNOW_IMAGE_LIMITS_H_
