// How passes ask about values, edit the graph and handle constants.
#include "passes/rewrite.h"

#include <algorithm>

#include "interpreter/interpreter.h"
#include "tensor/load_limits.h"

namespace minnow::passes {

using graph::Graph;
using graph::kNoValue;
using graph::Node;
using graph::NodeId;
using graph::ValueId;

ValueId InputOf(const Node& node, size_t index) {
  return index < node.inputs.size() ? node.inputs[index] : kNoValue;
}

bool IsGraphInput(const Graph& graph, ValueId id) {
  return std::find(graph.inputs().begin(), graph.inputs().end(), id) != graph.inputs().end();
}

bool HasOneReader(const Graph& graph, ValueId id) {
  if (graph.IsOutput(id)) return false;
  int64_t reads = 0;
  for (NodeId n = 0; n < graph.node_count() && reads < 2; ++n) {
    const Node& node = graph.node(n);
    if (!node.dead) reads += std::count(node.inputs.begin(), node.inputs.end(), id);
  }
  return reads == 1;
}

void ReplaceValue(Graph* graph, ValueId from, ValueId to) {
  if (from == to) return;
  if (graph->IsOutput(from) &&
      (IsGraphInput(*graph, to) || graph->IsConstant(to) || graph->IsOutput(to))) {
    const graph::Value source = graph->value(to);
    const std::string name = graph->value(from).name;
    to = graph->AddNode(name, graph::Identity{}, {to}, name + "/copy");
    graph->value(to).dtype = source.dtype;
    graph->value(to).shape = source.shape;
  }
  graph->ReplaceUses(from, to);
}

void ReplaceNode(Graph* graph, NodeId node, ValueId to) {
  ReplaceValue(graph, graph->node(node).outputs[0], to);
  graph->RemoveNode(node);
}

ValueId Derive(Graph* graph, ValueId value, graph::Op op, const std::string& suffix) {
  const std::string name = graph->value(value).name + suffix;
  const DType dtype = graph->value(value).dtype;
  const ValueId derived = graph->AddNode(name, std::move(op), {value}, name);
  graph->value(derived).dtype = dtype;
  return derived;
}

ValueId InsertAfter(Graph* graph, ValueId value, graph::Op op, const std::string& suffix) {
  const ValueId derived = Derive(graph, value, std::move(op), suffix);
  const NodeId inserted = graph->value(derived).producer;
  graph->ReplaceUses(value, derived);
  graph->node(inserted).inputs[0] = value;
  return derived;
}

StatusOr<Tensor> EvaluateViews(const graph::Op& op, const std::vector<TensorView>& inputs) {
  StatusOr<std::vector<Tensor>> outputs = interpreter::AllocateOutputs(op, inputs);
  if (!outputs.ok()) return outputs.status();
  MINNOW_RETURN_IF_ERROR(interpreter::Evaluate(op, inputs, {(*outputs)[0].mutable_view()}));
  return (*outputs)[0];
}

StatusOr<Tensor> EvaluateOne(const graph::Op& op, const std::vector<Tensor>& inputs) {
  std::vector<TensorView> views;
  views.reserve(inputs.size());
  for (const Tensor& input : inputs) views.push_back(input.view());
  return EvaluateViews(op, views);
}

std::optional<std::vector<double>> ConstantFloats(const Graph& graph, ValueId id) {
  const Tensor* tensor = graph.ConstantOf(id);
  if (tensor == nullptr || tensor->dtype() != DType::kF32) return std::nullopt;
  const float* elements = tensor->as<float>();
  return std::vector<double>(elements, elements + tensor->ElementCount());
}

std::optional<double> ConstantScalar(const Graph& graph, ValueId id) {
  const Tensor* tensor = graph.ConstantOf(id);
  if (tensor == nullptr || tensor->dtype() != DType::kF32 || tensor->ElementCount() != 1) {
    return std::nullopt;
  }
  return tensor->as<float>()[0];
}

StatusOr<ValueId> AddFloats(Graph* graph, const std::string& name, const Shape& shape,
                            const std::vector<double>& elements) {
  StatusOr<Tensor> tensor = Tensor::Allocate(DType::kF32, shape);
  if (!tensor.ok()) return tensor.status();
  std::transform(elements.begin(), elements.end(), tensor->mutable_as<float>(),
                 [](double element) { return static_cast<float>(element); });
  return graph->AddConstant(name, std::move(*tensor));
}

std::optional<std::vector<double>> PerChannel(const Graph& graph, ValueId constant, int rank,
                                              int64_t channels) {
  std::optional<std::vector<double>> elements = ConstantFloats(graph, constant);
  if (!elements) return std::nullopt;
  const Shape& shape = graph.ConstantOf(constant)->shape();
  const int64_t count = shape.ElementCount();
  if (shape.rank() > rank || count == 0) return std::nullopt;
  if (count == 1) return std::vector<double>(static_cast<size_t>(channels), (*elements)[0]);
  if (count != channels || shape[shape.rank() - 1] != channels) return std::nullopt;
  return elements;
}

std::optional<std::vector<int64_t>> ReshapeTarget(const Shape& shape) {
  const auto unknown = std::count(shape.begin(), shape.end(), kUnknownDim);
  const bool has_zero = std::find(shape.begin(), shape.end(), 0) != shape.end();
  if (unknown > 1 || has_zero) return std::nullopt;
  return std::vector<int64_t>(shape.begin(), shape.end());
}

bool AreSameView(const std::optional<Shape>& a, const std::optional<Shape>& b) {
  return a && b && *a == *b && (a->IsStatic() || ReshapeTarget(*a).has_value());
}

std::string NodeContext(const Node& node) {
  return "node \"" + node.name + "\" (" + graph::OpName(node.op) + ")";
}

Status ForEachNode(Graph* graph, const std::function<Status(NodeId)>& visit) {
  StatusOr<std::vector<NodeId>> order = graph->TopologicalOrder();
  if (!order.ok()) return order.status();
  for (NodeId id : *order) {
    MINNOW_RETURN_IF_ERROR(CheckLoadTime());
    if (!graph->node(id).dead) MINNOW_RETURN_IF_ERROR(visit(id));
  }
  return OkStatus();
}

}  // namespace minnow::passes
