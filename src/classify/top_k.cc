// From a network's scores to the best classes.
#include "classify/top_k.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace minnow::classify {
namespace {

// A strict weak order even with NaN, which counts as less than every number.
bool Better(const Prediction& a, const Prediction& b) {
  const bool a_nan = std::isnan(a.probability);
  const bool b_nan = std::isnan(b.probability);
  if (a_nan != b_nan) return b_nan;
  if (!a_nan && a.probability != b.probability) return a.probability > b.probability;
  return a.index < b.index;
}

}  // namespace

void SoftmaxInPlace(std::vector<double>* scores) {
  if (scores->empty()) return;
  const double max = *std::max_element(scores->begin(), scores->end());
  double sum = 0;
  for (double& score : *scores) {
    score = std::exp(score - max);
    sum += score;
  }
  for (double& score : *scores) score /= sum;
}

std::vector<Prediction> TopK(const std::vector<double>& scores, int64_t k) {
  std::vector<Prediction> all(scores.size());
  for (size_t i = 0; i < scores.size(); ++i) all[i] = {static_cast<int64_t>(i), scores[i]};
  const int64_t count = std::clamp<int64_t>(k, 0, static_cast<int64_t>(all.size()));
  std::partial_sort(all.begin(), all.begin() + count, all.end(), Better);
  all.resize(static_cast<size_t>(count));
  return all;
}

}  // namespace minnow::classify
