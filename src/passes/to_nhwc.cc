// Which operators and weights are in another layout than NHWC and OHWI? Each is rewritten alone,
// between two Transposes; sink_transposes then finds those that cancel.
#include <utility>

#include "passes/passes.h"
#include "passes/permutation.h"
#include "passes/rewrite.h"

namespace minnow::passes {
namespace {

using graph::DataLayout;
using graph::Graph;
using graph::kNoValue;
using graph::NodeId;
using graph::ValueId;
using graph::WeightLayout;

// [N,C,...] to [N,...,C] and back, for any rank from 2.
Permutation ChannelsLast(int rank) {
  Permutation perm = {0};
  for (int axis = 2; axis < rank; ++axis) perm.push_back(axis);
  perm.push_back(1);
  return perm;
}

// Input `index` is read through a Transpose. No-op for an absent input.
void TransposeInput(Graph* graph, NodeId id, size_t index, const Permutation& perm) {
  const ValueId value = InputOf(graph->node(id), index);
  if (value == kNoValue) return;
  const ValueId transposed = AddTranspose(graph, value, perm, "/nhwc");
  graph->node(id).inputs[index] = transposed;
}

// The output turns NHWC; its readers get it transposed back.
void TransposeOutput(Graph* graph, NodeId id, const Permutation& to_nhwc) {
  const ValueId output = graph->node(id).outputs[0];
  const std::optional<Shape> shape = graph->value(output).shape;
  const ValueId restored = InsertAfter(graph, output, graph::Transpose{Inverse(to_nhwc)}, "/nchw");
  graph->value(restored).shape = shape;
  if (shape) graph->value(output).shape = Permuted(*shape, to_nhwc);
}

// Weights in OHWI. Constant ones are moved now, others by Transpose and Reshape in a run.
StatusOr<ValueId> ToOhwi(Graph* graph, ValueId weights, WeightLayout layout) {
  if (layout == WeightLayout::kOHWI) return weights;
  const std::string name = graph->value(weights).name;
  Permutation perm = {0, 2, 3, 1};  // OIHW
  if (layout == WeightLayout::kHWIO) perm = {3, 0, 1, 2};
  if (layout == WeightLayout::kHWCM) perm = {2, 3, 0, 1};  // [C,M,H,W], then [C*M,H,W,1]
  ValueId moved = kNoValue;
  if (const Tensor* tensor = graph->ConstantOf(weights)) {
    // Weights of 1x1 stay where they are.
    const bool pointwise =
        layout == WeightLayout::kOIHW && tensor->shape()[2] == 1 && tensor->shape()[3] == 1;
    StatusOr<Tensor> transposed = pointwise ? tensor->Reshaped(Permuted(tensor->shape(), perm))
                                            : EvaluateOne(graph::Transpose{perm}, {*tensor});
    if (!transposed.ok()) return transposed.status();
    moved = graph->AddConstant(name + "/ohwi", std::move(*transposed));
  } else {
    moved = AddTranspose(graph, weights, perm, "/ohwi");
  }
  if (layout != WeightLayout::kHWCM) return moved;
  const std::optional<Shape> shape = graph->value(moved).shape;
  if (!shape || !shape->IsStatic()) {
    return Unsupported("depthwise weights \"%s\" have an unknown shape", name.c_str());
  }
  const Shape ohwi = {(*shape)[0] * (*shape)[1], (*shape)[2], (*shape)[3], 1};
  if (const Tensor* tensor = graph->ConstantOf(moved)) {
    return graph->AddConstant(name + "/ohwi", tensor->Reshaped(ohwi));
  }
  return Derive(graph, moved, graph::Reshape{std::vector<int64_t>(ohwi.begin(), ohwi.end()), false},
                "/ohwi");
}

// The convolution in a Conv2D or QConv2D, else null.
graph::Conv2D* ConvIn(graph::Op* op) {
  if (auto* quantized = std::get_if<graph::QConv2D>(op)) return &quantized->conv;
  return std::get_if<graph::Conv2D>(op);
}

Status ConvertConv(Graph* graph, NodeId id) {
  const graph::Conv2D conv = *ConvIn(&graph->node(id).op);
  const ValueId old_weights = graph->node(id).inputs[1];
  const StatusOr<ValueId> weights = ToOhwi(graph, old_weights, conv.weight_layout);
  if (!weights.ok()) return weights.status().WithContext(NodeContext(graph->node(id)));
  graph->node(id).inputs[1] = *weights;
  if (conv.layout == DataLayout::kNCHW) {
    TransposeInput(graph, id, 0, ChannelsLast(4));
    TransposeInput(graph, id, 3, ChannelsLast(4));
    TransposeOutput(graph, id, ChannelsLast(4));
  }
  graph::Conv2D& converted = *ConvIn(&graph->node(id).op);
  converted.layout = DataLayout::kNHWC;
  converted.weight_layout = WeightLayout::kOHWI;
  return OkStatus();
}

void ConvertPool(Graph* graph, NodeId id) {
  if (std::get<graph::Pool2D>(graph->node(id).op).layout == DataLayout::kNHWC) return;
  TransposeInput(graph, id, 0, ChannelsLast(4));
  TransposeOutput(graph, id, ChannelsLast(4));
  std::get<graph::Pool2D>(graph->node(id).op).layout = DataLayout::kNHWC;
}

// Of any rank: [N,C] has its channels last already.
void ConvertBatchNorm(Graph* graph, NodeId id) {
  const std::optional<Shape>& shape = graph->value(graph->node(id).inputs[0]).shape;
  const bool is_nhwc = std::get<graph::BatchNorm>(graph->node(id).op).layout == DataLayout::kNHWC;
  if (is_nhwc || !shape || shape->rank() < 2) return;
  const int rank = shape->rank();
  if (rank > 2) {
    TransposeInput(graph, id, 0, ChannelsLast(rank));
    TransposeOutput(graph, id, ChannelsLast(rank));
  }
  std::get<graph::BatchNorm>(graph->node(id).op).layout = DataLayout::kNHWC;
}

}  // namespace

Status ToNhwc(Graph* graph) {
  return ForEachNode(graph, [graph](NodeId id) {
    graph::Op op = graph->node(id).op;  // a copy: converting adds nodes
    if (ConvIn(&op) != nullptr) return ConvertConv(graph, id);
    if (std::holds_alternative<graph::Pool2D>(op)) ConvertPool(graph, id);
    if (std::holds_alternative<graph::BatchNorm>(op)) ConvertBatchNorm(graph, id);
    return OkStatus();
  });
}

}  // namespace minnow::passes
