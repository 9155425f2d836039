// Which runs of three convolutions become one operator.
#include <algorithm>

#include "runtime/lowering.h"
#include "runtime/operators/depthwise_layer.h"

namespace minnow::runtime {
namespace {

// The wide tensors of a block, before and after its depthwise convolution: beyond this the fused
// form wins. At 28x28 and above they would leave a 2 MB second-level cache; at 14x14 what counts is
// that a thread keeps its rows from operator to operator (MobileNetV2 1.0, two threads: 2.52
// -> 2.28 ms, one: equal). At 7x7 the halo costs more.
constexpr int64_t kFuseAboveBytes = 1 << 19;

// Dense convolutions copy rows with their padding. Wider padding than this (a kernel dilated far
// beyond its image) is left to the interpreter, which skips it.
constexpr int64_t kMaxDensePad = 1 << 12;

}  // namespace

// The only reader of the node's one output, or null.
const graph::Node* Lowering::OnlyReader(const graph::Node& node) const {
  const graph::ValueId made = node.outputs[0];
  if (use_counts_[static_cast<size_t>(made)] != 1 || graph_.IsOutput(made)) return nullptr;
  return &graph_.node(graph_.ConsumersOf(made)[0]);
}

// A convolution that reads its input as an image and has everything else constant.
const graph::Conv2D* Lowering::PlainConv(const graph::Node& node) const {
  const auto* conv = std::get_if<graph::Conv2D>(&node.op);
  if (conv == nullptr || conv->layout != graph::DataLayout::kNHWC ||
      conv->weight_layout != graph::WeightLayout::kOHWI || !IsImage(node.inputs[0]) ||
      graph_.IsConstant(node.inputs[0])) {
    return nullptr;
  }
  const Tensor* weights = graph_.ConstantOf(node.inputs[1]);
  const bool has_bias = node.inputs.size() > 2 && node.inputs[2] != graph::kNoValue;
  if (weights == nullptr || weights->dtype() != DType::kF32 ||
      (has_bias && !graph_.IsConstant(node.inputs[2])) ||
      shape(node.outputs[0]).ElementCount() == 0) {
    return nullptr;
  }
  return conv;
}

StatusOr<ConvStep> Lowering::StepOf(const graph::Node& node) const {
  const auto& conv = std::get<graph::Conv2D>(node.op);
  const Tensor* weights = graph_.ConstantOf(node.inputs[1]);
  StatusOr<ConvGeometry> geometry = GeometryOf(conv, shape(node.inputs[0]), shape(node.outputs[0]),
                                               weights->shape()[1], weights->shape()[2]);
  if (!geometry.ok()) return geometry.status();
  ConvStep step;
  step.geometry = *geometry;
  step.operands.weights = weights;
  if (node.inputs.size() > 2) step.operands.bias = graph_.ConstantOf(node.inputs[2]);
  step.operands.epilogue = ToEpilogue(conv.activation);
  step.is_depthwise = conv.groups == geometry->in_c && geometry->out_c == geometry->in_c &&
                      geometry->in_c > 1 &&
                      (geometry->kernel_h - 1) * geometry->dilation_h < kMaxKernelRows;
  const ConvGeometry& g = step.geometry;
  const int64_t widest_pad = std::max({g.pad_top, g.pad_left, g.pad_bottom, g.pad_right});
  step.is_dense = conv.groups == 1 && widest_pad <= kMaxDensePad;
  step.has_residual = node.inputs.size() > 3 && node.inputs[3] != graph::kNoValue;
  return step;
}

Status Lowering::FindFusedBlocks(const std::vector<graph::NodeId>& order) {
  use_counts_ = graph_.UseCounts();
  for (const graph::NodeId id : order) {
    const graph::Node& first = graph_.node(id);
    // A projection may be the next block's wide convolution (MobileNetV1): it stays the projection.
    if (PlainConv(first) == nullptr || fused_.count(&first) != 0) continue;
    const graph::Node* second = OnlyReader(first);
    if (second == nullptr || PlainConv(*second) == nullptr ||
        second->inputs[0] != first.outputs[0]) {
      continue;
    }
    const graph::Node* third = OnlyReader(*second);
    if (third == nullptr || PlainConv(*third) == nullptr ||
        third->inputs[0] != second->outputs[0]) {
      continue;
    }
    const StatusOr<ConvStep> expand = StepOf(first), depthwise = StepOf(*second),
                             project = StepOf(*third);
    if (!expand.ok()) return expand.status();
    if (!depthwise.ok()) return depthwise.status();
    if (!project.ok()) return project.status();
    if (!expand->is_dense || expand->has_residual || !depthwise->is_depthwise ||
        depthwise->has_residual || !project->is_dense || !project->geometry.IsPointwise()) {
      continue;
    }
    const int64_t wide = PhysicalElements(shape(first.outputs[0]), Layout::kBlocked) +
                         PhysicalElements(shape(second->outputs[0]), Layout::kBlocked);
    const int64_t images = expand->geometry.batch;
    if (wide / images * static_cast<int64_t>(sizeof(float)) <= kFuseAboveBytes) continue;
    absorbed_.insert({&first, third});
    absorbed_.insert({second, third});
    fused_.insert({third, {&first, second}});
  }
  return OkStatus();
}

Layout Lowering::WindowInputLayout(graph::ValueId id, const ConvGeometry& g) const {
  // Along a plain row the taps of a window are contiguous only without gaps between them.
  if (g.IsPointwise() || g.in_c > kFewChannels || g.dilation_w != 1 || Has(id, Layout::kBlocked) ||
      graph_.IsConstant(id)) {
    return Layout::kBlocked;
  }
  return Has(id, Layout::kPlanar) ? Layout::kPlanar : Layout::kRowMajor;
}

Status Lowering::LowerFusedBlock(const graph::Node& first, const graph::Node& second) {
  const StatusOr<ConvStep> expand = StepOf(first), depthwise = StepOf(second),
                           project = StepOf(*node_);
  FusedBlock block;
  block.expand = expand->geometry;
  block.depthwise = depthwise->geometry;
  block.project = project->geometry;
  block.expand_operands = expand->operands;
  block.depthwise_operands = depthwise->operands;
  block.project_operands = project->operands;
  block.input_layout = WindowInputLayout(first.inputs[0], block.expand);
  StatusOr<SlotId> in = Require(first.inputs[0], block.input_layout);
  if (!in.ok()) return in.status();
  block.expand_operands.input = *in;
  StatusOr<SlotId> residual = Require(input(3), Layout::kBlocked);
  if (!residual.ok()) return residual.status();
  block.project_operands.residual = *residual;
  block.project_operands.output = Define(output(), Layout::kBlocked);
  StatusOr<std::unique_ptr<Operator>> op = MakeFusedBlock(block, options_.isa, cache_);
  if (!op.ok()) return op.status();
  Emit(std::move(*op));
  plan_->operators.back()->op_name = "FusedBlock";
  return OkStatus();
}

}  // namespace minnow::runtime
