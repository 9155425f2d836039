// How much there is to compute, before it is computed.
#ifndef MINNOW_GRAPH_WORK_H_
#define MINNOW_GRAPH_WORK_H_

#include "graph/graph.h"

namespace minnow::graph {

// Elements that the node reads, multiplies and writes: at least what plain loops over its shapes
// take, more where that is simpler. A dimension that is not known counts as 1.
double WorkOf(const Graph& graph, const Node& node);

}  // namespace minnow::graph

#endif  // MINNOW_GRAPH_WORK_H_
