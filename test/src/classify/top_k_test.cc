// Are the best classes found, in a defined order, whatever the scores?
#include "classify/top_k.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace minnow::classify {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

std::vector<int64_t> Indices(const std::vector<double>& scores, int64_t k) {
  std::vector<int64_t> indices;
  for (const Prediction& prediction : TopK(scores, k)) indices.push_back(prediction.index);
  return indices;
}

TEST(TopK, GivesTheLargestBestFirst) {
  EXPECT_EQ(Indices({0.1, 0.5, 0.2, 0.9}, 2), (std::vector<int64_t>{3, 1}));
  EXPECT_DOUBLE_EQ(TopK({0.1, 0.5}, 1)[0].probability, 0.5);
}

TEST(TopK, BreaksTiesByTheLowerIndex) {
  EXPECT_EQ(Indices({0.5, 0.7, 0.5, 0.7}, 4), (std::vector<int64_t>{1, 3, 0, 2}));
}

TEST(TopK, GivesNoMoreThanThereAre) {
  EXPECT_EQ(Indices({1, 2}, 5).size(), 2u);
  EXPECT_TRUE(Indices({}, 5).empty());
  EXPECT_TRUE(Indices({1, 2}, 0).empty());
  EXPECT_TRUE(Indices({1, 2}, -1).empty());
}

TEST(TopK, PutsNanAfterEveryNumber) {
  EXPECT_EQ(Indices({kNan, -kInfinity, 1, kNan}, 4), (std::vector<int64_t>{2, 1, 0, 3}));
}

TEST(TopK, IsTheHeadOfAFullSort) {
  std::vector<double> scores;
  for (int i = 0; i < 1001; ++i) scores.push_back(((i * 7919) % 101) / 101.0);
  const std::vector<int64_t> all = Indices(scores, 1001);
  for (const int64_t k : {1, 5, 100, 1000}) {
    const std::vector<int64_t> head = Indices(scores, k);
    EXPECT_TRUE(std::equal(head.begin(), head.end(), all.begin())) << k;
  }
}

TEST(Softmax, MatchesTheFormula) {
  std::vector<double> scores = {1, 2, 3};
  SoftmaxInPlace(&scores);
  const double sum = std::exp(1) + std::exp(2) + std::exp(3);
  for (int i = 0; i < 3; ++i)
    EXPECT_NEAR(scores[static_cast<size_t>(i)], std::exp(i + 1) / sum, 1e-15);
}

TEST(Softmax, DoesNotOverflow) {
  std::vector<double> scores = {1000, 1000, -1e9};
  SoftmaxInPlace(&scores);
  EXPECT_DOUBLE_EQ(scores[0], 0.5);
  EXPECT_DOUBLE_EQ(scores[2], 0.0);
}

TEST(Softmax, CarriesNanToEveryScore) {
  for (std::vector<double> scores : {std::vector<double>{kNan, 1}, std::vector<double>{1, kNan}}) {
    SoftmaxInPlace(&scores);
    EXPECT_TRUE(std::isnan(scores[0]) && std::isnan(scores[1]));
  }
  std::vector<double> none;
  SoftmaxInPlace(&none);
  EXPECT_TRUE(none.empty());
}

}  // namespace
}  // namespace minnow::classify
