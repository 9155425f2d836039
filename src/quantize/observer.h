// What was seen of one value over all calibration pictures: a histogram, and facts of each channel.
#ifndef MINNOW_QUANTIZE_OBSERVER_H_
#define MINNOW_QUANTIZE_OBSERVER_H_

#include <cstdint>
#include <vector>

#include "base/status.h"
#include "tensor/quantization.h"
#include "tensor/tensor.h"

namespace minnow::quantize {

enum class RangeMethod : uint8_t {
  kMinMax,
  kPercentile,  // as many elements as `percentile` says lie inside, the others are clipped
  kMse,         // the range with the smallest squared error of rounding and clipping
};

// Elements are counted in equal bins over [-limit, limit); the limit is a power of two that doubles
// when a larger element comes, and neighbouring bins merge. So one look at each picture is enough.
class Observer {
 public:
  static constexpr int kBins = 8192;

  // The last axis counts as channels. kInvalidArgument where an element is not finite.
  Status Add(const TensorView& x);

  // Seen so far; both include 0, which every quantised range must.
  float low() const { return low_; }
  float high() const { return high_; }
  int64_t count() const { return count_; }
  // Largest magnitude, and mean, of a channel.
  const std::vector<float>& channel_peaks() const { return peaks_; }
  std::vector<double> ChannelMeans() const;

  // The range of u8 that stands for the value. `percentile`: 50 < p <= 100; kPercentile only.
  QuantParams ParamsOfU8(RangeMethod method, double percentile) const;

 private:
  struct Range {
    double low, high;
  };
  double BinStart(int bin) const { return (static_cast<double>(bin) / kBins * 2.0 - 1.0) * limit_; }
  void GrowTo(float peak);
  Range PercentileRange(double percentile) const;
  Range MseRange() const;
  double ErrorOf(const Range& range) const;

  float low_ = 0.0f, high_ = 0.0f;
  int64_t count_ = 0;
  double limit_ = 0.0;  // 0: nothing but zeros so far
  int64_t zeros_ = 0;   // while limit_ is 0
  std::vector<int64_t> bins_;
  std::vector<float> peaks_;
  std::vector<double> sums_;
  int64_t rows_ = 0;
};

}  // namespace minnow::quantize

#endif  // MINNOW_QUANTIZE_OBSERVER_H_
