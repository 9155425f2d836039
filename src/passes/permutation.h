// Orders of axes: output axis i of a Transpose is input axis perm[i].
#ifndef MINNOW_PASSES_PERMUTATION_H_
#define MINNOW_PASSES_PERMUTATION_H_

#include <optional>
#include <vector>

#include "graph/graph.h"

namespace minnow::passes {

using Permutation = std::vector<int64_t>;

// The perm of a Transpose whose input has rank `rank` (empty means reversed).
Permutation PermutationOf(const graph::Transpose& op, int rank);

bool IsIdentity(const Permutation& perm);
Permutation Inverse(const Permutation& perm);
// One Transpose for `first` and then `second`. REQUIRES: equal lengths.
Permutation Compose(const Permutation& first, const Permutation& second);

// REQUIRES: shape.rank() == perm.size().
Shape Permuted(const Shape& shape, const Permutation& perm);

// True when the axes that may be larger than 1 keep their order, so that no element moves.
bool MovesNothing(const Shape& shape, const Permutation& perm);

// The Transpose that makes `id`, with its perm spelled out.
struct TransposedValue {
  graph::ValueId source = graph::kNoValue;
  Permutation perm;
};
std::optional<TransposedValue> AsTranspose(const graph::Graph& graph, graph::ValueId id);

// Adds Transpose(value), with its shape.
graph::ValueId AddTranspose(graph::Graph* graph, graph::ValueId value, const Permutation& perm,
                            const std::string& suffix);

// `shape` with ones in front up to `rank`. REQUIRES: shape.rank() <= rank.
Shape WithLeadingOnes(const Shape& shape, int rank);

// A constant that broadcasts against values of rank perm.size(), made to broadcast against those
// values transposed by `perm`. Single elements stay as they are.
StatusOr<graph::ValueId> TransposeConstant(graph::Graph* graph, graph::ValueId constant,
                                           const Permutation& perm);

}  // namespace minnow::passes

#endif  // MINNOW_PASSES_PERMUTATION_H_
