// Which matrix products have constant weights? They become FullyConnected, weights [N,K]; factors
// and bias are folded in double.
#include <algorithm>

#include "passes/passes.h"
#include "passes/permutation.h"
#include "passes/rewrite.h"

namespace minnow::passes {
namespace {

using graph::Graph;
using graph::kNoValue;
using graph::NodeId;
using graph::ValueId;

bool IsMatrix(const Graph& graph, ValueId id) {
  const Tensor* tensor = graph.ConstantOf(id);
  return tensor != nullptr && tensor->dtype() == DType::kF32 && tensor->shape().rank() == 2;
}

// alpha * B as [N,K].
StatusOr<ValueId> WeightsOf(Graph* graph, ValueId b, bool transpose_b, double alpha) {
  if (transpose_b && alpha == 1.0) return b;
  Tensor weights = *graph->ConstantOf(b);
  if (!transpose_b) {
    StatusOr<Tensor> transposed = EvaluateOne(graph::Transpose{{1, 0}}, {weights});
    if (!transposed.ok()) return transposed.status();
    weights = *transposed;
  }
  const std::string name = graph->value(b).name + "/weights";
  if (alpha == 1.0) return graph->AddConstant(name, std::move(weights));
  const float* elements = weights.as<float>();
  std::vector<double> scaled(elements, elements + weights.ElementCount());
  for (double& element : scaled) element *= alpha;
  return AddFloats(graph, name, weights.shape(), scaled);
}

// A' with its last two axes in order. Nothing when the rank is not known.
std::optional<ValueId> LeftOf(Graph* graph, ValueId a, bool transpose_a) {
  if (!transpose_a) return a;
  const std::optional<Shape> shape = graph->value(a).shape;
  if (!shape || shape->rank() < 2) return std::nullopt;
  Permutation perm;
  for (int axis = 0; axis < shape->rank(); ++axis) perm.push_back(axis);
  std::swap(perm[perm.size() - 1], perm[perm.size() - 2]);
  return AddTranspose(graph, a, perm, "/transposed");
}

// What beta * C becomes: the bias input where C is one number a column, else an Add behind it.
struct Addend {
  ValueId bias = kNoValue;
  ValueId added = kNoValue;
};

StatusOr<Addend> AddendOf(Graph* graph, ValueId c, double beta, int64_t columns) {
  Addend addend;
  if (c == kNoValue || beta == 0.0) return addend;
  const std::string name = graph->value(c).name;
  std::optional<std::vector<double>> bias = PerChannel(*graph, c, 2, columns);
  if (bias && beta == 1.0 && graph->ConstantOf(c)->shape() == Shape{columns}) {
    addend.bias = c;
    return addend;
  }
  if (bias) {
    for (double& element : *bias) element *= beta;
    StatusOr<ValueId> id = AddFloats(graph, name + "/bias", Shape{columns}, *bias);
    if (!id.ok()) return id.status();
    addend.bias = *id;
    return addend;
  }
  addend.added = c;
  if (beta != 1.0) {
    const StatusOr<ValueId> factor = AddFloats(graph, name + "/beta", Shape{}, {beta});
    if (!factor.ok()) return factor.status();
    addend.added = Derive(graph, c, graph::Binary{graph::BinaryKind::kMul, {}}, "/scaled");
    const NodeId scale = graph->value(addend.added).producer;
    graph->node(scale).inputs.push_back(*factor);
  }
  return addend;
}

Status LowerGemmNode(Graph* graph, NodeId id, const graph::Gemm& op) {
  const ValueId b = graph->node(id).inputs[1];
  if (!IsMatrix(*graph, b)) return OkStatus();
  const std::optional<ValueId> x = LeftOf(graph, graph->node(id).inputs[0], op.transpose_a);
  if (!x) return OkStatus();
  const int64_t columns = graph->ConstantOf(b)->shape()[op.transpose_b ? 0 : 1];
  const StatusOr<ValueId> weights =
      WeightsOf(graph, b, op.transpose_b, static_cast<double>(op.alpha));
  if (!weights.ok()) return weights.status();
  const ValueId c = InputOf(graph->node(id), 2);
  const StatusOr<Addend> addend = AddendOf(graph, c, static_cast<double>(op.beta), columns);
  if (!addend.ok()) return addend.status();
  graph->node(id).op = graph::FullyConnected{};
  graph->node(id).inputs = {*x, *weights};
  if (addend->bias != kNoValue) graph->node(id).inputs.push_back(addend->bias);
  if (addend->added != kNoValue) {
    const ValueId sum = InsertAfter(graph, graph->node(id).outputs[0],
                                    graph::Binary{graph::BinaryKind::kAdd, {}}, "/product");
    const NodeId add = graph->value(sum).producer;
    graph->node(add).inputs.push_back(addend->added);
  }
  return OkStatus();
}

Status LowerMatMulNode(Graph* graph, NodeId id, const graph::MatMul& op) {
  const ValueId b = graph->node(id).inputs[1];
  if (!IsMatrix(*graph, b)) return OkStatus();
  const std::optional<ValueId> x = LeftOf(graph, graph->node(id).inputs[0], op.transpose_a);
  if (!x) return OkStatus();
  const StatusOr<ValueId> weights = WeightsOf(graph, b, op.transpose_b, 1.0);
  if (!weights.ok()) return weights.status();
  graph->node(id).op = graph::FullyConnected{};
  graph->node(id).inputs = {*x, *weights};
  return OkStatus();
}

}  // namespace

Status LowerGemm(Graph* graph) {
  return ForEachNode(graph, [graph](NodeId id) {
    const graph::Op op = graph->node(id).op;
    if (const auto* gemm = std::get_if<graph::Gemm>(&op)) return LowerGemmNode(graph, id, *gemm);
    if (const auto* product = std::get_if<graph::MatMul>(&op)) {
      return LowerMatMulNode(graph, id, *product);
    }
    return OkStatus();
  });
}

}  // namespace minnow::passes
