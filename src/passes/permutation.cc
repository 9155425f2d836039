// How orders of axes are inverted, composed and applied.
#include "passes/permutation.h"

#include <algorithm>
#include <numeric>

#include "passes/rewrite.h"

namespace minnow::passes {

using graph::Graph;
using graph::ValueId;

Permutation PermutationOf(const graph::Transpose& op, int rank) {
  if (!op.perm.empty()) return op.perm;
  Permutation perm(static_cast<size_t>(rank));
  std::iota(perm.rbegin(), perm.rend(), 0);
  return perm;
}

bool IsIdentity(const Permutation& perm) { return std::is_sorted(perm.begin(), perm.end()); }

Permutation Inverse(const Permutation& perm) {
  Permutation inverse(perm.size());
  for (size_t i = 0; i < perm.size(); ++i) {
    inverse[static_cast<size_t>(perm[i])] = static_cast<int64_t>(i);
  }
  return inverse;
}

Permutation Compose(const Permutation& first, const Permutation& second) {
  Permutation both(second.size());
  for (size_t i = 0; i < second.size(); ++i) both[i] = first[static_cast<size_t>(second[i])];
  return both;
}

Shape Permuted(const Shape& shape, const Permutation& perm) {
  Shape permuted;
  for (int64_t axis : perm) permuted.Append(shape[static_cast<int>(axis)]);
  return permuted;
}

bool MovesNothing(const Shape& shape, const Permutation& perm) {
  Permutation moved;
  for (int64_t axis : perm) {
    if (shape[static_cast<int>(axis)] != 1) moved.push_back(axis);
  }
  return IsIdentity(moved);
}

std::optional<TransposedValue> AsTranspose(const Graph& graph, ValueId id) {
  const auto* op = ProducerAs<graph::Transpose>(graph, id);
  if (op == nullptr) return std::nullopt;
  const ValueId source = graph.ProducerOf(id)->inputs[0];
  const std::optional<Shape>& shape = graph.value(source).shape;
  if (op->perm.empty() && !shape) return std::nullopt;
  return TransposedValue{source, PermutationOf(*op, shape ? shape->rank() : 0)};
}

ValueId AddTranspose(Graph* graph, ValueId value, const Permutation& perm,
                     const std::string& suffix) {
  const std::optional<Shape> shape = graph->value(value).shape;
  const ValueId transposed = Derive(graph, value, graph::Transpose{perm}, suffix);
  if (shape && shape->rank() == static_cast<int>(perm.size())) {
    graph->value(transposed).shape = Permuted(*shape, perm);
  }
  return transposed;
}

Shape WithLeadingOnes(const Shape& shape, int rank) {
  Shape padded;
  for (int i = shape.rank(); i < rank; ++i) padded.Append(1);
  for (int64_t dim : shape) padded.Append(dim);
  return padded;
}

StatusOr<ValueId> TransposeConstant(Graph* graph, ValueId constant, const Permutation& perm) {
  const Tensor tensor = *graph->ConstantOf(constant);
  if (tensor.ElementCount() == 1) return constant;
  const Tensor padded =
      tensor.Reshaped(WithLeadingOnes(tensor.shape(), static_cast<int>(perm.size())));
  const std::string name = graph->value(constant).name + "/transposed";
  if (MovesNothing(padded.shape(), perm)) {
    return graph->AddConstant(name, padded.Reshaped(Permuted(padded.shape(), perm)));
  }
  StatusOr<Tensor> transposed = EvaluateOne(graph::Transpose{perm}, {padded});
  if (!transposed.ok()) return transposed.status();
  return graph->AddConstant(name, std::move(*transposed));
}

}  // namespace minnow::passes
