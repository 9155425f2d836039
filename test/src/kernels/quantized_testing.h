// What tests of integer kernels share: random bytes with room behind them, and factors that make
// sums saturate, tie, and everything between.
#ifndef MINNOW_TEST_SRC_KERNELS_QUANTIZED_TESTING_H_
#define MINNOW_TEST_SRC_KERNELS_QUANTIZED_TESTING_H_

#include <cstdint>
#include <vector>

#include "kernels/kernel_testing.h"
#include "kernels/requant.h"

namespace minnow::kernels {

inline constexpr uint8_t kByteGuard = 0xa5;
inline constexpr int kMaxBias = 20000;

// Some arrays hold only the extremes, so that every intermediate sum is as large as it can be.
inline std::vector<uint8_t> RandomBytes(Random* random, int64_t count, int64_t room) {
  const bool extreme = random->Between(0, 3) == 0;
  std::vector<uint8_t> bytes(static_cast<size_t>(count + room));
  for (uint8_t& byte : bytes) {
    byte = static_cast<uint8_t>(extreme ? 255 * random->Between(0, 1) : random->Between(0, 255));
  }
  return bytes;
}

inline std::vector<int16_t> RandomWeights(Random* random, int64_t count, int low, int high) {
  const int64_t kind = random->Between(0, 3);
  std::vector<int16_t> weights(static_cast<size_t>(count));
  for (int16_t& w : weights) {
    const int64_t value = kind == 0   ? (random->Between(0, 1) == 0 ? low : high)
                          : kind == 1 ? high
                                      : random->Between(low, high);
    w = static_cast<int16_t>(value);
  }
  return weights;
}

// Factors for `columns` columns whose sums are of the order of `spread` * 128 * sqrt(terms).
// `place[i]` is the column at place i of the register order.
class Factors {
 public:
  Factors(Random* random, int64_t columns, const std::vector<int64_t>& place, int64_t terms,
          double spread) {
    const double magnitude = spread * 128.0 * std::sqrt(terms);
    requant_.y_scale = static_cast<double>(static_cast<float>(random->Between(1, 64)) / 32.0f);
    // A power of two makes ties; others hardly ever.
    const bool ties = random->Between(0, 2) == 0;
    for (int64_t i = 0; i < columns; ++i) {
      double scale = 128.0 / magnitude * static_cast<double>(random->Between(1, 8));
      if (ties) {
        scale = std::exp2(std::floor(std::log2(scale)));
        requant_.y_scale = 1.0;
      }
      scales_.push_back(static_cast<double>(static_cast<float>(scale)));
    }
    const bool is_steep = random->Between(0, 7) == 0;
    requant_.margin = 2;
    for (double& scale : scales_) {
      if (is_steep) scale *= 65536.0;
      // Products of bytes and weights of nine bits, and RandomBiases of columns and rows.
      const double most = 255.0 * 255.0 * static_cast<double>(terms) + 2 * kMaxBias;
      requant_.may_overflow |= most * scale / requant_.y_scale > kMaxSteps;
      if (std::min(most, 256 * requant_.y_scale / scale) >= 0x1p24) requant_.margin = 4;
    }
    requant_.zero_point = static_cast<int32_t>(random->Between(0, 255));
    if (random->Between(0, 1) == 0) {
      requant_.min = static_cast<int32_t>(random->Between(0, 128));
      requant_.max = static_cast<int32_t>(random->Between(128, 255));
    }
    scales_.resize(std::max(scales_.size(), place.size()), 1.0);
    for (const int64_t column : place) {
      const double scale = column < columns ? scales_[static_cast<size_t>(column)] : 1.0;
      multipliers_.push_back(static_cast<float>(scale / requant_.y_scale) * kGuessUnits);
    }
  }

  Requant From(int64_t first) const {
    Requant requant = requant_;
    requant.multipliers = multipliers_.data() + first;
    requant.scales = scales_.data() + first;
    return requant;
  }
  uint8_t Want(int64_t sum, int64_t column) const {
    return RequantExact(static_cast<int32_t>(sum), scales_[static_cast<size_t>(column)], requant_);
  }

 private:
  Requant requant_;
  std::vector<float> multipliers_;
  std::vector<double> scales_;
};

// Biases of sums.
inline std::vector<int32_t> RandomBiases(Random* random, int64_t count) {
  std::vector<int32_t> biases(static_cast<size_t>(count));
  for (int32_t& bias : biases) bias = static_cast<int32_t>(random->Between(-kMaxBias, kMaxBias));
  return biases;
}

// Which column stands at each of `width` places.
template <typename ColumnAt>
std::vector<int64_t> PlacesOf(int64_t width, const ColumnAt& column_at) {
  std::vector<int64_t> place;
  for (int64_t at = 0; at < width; ++at) place.push_back(column_at(at));
  return place;
}

// In register order, zero where no column stands.
inline std::vector<int32_t> Placed(const std::vector<int32_t>& values,
                                   const std::vector<int64_t>& place) {
  std::vector<int32_t> placed;
  for (const int64_t column : place) {
    const auto at = static_cast<size_t>(column);
    placed.push_back(at < values.size() ? values[at] : 0);
  }
  return placed;
}

}  // namespace minnow::kernels

#endif  // MINNOW_TEST_SRC_KERNELS_QUANTIZED_TESTING_H_
