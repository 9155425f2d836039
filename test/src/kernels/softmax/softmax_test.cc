// Are rows of probabilities right to float precision, whatever the magnitudes?
#include "kernels/softmax/softmax.h"

#include <gtest/gtest.h>

#include "kernels/kernel_testing.h"

namespace minnow::kernels {
namespace {

std::vector<double> Want(const std::vector<float>& in, bool log) {
  const double max = *std::max_element(in.begin(), in.end());
  double sum = 0;
  for (const float x : in) sum += std::exp(x - max);
  std::vector<double> out;
  for (const float x : in) {
    out.push_back(log ? x - max - std::log(sum) : std::exp(x - max) / sum);
  }
  return out;
}

TEST(SoftmaxF32, MatchesDoubleForEveryLengthAndMagnitude) {
  for (const float scale : {0.0f, 1.0f, 30.0f, 1e4f, 1e30f}) {
    for (const int64_t n : {1, 2, 3, 7, 16, 17, 1000, 1001}) {
      const std::vector<float> in = Random(static_cast<uint64_t>(n)).Floats(n, scale);
      for (const bool log : {false, true}) {
        std::vector<float> out(in.size() + 1, kGuard);
        SoftmaxF32(in.data(), n, log, out.data());
        EXPECT_EQ(out.back(), kGuard);
        const std::vector<double> want = Want(in, log);
        double sum = 0;
        for (size_t i = 0; i < in.size(); ++i) {
          ASSERT_NEAR(out[i], want[i], 1e-6 * std::max(1.0, std::abs(want[i])))
              << "n " << n << " scale " << scale << (log ? " log" : "");
          sum += out[i];
        }
        if (!log) {
          EXPECT_NEAR(sum, 1.0, 1e-6);
        }
      }
    }
  }
}

TEST(SoftmaxF32, WorksInPlaceAndDoesNotMindAShift) {
  std::vector<float> row = {-80.0f, 0.0f, 80.0f, 79.0f};
  std::vector<float> shifted = {920.0f, 1000.0f, 1080.0f, 1079.0f};
  SoftmaxF32(row.data(), 4, false, row.data());
  SoftmaxF32(shifted.data(), 4, false, shifted.data());
  EXPECT_EQ(row, shifted);
  EXPECT_NEAR(row[2], 1 / (1 + std::exp(-1.0)), 1e-6);
}

TEST(SoftmaxF32, MinusInfinityHasNoProbability) {
  float row[] = {-INFINITY, 0.0f, 0.0f};
  SoftmaxF32(row, 3, false, row);
  EXPECT_EQ(row[0], 0.0f);
  EXPECT_EQ(row[1], 0.5f);
}

}  // namespace
}  // namespace minnow::kernels
