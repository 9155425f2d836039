#include "quantize/observer.h"

#include <algorithm>
#include <cmath>

namespace minnow::quantize {
namespace {

constexpr int kSteps = 255;
// Shrunk ranges that the search for the smallest error tries, a side.
constexpr int kTrials = 100;

}  // namespace

void Observer::GrowTo(float peak) {
  if (static_cast<double>(peak) < limit_) return;
  if (limit_ == 0.0) {
    // Above the smallest denormal, so that its reciprocal stays finite.
    limit_ = std::ldexp(1.0, std::max(std::ilogb(std::max(peak, 1e-30f)) + 1, -100));
    bins_.assign(kBins, 0);
    bins_[kBins / 2] = zeros_;
  }
  for (; static_cast<double>(peak) >= limit_; limit_ *= 2.0) {
    // Bin b of the old half-width lies in bin b / 2 + kBins / 4 of the new one.
    std::vector<int64_t> merged(kBins, 0);
    for (int b = 0; b < kBins; ++b) {
      merged[static_cast<size_t>(b / 2 + kBins / 4)] += bins_[static_cast<size_t>(b)];
    }
    bins_ = std::move(merged);
  }
}

Status Observer::Add(const TensorView& x) {
  const float* data = x.as<float>();
  const int64_t count = x.ElementCount();
  const int rank = x.shape.rank();
  const int64_t channels = rank == 0 ? 1 : x.shape[rank - 1];
  if (count == 0) return OkStatus();
  const auto width = static_cast<size_t>(channels);
  peaks_.resize(width, 0.0f);
  sums_.resize(width, 0.0);
  if (peaks_.size() != width) return Internal("a value changed its number of channels");
  std::vector<float> sums(width, 0.0f), lows(width, 0.0f), highs(width, 0.0f);
  for (int64_t row = 0; row < count; row += channels) {
    for (size_t c = 0; c < width; ++c) {
      const float value = data[row + static_cast<int64_t>(c)];
      sums[c] += value;
      lows[c] = value < lows[c] ? value : lows[c];
      highs[c] = value > highs[c] ? value : highs[c];
    }
  }
  for (size_t c = 0; c < width; ++c) {
    // A NaN or an infinity anywhere is one in the sum.
    if (!std::isfinite(sums[c])) return InvalidArgument("it is not finite");
    sums_[c] += static_cast<double>(sums[c]);
    peaks_[c] = std::max({peaks_[c], -lows[c], highs[c]});
    low_ = std::min(low_, lows[c]);
    high_ = std::max(high_, highs[c]);
  }
  rows_ += count / channels;
  count_ += count;
  const float peak = std::max(-low_, high_);
  if (peak == 0.0f) {
    zeros_ += count;
    return OkStatus();
  }
  GrowTo(peak);
  const auto scale = static_cast<float>(kBins / limit_ / 2.0);
  constexpr float kMiddle = kBins / 2.0f;
  for (int64_t i = 0; i < count; ++i) {
    // Not below 0: truncation is then the floor.
    const int bin = static_cast<int>(data[i] * scale + kMiddle);
    ++bins_[static_cast<size_t>(std::min(std::max(bin, 0), kBins - 1))];
  }
  return OkStatus();
}

std::vector<double> Observer::ChannelMeans() const {
  std::vector<double> means = sums_;
  for (double& mean : means) mean /= static_cast<double>(std::max<int64_t>(rows_, 1));
  return means;
}

Observer::Range Observer::PercentileRange(double percentile) const {
  const double outside = static_cast<double>(count_) * (100.0 - percentile) / 100.0 / 2.0;
  int first = 0, last = kBins - 1;
  for (double seen = 0.0; first < last; ++first) {
    seen += static_cast<double>(bins_[static_cast<size_t>(first)]);
    if (seen > outside) break;
  }
  for (double seen = 0.0; last > first; --last) {
    seen += static_cast<double>(bins_[static_cast<size_t>(last)]);
    if (seen > outside) break;
  }
  return {std::max(BinStart(first), static_cast<double>(low_)),
          std::min(BinStart(last + 1), static_cast<double>(high_))};
}

// Rounding costs step^2 / 12 an element inside (what is nearly 0 becomes 0, which costs its own
// square), clipping the square of the distance outside.
double Observer::ErrorOf(const Range& range) const {
  const double step = (range.high - range.low) / kSteps;
  const double half_bin = limit_ / kBins;
  double error = 0.0;
  for (int b = 0; b < kBins; ++b) {
    const auto count = static_cast<double>(bins_[static_cast<size_t>(b)]);
    if (count == 0.0) continue;
    const double middle = BinStart(b) + half_bin;
    const double beyond = std::max({range.low - middle, middle - range.high, 0.0});
    const double rounding = std::min(step * step / 12.0, middle * middle);
    error += count * (beyond > 0.0 ? beyond * beyond : rounding);
  }
  return error;
}

// Both ends together first, then each on its own.
Observer::Range Observer::MseRange() const {
  const Range whole = {static_cast<double>(low_), static_cast<double>(high_)};
  Range best = whole;
  double smallest = ErrorOf(best);
  const auto consider = [&](const Range& range) {
    const double error = ErrorOf(range);
    if (error < smallest) {
      smallest = error;
      best = range;
    }
  };
  const auto share = [](int trial) { return static_cast<double>(trial) / kTrials; };
  for (int t = kTrials / 10; t < kTrials; ++t) {
    consider({whole.low * share(t), whole.high * share(t)});
  }
  if (low_ == 0.0f || high_ == 0.0f) return best;
  for (int t = kTrials / 10; t <= kTrials; ++t) consider({whole.low * share(t), best.high});
  for (int t = kTrials / 10; t <= kTrials; ++t) consider({best.low, whole.high * share(t)});
  return best;
}

QuantParams Observer::ParamsOfU8(RangeMethod method, double percentile) const {
  if (limit_ == 0.0) return {1.0f / kSteps, 0};
  Range range = {static_cast<double>(low_), static_cast<double>(high_)};
  if (method == RangeMethod::kPercentile) range = PercentileRange(percentile);
  if (method == RangeMethod::kMse) range = MseRange();
  range.low = std::min(range.low, 0.0);
  range.high = std::max(range.high, 0.0);
  const auto scale = static_cast<float>((range.high - range.low) / kSteps);
  // Values so small that their steps vanish are nothing.
  if (!(scale > 1e-30f)) return {1.0f / kSteps, 0};
  const double zero = std::nearbyint(-range.low / static_cast<double>(scale));
  return {scale, static_cast<int32_t>(std::clamp(zero, 0.0, static_cast<double>(kSteps)))};
}

}  // namespace minnow::quantize
