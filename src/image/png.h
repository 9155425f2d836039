// PNG by libpng.
#ifndef MINNOW_IMAGE_PNG_H_
#define MINNOW_IMAGE_PNG_H_

#include <cstddef>
#include <cstdint>

#include "base/status.h"
#include "image/decode.h"
#include "image/image.h"

namespace minnow::image {

// As in decode.h, for bytes that begin as a PNG does. Every colour type, depth and interlacing. 16
// bits are rounded to 8; alpha (a channel, or tRNS) is composed over the background; gAMA and other
// colour chunks do not count; an eXIf chunk before the pixels turns the picture.
StatusOr<ImageInfo> ReadPngInfo(const uint8_t* bytes, size_t size, const DecodeOptions& options);
StatusOr<Image> DecodePng(const uint8_t* bytes, size_t size, const DecodeOptions& options);

}  // namespace minnow::image

#endif  // MINNOW_IMAGE_PNG_H_
