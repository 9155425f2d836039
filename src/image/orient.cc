#include "image/orient.h"

#include <algorithm>

#include "image/exif.h"

namespace minnow::image {
namespace {

// Pixels of a tile's side: a tile's rows of source and of output lie in the first cache together.
constexpr int64_t kTile = 32;

// How to walk the source while the output is written in order: where pixel (0, 0) comes from, and
// what a step to the right and a step down in the output are in the source.
struct Walk {
  bool from_right;   // the first pixel lies in the last column
  bool from_bottom;  // and in the last row
  bool swap;         // a step to the right is a step along a column
};

// EXIF 2.32, tag 0x0112, values 1 to 8.
constexpr Walk kWalks[9] = {
    {},
    {false, false, false},
    {true, false, false},  // mirrored
    {true, true, false},   // upside down
    {false, true, false},  // mirrored, upside down
    {false, false, true},  // mirrored about the main diagonal
    {false, true, true},   // lies on its left side
    {true, true, true},    // mirrored about the other diagonal
    {true, false, true},   // lies on its right side
};

}  // namespace

StatusOr<Image> Orient(Image image, int orientation) {
  if (orientation == kUpright) return image;
  const Walk walk = kWalks[orientation];
  const int64_t row_step = image.width * 3;
  const uint8_t* origin = image.pixels.as<uint8_t>() + (walk.from_right ? row_step - 3 : 0) +
                          (walk.from_bottom ? (image.height - 1) * row_step : 0);
  const int64_t along_row = walk.from_right ? -3 : 3;
  const int64_t along_column = walk.from_bottom ? -row_step : row_step;
  const int64_t right = walk.swap ? along_column : along_row;
  const int64_t down = walk.swap ? along_row : along_column;

  StatusOr<AlignedBuffer> pixels = AlignedBuffer::Allocate(image.pixels.size());
  if (!pixels.ok()) return pixels.status();
  Image upright;
  upright.width = walk.swap ? image.height : image.width;
  upright.height = walk.swap ? image.width : image.height;
  upright.pixels = std::move(*pixels);
  auto* out = upright.pixels.as<uint8_t>();
  for (int64_t top = 0; top < upright.height; top += kTile) {
    const int64_t bottom = std::min(top + kTile, upright.height);
    for (int64_t left = 0; left < upright.width; left += kTile) {
      const int64_t end = std::min(left + kTile, upright.width);
      for (int64_t y = top; y < bottom; ++y) {
        const uint8_t* from = origin + y * down + left * right;
        uint8_t* to = out + (y * upright.width + left) * 3;
        for (int64_t x = left; x < end; ++x, from += right, to += 3) {
          to[0] = from[0];
          to[1] = from[1];
          to[2] = from[2];
        }
      }
    }
  }
  return upright;
}

}  // namespace minnow::image
