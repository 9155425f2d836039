#include "image/orient.h"

#include <gtest/gtest.h>

#include <cstring>
#include <string>

namespace minnow::image {
namespace {

// A letter a pixel; rows are separated by blanks.
Image Draw(const std::string& letters) {
  Image image;
  image.width = static_cast<int64_t>(letters.find(' '));
  image.height = (static_cast<int64_t>(letters.size()) + 1) / (image.width + 1);
  image.pixels =
      std::move(*AlignedBuffer::Allocate(static_cast<size_t>(3 * image.width * image.height)));
  auto* out = image.pixels.as<uint8_t>();
  for (char letter : letters) {
    if (letter == ' ') continue;
    for (int c = 0; c < 3; ++c) *out++ = static_cast<uint8_t>(letter + 64 * c);
  }
  return image;
}

std::string Read(const Image& image) {
  std::string letters;
  const auto* pixel = image.pixels.as<uint8_t>();
  for (int64_t y = 0; y < image.height; ++y) {
    if (y > 0) letters += ' ';
    for (int64_t x = 0; x < image.width; ++x, pixel += 3) {
      EXPECT_EQ(pixel[1], pixel[0] + 64);
      EXPECT_EQ(pixel[2], static_cast<uint8_t>(pixel[0] + 128));
      letters += static_cast<char>(pixel[0]);
    }
  }
  return letters;
}

TEST(Orient, TurnsEveryOrientationUpright) {
  // What a camera that was held in each of the eight ways stores of the scene "ABC DEF".
  const char* stored[9] = {nullptr,    "ABC DEF",  "CBA FED",  "FED CBA", "DEF ABC",
                           "AD BE CF", "CF BE AD", "FC EB DA", "DA EB FC"};
  for (int orientation = 1; orientation <= 8; ++orientation) {
    StatusOr<Image> upright = Orient(Draw(stored[orientation]), orientation);
    ASSERT_TRUE(upright.ok());
    EXPECT_EQ(Read(*upright), "ABC DEF") << orientation;
  }
}

TEST(Orient, MovesEveryPixelOfAPictureLargerThanATile) {
  Image image;
  image.width = 70;
  image.height = 45;
  image.pixels = std::move(*AlignedBuffer::Allocate(static_cast<size_t>(3 * 70 * 45)));
  for (int64_t i = 0; i < 3 * 70 * 45; ++i) {
    image.pixels.as<uint8_t>()[i] = static_cast<uint8_t>(i * 7 + i / 251);
  }
  Image copy;
  copy.width = 70;
  copy.height = 45;
  copy.pixels = std::move(*AlignedBuffer::Allocate(static_cast<size_t>(3 * 70 * 45)));
  std::memcpy(copy.pixels.data(), image.pixels.data(), static_cast<size_t>(3 * 70 * 45));
  StatusOr<Image> turned = Orient(std::move(copy), 6);
  ASSERT_TRUE(turned.ok());
  ASSERT_EQ(turned->width, 45);
  ASSERT_EQ(turned->height, 70);
  for (int64_t y = 0; y < 70; ++y) {
    for (int64_t x = 0; x < 45; ++x) {
      for (int64_t c = 0; c < 3; ++c) {
        ASSERT_EQ(turned->pixels.as<uint8_t>()[(y * 45 + x) * 3 + c],
                  image.pixels.as<uint8_t>()[((44 - x) * 70 + y) * 3 + c]);
      }
    }
  }
}

}  // namespace
}  // namespace minnow::image
