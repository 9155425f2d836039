#include "graph/work.h"

#include <algorithm>

namespace minnow::graph {
namespace {

double ElementsOf(const Graph& graph, ValueId id) {
  double elements = 1;
  if (id == kNoValue || !graph.value(id).shape) return elements;
  for (const int64_t dim : *graph.value(id).shape) {
    elements *= static_cast<double>(std::max<int64_t>(dim, dim == kUnknownDim ? 1 : 0));
  }
  return elements;
}

double LongestDim(const Graph& graph, ValueId id) {
  int64_t longest = 1;
  if (graph.value(id).shape) {
    for (const int64_t dim : *graph.value(id).shape) longest = std::max(longest, dim);
  }
  return static_cast<double>(longest);
}

double Product(const std::vector<int64_t>& dims) {
  double product = 1;
  for (const int64_t dim : dims) product *= static_cast<double>(dim);
  return product;
}

// What every result takes, for ops that visit more than their inputs and outputs.
struct TermsVisitor {
  const Graph& graph;
  const Node& node;

  template <typename Op>
  double operator()(const Op&) const {
    return 0;
  }
  double operator()(const Pool2D& pool) const { return Product({pool.kernel_h, pool.kernel_w}); }
  double operator()(const PoolNd& pool) const { return Product(pool.kernel); }
  double operator()(const Lrn& lrn) const { return static_cast<double>(lrn.size); }
  double operator()(const Conv2D&) const { return Elements(1); }
  double operator()(const QConv2D&) const { return Elements(1); }
  double operator()(const MatMul&) const { return Longest(1); }
  double operator()(const Gemm&) const { return Longest(1); }
  double operator()(const FullyConnected&) const { return Longest(1); }
  double operator()(const QFullyConnected&) const { return Longest(1); }
  double operator()(const Det&) const { return Longest(0) * Longest(0) * Longest(0); }
  // Every box may be held against every other of its class.
  double operator()(const NonMaxSuppression&) const { return Elements(0) * Elements(1); }
  // A transposed one visits the weights for each element of x instead.
  double operator()(const ConvNd& conv) const {
    if (!conv.transposed) return Elements(1);
    return Elements(0) * Elements(1) / std::max(ElementsOf(graph, node.outputs[0]), 1.0);
  }

  double Elements(size_t input) const { return ElementsOf(graph, node.inputs[input]); }
  double Longest(size_t input) const { return LongestDim(graph, node.inputs[input]); }
};

}  // namespace

double WorkOf(const Graph& graph, const Node& node) {
  const double results = ElementsOf(graph, node.outputs[0]);
  double work = results;
  for (const ValueId id : node.inputs) {
    if (id != kNoValue) work += ElementsOf(graph, id);
  }
  return work + results * std::visit(TermsVisitor{graph, node}, node.op);
}

}  // namespace minnow::graph
