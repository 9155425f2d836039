// One node of a model file as the rows of ops.cc see it: typed access to its attributes and inputs,
// and the making of graph nodes. The same for every protobuf format.
#ifndef MINNOW_IMPORTERS_NODE_VIEW_H_
#define MINNOW_IMPORTERS_NODE_VIEW_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "graph/ops.h"
#include "importers/import_context.h"
#include "importers/importer.h"

namespace minnow::importers {

// Views into the file's bytes.
struct Attribute {
  enum class Kind : uint8_t {
    kInt,  // bool and type too
    kFloat,
    kText,
    kTensor,  // `blob` is the encoded tensor
    kShape,   // `blob` is the encoded shape
    kInts,
    kFloats,
    kOther,
  };
  std::string_view name;
  Kind kind = Kind::kOther;
  int64_t number = 0;
  float real = 0.0f;
  std::string_view text;
  Bytes blob;
  std::vector<int64_t> ints;
  std::vector<float> floats;
};

struct NodeRecord {
  std::string_view name;
  std::string_view op;
  std::string_view domain;
  std::vector<std::string_view> inputs;  // empty where an optional one is absent
  std::vector<std::string_view> outputs;
  // TensorFlow: there is no list, output 0 has the node's name and output k is "name:k".
  bool numbered_outputs = false;
  std::vector<Attribute> attributes;
};

// `node "conv1" (Conv)`; the first output stands in for a missing name.
std::string Describe(const NodeRecord& record);

// Getters record what is wrong in the context and give a harmless value, so that a row reads
// straight through: Output() returns the first error. Both arguments outlive the view.
class NodeView {
 public:
  NodeView(const NodeRecord& record, ImportContext* context) : record_(record), context_(context) {}

  const NodeRecord& record() const { return record_; }

  size_t input_count() const { return record_.inputs.size(); }
  bool HasInput(size_t index) const {
    return index < input_count() && !record_.inputs[index].empty();
  }
  // An absent input is kInvalidModel.
  graph::ValueId Input(size_t index) const;
  // kNoValue where it is absent.
  graph::ValueId OptionalInput(size_t index) const;
  // All inputs; at least one.
  std::vector<graph::ValueId> Inputs() const;

  // Null where the input is absent or computed.
  const Tensor* ConstantInput(size_t index) const;
  // The i32 or i64 scalar or list that the input holds; nothing where it is absent or computed.
  // Another dtype is kInvalidModel.
  std::optional<std::vector<int64_t>> ConstantInts(size_t index) const;
  std::optional<double> ConstantNumber(size_t index) const;
  // The same for inputs that the engine needs to know beforehand: kUnsupported where computed.
  std::vector<int64_t> RequiredInts(size_t index, const char* what) const;
  int64_t RequiredInt(size_t index, const char* what) const;

  // Null where the node has no such attribute.
  const Attribute* Find(std::string_view name) const;
  int64_t Int(std::string_view name, int64_t otherwise) const;
  // A missing attribute is kInvalidModel.
  int64_t RequiredInt(std::string_view name) const;
  bool Bool(std::string_view name, bool otherwise) const { return Int(name, otherwise) != 0; }
  float Float(std::string_view name, float otherwise) const;
  std::string_view Text(std::string_view name, std::string_view otherwise) const;
  // Empty where the attribute is absent.
  std::vector<int64_t> Ints(std::string_view name) const;

  // Whether the node has an output `index` that somebody reads.
  bool OutputUsed(size_t index) const;
  std::string OutputName(size_t index) const;

  // An inner value of a node that takes several ops. kNoValue after an error.
  graph::ValueId Add(graph::Op op, std::vector<graph::ValueId> inputs) const;
  // The same for a constant list or scalar.
  graph::ValueId AddConstant(const Shape& shape, const std::vector<float>& values) const;
  graph::ValueId AddConstant(StatusOr<Tensor> tensor) const;
  // Makes output `index` of the node; done with the first error if there was one. An output beyond
  // the first that has no name is left out.
  Status Output(size_t index, graph::Op op, std::vector<graph::ValueId> inputs) const;

  // Records an error and goes on.
  void Record(Status status) const { context_->Fail(std::move(status)); }
  // Records an error and gives the first one, for `return node.Fail(...)`.
  Status Fail(Status status) const {
    context_->Fail(std::move(status));
    return context_->status();
  }

 private:
  const Attribute* FindAs(std::string_view name, Attribute::Kind kind) const;
  std::string NodeName() const;

  const NodeRecord& record_;
  ImportContext* context_;
  mutable int inner_count_ = 0;
};

// A row of a format's table of operators.
struct OpRow {
  std::string_view op;
  Status (*import)(const NodeView& node, ImportContext* context);
};

// Operators that no row covers, gathered over a whole file.
class UnknownOps {
 public:
  // `where` is what the operator is looked up in: "ai.onnx 13", "com.microsoft 1", "TensorFlow".
  void Add(const NodeRecord& record, const std::string& where);
  // Ok, or kUnsupported with every operator, how many nodes use it and the first of them.
  Status ToStatus() const;

 private:
  struct Entry {
    std::string op, where, first_node;
    int64_t count = 0;
  };
  std::vector<Entry> entries_;
  std::unordered_map<std::string, size_t> index_;
};

}  // namespace minnow::importers

#endif  // MINNOW_IMPORTERS_NODE_VIEW_H_
