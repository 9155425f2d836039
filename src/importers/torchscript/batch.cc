#include "importers/torchscript/batch.h"

#include <algorithm>

namespace minnow::importers::torchscript {
namespace {

class Visitor {
 public:
  Visitor(const graph::Graph& graph, const graph::Node& node, const std::vector<bool>& has_batch)
      : graph_(graph), node_(node), has_batch_(has_batch) {}

  bool operator()(const graph::Conv2D&) const { return First(); }
  bool operator()(const graph::FullyConnected&) const { return First(); }
  bool operator()(const graph::BatchNorm&) const { return First(); }
  bool operator()(const graph::Unary&) const { return First(); }
  bool operator()(const graph::Clamp&) const { return First(); }
  bool operator()(const graph::Pool2D&) const { return First(); }
  bool operator()(const graph::Softmax&) const { return First(); }
  bool operator()(const graph::Cast&) const { return First(); }
  bool operator()(const graph::Identity&) const { return First(); }
  bool operator()(const graph::Gemm& op) const { return !op.transpose_a && First(); }
  bool operator()(const graph::MatMul&) const { return First() && SameRank(0); }
  bool operator()(const graph::Binary&) const { return Any(); }
  bool operator()(const graph::Where&) const { return Any(); }
  bool operator()(const graph::Concat& op) const {
    return op.axis != 0 && op.axis != -RankOf(0) && Any();
  }
  bool operator()(const graph::Transpose& op) const {
    return !op.perm.empty() && op.perm[0] == 0 && First();
  }
  bool operator()(const graph::Flatten& op) const { return op.axis == 1 && First(); }
  bool operator()(const graph::Reduce& op) const {
    return node_.inputs.size() == 1 && !op.axes.empty() && Without0(op.axes, RankOf(0)) && First();
  }
  bool operator()(const graph::Slice& op) const {
    return node_.inputs.size() == 1 && Without0(op.axes, RankOf(0)) && First();
  }
  bool operator()(const graph::Squeeze& op) const {
    return !op.axes.empty() && Without0(op.axes, RankOf(0)) && First();
  }
  bool operator()(const graph::Unsqueeze& op) const {
    return Without0(op.axes, RankOf(0) + static_cast<int>(op.axes.size())) && First();
  }
  bool operator()(const graph::Pad& op) const {
    return node_.inputs.size() == 1 && First() && op.pads.size() >= 2 && op.pads[0] == 0 &&
           op.pads[op.pads.size() / 2] == 0;
  }
  // A 0 copies the batch; a -1 is the batch where the other axes hold as much as before.
  bool operator()(const graph::Reshape& op) const {
    if (node_.inputs.size() != 1 || op.shape.empty() || !First()) return false;
    if (op.shape[0] == 0 && !op.allow_zero) return true;
    return op.shape[0] == -1 && InnerCount(node_.inputs[0]) == InnerCount(node_.outputs[0]);
  }
  template <typename OtherOp>
  bool operator()(const OtherOp&) const {
    return false;
  }

 private:
  const std::optional<Shape>& ShapeOf(graph::ValueId id) const { return graph_.value(id).shape; }
  int RankOf(size_t input) const { return ShapeOf(node_.inputs[input])->rank(); }
  bool First() const { return has_batch_[0]; }
  bool SameRank(size_t input) const {
    const std::optional<Shape>& shape = ShapeOf(node_.inputs[input]);
    return shape && shape->rank() == ShapeOf(node_.outputs[0])->rank();
  }
  // One input has it and no other has more axes.
  bool Any() const {
    for (size_t i = 0; i < has_batch_.size(); ++i) {
      if (has_batch_[i] && SameRank(i)) return true;
    }
    return false;
  }
  static bool Without0(const std::vector<int64_t>& axes, int rank) {
    return std::none_of(axes.begin(), axes.end(),
                        [rank](int64_t axis) { return axis == 0 || axis == -rank; });
  }
  // Elements behind axis 0, or -1.
  int64_t InnerCount(graph::ValueId id) const {
    Shape shape = *ShapeOf(id);
    if (shape.rank() == 0) return -1;
    shape[0] = 1;
    return shape.ElementCount();
  }

  const graph::Graph& graph_;
  const graph::Node& node_;
  const std::vector<bool>& has_batch_;
};

}  // namespace

bool KeepsBatch(const graph::Graph& graph, const graph::Node& node,
                const std::vector<bool>& has_batch) {
  const std::optional<Shape>& output = graph.value(node.outputs[0]).shape;
  if (!output || output->rank() == 0 || (*output)[0] != kUnknownDim) return false;
  for (size_t i = 0; i < has_batch.size(); ++i) {
    if (has_batch[i] && !graph.value(node.inputs[i]).shape) return false;
  }
  if (std::none_of(has_batch.begin(), has_batch.end(), [](bool has) { return has; })) return false;
  return std::visit(Visitor(graph, node, has_batch), node.op);
}

}  // namespace minnow::importers::torchscript
