// How the graph is edited and walked: adding, replacing and removing nodes, use counts, order.
#include "graph/graph.h"

#include <algorithm>
#include <functional>
#include <queue>
#include <utility>

namespace minnow::graph {

ValueId Graph::AddInput(std::string name, DType dtype, std::optional<Shape> shape) {
  const ValueId id = value_count();
  Value value;
  value.name = std::move(name);
  value.dtype = dtype;
  value.shape = shape;
  values_.push_back(std::move(value));
  inputs_.push_back(id);
  return id;
}

ValueId Graph::AddConstant(std::string name, Tensor tensor) {
  const ValueId id = value_count();
  Value value;
  value.name = std::move(name);
  value.dtype = tensor.dtype();
  value.shape = tensor.shape();
  value.constant = std::move(tensor);
  values_.push_back(std::move(value));
  return id;
}

ValueId Graph::AddNode(std::string name, Op op, std::vector<ValueId> inputs,
                       std::string output_name) {
  std::vector<std::string> names;
  names.push_back(std::move(output_name));
  return AddNode(std::move(name), std::move(op), std::move(inputs), names)[0];
}

std::vector<ValueId> Graph::AddNode(std::string name, Op op, std::vector<ValueId> inputs,
                                    const std::vector<std::string>& output_names) {
  Node node;
  node.name = std::move(name);
  node.op = std::move(op);
  node.inputs = std::move(inputs);
  for (const std::string& output_name : output_names) {
    node.outputs.push_back(value_count());
    Value value;
    value.name = output_name;
    value.producer = node_count();
    values_.push_back(std::move(value));
  }
  nodes_.push_back(std::move(node));
  return nodes_.back().outputs;
}

const Node* Graph::ProducerOf(ValueId id) const {
  if (id == kNoValue || value(id).producer == kNoNode) return nullptr;
  const Node& producer = node(value(id).producer);
  return producer.dead ? nullptr : &producer;
}

std::vector<NodeId> Graph::ConsumersOf(ValueId id) const {
  std::vector<NodeId> consumers;
  for (NodeId n = 0; n < node_count(); ++n) {
    const Node& reader = node(n);
    if (reader.dead) continue;
    if (std::find(reader.inputs.begin(), reader.inputs.end(), id) != reader.inputs.end()) {
      consumers.push_back(n);
    }
  }
  return consumers;
}

bool Graph::IsOutput(ValueId id) const {
  return std::find(outputs_.begin(), outputs_.end(), id) != outputs_.end();
}

std::vector<int> Graph::UseCounts() const {
  std::vector<int> counts(values_.size(), 0);
  for (const Node& reader : nodes_) {
    if (reader.dead) continue;
    for (ValueId id : reader.inputs) {
      if (id != kNoValue) ++counts[static_cast<size_t>(id)];
    }
  }
  for (ValueId id : outputs_) ++counts[static_cast<size_t>(id)];
  return counts;
}

void Graph::ReplaceUses(ValueId from, ValueId to) {
  if (from == to) return;
  const bool to_is_input = std::find(inputs_.begin(), inputs_.end(), to) != inputs_.end();
  if (IsOutput(from) && !to_is_input && !IsOutput(to)) {
    // Swapped, not copied, so that names stay unique.
    std::swap(value(from).name, value(to).name);
    std::swap(value(from).quantization, value(to).quantization);
  }
  for (Node& reader : nodes_) {
    if (!reader.dead) std::replace(reader.inputs.begin(), reader.inputs.end(), from, to);
  }
  std::replace(outputs_.begin(), outputs_.end(), from, to);
}

void Graph::RemoveNode(NodeId id) {
  Node& removed = node(id);
  removed.dead = true;
  for (ValueId output : removed.outputs) {
    if (value(output).producer == id) value(output).producer = kNoNode;
  }
}

int Graph::RemoveUnused() {
  std::vector<int> counts = UseCounts();
  const auto is_unused = [&](NodeId id) {
    const Node& candidate = node(id);
    return !candidate.dead &&
           std::all_of(candidate.outputs.begin(), candidate.outputs.end(),
                       [&](ValueId output) { return counts[static_cast<size_t>(output)] == 0; });
  };
  std::vector<NodeId> pending;
  for (NodeId id = 0; id < node_count(); ++id) {
    if (is_unused(id)) pending.push_back(id);
  }
  int removed = 0;
  while (!pending.empty()) {
    const NodeId id = pending.back();
    pending.pop_back();
    if (node(id).dead) continue;
    RemoveNode(id);
    ++removed;
    for (ValueId input : node(id).inputs) {
      if (input == kNoValue) continue;
      --counts[static_cast<size_t>(input)];
      const NodeId producer = value(input).producer;
      if (producer != kNoNode && is_unused(producer)) pending.push_back(producer);
    }
  }
  return removed;
}

StatusOr<std::vector<NodeId>> Graph::TopologicalOrder() const {
  std::vector<NodeId> order;
  order.reserve(nodes_.size());
  // Mostly nodes stand behind what they read already, and this is asked after every pass.
  bool is_ordered = true;
  for (NodeId id = 0; id < node_count() && is_ordered; ++id) {
    if (node(id).dead) continue;
    for (ValueId input : node(id).inputs) {
      is_ordered = is_ordered && (ProducerOf(input) == nullptr || value(input).producer < id);
    }
    order.push_back(id);
  }
  if (is_ordered) return order;
  order.clear();
  std::vector<std::vector<NodeId>> readers(nodes_.size());
  std::vector<int> waits_for(nodes_.size(), 0);
  size_t live = 0;
  // Smallest id first, so that the order depends on the graph alone.
  std::priority_queue<NodeId, std::vector<NodeId>, std::greater<NodeId>> ready;
  for (NodeId id = 0; id < node_count(); ++id) {
    if (node(id).dead) continue;
    ++live;
    for (ValueId input : node(id).inputs) {
      if (ProducerOf(input) == nullptr) continue;
      readers[static_cast<size_t>(value(input).producer)].push_back(id);
      ++waits_for[static_cast<size_t>(id)];
    }
    if (waits_for[static_cast<size_t>(id)] == 0) ready.push(id);
  }
  while (!ready.empty()) {
    const NodeId id = ready.top();
    ready.pop();
    order.push_back(id);
    for (NodeId reader : readers[static_cast<size_t>(id)]) {
      if (--waits_for[static_cast<size_t>(reader)] == 0) ready.push(reader);
    }
  }
  if (order.size() != live) {
    return InvalidModel("the graph has a cycle through %zu of its nodes", live - order.size());
  }
  return order;
}

}  // namespace minnow::graph
