// What the passes share: questions about a value, small edits, constants in and out of doubles.
#ifndef MINNOW_PASSES_REWRITE_H_
#define MINNOW_PASSES_REWRITE_H_

#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/status.h"
#include "graph/graph.h"
#include "tensor/tensor.h"

namespace minnow::passes {

// The op that makes `id` when it is a T, else null. Invalidated as Graph references are.
template <typename T>
const T* ProducerAs(const graph::Graph& graph, graph::ValueId id) {
  const graph::Node* producer = graph.ProducerOf(id);
  return producer == nullptr ? nullptr : std::get_if<T>(&producer->op);
}

// Input `index` of a node; kNoValue where it is absent.
graph::ValueId InputOf(const graph::Node& node, size_t index);

bool IsGraphInput(const graph::Graph& graph, graph::ValueId id);

// True when `id` is read exactly once, by a node, and is no graph output: what makes it may then
// change.
bool HasOneReader(const graph::Graph& graph, graph::ValueId id);

// Readers of `from` read `to`; the graph outputs too, but where `to` may not be an output (a graph
// input, a constant, or an output already) an Identity keeps the two apart.
void ReplaceValue(graph::Graph* graph, graph::ValueId from, graph::ValueId to);

// ReplaceValue, and the node that made `from` goes. REQUIRES: it has one output.
void ReplaceNode(graph::Graph* graph, graph::NodeId node, graph::ValueId to);

// Adds `op(value)`; whoever read `value` reads the new value, which takes over its name where it
// was a graph output.
graph::ValueId InsertAfter(graph::Graph* graph, graph::ValueId value, graph::Op op,
                           const std::string& suffix);

// Adds `op(value)` for one more reader.
graph::ValueId Derive(graph::Graph* graph, graph::ValueId value, graph::Op op,
                      const std::string& suffix);

// Evaluates one op with one output. A view's data is null where an optional input is absent.
StatusOr<Tensor> EvaluateViews(const graph::Op& op, const std::vector<TensorView>& inputs);
StatusOr<Tensor> EvaluateOne(const graph::Op& op, const std::vector<Tensor>& inputs);

// The elements of an f32 constant in row-major order; nothing for other values.
std::optional<std::vector<double>> ConstantFloats(const graph::Graph& graph, graph::ValueId id);

// The one element of an f32 constant of any shape; nothing for other values.
std::optional<double> ConstantScalar(const graph::Graph& graph, graph::ValueId id);

// Adds an f32 constant, each element rounded once.
StatusOr<graph::ValueId> AddFloats(graph::Graph* graph, const std::string& name, const Shape& shape,
                                   const std::vector<double>& elements);

// `constant` as one number a channel, the last axis of a value of rank `rank` (or one number for
// all, repeated), `channels` long; nothing when it does not broadcast that way.
std::optional<std::vector<double>> PerChannel(const graph::Graph& graph, graph::ValueId constant,
                                              int rank, int64_t channels);

// A Reshape's target for `shape`, -1 for an unknown dimension; nothing when more than one is
// unknown or when -1 could not be inferred because another dimension is 0.
std::optional<std::vector<int64_t>> ReshapeTarget(const Shape& shape);

// True when two shapes are equal and at most one dimension is unknown, so that an operator between
// them that keeps the elements' number and order does nothing.
bool AreSameView(const std::optional<Shape>& a, const std::optional<Shape>& b);

// `node "NAME" (Op)`.
std::string NodeContext(const graph::Node& node);

// Calls `visit` with every live node in topological order. Nodes that `visit` adds are not visited,
// those it removes are skipped.
Status ForEachNode(graph::Graph* graph, const std::function<Status(graph::NodeId)>& visit);

}  // namespace minnow::passes

#endif  // MINNOW_PASSES_REWRITE_H_
