#include "image/png.h"

#include <gtest/gtest.h>

#include <cstring>

#include "image/encode.h"
#include "image/orient.h"

namespace minnow::image {
namespace {

using testing::Bytes;
using testing::PngSpec;

constexpr uint8_t kBackground[3] = {10, 120, 250};

StatusOr<Image> DecodeBytes(const Bytes& bytes) {
  DecodeOptions options;
  std::memcpy(options.background, kBackground, 3);
  return DecodePng(bytes.data(), bytes.size(), options);
}

// Sample `index` of a row that is packed as in the file.
uint32_t Sample(const uint8_t* row, int index, int depth) {
  if (depth == 16) return static_cast<uint32_t>(row[2 * index] << 8 | row[2 * index + 1]);
  const int bit = index * depth;
  return row[bit / 8] >> (8 - depth - bit % 8) & ((1u << depth) - 1);
}

int To8Bits(uint32_t value, int depth) {
  const double most = static_cast<double>((1u << depth) - 1);
  return static_cast<int>(static_cast<double>(value) * 255.0 / most + 0.5);
}

// What the format says the pixel is: three channels, composed over kBackground.
void ExpectedPixel(const PngSpec& spec, const uint8_t* row, int x, int* rgb) {
  const int channels = testing::PngChannels(spec.color_type);
  uint32_t samples[4];
  for (int c = 0; c < channels; ++c) samples[c] = Sample(row, x * channels + c, spec.depth);
  double alpha = 1;
  if (spec.color_type == PNG_COLOR_TYPE_PALETTE) {
    const png_color& color = spec.palette[samples[0]];
    rgb[0] = color.red;
    rgb[1] = color.green;
    rgb[2] = color.blue;
    if (samples[0] < spec.palette_alpha.size()) alpha = spec.palette_alpha[samples[0]] / 255.0;
  } else {
    const bool grey = channels < 3;
    for (int c = 0; c < 3; ++c) rgb[c] = To8Bits(samples[grey ? 0 : c], spec.depth);
    if (channels % 2 == 0) alpha = To8Bits(samples[channels - 1], spec.depth) / 255.0;
    const png_color_16& hidden = spec.transparent;
    if (spec.has_transparent && (grey ? samples[0] == hidden.gray
                                      : samples[0] == hidden.red && samples[1] == hidden.green &&
                                            samples[2] == hidden.blue)) {
      alpha = 0;
    }
  }
  for (int c = 0; c < 3; ++c) {
    rgb[c] = static_cast<int>(rgb[c] * alpha + kBackground[c] * (1 - alpha) + 0.5);
  }
}

void ExpectDecodesRight(const PngSpec& spec, const Bytes& rows) {
  StatusOr<Image> image = DecodeBytes(testing::EncodePng(spec, rows));
  ASSERT_TRUE(image.ok()) << image.status().message();
  ASSERT_EQ(image->width, spec.width);
  ASSERT_EQ(image->height, spec.height);
  for (int y = 0; y < spec.height; ++y) {
    const uint8_t* row = rows.data() + static_cast<size_t>(y) * testing::PngRowBytes(spec);
    for (int x = 0; x < spec.width; ++x) {
      int want[3];
      ExpectedPixel(spec, row, x, want);
      for (int c = 0; c < 3; ++c) {
        // 16 bits with alpha are rounded twice.
        ASSERT_NEAR(image->pixels.as<uint8_t>()[(y * spec.width + x) * 3 + c], want[c],
                    spec.depth == 16 ? 1 : 0)
            << "type " << spec.color_type << " depth " << spec.depth << " at " << x << "," << y;
      }
    }
  }
}

template <typename Body>
void ForEveryFormat(const Body& body) {
  struct Row {
    int color_type;
    std::vector<int> depths;
  };
  const Row rows[] = {{PNG_COLOR_TYPE_GRAY, {1, 2, 4, 8, 16}},
                      {PNG_COLOR_TYPE_RGB, {8, 16}},
                      {PNG_COLOR_TYPE_PALETTE, {1, 2, 4, 8}},
                      {PNG_COLOR_TYPE_GRAY_ALPHA, {8, 16}},
                      {PNG_COLOR_TYPE_RGB_ALPHA, {8, 16}}};
  for (const Row& row : rows) {
    for (int depth : row.depths) {
      for (bool interlaced : {false, true}) {
        for (int width : {1, 7, 21}) {
          PngSpec spec;
          spec.color_type = row.color_type;
          spec.depth = depth;
          spec.interlaced = interlaced;
          spec.width = width;
          spec.height = 9;
          if (row.color_type == PNG_COLOR_TYPE_PALETTE) {
            const Bytes noise = testing::Noise(size_t{3} << depth, 5);
            for (size_t i = 0; i < noise.size(); i += 3) {
              spec.palette.push_back({noise[i], noise[i + 1], noise[i + 2]});
            }
          }
          body(&spec, testing::Noise(9 * testing::PngRowBytes(spec), 6));
        }
      }
    }
  }
}

TEST(Png, DecodesEveryColourTypeDepthAndInterlacing) {
  ForEveryFormat([](PngSpec* spec, const Bytes& rows) { ExpectDecodesRight(*spec, rows); });
}

TEST(Png, ComposesTransparentColoursOverTheBackground) {
  ForEveryFormat([](PngSpec* spec, const Bytes& rows) {
    if (spec->color_type & PNG_COLOR_MASK_ALPHA) return;
    if (spec->color_type == PNG_COLOR_TYPE_PALETTE) {
      spec->palette_alpha = testing::Noise(spec->palette.size() / 2, 7);
    } else {
      // The colour of a pixel that is there.
      spec->has_transparent = true;
      const int channels = testing::PngChannels(spec->color_type);
      uint32_t samples[3] = {};
      for (int c = 0; c < channels; ++c) samples[c] = Sample(rows.data(), c, spec->depth);
      spec->transparent.gray = static_cast<png_uint_16>(samples[0]);
      spec->transparent.red = static_cast<png_uint_16>(samples[0]);
      spec->transparent.green = static_cast<png_uint_16>(samples[1]);
      spec->transparent.blue = static_cast<png_uint_16>(samples[2]);
    }
    ExpectDecodesRight(*spec, rows);
  });
}

TEST(Png, TakesPixelsAsTheyAreWhateverTheGamma) {
  PngSpec spec;
  spec.gamma = 1.0;
  ExpectDecodesRight(spec, testing::Noise(16 * 48, 8));
  spec.color_type = PNG_COLOR_TYPE_RGB_ALPHA;
  ExpectDecodesRight(spec, testing::Noise(16 * 64, 8));
}

TEST(Png, TurnsEveryOrientationUpright) {
  PngSpec spec;
  spec.width = 12;
  spec.height = 5;
  const Bytes rows = testing::Noise(12 * 5 * 3, 9);
  for (int orientation = 1; orientation <= 8; ++orientation) {
    StatusOr<Image> plain = DecodeBytes(testing::EncodePng(spec, rows));
    ASSERT_TRUE(plain.ok());
    StatusOr<Image> want = Orient(std::move(*plain), orientation);
    PngSpec turned = spec;
    turned.exif = testing::TiffWithOrientation(orientation, true);
    const Bytes bytes = testing::EncodePng(turned, rows);
    StatusOr<Image> image = DecodeBytes(bytes);
    ASSERT_TRUE(image.ok());
    ASSERT_EQ(image->width, want->width);
    EXPECT_EQ(std::memcmp(image->pixels.data(), want->pixels.data(), image->pixels.size()), 0);
    StatusOr<ImageInfo> info = ReadPngInfo(bytes.data(), bytes.size(), {});
    ASSERT_TRUE(info.ok());
    EXPECT_EQ(info->width, want->width);
    EXPECT_EQ(info->height, want->height);
  }
}

TEST(Png, PassesOverAncillaryChunksThatAreDamaged) {
  PngSpec spec;
  spec.gamma = 1.0;
  const Bytes rows = testing::Noise(16 * 48, 10);
  Bytes bytes = testing::EncodePng(spec, rows);
  const char name[] = "gAMA";
  auto chunk = std::search(bytes.begin(), bytes.end(), name, name + 4);
  ASSERT_NE(chunk, bytes.end());
  chunk[5] ^= 1;
  StatusOr<Image> image = DecodeBytes(bytes);
  ASSERT_TRUE(image.ok()) << image.status().message();
  EXPECT_EQ(std::memcmp(image->pixels.data(), rows.data(), rows.size()), 0);
}

}  // namespace
}  // namespace minnow::image
