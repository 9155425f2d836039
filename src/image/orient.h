// Turns a stored picture upright.
#ifndef MINNOW_IMAGE_ORIENT_H_
#define MINNOW_IMAGE_ORIENT_H_

#include "base/status.h"
#include "image/image.h"

namespace minnow::image {

// REQUIRES: 1 <= orientation <= 8, EXIF's numbers. Needs room for a second picture, unless it is
// upright already.
StatusOr<Image> Orient(Image image, int orientation);

}  // namespace minnow::image

#endif  // MINNOW_IMAGE_ORIENT_H_
