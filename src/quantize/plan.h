// Which values of a float network become bytes, and which of them must share one scale?
#ifndef MINNOW_QUANTIZE_PLAN_H_
#define MINNOW_QUANTIZE_PLAN_H_

#include <vector>

#include "base/status.h"
#include "graph/graph.h"

namespace minnow::quantize {

// Writes apart what fused operators hold together, so that each sum has a value of its own to be
// quantised: a residual becomes an Add, an activation that is no clamp an operator.
Status SplitFusedOps(graph::Graph* graph);

// A product whose weights can be bytes: Conv2D (channels last, OHWI) or FullyConnected with
// constant weights, and an s32 holds its sums.
bool IsProduct(const graph::Graph& graph, const graph::Node& node);

struct QuantPlan {
  // One entry a value: the group it shares its scale with, or -1 where it stays real.
  std::vector<int> group_of;
  int groups = 0;
  // Nodes that compute on real numbers though their neighbours do not.
  std::vector<graph::NodeId> real_nodes;
};

// REQUIRES: SplitFusedOps was run. A value is quantised when an operator that can work on bytes
// reads or makes it. Operators that only move elements (Concat too) give what they read and make
// one group.
QuantPlan PlanQuantization(const graph::Graph& graph);

}  // namespace minnow::quantize

#endif  // MINNOW_QUANTIZE_PLAN_H_
