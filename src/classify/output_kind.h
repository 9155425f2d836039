// Whether a network's first output is already a probability, or a logit.
#ifndef MINNOW_CLASSIFY_OUTPUT_KIND_H_
#define MINNOW_CLASSIFY_OUTPUT_KIND_H_

#include "graph/graph.h"

namespace minnow::classify {

enum class OutputKind { kProbabilities, kLogits };

// "probabilities" or "logits".
const char* OutputKindName(OutputKind kind);

// kProbabilities when the last operator before output 0 that changes values is a Softmax (not a log
// softmax); operators that only move or rename values (Reshape, Identity, …) are looked through.
// `graph` is valid (acyclic); it may have no outputs.
OutputKind FindOutputKind(const graph::Graph& graph);

}  // namespace minnow::classify

#endif  // MINNOW_CLASSIFY_OUTPUT_KIND_H_
