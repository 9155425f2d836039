// A stable text form of a graph, for messages, `minnow inspect` and golden tests.
#ifndef MINNOW_GRAPH_PRINT_H_
#define MINNOW_GRAPH_PRINT_H_

#include <string>

#include "graph/graph.h"

namespace minnow::graph {

// One line a node in topological order:
//   %y f32[1,112,112,32] = Conv2D(%x, %w, %b) stride=2x2 pad=same_upper act=clamp(0,6)  # conv1
// Inputs first, outputs last; constants as `const f32[32,3,3,3]`. Attributes at their default are
// left out.
std::string Print(const Graph& graph);

// Only the attributes of one op, " stride=2x2 …" or "".
std::string PrintAttributes(const Op& op);

}  // namespace minnow::graph

#endif  // MINNOW_GRAPH_PRINT_H_
