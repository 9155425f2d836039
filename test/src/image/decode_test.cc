#include "image/decode.h"

#include <gtest/gtest.h>

#include <cstring>
#include <string>

#include "image/encode.h"
#include "image/test_data.h"

namespace minnow::image {
namespace {

using testing::Bytes;

StatusOr<Image> DecodeBytes(const Bytes& bytes, const DecodeOptions& options = {}) {
  return Decode(bytes.data(), bytes.size(), options);
}

Bytes SmallJpeg(bool progressive) {
  testing::JpegSpec spec;
  spec.width = 19;
  spec.height = 13;
  spec.progressive = progressive;
  spec.subsampled = true;
  spec.quality = 80;
  return testing::EncodeJpeg(spec, testing::Noise(19 * 13 * 3, 1));
}

Bytes SmallPng(bool interlaced, int color_type) {
  testing::PngSpec spec;
  spec.width = 13;
  spec.height = 11;
  spec.interlaced = interlaced;
  spec.color_type = color_type;
  return testing::EncodePng(spec, testing::Noise(11 * testing::PngRowBytes(spec), 2));
}

std::vector<Bytes> SmallFiles() {
  return {SmallJpeg(false), SmallJpeg(true), SmallPng(false, PNG_COLOR_TYPE_RGB),
          SmallPng(true, PNG_COLOR_TYPE_RGB_ALPHA)};
}

TEST(Decode, RefusesBytesOfNoKnownFormat) {
  const Bytes bmp = {'B', 'M', 0x8a, 0};
  for (const Bytes& bytes : {Bytes(), Bytes{0}, Bytes{0xff, 0xd8}, bmp}) {
    StatusOr<Image> image = DecodeBytes(bytes);
    ASSERT_FALSE(image.ok());
    EXPECT_EQ(image.status().code(), StatusCode::kInvalidImage);
    EXPECT_EQ(ReadInfo(bytes.data(), bytes.size(), {}).status().code(), StatusCode::kInvalidImage);
  }
  EXPECT_NE(DecodeBytes(bmp).status().message().find("42 4d 8a 00"), std::string::npos);
}

TEST(Decode, RefusesAFileCutAtAnyByte) {
  for (const Bytes& whole : SmallFiles()) {
    ASSERT_TRUE(DecodeBytes(whole).ok());
    for (size_t size = 0; size < whole.size(); ++size) {
      // A copy of its own, so that AddressSanitizer sees a read past the end.
      const Bytes cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
      EXPECT_EQ(DecodeBytes(cut).status().code(), StatusCode::kInvalidImage)
          << size << " of " << whole.size();
    }
  }
}

TEST(Decode, IgnoresBytesAfterTheEnd) {
  for (Bytes bytes : SmallFiles()) {
    bytes.insert(bytes.end(), {1, 2, 3, 4, 5});
    EXPECT_TRUE(DecodeBytes(bytes).ok());
  }
}

TEST(Decode, SurvivesFlippedBits) {
  DecodeOptions options;
  options.max_pixels = 1 << 16;
  std::mt19937 random(7);
  int refused = 0;
  for (const Bytes& whole : SmallFiles()) {
    for (int i = 0; i < 3000; ++i) {
      Bytes bytes = whole;
      for (uint32_t flips = 1 + random() % 3; flips > 0; --flips) {
        bytes[random() % bytes.size()] ^= static_cast<uint8_t>(1u << random() % 8);
      }
      StatusOr<Image> image = DecodeBytes(bytes, options);
      if (image.ok()) {
        EXPECT_LE(image->width * image->height, options.max_pixels);
        EXPECT_EQ(image->pixels.size(), static_cast<size_t>(3 * image->width * image->height));
      } else {
        ++refused;
        EXPECT_FALSE(image.status().message().empty());
      }
    }
  }
  EXPECT_GT(refused, 3000);
}

// Largest amount of address space that the process ever had, in bytes; 0 where nobody says.
size_t PeakBytes() {
  size_t peak_kib = 0;
  if (std::FILE* file = std::fopen("/proc/self/status", "r")) {
    char line[256];
    while (std::fgets(line, sizeof(line), file) != nullptr) {
      if (std::sscanf(line, "VmPeak: %zu kB", &peak_kib) == 1) break;
    }
    std::fclose(file);
  }
  return peak_kib * 1024;
}

void ExpectRefusedUnallocated(const Bytes& bytes, StatusCode code, const char* text) {
  const size_t before = PeakBytes();
  StatusOr<Image> image = DecodeBytes(bytes);
  EXPECT_EQ(image.status().code(), code) << image.status().message();
  EXPECT_NE(image.status().message().find(text), std::string::npos) << image.status().message();
  EXPECT_LT(PeakBytes() - before, size_t{16} << 20);
}

// A PNG whose header says 1-bit grey of this size, with a header checksum that holds.
Bytes PngHeader(uint32_t width, uint32_t height) {
  testing::PngSpec spec;
  spec.color_type = PNG_COLOR_TYPE_GRAY;
  spec.depth = 1;
  Bytes bytes = testing::EncodePng(spec, Bytes(32, 0));
  for (size_t i = 0; i < 4; ++i) {
    bytes[16 + i] = static_cast<uint8_t>(width >> (24 - 8 * i));
    bytes[20 + i] = static_cast<uint8_t>(height >> (24 - 8 * i));
  }
  uint32_t crc = 0xffffffff;
  for (size_t i = 12; i < 29; ++i) {
    crc ^= bytes[i];
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
  }
  for (size_t i = 0; i < 4; ++i) bytes[29 + i] = static_cast<uint8_t>(~crc >> (24 - 8 * i));
  return bytes;
}

// A JPEG whose frame header says this size.
Bytes JpegHeader(uint32_t width, uint32_t height) {
  Bytes bytes = SmallJpeg(false);
  size_t frame = 2;
  while (bytes[frame + 1] != 0xc0) {
    frame += 2 + static_cast<size_t>(bytes[frame + 2] << 8 | bytes[frame + 3]);
  }
  bytes[frame + 5] = static_cast<uint8_t>(height >> 8);
  bytes[frame + 6] = static_cast<uint8_t>(height);
  bytes[frame + 7] = static_cast<uint8_t>(width >> 8);
  bytes[frame + 8] = static_cast<uint8_t>(width);
  return bytes;
}

TEST(Decode, RefusesHugePicturesBeforeItAllocates) {
  ExpectRefusedUnallocated(PngHeader(30000, 30000), StatusCode::kResourceExhausted,
                           "30000 x 30000 pixels are more than the limit of 100000000");
  ExpectRefusedUnallocated(JpegHeader(65500, 65500), StatusCode::kResourceExhausted,
                           "65500 x 65500 pixels are more than the limit of 100000000");
  ExpectRefusedUnallocated(PngHeader(50'000'000, 1), StatusCode::kResourceExhausted, "a side");
}

TEST(Decode, RefusesAHeaderWithoutABodyBeforeItAllocates) {
  ExpectRefusedUnallocated(PngHeader(10000, 10000), StatusCode::kInvalidImage, "cannot hold");
  ExpectRefusedUnallocated(JpegHeader(10000, 10000), StatusCode::kInvalidImage, "cannot hold");
}

TEST(Decode, HoldsThePixelLimitExactly) {
  for (const Bytes& bytes : {SmallJpeg(false), SmallPng(false, PNG_COLOR_TYPE_RGB)}) {
    StatusOr<ImageInfo> info = ReadInfo(bytes.data(), bytes.size(), {});
    ASSERT_TRUE(info.ok());
    DecodeOptions options;
    options.max_pixels = info->width * info->height;
    EXPECT_TRUE(DecodeBytes(bytes, options).ok());
    EXPECT_TRUE(ReadInfo(bytes.data(), bytes.size(), options).ok());
    --options.max_pixels;
    EXPECT_EQ(DecodeBytes(bytes, options).status().code(), StatusCode::kResourceExhausted);
    EXPECT_EQ(ReadInfo(bytes.data(), bytes.size(), options).status().code(),
              StatusCode::kResourceExhausted);
  }
}

TEST(Decode, HoldsTheChunkLimitExactly) {
  const Bytes file = SmallPng(false, PNG_COLOR_TYPE_RGB);
  const size_t end = file.size() - 12;  // where IEND begins
  // Empty chunks that nobody needs; those of before are IHDR, IDAT and IEND.
  const uint8_t spare[] = {0, 0, 0, 0, 't', 'E', 'S', 't', 0x75, 0xb6, 0x1c, 0x4e};
  DecodeOptions options;
  options.max_chunks = 10;
  Bytes bytes(file.begin(), file.begin() + static_cast<std::ptrdiff_t>(end));
  for (int i = 0; i < 7; ++i) bytes.insert(bytes.end(), std::begin(spare), std::end(spare));
  bytes.insert(bytes.end(), file.end() - 12, file.end());
  EXPECT_TRUE(DecodeBytes(bytes, options).ok()) << DecodeBytes(bytes, options).status().message();
  bytes.insert(bytes.end() - 12, std::begin(spare), std::end(spare));
  EXPECT_EQ(DecodeBytes(bytes, options).status().code(), StatusCode::kResourceExhausted);
  EXPECT_EQ(DecodeBytes(bytes, options).status().message(), "decode: png: more than 10 chunks");
  EXPECT_EQ(ReadInfo(bytes.data(), bytes.size(), options).status().code(),
            StatusCode::kResourceExhausted);
  ++options.max_chunks;
  EXPECT_TRUE(DecodeBytes(bytes, options).ok());
}

TEST(Decode, SaysFormatAndSizeFromTheHeader) {
  const Bytes jpeg = SmallJpeg(true);
  StatusOr<ImageInfo> info = ReadInfo(jpeg.data(), jpeg.size(), {});
  ASSERT_TRUE(info.ok());
  EXPECT_STREQ(info->format, "jpeg");
  EXPECT_EQ(info->width, 19);
  EXPECT_EQ(info->height, 13);
  const Bytes png = SmallPng(true, PNG_COLOR_TYPE_GRAY);
  info = ReadInfo(png.data(), png.size(), {});
  ASSERT_TRUE(info.ok());
  EXPECT_STREQ(info->format, "png");
  EXPECT_EQ(info->width, 13);
  EXPECT_EQ(info->height, 11);
}

TEST(Decode, PutsTheStageBeforeTheReason) {
  Bytes bytes = SmallPng(false, PNG_COLOR_TYPE_RGB);
  bytes[29] ^= 1;  // the header's checksum
  EXPECT_EQ(DecodeBytes(bytes).status().message(), "decode: png: IHDR: CRC error");
}

TEST(Decode, WritesNothingToStderr) {
  ::testing::internal::CaptureStderr();
  for (const Bytes& whole : SmallFiles()) {
    for (size_t i = 8; i < whole.size(); ++i) {
      Bytes bytes = whole;
      bytes[i] ^= 0x55;
      DecodeOptions options;
      options.max_pixels = 1 << 16;
      (void)DecodeBytes(bytes, options).ok();
    }
  }
  EXPECT_EQ(::testing::internal::GetCapturedStderr(), "");
}

TEST(Decode, ReadsRealPictures) {
  struct Row {
    const char* name;
    int64_t width, height;
  };
  const Row rows[] = {
      {"banana.jpg", 640, 427},       {"bird.jpg", 1024, 768},  {"cat_1080p.jpg", 1920, 1080},
      {"cat_720p.jpg", 1280, 720},    {"dog.jpg", 224, 224},    {"golden-retriever.jpeg", 150, 150},
      {"grace_hopper.jpg", 517, 606}, {"husky.jpeg", 167, 195}, {"kite_and_cold.jpg", 1352, 900},
      {"mushroom.jpg", 990, 660},     {"parrot.jpg", 512, 929},
  };
  for (const Row& row : rows) {
    const Bytes bytes = testing::ReadTestData(std::string("images/") + row.name);
    if (bytes.empty()) GTEST_SKIP() << "MINNOW_TEST_DATA has no images/" << row.name;
    StatusOr<ImageInfo> info = ReadInfo(bytes.data(), bytes.size(), {});
    ASSERT_TRUE(info.ok()) << row.name << ": " << info.status().message();
    EXPECT_EQ(info->width, row.width) << row.name;
    EXPECT_EQ(info->height, row.height) << row.name;
    StatusOr<Image> image = DecodeBytes(bytes);
    ASSERT_TRUE(image.ok()) << row.name << ": " << image.status().message();
    EXPECT_EQ(image->width, row.width) << row.name;
    EXPECT_EQ(image->height, row.height) << row.name;
  }
}

TEST(Decode, RefusesABitmap) {
  const Bytes bytes = testing::ReadTestData("images/cat.bmp");
  if (bytes.empty()) GTEST_SKIP() << "MINNOW_TEST_DATA has no images/cat.bmp";
  EXPECT_EQ(DecodeBytes(bytes).status().code(), StatusCode::kInvalidImage);
}

}  // namespace
}  // namespace minnow::image
