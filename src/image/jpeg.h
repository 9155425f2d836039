// JPEG by libjpeg-turbo.
#ifndef MINNOW_IMAGE_JPEG_H_
#define MINNOW_IMAGE_JPEG_H_

#include <cstddef>
#include <cstdint>

#include "base/status.h"
#include "image/decode.h"
#include "image/image.h"

namespace minnow::image {

// As in decode.h, for bytes that begin as a JPEG does. Baseline, extended and progressive with 8
// bits; grey, YCbCr, RGB, CMYK and YCCK. kUnsupported: any other process, precision or colour
// space.
StatusOr<ImageInfo> ReadJpegInfo(const uint8_t* bytes, size_t size, const DecodeOptions& options);
StatusOr<Image> DecodeJpeg(const uint8_t* bytes, size_t size, const DecodeOptions& options);

}  // namespace minnow::image

#endif  // MINNOW_IMAGE_JPEG_H_
