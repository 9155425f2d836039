// One operator of a .tflite file as the rows of ops.cc see it, and the graph so far.
//
// A quantised tensor is seen in two ways: Stored, its integers, and Real, the numbers they stand
// for, which is a Dequantize of the former. An operator that computes reads and writes Real values;
// the pass fuse_quantized makes integer operators of what lies between.
#ifndef MINNOW_IMPORTERS_TFLITE_NODE_H_
#define MINNOW_IMPORTERS_TFLITE_NODE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include "graph/graph.h"
#include "importers/tflite/model.h"

namespace minnow::importers::tflite {

// The state of one import. Not thread safe.
class ImportState {
 public:
  // `model` outlives this. `constant_budget_bytes` is what constants may grow to, all together.
  ImportState(const ModelRecord& model, size_t constant_budget_bytes);

  graph::Graph& graph() { return graph_; }
  const TensorRecord& tensor(int32_t index) const {
    return model_.tensors[static_cast<size_t>(index)];
  }
  Status AddInput(int32_t index);
  Status AddOutput(int32_t index);

  // The value of a tensor; kNoValue after an error, as everywhere below.
  graph::ValueId Stored(int32_t index);
  graph::ValueId Real(int32_t index);
  // The elements of a constant tensor, or null.
  const Tensor* Constant(int32_t index);
  bool IsQuantized(int32_t index) const;
  // Dequantize(stored) by the tensor's scales, along `axis` where there are several.
  graph::ValueId Dequantized(int32_t index, graph::ValueId stored, int64_t axis);
  graph::ValueId AddConstant(const std::string& name, StatusOr<Tensor> tensor);
  // Gives a tensor its value. kInvalidModel where it has one.
  Status Define(int32_t index, graph::ValueId value);
  // The tensor's name, made unique.
  std::string NameOf(int32_t index);

  void Fail(Status status) {
    if (status_.ok()) status_ = std::move(status);
  }
  const Status& status() const { return status_; }

 private:
  friend class Node;

  const ModelRecord& model_;
  size_t constant_budget_bytes_;
  size_t made_budget_bytes_ = size_t{64} << 20;
  graph::Graph graph_;
  std::vector<graph::ValueId> stored_, real_;  // by tensor
  std::vector<std::optional<Tensor>> constants_;
  std::unordered_set<std::string> names_;
  std::unordered_set<graph::ValueId> outputs_;
  Status status_;
};

// Getters record what is wrong and give a harmless value: Output… returns the first error.
class Node {
 public:
  // All arguments outlive this.
  Node(const OperatorRecord& record, std::string name, ImportState* import)
      : record_(record), name_(std::move(name)), import_(import) {}

  const Table& options() const { return record_.options; }
  size_t input_count() const { return record_.inputs.size(); }
  size_t output_count() const { return record_.outputs.size(); }
  bool HasInput(size_t i) const { return i < input_count() && record_.inputs[i] >= 0; }

  graph::ValueId Stored(size_t i) const;
  graph::ValueId Real(size_t i) const;
  // kNoValue where it is absent.
  graph::ValueId OptionalReal(size_t i) const;
  // The shape in the file. Absent inputs and broken shapes are kInvalidModel.
  Shape InputShape(size_t i) const;
  Shape OutputShape(size_t i) const;
  DType OutputType(size_t i) const;
  const Tensor* Constant(size_t i) const;
  // The elements of a constant i32 or i64 list; nothing where it is absent or computed.
  std::optional<std::vector<int64_t>> Ints(size_t i) const;
  // The same where the engine needs them: kUnsupported where computed.
  std::vector<int64_t> RequiredInts(size_t i, const char* what) const;

  // All inputs and outputs are integers of the same scale, or none is quantised: an operator that
  // only moves or compares elements may then work on what is stored.
  bool KeepsQuantization() const;
  std::optional<Quantization> InputQuantization(size_t i) const;
  // Dequantize by the scales of input i.
  graph::ValueId Dequantized(size_t i, graph::ValueId stored, int64_t axis) const;
  graph::ValueId AddConstant(StatusOr<Tensor> tensor) const;
  graph::ValueId AddInts(const std::vector<int64_t>& values) const;
  // Called before a constant that is not in the file is made: kUnsupported when all of these
  // together grow too large. REQUIRES: elements at most kMaxElements squared.
  Status ChargeMade(int64_t elements, size_t element_bytes) const;

  // An inner value.
  graph::ValueId Add(graph::Op op, std::vector<graph::ValueId> inputs) const;
  // Makes output i of what is stored.
  Status OutputStored(size_t i, graph::Op op, std::vector<graph::ValueId> inputs) const;
  // Makes output i of real numbers: through a Quantize where the tensor is quantised.
  Status OutputReal(size_t i, graph::Op op, std::vector<graph::ValueId> inputs) const;
  // The first input through `op`, stored where KeepsQuantization.
  Status OutputMoved(graph::Op op) const;

  void Record(Status status) const { import_->Fail(std::move(status)); }
  Status Fail(Status status) const {
    import_->Fail(std::move(status));
    return import_->status();
  }

 private:
  // The tensor's index; -1 and an error where there is none.
  int32_t InputIndex(size_t i) const;
  int32_t OutputIndex(size_t i) const;
  Shape ShapeOfIndex(int32_t index) const;

  const OperatorRecord& record_;
  const std::string name_;
  ImportState* import_;
  mutable int inner_count_ = 0;
};

// A row of the table of operators.
struct OpRow {
  int32_t code;
  Status (*import)(const Node& node);
};

}  // namespace minnow::importers::tflite

#endif  // MINNOW_IMPORTERS_TFLITE_NODE_H_
