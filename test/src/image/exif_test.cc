#include "image/exif.h"

#include <gtest/gtest.h>

#include "image/encode.h"

namespace minnow::image {
namespace {

using testing::Bytes;

TEST(Exif, FindsEveryOrientationInBothByteOrders) {
  for (int orientation = 1; orientation <= 8; ++orientation) {
    for (bool big_endian : {false, true}) {
      const Bytes segment = testing::ExifWithOrientation(orientation, big_endian);
      EXPECT_EQ(ExifOrientation(segment.data(), segment.size()), orientation);
    }
  }
}

TEST(Exif, TakesNumbersOutsideOneToEightForUpright) {
  for (int orientation : {0, 9, 255, 65535}) {
    const Bytes tiff = testing::TiffWithOrientation(orientation, true);
    EXPECT_EQ(TiffOrientation(tiff.data(), tiff.size()), kUpright) << orientation;
  }
}

TEST(Exif, TakesOtherSegmentsForUpright) {
  const Bytes xmp = {'h', 't', 't', 'p', ':', '/', '/'};
  EXPECT_EQ(ExifOrientation(xmp.data(), xmp.size()), kUpright);
  EXPECT_EQ(ExifOrientation(nullptr, 0), kUpright);
}

TEST(Exif, TakesAWrongTypeOrCountForUpright) {
  for (size_t offset : {24u, 26u}) {  // low bytes of the second entry's type and count
    Bytes tiff = testing::TiffWithOrientation(6, false);
    tiff[offset] = 9;
    EXPECT_EQ(TiffOrientation(tiff.data(), tiff.size()), kUpright) << offset;
  }
}

TEST(Exif, ReadsNothingBeyondABlockCutAnywhere) {
  const Bytes whole = testing::TiffWithOrientation(6, false);
  const size_t needed = 32;  // up to the end of the value
  for (size_t size = 0; size < whole.size(); ++size) {
    const Bytes cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
    EXPECT_EQ(TiffOrientation(cut.data(), cut.size()), size < needed ? kUpright : 6) << size;
  }
}

TEST(Exif, SurvivesAnyDirectoryOffsetAndCount) {
  for (uint32_t seed = 0; seed < 2000; ++seed) {
    Bytes tiff = testing::TiffWithOrientation(6, seed % 2 == 0);
    const Bytes noise = testing::Noise(tiff.size(), seed);
    for (size_t i = 4; i < 4 + seed % (tiff.size() - 4); ++i) tiff[i] = noise[i];
    const int orientation = TiffOrientation(tiff.data(), tiff.size());
    EXPECT_GE(orientation, 1);
    EXPECT_LE(orientation, 8);
  }
}

}  // namespace
}  // namespace minnow::image
