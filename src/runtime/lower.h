// From a specialised graph to a plan: chooses operators and layouts, places memory.
#ifndef MINNOW_RUNTIME_LOWER_H_
#define MINNOW_RUNTIME_LOWER_H_

#include <memory>

#include "base/status.h"
#include "graph/graph.h"
#include "runtime/model.h"
#include "runtime/plan.h"
#include "runtime/weight_cache.h"

namespace minnow::runtime {

// REQUIRES: passes::Optimize and passes::Specialize have run: NHWC, shapes static unless they
// depend on data. Errors name the node: kUnsupported for what no operator can do,
// kResourceExhausted above options.max_arena_bytes. Before the plan runs: cache->FillPending().
StatusOr<std::shared_ptr<const Plan>> Lower(const graph::Graph& graph,
                                            const CompileOptions& options, WeightCache* cache);

}  // namespace minnow::runtime

#endif  // MINNOW_RUNTIME_LOWER_H_
