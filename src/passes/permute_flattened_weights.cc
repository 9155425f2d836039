// Which FullyConnected reads an image flattened channels first (VGG, AlexNet)? Its columns are put
// in the order of the channels-last image, once, instead of the image in every run.
#include "passes/passes.h"
#include "passes/permutation.h"
#include "passes/rewrite.h"

namespace minnow::passes {
namespace {

using graph::Graph;
using graph::NodeId;
using graph::ValueId;

struct FlattenedTranspose {
  TransposedValue transposed;
  Shape flattened_from;  // the Transpose's output
  std::vector<int64_t> target;
};

// Reshape(Transpose(y)) to [batch, everything else], the batch in place.
std::optional<FlattenedTranspose> Match(const Graph& graph, ValueId x) {
  const auto* reshape = ProducerAs<graph::Reshape>(graph, x);
  if (reshape == nullptr || graph.ProducerOf(x)->inputs.size() != 1) return std::nullopt;
  const ValueId transpose = graph.ProducerOf(x)->inputs[0];
  const std::optional<TransposedValue> transposed = AsTranspose(graph, transpose);
  const std::optional<Shape>& from = graph.value(transpose).shape;
  const std::optional<Shape>& to = graph.value(x).shape;
  if (!transposed || !from || !to || transposed->perm[0] != 0 || to->rank() != 2) {
    return std::nullopt;
  }
  for (int axis = 1; axis < from->rank(); ++axis) {
    if ((*from)[axis] == kUnknownDim) return std::nullopt;
  }
  if ((*to)[1] != from->ElementCount(1, from->rank())) return std::nullopt;
  const auto target = ReshapeTarget(*to);
  if (!target) return std::nullopt;
  return FlattenedTranspose{*transposed, *from, *target};
}

Status Permute(Graph* graph, NodeId id) {
  const std::optional<FlattenedTranspose> match = Match(*graph, graph->node(id).inputs[0]);
  const Tensor* weights = graph->ConstantOf(graph->node(id).inputs[1]);
  if (!match || weights == nullptr) return OkStatus();
  // [N, K] seen as [N, the Transpose's output dims], then in the order of its input.
  const Shape matrix = weights->shape();
  Shape viewed = match->flattened_from;
  viewed[0] = matrix[0];
  if (matrix[1] != viewed.ElementCount(1, viewed.rank())) return OkStatus();
  StatusOr<Tensor> permuted =
      EvaluateOne(graph::Transpose{Inverse(match->transposed.perm)}, {weights->Reshaped(viewed)});
  if (!permuted.ok()) return permuted.status();
  const std::string name = graph->value(graph->node(id).inputs[1]).name + "/permuted";
  const ValueId constant = graph->AddConstant(name, permuted->Reshaped(matrix));
  const ValueId flat =
      Derive(graph, match->transposed.source, graph::Reshape{match->target, false}, "/flat");
  graph->node(id).inputs[0] = flat;
  graph->node(id).inputs[1] = constant;
  return OkStatus();
}

}  // namespace

Status PermuteFlattenedWeights(Graph* graph) {
  return ForEachNode(graph, [graph](NodeId id) {
    const bool is_product = std::holds_alternative<graph::FullyConnected>(graph->node(id).op);
    return is_product ? Permute(graph, id) : OkStatus();
  });
}

}  // namespace minnow::passes
