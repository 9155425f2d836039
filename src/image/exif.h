// The orientation that a camera wrote beside the pixels.
#ifndef MINNOW_IMAGE_EXIF_H_
#define MINNOW_IMAGE_EXIF_H_

#include <cstddef>
#include <cstdint>

namespace minnow::image {

// EXIF's tag 0x0112: where row 0 and column 0 of the stored picture belong. 1 is upright.
inline constexpr int kUpright = 1;

// Orientation 1..8 of a TIFF block (as in a PNG's eXIf chunk); kUpright when it has none, or when
// the block is damaged: a bad note never makes a good picture unreadable.
int TiffOrientation(const uint8_t* bytes, size_t size);
// The same of a JPEG's APP1 segment: "Exif\0\0", then the TIFF block. kUpright for other segments.
int ExifOrientation(const uint8_t* segment, size_t size);

// Whether this orientation lays the picture on its side, so that width and height change places.
inline bool SwapsSides(int orientation) { return orientation >= 5; }

}  // namespace minnow::image

#endif  // MINNOW_IMAGE_EXIF_H_
