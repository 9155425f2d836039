#include "image/preprocess.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <string>
#include <vector>

#include "image/encode.h"
#include "image/test_data.h"

namespace minnow::image {
namespace {

using testing::Bytes;

// The filter's definition, in doubles, one output sample at a time.
double Weight(double distance, double support) {
  return std::max(0.0, 1.0 - std::fabs(distance) / support);
}

struct Axis {
  double begin, step;
  int64_t source;

  // Calls visit(sample, weight) for all samples; weights sum up to 1.
  template <typename Visit>
  void ForEach(int64_t i, const Visit& visit) const {
    const double center = begin + (static_cast<double>(i) + 0.5) * step;
    const double support = std::max(step, 1.0);
    double sum = 0;
    for (int64_t k = 0; k < source; ++k)
      sum += Weight(static_cast<double>(k) + 0.5 - center, support);
    for (int64_t k = 0; k < source; ++k) {
      const double weight = Weight(static_cast<double>(k) + 0.5 - center, support) / sum;
      if (weight > 0) visit(k, weight);
    }
  }
};

// NHWC, RGB, 0..255.
std::vector<double> NaiveResize(const ImageView& view, const PreprocessSpec& spec) {
  const double side = 0.875 * static_cast<double>(std::min(view.width, view.height));
  const bool crop = spec.resize == ResizeMode::kCenterCrop;
  const auto axis = [&](int64_t source, int64_t outputs) {
    const double length = crop ? side : static_cast<double>(source);
    return Axis{(static_cast<double>(source) - length) / 2, length / static_cast<double>(outputs),
                source};
  };
  const Axis across = axis(view.width, spec.width);
  const Axis down = axis(view.height, spec.height);
  const auto pixel = [&](int64_t x, int64_t y, int c) -> double {
    const uint8_t* at = view.pixels + (y * view.width + x) * view.channels;
    if (view.channels == 1) return at[0];
    if (view.channels == 3) return at[c];
    const double alpha = at[3] / 255.0;
    return std::floor(at[c] * alpha + spec.background[c] * (1 - alpha) + 0.5);
  };
  std::vector<double> out;
  for (int64_t y = 0; y < spec.height; ++y) {
    for (int64_t x = 0; x < spec.width; ++x) {
      for (int c = 0; c < 3; ++c) {
        double sum = 0;
        down.ForEach(y, [&](int64_t row, double wy) {
          across.ForEach(
              x, [&](int64_t column, double wx) { sum += wy * wx * pixel(column, row, c); });
        });
        out.push_back(sum);
      }
    }
  }
  return out;
}

struct Sizes {
  int64_t width, height, target_width, target_height;
};
constexpr Sizes kSizes[] = {{1, 1, 1, 1},    {1, 1, 5, 3},    {2, 3, 1, 1},    {5, 4, 5, 4},
                            {7, 5, 16, 11},  {33, 17, 8, 9},  {16, 40, 13, 6}, {40, 3, 9, 12},
                            {3, 40, 12, 9},  {64, 64, 31, 7}, {100, 1, 10, 2}, {1, 100, 2, 10},
                            {19, 19, 20, 20}};

// What 16-bit weights may cost, in levels of 255.
constexpr double kTolerance = 0.02;

TEST(Preprocess, MatchesTheNaiveResize) {
  for (const Sizes& sizes : kSizes) {
    for (int channels : {1, 3, 4}) {
      for (ResizeMode mode : {ResizeMode::kStretch, ResizeMode::kCenterCrop}) {
        const Bytes pixels =
            testing::Noise(static_cast<size_t>(sizes.width * sizes.height * channels), 1);
        const ImageView view = {sizes.width, sizes.height, channels, pixels.data()};
        PreprocessSpec spec;
        spec.width = sizes.target_width;
        spec.height = sizes.target_height;
        spec.resize = mode;
        spec.background[0] = 255;
        spec.background[1] = 100;
        const std::vector<double> want = NaiveResize(view, spec);
        std::vector<float> out(want.size());
        ASSERT_TRUE(Preprocess(view, spec, out.data()).ok());
        for (size_t i = 0; i < want.size(); ++i) {
          ASSERT_NEAR(static_cast<double>(out[i]), want[i], kTolerance)
              << sizes.width << " x " << sizes.height << " to " << spec.width << " x "
              << spec.height << ", " << channels << " channels, sample " << i;
        }
        Bytes bytes(want.size());
        ASSERT_TRUE(PreprocessToBytes(view, spec, bytes.data()).ok());
        for (size_t i = 0; i < want.size(); ++i) {
          ASSERT_NEAR(bytes[i], want[i], 0.5 + kTolerance);
        }
      }
    }
  }
}

TEST(Preprocess, PutsChannelsWhereLayoutAndOrderSay) {
  const Bytes pixels = testing::Noise(31 * 23 * 3, 2);
  const ImageView view = {31, 23, 3, pixels.data()};
  PreprocessSpec spec;
  for (int64_t width : {1, 3, 4, 21}) {
    spec.width = width;
    spec.height = 13;
    spec.order = ChannelOrder::kRGB;
    spec.layout = TensorLayout::kNHWC;
    const int64_t area = spec.width * spec.height;
    std::vector<float> plain(static_cast<size_t>(3 * area)), out(plain.size());
    Bytes plain_bytes(plain.size()), bytes(plain.size());
    ASSERT_TRUE(Preprocess(view, spec, plain.data()).ok());
    ASSERT_TRUE(PreprocessToBytes(view, spec, plain_bytes.data()).ok());
    for (ChannelOrder order : {ChannelOrder::kRGB, ChannelOrder::kBGR}) {
      for (TensorLayout layout : {TensorLayout::kNHWC, TensorLayout::kNCHW}) {
        spec.order = order;
        spec.layout = layout;
        ASSERT_TRUE(Preprocess(view, spec, out.data()).ok());
        ASSERT_TRUE(PreprocessToBytes(view, spec, bytes.data()).ok());
        for (int64_t i = 0; i < area; ++i) {
          for (int64_t c = 0; c < 3; ++c) {
            const int64_t to = order == ChannelOrder::kRGB ? c : 2 - c;
            const int64_t at = layout == TensorLayout::kNHWC ? 3 * i + to : to * area + i;
            ASSERT_EQ(out[static_cast<size_t>(at)], plain[static_cast<size_t>(3 * i + c)]);
            ASSERT_EQ(bytes[static_cast<size_t>(at)], plain_bytes[static_cast<size_t>(3 * i + c)]);
          }
        }
      }
    }
  }
}

TEST(Preprocess, NormalisesByTheTensorsChannel) {
  const Bytes pixels = testing::Noise(20 * 20 * 3, 3);
  const ImageView view = {20, 20, 3, pixels.data()};
  PreprocessSpec spec;
  spec.width = spec.height = 10;
  for (TensorLayout layout : {TensorLayout::kNHWC, TensorLayout::kNCHW}) {
    spec.layout = layout;
    spec.order = ChannelOrder::kBGR;
    PreprocessSpec normalised = spec;
    normalised.scale = 1 / 255.0f;
    const float mean[3] = {0.485f, 0.456f, 0.406f}, std[3] = {0.229f, 0.224f, -0.225f};
    std::copy(mean, mean + 3, normalised.mean);
    std::copy(std, std + 3, normalised.std);
    std::vector<float> raw(300), out(300);
    ASSERT_TRUE(Preprocess(view, spec, raw.data()).ok());
    ASSERT_TRUE(Preprocess(view, normalised, out.data()).ok());
    for (size_t i = 0; i < 300; ++i) {
      const size_t c = layout == TensorLayout::kNHWC ? i % 3 : i / 100;
      EXPECT_NEAR(out[i], (raw[i] * normalised.scale - mean[c]) / std[c], 2e-6f);
    }
  }
}

TEST(Preprocess, BytesAreTheTensorRounded) {
  const Bytes pixels = testing::Noise(50 * 40 * 3, 4);
  const ImageView view = {50, 40, 3, pixels.data()};
  PreprocessSpec spec;
  spec.width = 33;
  spec.height = 17;
  std::vector<float> out(33 * 17 * 3);
  Bytes bytes(out.size());
  ASSERT_TRUE(Preprocess(view, spec, out.data()).ok());
  ASSERT_TRUE(PreprocessToBytes(view, spec, bytes.data()).ok());
  for (size_t i = 0; i < out.size(); ++i) EXPECT_EQ(bytes[i], std::floor(out[i] + 0.5f));
}

TEST(Preprocess, KeepsBlackAndWhiteExactly) {
  for (uint8_t value : {0, 255}) {
    const Bytes pixels(300 * 200 * 3, value);
    const ImageView view = {300, 200, 3, pixels.data()};
    PreprocessSpec spec;
    Bytes bytes(224 * 224 * 3);
    ASSERT_TRUE(PreprocessToBytes(view, spec, bytes.data()).ok());
    EXPECT_TRUE(std::all_of(bytes.begin(), bytes.end(), [&](uint8_t b) { return b == value; }));
  }
}

TEST(Preprocess, RefusesBadViewsAndSpecs) {
  const uint8_t pixel[4] = {};
  float out[3];
  const ImageView good = {1, 1, 3, pixel};
  PreprocessSpec spec;
  spec.width = spec.height = 1;
  ASSERT_TRUE(Preprocess(good, spec, out).ok());
  const auto code = [&](const ImageView& view, const PreprocessSpec& s) {
    return Preprocess(view, s, out).code();
  };
  for (const ImageView& view :
       {ImageView{0, 1, 3, pixel}, ImageView{1, -1, 3, pixel}, ImageView{1, 1, 2, pixel},
        ImageView{1, 1, 3, nullptr}, ImageView{std::numeric_limits<int64_t>::max(), 2, 3, pixel}}) {
    EXPECT_EQ(code(view, spec), StatusCode::kInvalidArgument);
  }
  PreprocessSpec bad = spec;
  bad.width = 0;
  EXPECT_EQ(code(good, bad), StatusCode::kInvalidArgument);
  bad = spec;
  bad.std[1] = 0;
  EXPECT_EQ(code(good, bad), StatusCode::kInvalidArgument);
  bad = spec;
  bad.mean[2] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_EQ(code(good, bad), StatusCode::kInvalidArgument);
  bad = spec;
  bad.scale = std::numeric_limits<float>::infinity();
  EXPECT_EQ(code(good, bad), StatusCode::kInvalidArgument);
  EXPECT_EQ(Preprocess(good, spec, nullptr).code(), StatusCode::kInvalidArgument);
}

TEST(Preprocess, AsksTheDecoderForTheWholePictureOfACrop) {
  PreprocessSpec spec;
  spec.background[1] = 9;
  EXPECT_EQ(DecodeOptionsFor(spec).target_width, 224);
  EXPECT_EQ(DecodeOptionsFor(spec).background[1], 9);
  spec.resize = ResizeMode::kCenterCrop;
  EXPECT_EQ(DecodeOptionsFor(spec).target_width, 256);
  EXPECT_EQ(DecodeOptionsFor(spec).target_height, 256);
}

// Pillow rounds to 8 bits after each pass; with that added, our filter is exactly its BILINEAR.
Bytes PillowResize(const ImageView& view, int64_t width, int64_t height) {
  const auto round = [](double sum) { return static_cast<uint8_t>(std::floor(sum + 0.5)); };
  const Axis across = {0, static_cast<double>(view.width) / static_cast<double>(width), view.width};
  const Axis down = {0, static_cast<double>(view.height) / static_cast<double>(height),
                     view.height};
  Bytes middle(static_cast<size_t>(width * view.height * 3));
  for (int64_t x = 0; x < width; ++x) {
    for (int64_t i = 0; i < 3 * view.height; ++i) {
      double sum = 0;
      across.ForEach(x, [&](int64_t k, double w) {
        sum += w * view.pixels[(i / 3 * view.width + k) * 3 + i % 3];
      });
      middle[static_cast<size_t>((i / 3 * width + x) * 3 + i % 3)] = round(sum);
    }
  }
  Bytes out(static_cast<size_t>(width * height * 3));
  for (int64_t y = 0; y < height; ++y) {
    for (int64_t i = 0; i < 3 * width; ++i) {
      double sum = 0;
      down.ForEach(y, [&](int64_t k, double w) {
        sum += w * middle[static_cast<size_t>(k * 3 * width + i)];
      });
      out[static_cast<size_t>(y * 3 * width + i)] = round(sum);
    }
  }
  return out;
}

TEST(Preprocess, IsWithinOneLevelOfPillow) {
  struct Row {
    const char *image, *tensor;
  };
  for (const Row& row : {Row{"golden-retriever.jpeg", "golden_retriever"},
                         Row{"grace_hopper.jpg", "grace_hopper"}}) {
    const Bytes file = testing::ReadTestData(std::string("images/") + row.image);
    const Bytes bytes =
        testing::ReadTestData(std::string("reference/") + row.tensor + "_input_u8_nhwc.npy");
    const Bytes floats =
        testing::ReadTestData(std::string("reference/") + row.tensor + "_input_nhwc.npy");
    if (file.empty() || bytes.empty() || floats.empty()) {
      GTEST_SKIP() << "MINNOW_TEST_DATA has no " << row.image << " or no tensor of it";
    }
    constexpr size_t kHeader = 128, kSize = 224 * 224 * 3;
    ASSERT_EQ(bytes.size(), kHeader + kSize);
    ASSERT_EQ(floats.size(), kHeader + kSize * sizeof(float));
    StatusOr<Image> image = Decode(file.data(), file.size(), {});
    ASSERT_TRUE(image.ok());
    const Bytes pillow = PillowResize(ViewOf(*image), 224, 224);
    PreprocessSpec spec;
    Bytes out(kSize);
    ASSERT_TRUE(PreprocessToBytes(ViewOf(*image), spec, out.data()).ok());
    spec.scale = 1 / 127.5f;
    for (float& mean : spec.mean) mean = 1;
    std::vector<float> tensor(kSize), want(kSize);
    ASSERT_TRUE(Preprocess(ViewOf(*image), spec, tensor.data()).ok());
    std::memcpy(want.data(), floats.data() + kHeader, kSize * sizeof(float));
    size_t pillow_differs = 0;
    for (size_t i = 0; i < kSize; ++i) {
      ASSERT_NEAR(out[i], bytes[kHeader + i], 1) << i;
      ASSERT_NEAR(tensor[i], want[i], 1 / 127.5f) << i;
      pillow_differs += pillow[i] != bytes[kHeader + i];
    }
    EXPECT_LT(pillow_differs, kSize / 1000);
  }
}

}  // namespace
}  // namespace minnow::image
