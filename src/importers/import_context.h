// What an import is in the middle of: the graph so far, which names have values, the first error.
//
// Shared by the formats that name their values by strings.
#ifndef MINNOW_IMPORTERS_IMPORT_CONTEXT_H_
#define MINNOW_IMPORTERS_IMPORT_CONTEXT_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

#include "base/status.h"
#include "graph/graph.h"

namespace minnow::importers {

// `text` in quotes, for messages: control characters replaced, cut after 80 bytes.
std::string Quote(std::string_view text);

// The number that a one-element tensor holds; nothing for more elements and for f16.
std::optional<double> ScalarOf(const Tensor& tensor);

// Not thread-safe; lives for one import. Constants enter the graph when a node first reads them as
// a value, so that those which only become attributes leave nothing behind.
class ImportContext {
 public:
  // Bytes that constants written as one repeated value may grow to, all together. A file of 50
  // bytes can ask for gigabytes.
  static constexpr int64_t kMaxExpandedBytes = int64_t{256} << 20;

  explicit ImportContext(int64_t opset) : opset_(opset) {}

  graph::Graph& graph() { return graph_; }
  const graph::Graph& graph() const { return graph_; }
  // Version of the operator set (ONNX); 0 where the format has none.
  int64_t opset() const { return opset_; }
  // What is left of kMaxExpandedBytes.
  int64_t* expansion_budget_bytes() { return &expansion_budget_bytes_; }

  // Give `name` a meaning. kInvalidModel where it has one already or is empty.
  Status DefineValue(std::string_view name, graph::ValueId value);
  Status DefineConstant(std::string_view name, Tensor tensor);
  // The constant called `name`, or null.
  const Tensor* FindConstant(std::string_view name) const;
  // kInvalidModel where nothing called `name` is defined yet.
  StatusOr<graph::ValueId> FindValue(std::string_view name);

  // Which names some node reads or the model gives out: filled before the nodes are imported.
  void MarkRead(std::string_view name) { read_.emplace(name); }
  bool IsRead(std::string_view name) const { return read_.count(std::string(name)) != 0; }

  // Shape of a value as far as it is known, and its element type; inferred when asked, each node
  // once. Nothing for kNoValue.
  std::optional<Shape> ShapeOf(graph::ValueId value);
  std::optional<DType> DTypeOf(graph::ValueId value);

  // Makes the value called `name` an output of the graph under that name.
  Status AddOutput(std::string_view name);

  // The first error that a NodeView getter met. The node's import ends with it.
  void Fail(Status status) {
    if (status_.ok()) status_ = std::move(status);
  }
  const Status& status() const { return status_; }

 private:
  void Infer();

  struct Operand {
    graph::ValueId value = graph::kNoValue;  // kNoValue: a constant not in the graph yet
    std::optional<Tensor> constant;
  };

  graph::Graph graph_;
  int64_t opset_;
  int64_t expansion_budget_bytes_ = kMaxExpandedBytes;
  std::unordered_map<std::string, Operand> operands_;
  std::unordered_set<std::string> read_;
  std::unordered_set<std::string> output_names_;
  std::unordered_set<graph::ValueId> output_values_;
  graph::NodeId inferred_nodes_ = 0;
  Status status_;
};

}  // namespace minnow::importers

#endif  // MINNOW_IMPORTERS_IMPORT_CONTEXT_H_
