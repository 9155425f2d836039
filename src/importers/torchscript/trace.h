// The graph that grows while a program is evaluated: nodes with names and shapes, constants of the
// archive, which values have the batch first, and the first error.
#ifndef MINNOW_IMPORTERS_TORCHSCRIPT_TRACE_H_
#define MINNOW_IMPORTERS_TORCHSCRIPT_TRACE_H_

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/status.h"
#include "graph/graph.h"
#include "importers/torchscript/value.h"
#include "importers/torchscript/zip_archive.h"
#include "tensor/tensor.h"

namespace minnow::importers::torchscript {

// Lives for one import. Like NodeView, its functions record the first error and go on with
// harmless values; the evaluator looks at status() after every operator.
class Trace {
 public:
  // Loops that unroll to more are refused.
  static constexpr int kMaxNodes = 50000;
  // Bytes of constants that are not in the file, all together.
  static constexpr int64_t kMaxMadeBytes = int64_t{256} << 20;

  Trace(ZipArchive* archive, Heap* heap, int64_t constant_bytes)
      : archive_(archive), heap_(heap), budget_bytes_(constant_bytes) {}

  graph::Graph& graph() { return graph_; }
  Heap& heap() { return *heap_; }

  void Fail(Status status) {
    if (status_.ok()) status_ = std::move(status);
  }
  const Status& status() const { return status_; }

  // The module that is being evaluated: nodes are named after it.
  const std::string& path() const { return path_; }
  void set_path(std::string path) { path_ = std::move(path); }

  // The input called `name`; axis 0 is the batch.
  Value AddInput(std::string_view name, const Shape& shape);

  // Makes `value` an output of the graph under that name.
  void AddOutput(const std::string& name, graph::ValueId value);

  // What a cell is at this moment; a stored tensor enters the graph when it is first read.
  graph::ValueId Read(TensorCell* cell);
  // The elements of a stored tensor that nothing has changed; nothing for others.
  std::optional<Tensor> Stored(const TensorCell& cell);

  graph::ValueId Add(std::string_view op_name, graph::Op op, std::vector<graph::ValueId> inputs);
  graph::ValueId AddFloats(std::string_view name, const Shape& shape,
                           const std::vector<float>& values);
  graph::ValueId AddInts(const Shape& shape, const std::vector<int64_t>& values);

  // The shape as far as it is known; rank 0 and an error where not even the rank is.
  Shape ShapeOf(graph::ValueId value);
  // Whether axis 0 of the value is the batch.
  bool HasBatch(graph::ValueId value) const {
    return value >= 0 && static_cast<size_t>(value) < has_batch_.size() &&
           has_batch_[static_cast<size_t>(value)];
  }
  // Dimension `axis` of a value: an integer, or a symbol where it is not known.
  Value DimOf(graph::ValueId value, int axis);

  // `view` shows elements of `base`.
  void MarkView(TensorCell* base, TensorCell* view);
  // `cell` gets other elements: its other views no longer show what they should.
  void Assign(TensorCell* cell, graph::ValueId value);

 private:
  // A name inside of the module at hand, and one that no other value has.
  std::string InnerName(std::string_view op_name) const;
  std::string UniqueName(std::string name);
  graph::ValueId AddConstant(std::string name, StatusOr<Tensor> tensor);
  bool ChargeMade(size_t bytes);
  void SetBatch(graph::ValueId value, bool has_batch);

  ZipArchive* archive_;
  Heap* heap_;
  int64_t budget_bytes_;
  int64_t made_bytes_ = 0;
  graph::Graph graph_;
  Status status_;
  std::string path_;
  std::unordered_map<std::string, int> names_;
  std::vector<bool> has_batch_;
  Value batch_;
  std::unordered_map<int, std::vector<TensorCell*>> views_;
  int view_count_ = 0;
};

}  // namespace minnow::importers::torchscript

#endif  // MINNOW_IMPORTERS_TORCHSCRIPT_TRACE_H_
