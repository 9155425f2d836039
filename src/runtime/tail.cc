#include "runtime/tail.h"

#include <chrono>
#include <utility>

#include "interpreter/interpreter.h"

namespace minnow::runtime {
namespace {

using Clock = std::chrono::steady_clock;
using graph::Graph;
using graph::kNoValue;
using graph::Node;
using graph::NodeId;
using graph::ValueId;

bool HasOpenShape(const Graph& graph, const Node& node) {
  for (ValueId id : node.outputs) {
    const std::optional<Shape>& shape = graph.value(id).shape;
    if (!shape || !shape->IsStatic()) return true;
  }
  return false;
}

// Values of the whole graph under their ids in the tail; kNoValue: not there.
class TailBuilder {
 public:
  explicit TailBuilder(const Graph& whole)
      : whole_(whole), ids_(static_cast<size_t>(whole.value_count()), kNoValue) {}

  bool Makes(ValueId id) const {
    return whole_.value(id).producer != graph::kNoNode && Id(id) != kNoValue &&
           tail_.value(Id(id)).producer != graph::kNoNode;
  }

  // Nodes come producers first, all of the tail.
  void Add(const Node& node) {
    std::vector<ValueId> inputs;
    inputs.reserve(node.inputs.size());
    for (ValueId id : node.inputs) inputs.push_back(id == kNoValue ? kNoValue : Require(id));
    std::vector<std::string> names;
    names.reserve(node.outputs.size());
    for (ValueId id : node.outputs) names.push_back(whole_.value(id).name);
    const std::vector<ValueId> made = tail_.AddNode(node.name, node.op, std::move(inputs), names);
    for (size_t i = 0; i < made.size(); ++i) Id(node.outputs[i]) = made[i];
  }
  void AddOutput(ValueId id) { tail_.AddOutput(Id(id)); }

  // Values of the whole graph that are the tail's inputs, in order.
  const std::vector<ValueId>& reads() const { return reads_; }
  Graph& graph() { return tail_; }

 private:
  ValueId& Id(ValueId id) { return ids_[static_cast<size_t>(id)]; }
  ValueId Id(ValueId id) const { return ids_[static_cast<size_t>(id)]; }

  ValueId Require(ValueId id) {
    if (Id(id) != kNoValue) return Id(id);
    const graph::Value& value = whole_.value(id);
    if (value.constant) return Id(id) = tail_.AddConstant(value.name, *value.constant);
    reads_.push_back(id);
    return Id(id) = tail_.AddInput(value.name, value.dtype, value.shape);
  }

  const Graph& whole_;
  Graph tail_;
  std::vector<ValueId> ids_;
  std::vector<ValueId> reads_;
};

// Ends one record of a profile and begins the next.
class Stopwatch {
 public:
  explicit Stopwatch(Profile* profile) : profile_(profile) {}

  void Begin(const Node* node) {
    if (profile_ == nullptr) return;
    const Clock::time_point now = Clock::now();
    if (is_running_) {
      const std::chrono::duration<double, std::milli> passed = now - begun_;
      profile_->operators.back().ms = passed.count();
    }
    is_running_ = node != nullptr;
    begun_ = now;
    if (!is_running_) return;
    OperatorRecord record;
    record.name = node->name;
    record.op = graph::OpName(node->op);
    record.kernel = "interpreter";
    profile_->operators.push_back(std::move(record));
  }

 private:
  Profile* profile_;
  bool is_running_ = false;
  Clock::time_point begun_;
};

}  // namespace

SplitGraph SplitTail(const Graph& graph) {
  SplitGraph split;
  split.head = graph;
  const StatusOr<std::vector<NodeId>> order = graph.TopologicalOrder();
  if (!order.ok()) return split;
  TailBuilder tail(graph);
  for (NodeId id : *order) {
    const Node& node = graph.node(id);
    bool is_tail = HasOpenShape(graph, node);
    for (ValueId input : node.inputs) is_tail = is_tail || (input != kNoValue && tail.Makes(input));
    if (!is_tail) continue;
    tail.Add(node);
    split.head.RemoveNode(id);
  }
  std::vector<ValueId> outputs;
  bool any = false;
  for (ValueId id : graph.outputs()) {
    if (!tail.Makes(id)) {
      outputs.push_back(id);
      continue;
    }
    any = true;
    tail.AddOutput(id);
  }
  if (!any) return split;
  outputs.insert(outputs.end(), tail.reads().begin(), tail.reads().end());
  split.head.mutable_outputs() = std::move(outputs);
  split.tail = std::make_unique<Tail>();
  split.tail->graph = std::move(tail.graph());
  return split;
}

StatusOr<std::vector<Tensor>> RunTail(const Tail& tail, const std::vector<TensorView>& inputs,
                                      size_t max_bytes, const std::atomic<bool>* cancelled,
                                      Profile* profile) {
  Stopwatch stopwatch(profile);
  interpreter::RunLimits limits;
  limits.max_bytes = max_bytes;
  limits.before_node = [&](const Node& node) {
    stopwatch.Begin(&node);
    if (cancelled == nullptr || !cancelled->load(std::memory_order_relaxed)) return OkStatus();
    return Cancelled("the run was cancelled");
  };
  StatusOr<std::vector<Tensor>> outputs = interpreter::RunGraph(tail.graph, inputs, limits);
  stopwatch.Begin(nullptr);
  return outputs;
}

}  // namespace minnow::runtime
