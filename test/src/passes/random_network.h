// Small random networks as importers bring them: either layout, batch norms, spelled-out
// activations, dynamic batch, computed reshapes, values read twice, inner values as outputs.
#ifndef MINNOW_TEST_SRC_PASSES_RANDOM_NETWORK_H_
#define MINNOW_TEST_SRC_PASSES_RANDOM_NETWORK_H_

#include "graph/graph.h"

namespace minnow::passes {

graph::Graph RandomNetwork(uint64_t seed);

}  // namespace minnow::passes

#endif  // MINNOW_TEST_SRC_PASSES_RANDOM_NETWORK_H_
