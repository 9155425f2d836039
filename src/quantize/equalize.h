// Cross-layer equalisation (Nagel et al. 2019, "Data-free quantization through weight equalization
// and bias correction"): channels between convolutions are scaled so that all use their share of
// the common range.
#ifndef MINNOW_QUANTIZE_EQUALIZE_H_
#define MINNOW_QUANTIZE_EQUALIZE_H_

#include <vector>

#include "base/status.h"
#include "graph/graph.h"
#include "quantize/observer.h"

namespace minnow::quantize {

// Wherever values are made by convolutions alone (and sums of such: residuals) and read by
// convolutions alone, channel c is multiplied by a factor before and divided by it after. What
// stands between must be linear or, without sums, a clamp at [0, high]: where a channel reaches the
// clamp its factor is 1; where it does not, the clamp comes down to no less than `kHeadroom` times
// the largest element seen. So the network computes what it did on all inputs whose channels stay
// within that. Sets `*changed` to whether there was such a place.
Status Equalize(graph::Graph* graph, const std::vector<Observer>& observers, bool* changed);

inline constexpr double kHeadroom = 1.25;

}  // namespace minnow::quantize

#endif  // MINNOW_QUANTIZE_EQUALIZE_H_
