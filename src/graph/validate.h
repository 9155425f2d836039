// The invariants of a graph. Run after import and after every pass.
#ifndef MINNOW_GRAPH_VALIDATE_H_
#define MINNOW_GRAPH_VALIDATE_H_

#include "graph/graph.h"

namespace minnow::graph {

// Ids in range, every value has one producer at most, arity of each op, no reader of a dead node's
// output, outputs exist, acyclic. kInternal when a pass broke it; importers turn that into
// kInvalidModel.
Status Validate(const Graph& graph);

// Rank and elements of every value whose shape is known, by CurrentLoadLimits().
Status CheckLimits(const Graph& graph);

}  // namespace minnow::graph

#endif  // MINNOW_GRAPH_VALIDATE_H_
