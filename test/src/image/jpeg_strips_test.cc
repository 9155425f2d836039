// Is a JPEG cut where strips decode on their own, and do they give the pixels of the whole?
#include "image/jpeg_strips.h"

#include <gtest/gtest.h>

#include <memory>

#include "base/thread_pool.h"
#include "image/encode.h"
#include "image/jpeg.h"
#include "image/jpeg_file.h"
#include "image/test_data.h"

namespace minnow::image {
namespace {

using testing::Bytes;
using testing::JpegSpec;

// Noise: no two rows are alike.
Bytes Encode(JpegSpec spec, int width, int height, int restart_interval) {
  spec.width = width;
  spec.height = height;
  spec.quality = 60;
  spec.restart_interval = restart_interval;
  const auto size = static_cast<size_t>(width * height * spec.channels);
  return testing::EncodeJpeg(spec, testing::Noise(size, 7));
}

JpegSpec Subsampled() {
  JpegSpec spec;
  spec.subsampled = true;
  return spec;
}

JpegSpec Grey() {
  JpegSpec spec;
  spec.channels = 1;
  spec.given = spec.stored = JCS_GRAYSCALE;
  return spec;
}

JpegSpec Ink() {
  JpegSpec spec;
  spec.channels = 4;
  spec.given = JCS_CMYK;
  spec.stored = JCS_YCCK;
  return spec;
}

JpegScan ScanOf(const Bytes& bytes) {
  JpegFile file(bytes.data(), bytes.size());
  EXPECT_TRUE(file.Open({}).ok());
  return file.Scan();
}

size_t StripsOf(const Bytes& bytes, int64_t count) {
  return CutAtRestarts(ScanOf(bytes), count).size();
}

// The pool's workers are idle once they have started.
void AwaitWorkers() {
  if (ThreadPool::Shared().workers() < 2) return;
  while (std::make_unique<Team>(&ThreadPool::Shared(), 2)->size() < 2) {
  }
}

Image MustDecode(const Bytes& bytes, const DecodeOptions& options) {
  StatusOr<Image> image = DecodeJpeg(bytes.data(), bytes.size(), options);
  EXPECT_TRUE(image.ok()) << image.status().message();
  return image.ok() ? std::move(*image) : Image();
}

void ExpectSamePixels(const Image& got, const Image& want) {
  ASSERT_EQ(got.width, want.width);
  ASSERT_EQ(got.height, want.height);
  ASSERT_EQ(got.pixels.size(), want.pixels.size());
  EXPECT_EQ(std::memcmp(got.pixels.data(), want.pixels.data(), want.pixels.size()), 0);
}

TEST(JpegStrips, CoverAllRowsAndOverlapByOne) {
  // 40 x 48 MCUs of 8 x 8 pixels, a marker a row: a cut may come every eighth row.
  const std::vector<JpegStrip> strips = CutAtRestarts(ScanOf(Encode(JpegSpec(), 320, 384, 40)), 3);
  ASSERT_EQ(strips.size(), 3u);
  EXPECT_EQ(strips[0].first_row, 0);
  EXPECT_EQ(strips[0].end_row, 17);
  EXPECT_EQ(strips[1].first_row, 16);
  EXPECT_EQ(strips[1].end_row, 33);
  EXPECT_EQ(strips[2].first_row, 32);
  EXPECT_EQ(strips[2].end_row, 48);
}

TEST(JpegStrips, AreCutByTheirCodesNotByTheirHeight) {
  // The upper three quarters are of one colour.
  JpegSpec spec;
  spec.width = 320;
  spec.height = 640;
  spec.restart_interval = 40;
  Bytes pixels = testing::Noise(320 * 640 * 3, 3);
  std::fill(pixels.begin(), pixels.begin() + 320 * 480 * 3, uint8_t{90});
  const auto strips = CutAtRestarts(ScanOf(testing::EncodeJpeg(spec, pixels)), 2);
  ASSERT_EQ(strips.size(), 2u);
  EXPECT_GT(strips[1].first_row, 60);
}

TEST(JpegStrips, NeedAMarkerWhereARowBegins) {
  const int width = 320, height = 640;  // 40 x 80 MCUs
  EXPECT_EQ(StripsOf(Encode(JpegSpec(), width, height, 0), 4), 0u);
  EXPECT_EQ(StripsOf(Encode(JpegSpec(), width, height, 40), 4), 4u);
  EXPECT_EQ(StripsOf(Encode(JpegSpec(), width, height, 40), 1), 0u);
  // Eight markers later is the next one with the same number.
  EXPECT_EQ(StripsOf(Encode(JpegSpec(), width, height, 80), 4), 4u);   // rows 16, 32, …
  EXPECT_EQ(StripsOf(Encode(JpegSpec(), width, height, 400), 4), 0u);  // row 80: none
  EXPECT_EQ(StripsOf(Encode(JpegSpec(), width, height, 5), 4), 4u);    // any row
  EXPECT_EQ(StripsOf(Encode(JpegSpec(), width, height, 7), 4), 4u);    // rows 7, 14, …
  EXPECT_EQ(StripsOf(Encode(JpegSpec(), width, height, 39), 4), 3u);   // rows 39 and 78
  EXPECT_EQ(StripsOf(Encode(JpegSpec(), width, height, 81), 4), 0u);   // row 81
}

TEST(JpegStrips, NeedOneScanOfHuffmanCodes) {
  JpegSpec progressive;
  progressive.progressive = true;
  EXPECT_EQ(StripsOf(Encode(progressive, 320, 640, 40), 4), 0u);
  JpegSpec arithmetic;
  arithmetic.arithmetic = true;
  EXPECT_EQ(StripsOf(Encode(arithmetic, 320, 640, 40), 4), 0u);
  JpegSpec planes;
  planes.scans = {{1, {0}, 0, 63, 0, 0}, {2, {1, 2}, 0, 63, 0, 0}};
  EXPECT_EQ(StripsOf(Encode(planes, 320, 640, 40), 4), 0u);
}

TEST(JpegStrips, NeedMarkersInTurnAndNothingBehindThem) {
  const Bytes good = Encode(JpegSpec(), 320, 640, 40);
  ASSERT_EQ(StripsOf(good, 2), 2u);
  std::vector<size_t> markers;
  for (size_t i = ScanOf(good).data; i + 1 < good.size(); ++i) {
    if (good[i] == 0xff && good[i + 1] >= 0xd0 && good[i + 1] <= 0xd7) markers.push_back(i);
  }
  ASSERT_EQ(markers.size(), 79u);
  Bytes bad = good;
  bad[markers[30] + 1] ^= 1;
  EXPECT_EQ(StripsOf(bad, 2), 0u) << "another number";
  bad = good;
  bad.erase(bad.begin() + static_cast<std::ptrdiff_t>(markers[30]),
            bad.begin() + static_cast<std::ptrdiff_t>(markers[30] + 2));
  EXPECT_EQ(StripsOf(bad, 2), 0u) << "one too few";
  bad = good;
  bad.resize(bad.size() - 2);
  EXPECT_EQ(StripsOf(bad, 2), 0u) << "no end";
  bad.resize(markers[60] + 1);
  EXPECT_EQ(StripsOf(bad, 2), 0u) << "cut within a marker";
  bad = good;
  bad[bad.size() - 1] = 0xdc;
  EXPECT_EQ(StripsOf(bad, 2), 0u) << "a height at the end";
  bad = good;
  bad.insert(bad.begin() + static_cast<std::ptrdiff_t>(markers[30]), uint8_t{0xff});
  EXPECT_EQ(StripsOf(bad, 2), 2u) << "fill bytes may come before a marker";
}

TEST(JpegStrips, GiveThePixelsOfTheWhole) {
  AwaitWorkers();
  for (const JpegSpec& spec : {JpegSpec(), Subsampled(), Grey(), Ink()}) {
    // 5: several intervals a row (of 35 or 70 MCUs). 621: a last row and column of MCUs not filled.
    for (const int interval : {5, 35, 70}) {
      const Bytes bytes = Encode(spec, 553, 621, interval);
      for (const int64_t target : {0, 130, 70, 30}) {
        DecodeOptions options;
        options.target_width = options.target_height = target;
        const Image want = MustDecode(bytes, options);
        for (const int threads : {2, 3, 5}) {
          options.threads = threads;
          options.min_pixels_per_thread = 1;
          ExpectSamePixels(MustDecode(bytes, options), want);
        }
      }
    }
  }
}

TEST(JpegStrips, GiveTheComplaintsOfTheWhole) {
  AwaitWorkers();
  const Bytes good = Encode(Subsampled(), 640, 640, 40);
  const size_t data = ScanOf(good).data;
  int bad = 0;
  for (size_t i = 0; i < 60; ++i) {
    Bytes bytes = good;
    const size_t at = data + (bytes.size() - data) * i / 60;
    for (size_t k = 0; k < 8 && at + k < bytes.size(); ++k) {
      bytes[at + k] ^= static_cast<uint8_t>(0x5a + i);
    }
    DecodeOptions options;
    const StatusOr<Image> want = DecodeJpeg(bytes.data(), bytes.size(), options);
    options.threads = 3;
    options.min_pixels_per_thread = 1;
    const StatusOr<Image> got = DecodeJpeg(bytes.data(), bytes.size(), options);
    ASSERT_EQ(got.ok(), want.ok()) << i;
    if (want.ok()) {
      ExpectSamePixels(*got, *want);
    } else {
      EXPECT_EQ(got.status().message(), want.status().message()) << i;
      ++bad;
    }
  }
  EXPECT_GT(bad, 0);
}

TEST(JpegStrips, OfPhotographsGiveTheirPixels) {
  AwaitWorkers();
  for (const char* name : {"kite_and_cold.jpg", "grace_hopper.jpg"}) {
    const Bytes bytes = testing::ReadTestData(std::string("images/") + name);
    if (bytes.empty()) GTEST_SKIP() << "MINNOW_TEST_DATA has no images/" << name;
    EXPECT_EQ(StripsOf(bytes, 2), 2u);
    const Image want = MustDecode(bytes, {});
    DecodeOptions options;
    options.threads = 2;
    ExpectSamePixels(MustDecode(bytes, options), want);
  }
}

}  // namespace
}  // namespace minnow::image
