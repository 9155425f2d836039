// From a GraphDef to a graph: which nodes count, in which order, then a row for each.
#include "importers/tensorflow/tensorflow_importer.h"

#include <algorithm>

#include "importers/import_context.h"
#include "importers/protobuf_reader.h"
#include "importers/tensorflow/graph_def.h"
#include "importers/tensorflow/ops.h"
#include "tensor/load_limits.h"

namespace minnow::importers::tensorflow {
namespace {

// The nodes of a file and who reads whom. Control inputs order side effects, of which inference has
// none: they are taken out of NodeRecord::inputs and only count in finding the outputs.
class NodeGraph {
 public:
  explicit NodeGraph(std::vector<NodeRecord> nodes) : nodes_(std::move(nodes)) {}

  const std::vector<NodeRecord>& nodes() const { return nodes_; }

  // Fills in the rest. kInvalidModel for names used twice and for inputs that no node makes.
  Status Link();
  // Nodes that nobody reads, in file order.
  std::vector<size_t> Outputs() const;
  // For each node whether `outputs` need it.
  std::vector<bool> Needed(const std::vector<size_t>& outputs) const;
  // The needed nodes: placeholders first, then producers before readers and otherwise in file
  // order. kInvalidModel on a cycle.
  StatusOr<std::vector<size_t>> Order(const std::vector<bool>& needed) const;

 private:
  Status LinkInputs(size_t reader, const std::unordered_map<std::string_view, size_t>& by_name);

  std::vector<NodeRecord> nodes_;
  std::vector<std::vector<size_t>> producers_;  // of each node's data inputs
  std::vector<bool> is_read_;
};

Status NodeGraph::Link() {
  std::unordered_map<std::string_view, size_t> by_name;
  for (size_t i = 0; i < nodes_.size(); ++i) {
    if (!by_name.emplace(nodes_[i].name, i).second) {
      return InvalidModel("two nodes are named %s", Quote(nodes_[i].name).c_str());
    }
  }
  producers_.resize(nodes_.size());
  is_read_.resize(nodes_.size(), false);
  for (size_t i = 0; i < nodes_.size(); ++i) {
    MINNOW_RETURN_IF_ERROR(LinkInputs(i, by_name).WithContext(Describe(nodes_[i])));
  }
  return OkStatus();
}

Status NodeGraph::LinkInputs(size_t reader,
                             const std::unordered_map<std::string_view, size_t>& by_name) {
  NodeRecord& node = nodes_[reader];
  std::vector<std::string_view> data_inputs;
  for (std::string_view input : node.inputs) {
    const bool is_control = !input.empty() && input[0] == '^';
    if (is_control) input.remove_prefix(1);
    const size_t colon = input.rfind(':');
    const std::string_view name = input.substr(0, colon);
    const auto producer = by_name.find(name);
    if (producer == by_name.end()) {
      return InvalidModel("no node makes its input %s", Quote(input).c_str());
    }
    // A NoOp that waits for everything does not make the results any less results.
    if (!is_control || node.op != "NoOp") is_read_[producer->second] = true;
    if (is_control) continue;
    producers_[reader].push_back(producer->second);
    const bool is_first = colon == std::string_view::npos || input.substr(colon) == ":0";
    data_inputs.push_back(is_first ? name : input);
  }
  node.inputs = std::move(data_inputs);
  return OkStatus();
}

std::vector<size_t> NodeGraph::Outputs() const {
  std::vector<size_t> outputs;
  for (size_t i = 0; i < nodes_.size(); ++i) {
    const std::string_view op = nodes_[i].op;
    const bool gives_nothing =
        op == "Const" || op == "NoOp" || op == "Assert" || op == "Placeholder";
    if (!is_read_[i] && !gives_nothing) outputs.push_back(i);
  }
  return outputs;
}

std::vector<bool> NodeGraph::Needed(const std::vector<size_t>& outputs) const {
  std::vector<bool> needed(nodes_.size(), false);
  std::vector<size_t> pending = outputs;
  for (size_t i : outputs) needed[i] = true;
  while (!pending.empty()) {
    const size_t node = pending.back();
    pending.pop_back();
    for (size_t producer : producers_[node]) {
      if (needed[producer]) continue;
      needed[producer] = true;
      pending.push_back(producer);
    }
  }
  return needed;
}

StatusOr<std::vector<size_t>> NodeGraph::Order(const std::vector<bool>& needed) const {
  std::vector<size_t> order;
  enum class State : uint8_t { kNew, kOpen, kDone };
  std::vector<State> states(nodes_.size(), State::kNew);
  for (size_t i = 0; i < nodes_.size(); ++i) {
    if (!needed[i] || nodes_[i].op != "Placeholder") continue;
    states[i] = State::kDone;
    order.push_back(i);
  }
  // Depth-first with a stack of our own: (node, how many of its inputs are dealt with).
  std::vector<std::pair<size_t, size_t>> stack;
  for (size_t root = 0; root < nodes_.size(); ++root) {
    if (!needed[root] || states[root] != State::kNew) continue;
    states[root] = State::kOpen;
    stack.emplace_back(root, 0);
    while (!stack.empty()) {
      auto& [node, done] = stack.back();
      if (done == producers_[node].size()) {
        states[node] = State::kDone;
        order.push_back(node);
        stack.pop_back();
        continue;
      }
      const size_t producer = producers_[node][done++];
      if (states[producer] == State::kOpen) {
        return InvalidModel("%s is part of a cycle", Describe(nodes_[producer]).c_str());
      }
      if (states[producer] == State::kDone) continue;
      states[producer] = State::kOpen;
      stack.emplace_back(producer, 0);
    }
  }
  return order;
}

Status CheckOperators(const NodeGraph& graph, const std::vector<bool>& needed) {
  UnknownOps unknown;
  for (size_t i = 0; i < needed.size(); ++i) {
    const NodeRecord& node = graph.nodes()[i];
    if (needed[i] && FindRow(node.op) == nullptr) unknown.Add(node, "TensorFlow");
  }
  return unknown.ToStatus();
}

// Whether the bytes of a first node look like a NodeDef: a name and an op, both strings.
bool LooksLikeNode(Bytes node) {
  ProtobufReader reader(node);
  bool has_name = false;
  while (reader.Next()) {
    if (reader.field() > 7 || reader.wire_type() != WireType::kBytes) return false;
    if (reader.field() == 1) has_name = true;
    if (reader.field() == 2) return has_name && !reader.Text().empty();
  }
  return false;
}

}  // namespace

bool Sniff(Bytes first) {
  ProtobufReader reader(first);
  for (int i = 0; i < 8 && reader.Next(); ++i) {
    if (reader.field() == 1) {
      return reader.wire_type() == WireType::kBytes && LooksLikeNode(reader.Blob());
    }
    const WireType expected = reader.field() == 3 ? WireType::kVarint : WireType::kBytes;
    if (reader.field() > 4 || reader.wire_type() != expected) return false;
  }
  return false;
}

StatusOr<graph::Graph> Import(const std::vector<Bytes>& buffers) {
  std::vector<NodeRecord> records;
  MINNOW_RETURN_IF_ERROR(ParseGraphDef(buffers[0], &records));
  NodeGraph nodes(std::move(records));
  MINNOW_RETURN_IF_ERROR(nodes.Link());
  const std::vector<size_t> outputs = nodes.Outputs();
  if (outputs.empty()) return InvalidModel("the graph has no outputs");
  const std::vector<bool> needed = nodes.Needed(outputs);
  MINNOW_RETURN_IF_ERROR(CheckOperators(nodes, needed));
  const StatusOr<std::vector<size_t>> order = nodes.Order(needed);
  if (!order.ok()) return order.status();

  ImportContext context(0);
  for (size_t i : *order) {
    for (std::string_view input : nodes.nodes()[i].inputs) context.MarkRead(input);
  }
  for (size_t i : outputs) context.MarkRead(nodes.nodes()[i].name);
  for (size_t i : *order) {
    MINNOW_RETURN_IF_ERROR(CheckLoad(context.graph().node_count()));
    const NodeRecord& record = nodes.nodes()[i];
    const NodeView node(record, &context);
    MINNOW_RETURN_IF_ERROR(
        node.Fail(FindRow(record.op)->import(node, &context)).WithContext(Describe(record)));
  }
  for (size_t i : outputs) MINNOW_RETURN_IF_ERROR(context.AddOutput(nodes.nodes()[i].name));
  return std::move(context.graph());
}

}  // namespace minnow::importers::tensorflow
