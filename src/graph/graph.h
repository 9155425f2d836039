// The intermediate representation: a directed acyclic graph of nodes over values in SSA form.
//
// A value is a graph input, a constant, or one output of one node. Ids are indices that stay valid
// for the graph's life; removed nodes leave a hole (Node::dead). Copying a Graph is cheap:
// constants share their elements.
#ifndef MINNOW_GRAPH_GRAPH_H_
#define MINNOW_GRAPH_GRAPH_H_

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/status.h"
#include "graph/ops.h"
#include "tensor/dtype.h"
#include "tensor/quantization.h"
#include "tensor/shape.h"
#include "tensor/tensor.h"

namespace minnow::graph {

using ValueId = int32_t;
using NodeId = int32_t;
// Stands for an optional input that is absent.
inline constexpr ValueId kNoValue = -1;
inline constexpr NodeId kNoNode = -1;

struct Value {
  std::string name;
  DType dtype = DType::kF32;
  // Absent until known (given by the model or found by InferShapes); dims may be kUnknownDim.
  std::optional<Shape> shape;
  // Set for constants only.
  std::optional<Tensor> constant;
  // What the model says its integers stand for. For callers: the arithmetic is in the ops.
  std::optional<Quantization> quantization;
  // The node that makes it; kNoNode for inputs and constants.
  NodeId producer = kNoNode;
};

struct Node {
  std::string name;
  Op op;
  std::vector<ValueId> inputs;  // kNoValue where an optional one is absent
  std::vector<ValueId> outputs;
  bool dead = false;
};

class Graph {
 public:
  Graph() = default;
  // All of it at once; graph::Validate says whether it is one.
  Graph(std::vector<Value> values, std::vector<Node> nodes, std::vector<ValueId> inputs,
        std::vector<ValueId> outputs)
      : values_(std::move(values)),
        nodes_(std::move(nodes)),
        inputs_(std::move(inputs)),
        outputs_(std::move(outputs)) {}

  // A graph input, in order. `shape` may have unknown dims; absent: rank unknown.
  ValueId AddInput(std::string name, DType dtype, std::optional<Shape> shape);
  ValueId AddConstant(std::string name, Tensor tensor);
  // Adds a node with one output value named `output_name` and returns that value.
  ValueId AddNode(std::string name, Op op, std::vector<ValueId> inputs, std::string output_name);
  // The same with several outputs.
  std::vector<ValueId> AddNode(std::string name, Op op, std::vector<ValueId> inputs,
                               const std::vector<std::string>& output_names);
  void AddOutput(ValueId value) { outputs_.push_back(value); }

  const std::vector<ValueId>& inputs() const { return inputs_; }
  const std::vector<ValueId>& outputs() const { return outputs_; }
  std::vector<ValueId>& mutable_outputs() { return outputs_; }

  int value_count() const { return static_cast<int>(values_.size()); }
  int node_count() const { return static_cast<int>(nodes_.size()); }  // dead ones too
  // REQUIRES: a valid id. References are invalidated by the Add functions.
  const Value& value(ValueId id) const { return values_[static_cast<size_t>(id)]; }
  Value& value(ValueId id) { return values_[static_cast<size_t>(id)]; }
  const Node& node(NodeId id) const { return nodes_[static_cast<size_t>(id)]; }
  Node& node(NodeId id) { return nodes_[static_cast<size_t>(id)]; }

  bool IsConstant(ValueId id) const { return id != kNoValue && value(id).constant.has_value(); }
  // The constant's tensor, or null.
  const Tensor* ConstantOf(ValueId id) const {
    return IsConstant(id) ? &*value(id).constant : nullptr;
  }
  // The node that makes `id`, or null.
  const Node* ProducerOf(ValueId id) const;

  // Live nodes that read `id`, each once, in id order, and whether it is a graph output: O(nodes).
  std::vector<NodeId> ConsumersOf(ValueId id) const;
  bool IsOutput(ValueId id) const;
  // How often each value is read by live nodes and as an output: one pass over the graph.
  std::vector<int> UseCounts() const;

  // Every reader of `from`, and the graph outputs, read `to` instead. A graph output keeps its
  // name and quantization: `to` takes them over from `from` when `from` was an output and `to` is
  // no input or output.
  void ReplaceUses(ValueId from, ValueId to);
  void RemoveNode(NodeId id);
  // Removes nodes none of whose outputs is used, transitively. Returns how many.
  int RemoveUnused();

  // Live nodes, producers first. Fails with kInvalidModel on a cycle. No recursion.
  StatusOr<std::vector<NodeId>> TopologicalOrder() const;

 private:
  std::vector<Value> values_;
  std::vector<Node> nodes_;
  std::vector<ValueId> inputs_;
  std::vector<ValueId> outputs_;
};

}  // namespace minnow::graph

#endif  // MINNOW_GRAPH_GRAPH_H_
