// The quantised form of a network: weights and biases as integers behind Dequantize, a Quantize and
// a Dequantize behind every value that the plan makes bytes.
#ifndef MINNOW_QUANTIZE_INSERT_H_
#define MINNOW_QUANTIZE_INSERT_H_

#include <vector>

#include "base/status.h"
#include "graph/graph.h"
#include "quantize/observer.h"
#include "quantize/plan.h"

namespace minnow::quantize {

struct InsertOptions {
  RangeMethod range = RangeMethod::kPercentile;
  double percentile = 99.999;
  // The rounding of weights moves the mean of each output channel; the bias takes it back, with the
  // mean inputs that were observed.
  bool correct_bias = false;
};

// Weights: i8, symmetric, one scale an output channel. Activations: u8. Biases: i32 with the scale
// of the sums. REQUIRES: `plan` and `observers` are of `graph`.
Status InsertQuantization(graph::Graph* graph, const QuantPlan& plan,
                          const std::vector<Observer>& observers, const InsertOptions& options);

}  // namespace minnow::quantize

#endif  // MINNOW_QUANTIZE_INSERT_H_
