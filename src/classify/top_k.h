// From a network's scores to the best classes.
#ifndef MINNOW_CLASSIFY_TOP_K_H_
#define MINNOW_CLASSIFY_TOP_K_H_

#include <cstdint>
#include <vector>

namespace minnow::classify {

struct Prediction {
  int64_t index = 0;
  double probability = 0;
};

// exp(x - max) / sum in double, in place. A NaN among the scores makes all of them NaN.
void SoftmaxInPlace(std::vector<double>* scores);

// The `k` largest, best first; equal ones by rising index, NaN after every number. Fewer when there
// are fewer scores; none when k < 1.
std::vector<Prediction> TopK(const std::vector<double>& scores, int64_t k);

}  // namespace minnow::classify

#endif  // MINNOW_CLASSIFY_TOP_K_H_
