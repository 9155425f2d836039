// Does an operator leave the batch where it is, on axis 0? Where it does, a shape that a program
// computes from the batch can be given as "what the input has there".
#ifndef MINNOW_IMPORTERS_TORCHSCRIPT_BATCH_H_
#define MINNOW_IMPORTERS_TORCHSCRIPT_BATCH_H_

#include <vector>

#include "graph/graph.h"

namespace minnow::importers::torchscript {

// `has_batch` says it of each input of the node. False where it is not certain.
bool KeepsBatch(const graph::Graph& graph, const graph::Node& node,
                const std::vector<bool>& has_batch);

}  // namespace minnow::importers::torchscript

#endif  // MINNOW_IMPORTERS_TORCHSCRIPT_BATCH_H_
