// The ordered list of graph rewrites between an importer and the runtime.
#ifndef MINNOW_PASSES_PIPELINE_H_
#define MINNOW_PASSES_PIPELINE_H_

#include <string>
#include <vector>

#include "base/status.h"
#include "graph/graph.h"

namespace minnow::passes {

struct Pass {
  const char* name;
  Status (*run)(graph::Graph* graph);
};

// In running order.
const std::vector<Pass>& Pipeline();

// Runs the whole pipeline; shapes are inferred again and the graph validated after each pass, and
// an error says `pass NAME: …`. Works with unknown dims (dynamic batch).
// Afterwards: NHWC data, OHWI weights, no BatchNorm behind a convolution, no Identity, Gemm with
// constant weights is FullyConnected, activations and residual adds are in the epilogues.
Status Optimize(graph::Graph* graph);

// Fixes the graph inputs to the static `input_shapes` (in order; each must fit the declared shape),
// infers again, folds what became constant (shape chains), and cleans up. Afterwards every value
// has a static shape but those that depend on data.
Status Specialize(graph::Graph* graph, const std::vector<Shape>& input_shapes);

}  // namespace minnow::passes

#endif  // MINNOW_PASSES_PIPELINE_H_
