// The part of a network whose shapes depend on data: cut off, and run value by value.
//
// A Reshape to a shape that is an input, or what reads the boxes that a NonMaxSuppression found,
// has no shape before the run. Such nodes and all behind them make up the tail, which the
// interpreter runs after the plan's operators; everything before keeps its fast kernels.
#ifndef MINNOW_RUNTIME_TAIL_H_
#define MINNOW_RUNTIME_TAIL_H_

#include <atomic>
#include <memory>
#include <vector>

#include "base/status.h"
#include "graph/graph.h"
#include "runtime/operator.h"
#include "runtime/profiler.h"
#include "tensor/tensor.h"

namespace minnow::runtime {

struct Tail {
  graph::Graph graph;          // its outputs are those of the network that depend on data, in order
  std::vector<SlotId> inputs;  // where the plan leaves what the graph reads
};

// A specialised graph in two. Without a tail, `head` is the graph as it was. Else the outputs of
// `head` are the network's outputs that it makes, then the inputs of the tail.
struct SplitGraph {
  graph::Graph head;
  std::unique_ptr<Tail> tail;  // null where every shape is known
};
SplitGraph SplitTail(const graph::Graph& graph);

// Tensors that live at once may take `max_bytes`. `cancelled` and `profile` may be null.
StatusOr<std::vector<Tensor>> RunTail(const Tail& tail, const std::vector<TensorView>& inputs,
                                      size_t max_bytes, const std::atomic<bool>* cancelled,
                                      Profile* profile);

}  // namespace minnow::runtime

#endif  // MINNOW_RUNTIME_TAIL_H_
