// Do the ranges that observers choose hold what they promise?
#include "quantize/observer.h"

#include <gtest/gtest.h>

#include <cmath>

#include "passes/pass_testing.h"

namespace minnow::quantize {
namespace {

constexpr double kPercentile = 99.0;

Status AddAll(Observer* observer, const std::vector<float>& values, int64_t channels = 1) {
  const Shape shape = {static_cast<int64_t>(values.size()) / channels, channels};
  return observer->Add(Tensor::From(shape, values.data())->view());
}

// Mean squared error of rounding to u8.
double ErrorOf(const QuantParams& params, const std::vector<float>& values) {
  double sum = 0;
  for (const float value : values) {
    const double steps = std::nearbyint(value / params.scale) + params.zero_point;
    const double real = (std::min(std::max(steps, 0.0), 255.0) - params.zero_point) * params.scale;
    sum += (real - value) * (real - value);
  }
  return sum / static_cast<double>(values.size());
}

// Most values are small, a few far away on both sides.
std::vector<float> HeavyTails() {
  passes::Random random(3);
  std::vector<float> values;
  for (int i = 0; i < 20000; ++i) {
    float value = 0;
    for (int k = 0; k < 6; ++k) value += random.Float(-0.5f, 0.5f);
    values.push_back(random.OneIn(4000) ? value * 30.0f : value);
  }
  return values;
}

TEST(Observer, TheWholeRangeHoldsZeroAndEveryValueWithinHalfAStep) {
  const std::vector<float> values = {3.0f, 4.0f, 9.5f};
  Observer observer;
  ASSERT_TRUE(AddAll(&observer, values).ok());
  const QuantParams params = observer.ParamsOfU8(RangeMethod::kMinMax, kPercentile);
  EXPECT_EQ(params.zero_point, 0);
  EXPECT_FLOAT_EQ(params.scale, 9.5f / 255);
  EXPECT_LE(ErrorOf(params, values), 0.26 * params.scale * params.scale);
}

TEST(Observer, PicturesSeenOneByOneGiveWhatTheyGiveTogether) {
  const std::vector<float> values = HeavyTails();
  Observer together, apart;
  ASSERT_TRUE(AddAll(&together, values, 2).ok());
  for (size_t i = 0; i < values.size(); i += 100) {
    ASSERT_TRUE(AddAll(&apart,
                       {values.begin() + static_cast<int64_t>(i),
                        values.begin() + static_cast<int64_t>(i) + 100},
                       2)
                    .ok());
  }
  for (const RangeMethod method :
       {RangeMethod::kMinMax, RangeMethod::kPercentile, RangeMethod::kMse}) {
    EXPECT_EQ(together.ParamsOfU8(method, kPercentile), apart.ParamsOfU8(method, kPercentile));
  }
  EXPECT_EQ(together.count(), apart.count());
  ASSERT_EQ(apart.channel_peaks().size(), 2u);
  EXPECT_NEAR(apart.ChannelMeans()[1], together.ChannelMeans()[1], 1e-4);
}

TEST(Observer, ThePercentileIsThePartThatIsNotClipped) {
  const std::vector<float> values = HeavyTails();
  Observer observer;
  ASSERT_TRUE(AddAll(&observer, values).ok());
  const QuantParams params = observer.ParamsOfU8(RangeMethod::kPercentile, kPercentile);
  const double low = -params.zero_point * params.scale;
  const double high = (255 - params.zero_point) * params.scale;
  int outside = 0;
  for (const float value : values) outside += value < low || value > high;
  EXPECT_NEAR(outside / static_cast<double>(values.size()), 0.01, 0.004);
}

TEST(Observer, TheLeastSquaredErrorIsBelowThatOfTheOtherRanges) {
  const std::vector<float> values = HeavyTails();
  Observer observer;
  ASSERT_TRUE(AddAll(&observer, values).ok());
  const double least = ErrorOf(observer.ParamsOfU8(RangeMethod::kMse, kPercentile), values);
  EXPECT_LT(least, ErrorOf(observer.ParamsOfU8(RangeMethod::kMinMax, kPercentile), values));
  EXPECT_LT(least,
            0.8 * ErrorOf(observer.ParamsOfU8(RangeMethod::kPercentile, kPercentile), values));
}

TEST(Observer, NothingButZerosHasAScaleToo) {
  Observer observer;
  ASSERT_TRUE(AddAll(&observer, std::vector<float>(64, 0.0f)).ok());
  const QuantParams params = observer.ParamsOfU8(RangeMethod::kMse, kPercentile);
  EXPECT_GT(params.scale, 0.0f);
  EXPECT_EQ(params.zero_point, 0);
}

TEST(Observer, ValuesThatAreNotFiniteAreRefused) {
  for (const float bad : {NAN, INFINITY, -INFINITY}) {
    Observer observer;
    EXPECT_EQ(AddAll(&observer, {1.0f, bad}).code(), StatusCode::kInvalidArgument);
  }
}

}  // namespace
}  // namespace minnow::quantize
