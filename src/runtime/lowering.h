// The state of one lowering; its methods live in lower*.cc by theme.
#ifndef MINNOW_RUNTIME_LOWERING_H_
#define MINNOW_RUNTIME_LOWERING_H_

#include <array>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "graph/graph.h"
#include "runtime/lower.h"
#include "runtime/operators/operators.h"
#include "runtime/operators/qlayer.h"
#include "runtime/plan.h"

namespace minnow::runtime {

// Up to this many channels a windowed convolution reads plain images directly: the broadcast
// elements of a tap then follow one another in memory.
inline constexpr int64_t kFewChannels = 8;

// Conv2D or Pool2D with its shapes fixed and its padding resolved.
template <typename Op>
StatusOr<ConvGeometry> GeometryOf(const Op& op, const Shape& in, const Shape& out, int64_t kernel_h,
                                  int64_t kernel_w);

// A convolution on its way to an operator; slots are not set yet.
struct ConvStep {
  ConvGeometry geometry;
  ConvOperands operands;
  bool is_depthwise = false;
  bool is_dense = false;  // groups 1, and padding that can be copied
  bool has_residual = false;
};

class Lowering {
 public:
  Lowering(const graph::Graph& graph, const CompileOptions& options, WeightCache* cache);
  StatusOr<std::shared_ptr<Plan>> Run();

 private:
  // One overload an op with fast kernels. True: done; false: the generic operator takes the node.
  // std::visit needs one for every op; the template is for those without any.
  template <typename Op>
  StatusOr<bool> LowerOp(const Op&) {
    return false;
  }
  StatusOr<bool> LowerOp(const graph::Conv2D& conv);
  StatusOr<bool> LowerOp(const graph::FullyConnected& fully_connected);
  StatusOr<bool> LowerOp(const graph::Pool2D& pool);
  StatusOr<bool> LowerOp(const graph::Reduce& reduce);
  StatusOr<bool> LowerOp(const graph::Binary& binary);
  StatusOr<bool> LowerOp(const graph::Unary& unary);
  StatusOr<bool> LowerOp(const graph::Clamp& clamp);
  StatusOr<bool> LowerOp(const graph::Concat& concat);
  StatusOr<bool> LowerOp(const graph::Softmax& softmax);
  StatusOr<bool> LowerOp(const graph::Transpose& transpose);
  StatusOr<bool> LowerOp(const graph::QConv2D& op);
  StatusOr<bool> LowerOp(const graph::QFullyConnected& op);
  StatusOr<bool> LowerOp(const graph::QBinary& op);
  StatusOr<bool> LowerOp(const graph::ByteMap& op);
  StatusOr<bool> LowerOp(const graph::Pad& pad);
  StatusOr<bool> LowerByteMean(const graph::ByteParams& params);
  StatusOr<bool> LowerBytePool(const graph::Pool2D& pool, const ConvGeometry& geometry);
  StatusOr<bool> LowerByteSoftmax(const graph::ByteParams& params, int64_t rows, int64_t n);
  StatusOr<bool> LowerByteConcat(int axis);
  // The operator on the bytes of input 0 that `make(x, y)` gives.
  template <typename Make>
  StatusOr<bool> EmitOnBytes(const Make& make);
  // With the zero points of the bytes as they lie.
  graph::ByteParams AsTheyLie(graph::ByteParams params) const;
  StatusOr<bool> LowerOp(const graph::Quantize& op);
  StatusOr<bool> LowerOp(const graph::Dequantize& op);
  StatusOr<bool> LowerOp(const graph::Reshape&) { return LowerView(); }
  StatusOr<bool> LowerOp(const graph::Squeeze&) { return LowerView(); }
  StatusOr<bool> LowerOp(const graph::Unsqueeze&) { return LowerView(); }
  StatusOr<bool> LowerOp(const graph::Flatten&) { return LowerView(); }
  StatusOr<bool> LowerOp(const graph::Identity&) { return LowerView(); }
  StatusOr<bool> LowerView();
  Status LowerGeneric();

  const graph::Conv2D* PlainConv(const graph::Node& node) const;
  const graph::Node* OnlyReader(const graph::Node& node) const;
  // REQUIRES: PlainConv(node).
  StatusOr<ConvStep> StepOf(const graph::Node& node) const;
  Layout WindowInputLayout(graph::ValueId id, const ConvGeometry& geometry) const;
  Status FindFusedBlocks(const std::vector<graph::NodeId>& order);
  // The current node is the projection.
  Status LowerFusedBlock(const graph::Node& first, const graph::Node& second);
  StatusOr<bool> LowerPerChannel(const graph::Binary& binary, graph::ValueId a, graph::ValueId b);
  // Of the current node; nothing where no kernel computes it.
  std::optional<QuantizedProduct> ProductOf(const graph::ProductQuantization& q,
                                            const graph::Activation& activation,
                                            int64_t channels) const;
  StatusOr<bool> LowerQdepthwise(const QuantizedProduct& product, const ConvGeometry& geometry);
  // Inputs 1 and 2 of a Quantize or Dequantize with one scale, for bytes as they lie.
  std::optional<QuantParams> ParamsOf(DType dtype) const;
  bool LowerByteTranspose(const graph::Transpose& transpose);
  // How the integer operators want the bytes of a value.
  Layout ByteLayout(graph::ValueId id) const;
  bool LowerAffine(float scale, float shift, const kernels::Epilogue& epilogue);

  // Of the current node.
  graph::ValueId input(size_t index) const;
  graph::ValueId output(size_t index = 0) const { return node_->outputs[index]; }
  const Shape& shape(graph::ValueId id) const { return *graph_.value(id).shape; }
  bool IsF32(graph::ValueId id) const { return graph_.value(id).dtype == DType::kF32; }
  bool IsByte(graph::ValueId id) const {
    return graph_.value(id).dtype == DType::kU8 || graph_.value(id).dtype == DType::kS8;
  }
  bool IsImage(graph::ValueId id) const { return IsF32(id) && shape(id).rank() == 4; }

  bool Has(graph::ValueId id, Layout layout) const { return SlotOf(id, layout) != kNoSlot; }
  SlotId SlotOf(graph::ValueId id, Layout layout) const {
    return slots_[static_cast<size_t>(id)][static_cast<size_t>(layout)];
  }
  // The value in `layout`; adds a reorder where it exists only in another. kNoValue gives kNoSlot.
  StatusOr<SlotId> Require(graph::ValueId id, Layout layout);
  StatusOr<SlotId> RequireConstant(graph::ValueId id, const Tensor& tensor, Layout layout);
  // New memory for a value in `layout`, or a view of `root`.
  SlotId Define(graph::ValueId id, Layout layout, SlotId root = kNoSlot);
  // Lays `part`, and all that shares its memory, at `offset` within `whole`, so that it is written
  // where it is wanted. False when its memory is not free to move (inputs, constants, parts of
  // others).
  bool MoveInto(SlotId part, SlotId whole, size_t offset);
  // The layout that an elementwise op keeps: blocked where the value exists so, else row-major.
  Layout PreferredLayout(graph::ValueId id) const;

  void Emit(std::unique_ptr<Operator> op);
  // Whether the memory of an input may be somebody else's.
  bool IsLendable(SlotId input) const;
  Status PlaceMemory();
  Status Failure(const Status& status) const;

  const graph::Graph& graph_;
  const CompileOptions& options_;
  WeightCache* cache_;
  std::shared_ptr<Plan> plan_;
  std::vector<std::array<SlotId, kLayoutCount>> slots_;  // by ValueId
  const graph::Node* node_ = nullptr;
  std::vector<int> use_counts_;  // by ValueId
  // Projection -> the two nodes that it takes in; and those nodes -> the projection.
  std::map<const graph::Node*, std::pair<const graph::Node*, const graph::Node*>> fused_;
  std::map<const graph::Node*, const graph::Node*> absorbed_;
  // Slots that each operator reads or writes, for lifetimes.
  std::vector<std::vector<SlotId>> touched_;
  std::vector<SlotId> touching_;
};

}  // namespace minnow::runtime

#endif  // MINNOW_RUNTIME_LOWERING_H_
