#include "image/jpeg.h"

#include <gtest/gtest.h>

#include <cstring>

#include "image/encode.h"
#include "image/orient.h"
#include "image/preprocess.h"
#include "image/test_data.h"

namespace minnow::image {
namespace {

using testing::Bytes;
using testing::JpegSpec;

Image MustDecode(const Bytes& bytes, const DecodeOptions& options = {}) {
  StatusOr<Image> image = DecodeJpeg(bytes.data(), bytes.size(), options);
  EXPECT_TRUE(image.ok()) << image.status().message();
  return image.ok() ? std::move(*image) : Image();
}

// Largest difference from the given pixels, of 1 or 3 channels.
int Distance(const Image& image, const Bytes& pixels, int channels) {
  int largest = 0;
  for (int64_t i = 0; i < 3 * image.width * image.height; ++i) {
    const int want = pixels[static_cast<size_t>(channels == 1 ? i / 3 : i)];
    largest = std::max(largest, std::abs(want - image.pixels.as<uint8_t>()[i]));
  }
  return largest;
}

TEST(Jpeg, DecodesColourBaselineAndProgressive) {
  JpegSpec spec;
  spec.width = 37;
  spec.height = 21;
  const Bytes pixels = testing::Slope(37, 21, 3);
  for (bool progressive : {false, true}) {
    for (bool subsampled : {false, true}) {
      spec.progressive = progressive;
      spec.subsampled = subsampled;
      const Image image = MustDecode(testing::EncodeJpeg(spec, pixels));
      ASSERT_EQ(image.width, 37);
      ASSERT_EQ(image.height, 21);
      EXPECT_LE(Distance(image, pixels, 3), subsampled ? 10 : 3);
    }
  }
}

TEST(Jpeg, DecodesStoredRgb) {
  JpegSpec spec;
  spec.stored = JCS_RGB;
  const Bytes pixels = testing::Slope(16, 16, 3);
  EXPECT_LE(Distance(MustDecode(testing::EncodeJpeg(spec, pixels)), pixels, 3), 2);
}

TEST(Jpeg, DecodesArithmeticCoding) {
  JpegSpec spec;
  spec.arithmetic = true;
  const Bytes pixels = testing::Slope(16, 16, 3);
  EXPECT_LE(Distance(MustDecode(testing::EncodeJpeg(spec, pixels)), pixels, 3), 3);
}

TEST(Jpeg, SpreadsGreyOverThreeChannels) {
  JpegSpec spec;
  spec.channels = 1;
  spec.given = spec.stored = JCS_GRAYSCALE;
  for (bool progressive : {false, true}) {
    spec.progressive = progressive;
    const Bytes pixels = testing::Slope(16, 16, 1);
    EXPECT_LE(Distance(MustDecode(testing::EncodeJpeg(spec, pixels)), pixels, 1), 2);
  }
}

// Ink as fractions of 255; r = 255 * (1 - c) * (1 - k).
TEST(Jpeg, TurnsCmykAndYcckIntoRgb) {
  const Bytes ink = testing::Slope(16, 16, 4);
  Bytes want;
  for (size_t i = 0; i < ink.size(); i += 4) {
    for (size_t c = 0; c < 3; ++c) {
      want.push_back(static_cast<uint8_t>((255 - ink[i + c]) * (255 - ink[i + 3]) / 255));
    }
  }
  Bytes inverted = ink;
  for (uint8_t& value : inverted) value = static_cast<uint8_t>(255 - value);
  JpegSpec spec;
  spec.channels = 4;
  spec.given = JCS_CMYK;
  for (J_COLOR_SPACE stored : {JCS_CMYK, JCS_YCCK}) {
    spec.stored = stored;
    spec.adobe = true;
    EXPECT_LE(Distance(MustDecode(testing::EncodeJpeg(spec, inverted)), want, 3), 4) << stored;
  }
  spec.stored = JCS_CMYK;
  spec.adobe = false;
  EXPECT_LE(Distance(MustDecode(testing::EncodeJpeg(spec, ink)), want, 3), 4);
}

TEST(Jpeg, TurnsEveryOrientationUpright) {
  JpegSpec spec;
  spec.width = 40;
  spec.height = 24;
  const Bytes pixels = testing::Slope(40, 24, 3);
  const Bytes plain = testing::EncodeJpeg(spec, pixels);
  for (int orientation = 1; orientation <= 8; ++orientation) {
    spec.app1 = testing::ExifWithOrientation(orientation, orientation % 2 == 0);
    const Bytes bytes = testing::EncodeJpeg(spec, pixels);
    const Image image = MustDecode(bytes);
    StatusOr<Image> want = Orient(MustDecode(plain), orientation);
    ASSERT_TRUE(want.ok());
    ASSERT_EQ(image.width, want->width) << orientation;
    ASSERT_EQ(image.height, want->height) << orientation;
    EXPECT_EQ(std::memcmp(image.pixels.data(), want->pixels.data(), image.pixels.size()), 0);
    StatusOr<ImageInfo> info = ReadJpegInfo(bytes.data(), bytes.size(), {});
    ASSERT_TRUE(info.ok());
    EXPECT_EQ(info->width, orientation >= 5 ? 24 : 40);
    EXPECT_EQ(info->height, orientation >= 5 ? 40 : 24);
  }
}

TEST(Jpeg, ReducesOnlyToTwiceTheTarget) {
  JpegSpec spec;
  spec.width = 640;
  spec.height = 330;
  const Bytes bytes = testing::EncodeJpeg(spec, testing::Slope(640, 330, 3));
  struct Row {
    int64_t target_width, target_height, width, height;
  };
  const Row rows[] = {{0, 0, 640, 330},   {10, 0, 640, 330},  {200, 200, 640, 330},
                      {83, 83, 640, 330}, {82, 82, 320, 165}, {41, 41, 160, 83},
                      {20, 20, 80, 42},   {1, 1, 80, 42},     {80, 41, 160, 83},
                      {81, 41, 320, 165}};
  for (const Row& row : rows) {
    DecodeOptions options;
    options.target_width = row.target_width;
    options.target_height = row.target_height;
    const Image image = MustDecode(bytes, options);
    EXPECT_EQ(image.width, row.width) << row.target_width << " x " << row.target_height;
    EXPECT_EQ(image.height, row.height) << row.target_width << " x " << row.target_height;
  }
}

TEST(Jpeg, ReducesAPictureOnItsSideByItsUprightSides) {
  JpegSpec spec;
  spec.width = 640;
  spec.height = 160;
  spec.app1 = testing::ExifWithOrientation(6, true);
  DecodeOptions options;
  options.target_width = 40;  // upright: 160 x 640
  options.target_height = 160;
  const Image image = MustDecode(testing::EncodeJpeg(spec, testing::Slope(640, 160, 3)), options);
  EXPECT_EQ(image.width, 80);
  EXPECT_EQ(image.height, 320);
}

TEST(Jpeg, ReducedDecodingStaysCloseToTheFullOne) {
  for (const char* name : {"cat_1080p.jpg", "kite_and_cold.jpg"}) {
    const Bytes bytes = testing::ReadTestData(std::string("images/") + name);
    if (bytes.empty()) GTEST_SKIP() << "MINNOW_TEST_DATA has no images/" << name;
    const PreprocessSpec spec;
    const Image full = MustDecode(bytes);
    const Image reduced = MustDecode(bytes, DecodeOptionsFor(spec));
    ASSERT_EQ(reduced.width, full.width / 2);
    std::vector<float> a(3 * 224 * 224), b(a.size());
    ASSERT_TRUE(Preprocess(ViewOf(full), spec, a.data()).ok());
    ASSERT_TRUE(Preprocess(ViewOf(reduced), spec, b.data()).ok());
    double sum = 0;
    for (size_t i = 0; i < a.size(); ++i) {
      EXPECT_NEAR(a[i], b[i], 8.0f);
      sum += std::fabs(static_cast<double>(a[i]) - static_cast<double>(b[i]));
    }
    EXPECT_LT(sum / static_cast<double>(a.size()), 0.35) << name;
  }
}

// Puts the last scan in, with its table, until there are `count` scans more.
Bytes RepeatLastScan(const Bytes& file, int count) {
  size_t scan = 0;
  for (size_t i = 0; i + 1 < file.size(); ++i) {
    if (file[i] == 0xff && file[i + 1] == 0xda) scan = i;
  }
  const auto begin = file.begin() + static_cast<std::ptrdiff_t>(scan);
  const auto end = file.end() - 2;
  Bytes repeated(file.begin(), end);
  for (int i = 0; i < count; ++i) repeated.insert(repeated.end(), begin, end);
  repeated.insert(repeated.end(), end, file.end());
  return repeated;
}

TEST(Jpeg, RefusesMoreThanAHundredScans) {
  JpegSpec spec;
  spec.channels = 1;
  spec.given = spec.stored = JCS_GRAYSCALE;
  // Without successive approximation a scan may come again and again.
  spec.scans = {{1, {0}, 0, 0, 0, 0}, {1, {0}, 1, 63, 0, 0}};
  const Bytes pixels = testing::Slope(16, 16, 1);
  const Bytes file = testing::EncodeJpeg(spec, pixels);
  EXPECT_LE(Distance(MustDecode(RepeatLastScan(file, 98)), pixels, 1), 2);
  const Bytes many = RepeatLastScan(file, 99);
  StatusOr<Image> refused = DecodeJpeg(many.data(), many.size(), {});
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.status().code(), StatusCode::kResourceExhausted);
  EXPECT_EQ(refused.status().message(), "more than 100 scans");
  DecodeOptions more;
  more.max_scans = 101;
  EXPECT_TRUE(DecodeJpeg(many.data(), many.size(), more).ok());
}

// 10,000 scans of a few bytes each, and as many walks over a picture at the limit of its size.
TEST(Jpeg, RefusesTenThousandScansAfterAHundred) {
  JpegSpec spec;
  spec.width = spec.height = 256;
  spec.channels = 1;
  spec.given = spec.stored = JCS_GRAYSCALE;
  spec.scans = {{1, {0}, 0, 0, 0, 0}, {1, {0}, 1, 63, 0, 0}};
  const Bytes file = RepeatLastScan(testing::EncodeJpeg(spec, testing::Slope(256, 256, 1)), 10000);
  EXPECT_EQ(DecodeJpeg(file.data(), file.size(), {}).status().message(), "more than 100 scans");
}

TEST(Jpeg, RefusesTwelveBitsAsUnsupported) {
  Bytes bytes = testing::EncodeJpeg({}, testing::Slope(16, 16, 3));
  for (size_t i = 2; i + 4 < bytes.size(); ++i) {
    if (bytes[i] == 0xff && bytes[i + 1] == 0xc0) {
      bytes[i + 4] = 12;
      break;
    }
  }
  EXPECT_EQ(DecodeJpeg(bytes.data(), bytes.size(), {}).status().code(), StatusCode::kUnsupported);
}

TEST(Jpeg, RefusesDamagedData) {
  JpegSpec spec;
  spec.width = spec.height = 64;
  Bytes bytes = testing::EncodeJpeg(spec, testing::Noise(64 * 64 * 3, 3));
  // A marker in the middle of the coefficients ends them early.
  bytes[bytes.size() / 2] = 0xff;
  bytes[bytes.size() / 2 + 1] = 0xd9;
  StatusOr<Image> image = DecodeJpeg(bytes.data(), bytes.size(), {});
  EXPECT_EQ(image.status().code(), StatusCode::kInvalidImage);
  EXPECT_NE(image.status().message().find("premature end"), std::string::npos)
      << image.status().message();
}

TEST(Jpeg, DecodesOnePixel) {
  JpegSpec spec;
  spec.width = spec.height = 1;
  const Bytes pixel = {200, 100, 50};
  EXPECT_LE(Distance(MustDecode(testing::EncodeJpeg(spec, pixel)), pixel, 3), 3);
}

}  // namespace
}  // namespace minnow::image
