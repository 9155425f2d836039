// Scale and shift per channel, and the linear operators that can take them in.
#ifndef MINNOW_PASSES_AFFINE_H_
#define MINNOW_PASSES_AFFINE_H_

#include <string>
#include <vector>

#include "base/status.h"
#include "graph/graph.h"

namespace minnow::passes {

// y = x * scale + shift, one number a channel (the last axis).
struct Affine {
  std::vector<double> scale;
  std::vector<double> shift;
};

// Output channels of the Conv2D or FullyConnected that makes `value` when an affine can be folded
// into it: constant f32 weights [O,...] and bias, no activation or residual behind which it would
// stand, and no other reader of `value`. Else 0.
int64_t FoldableChannels(const graph::Graph& graph, graph::ValueId value);

// weights * scale, bias * scale + shift, rounded once to f32.
// REQUIRES: affine.scale.size() == FoldableChannels(producer's output).
Status FoldIntoProducer(graph::Graph* graph, graph::NodeId producer, const Affine& affine);

}  // namespace minnow::passes

#endif  // MINNOW_PASSES_AFFINE_H_
