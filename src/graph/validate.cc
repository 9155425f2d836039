// Which invariants a graph must hold, and the message when one is broken.
#include "graph/validate.h"

#include "graph/op_rules.h"
#include "tensor/load_limits.h"

namespace minnow::graph {
namespace {

bool InRange(const Graph& graph, ValueId id) { return id >= 0 && id < graph.value_count(); }

Status OutOfRange(ValueId id, const char* what) {
  return Internal("%s: there is no value %d", what, static_cast<int>(id));
}

Status CheckNodeIds(const Graph& graph, const Node& node) {
  for (ValueId id : node.inputs) {
    if (id != kNoValue && !InRange(graph, id)) return OutOfRange(id, "an input");
  }
  for (ValueId id : node.outputs) {
    if (!InRange(graph, id)) return OutOfRange(id, "an output");
  }
  return OkStatus();
}

Status CheckNodeArity(const Node& node) {
  const Arity arity = ArityOf(node.op);
  if (node.inputs.size() < arity.min || node.inputs.size() > arity.max) {
    return Internal("%zu inputs, but it takes %zu%s", node.inputs.size(), arity.min,
                    arity.max > arity.min ? " or more" : "");
  }
  const bool variadic = std::holds_alternative<Concat>(node.op);
  const size_t required = variadic ? node.inputs.size() : arity.min;
  for (size_t i = 0; i < required; ++i) {
    if (node.inputs[i] == kNoValue) return Internal("input %zu is missing", i);
  }
  if (node.outputs.size() == 1) return OkStatus();
  return Internal("%zu outputs, but it has one", node.outputs.size());
}

Status CheckProducers(const Graph& graph, NodeId id) {
  const Node& node = graph.node(id);
  for (ValueId output : node.outputs) {
    const Value& value = graph.value(output);
    if (value.producer != id) {
      return Internal("its output \"%s\" names another producer", value.name.c_str());
    }
    if (value.constant) return Internal("its output \"%s\" is a constant", value.name.c_str());
  }
  return OkStatus();
}

// Each value is a graph input, a constant or the output of a live node, and one of them only.
Status CheckValues(const Graph& graph, std::vector<bool>* available) {
  available->assign(static_cast<size_t>(graph.value_count()), false);
  for (ValueId id : graph.inputs()) {
    if (!InRange(graph, id)) return OutOfRange(id, "a graph input");
    const Value& value = graph.value(id);
    if ((*available)[static_cast<size_t>(id)]) {
      return Internal("the graph input \"%s\" is listed twice", value.name.c_str());
    }
    if (value.constant || value.producer != kNoNode) {
      return Internal("the graph input \"%s\" is made inside the graph", value.name.c_str());
    }
    (*available)[static_cast<size_t>(id)] = true;
  }
  for (ValueId id = 0; id < graph.value_count(); ++id) {
    const Value& value = graph.value(id);
    if (value.producer != kNoNode && (value.producer < 0 || value.producer >= graph.node_count())) {
      return Internal("the value \"%s\" has no such producer", value.name.c_str());
    }
    if (value.constant) (*available)[static_cast<size_t>(id)] = true;
  }
  return OkStatus();
}

Status CheckReads(const Graph& graph, const Node& node, const std::vector<bool>& available) {
  for (ValueId id : node.inputs) {
    if (id == kNoValue || available[static_cast<size_t>(id)]) continue;
    return Internal("it reads \"%s\", which nothing makes", graph.value(id).name.c_str());
  }
  return OkStatus();
}

Status CheckOutputs(const Graph& graph, const std::vector<bool>& available) {
  if (graph.outputs().empty()) return Internal("the graph has no outputs");
  for (ValueId id : graph.outputs()) {
    if (!InRange(graph, id)) return OutOfRange(id, "a graph output");
    if (!available[static_cast<size_t>(id)]) {
      return Internal("nothing makes the graph output \"%s\"", graph.value(id).name.c_str());
    }
  }
  return OkStatus();
}

}  // namespace

Status CheckLimits(const Graph& graph) {
  for (ValueId id = 0; id < graph.value_count(); ++id) {
    const Value& value = graph.value(id);
    if (!value.shape) continue;
    // The name is put into words only where something is wrong: this runs after every pass.
    if (const Status status = CheckTensorLimits(*value.shape); !status.ok()) {
      return status.WithContext("\"" + value.name + "\"");
    }
  }
  return OkStatus();
}

Status Validate(const Graph& graph) {
  std::vector<bool> available;
  MINNOW_RETURN_IF_ERROR(CheckValues(graph, &available));
  for (NodeId id = 0; id < graph.node_count(); ++id) {
    const Node& node = graph.node(id);
    if (node.dead) continue;
    Status status = CheckNodeIds(graph, node);
    if (status.ok()) status = CheckNodeArity(node);
    if (status.ok()) status = CheckProducers(graph, id);
    if (!status.ok()) return status.WithContext(NodeContext(node));
    for (ValueId output : node.outputs) available[static_cast<size_t>(output)] = true;
  }
  for (NodeId id = 0; id < graph.node_count(); ++id) {
    const Node& node = graph.node(id);
    if (node.dead) continue;
    const Status status = CheckReads(graph, node, available);
    if (!status.ok()) return status.WithContext(NodeContext(node));
  }
  MINNOW_RETURN_IF_ERROR(CheckOutputs(graph, available));
  const StatusOr<std::vector<NodeId>> order = graph.TopologicalOrder();
  if (order.ok()) return OkStatus();
  return Internal("%s", order.status().message().c_str());
}

}  // namespace minnow::graph
