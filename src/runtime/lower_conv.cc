// Which operator runs a convolution, a pooling or a fully connected layer.
#include "graph/infer_shapes.h"
#include "runtime/lowering.h"

namespace minnow::runtime {
template <typename Op>
StatusOr<ConvGeometry> GeometryOf(const Op& op, const Shape& in, const Shape& out, int64_t kernel_h,
                                  int64_t kernel_w) {
  ConvGeometry g;
  g.batch = in[0];
  g.in_h = in[1];
  g.in_w = in[2];
  g.in_c = in[3];
  g.out_h = out[1];
  g.out_w = out[2];
  g.out_c = out[3];
  g.kernel_h = kernel_h;
  g.kernel_w = kernel_w;
  g.stride_h = op.stride_h;
  g.stride_w = op.stride_w;
  g.dilation_h = op.dilation_h;
  g.dilation_w = op.dilation_w;
  bool ceil_mode = false;
  if constexpr (std::is_same_v<Op, graph::Pool2D>) ceil_mode = op.ceil_mode;
  const graph::Padding& padding = op.padding;
  StatusOr<graph::Window> vertical =
      graph::ResolveWindow(in[1], kernel_h, op.stride_h, op.dilation_h, padding.mode, padding.top,
                           padding.bottom, ceil_mode);
  if (!vertical.ok()) return vertical.status();
  StatusOr<graph::Window> horizontal =
      graph::ResolveWindow(in[2], kernel_w, op.stride_w, op.dilation_w, padding.mode, padding.left,
                           padding.right, ceil_mode);
  if (!horizontal.ok()) return horizontal.status();
  g.pad_top = vertical->pad_begin;
  g.pad_bottom = vertical->pad_end;
  g.pad_left = horizontal->pad_begin;
  g.pad_right = horizontal->pad_end;
  return g;
}

template StatusOr<ConvGeometry> GeometryOf(const graph::Conv2D&, const Shape&, const Shape&,
                                           int64_t, int64_t);

StatusOr<bool> Lowering::LowerOp(const graph::Conv2D&) {
  if (absorbed_.count(node_) != 0) return true;
  if (const auto fused = fused_.find(node_); fused != fused_.end()) {
    if (Status status = LowerFusedBlock(*fused->second.first, *fused->second.second);
        !status.ok()) {
      return status;
    }
    return true;
  }
  if (PlainConv(*node_) == nullptr) return false;
  StatusOr<ConvStep> step = StepOf(*node_);
  if (!step.ok()) return step.status();
  const bool depthwise = step->is_depthwise;
  if ((!step->is_dense && !depthwise) || (depthwise && step->has_residual)) return false;

  const ConvGeometry& g = step->geometry;
  ConvOperands& operands = step->operands;
  const Layout layout = depthwise ? Layout::kBlocked : WindowInputLayout(input(0), g);
  StatusOr<SlotId> in = Require(input(0), layout);
  if (!in.ok()) return in.status();
  StatusOr<SlotId> residual = Require(input(3), Layout::kBlocked);
  if (!residual.ok()) return residual.status();
  operands.input = *in;
  operands.residual = *residual;
  operands.output = Define(output(), Layout::kBlocked);
  StatusOr<std::unique_ptr<Operator>> op =
      depthwise         ? MakeDepthwise(g, operands, options_.isa, cache_)
      : g.IsPointwise() ? MakePointwise(g, operands, options_.isa, cache_)
      : layout == Layout::kBlocked && PaysAsWinograd(g)
          ? MakeWinograd(g, operands, options_.isa, cache_)
          : MakeWindowed(g, operands, layout, options_.isa, cache_);
  if (!op.ok()) return op.status();
  Emit(std::move(*op));
  return true;
}

StatusOr<bool> Lowering::LowerOp(const graph::FullyConnected& fully_connected) {
  const Tensor* weights = graph_.ConstantOf(input(1));
  const Tensor* bias = graph_.ConstantOf(input(2));
  const bool constant_bias = input(2) == graph::kNoValue || bias != nullptr;
  if (!IsF32(input(0)) || weights == nullptr || weights->dtype() != DType::kF32 || !constant_bias) {
    return false;
  }
  const int64_t n = weights->shape()[0], k = weights->shape()[1];
  const int64_t elements = shape(input(0)).ElementCount();
  if (k == 0 || n == 0 || elements == 0) return false;
  StatusOr<SlotId> in = Require(input(0), Layout::kRowMajor);
  if (!in.ok()) return in.status();
  const SlotId out = Define(output(), Layout::kRowMajor);
  StatusOr<std::unique_ptr<Operator>> op =
      MakeFullyConnected(elements / k, k, n, *in, out, *weights, bias,
                         ToEpilogue(fully_connected.activation), options_.isa, cache_);
  if (!op.ok()) return op.status();
  Emit(std::move(*op));
  return true;
}

StatusOr<bool> Lowering::LowerOp(const graph::Pool2D& pool) {
  const bool on_bytes = IsByte(input(0)) && shape(input(0)).rank() == 4;
  if (!(on_bytes || IsImage(input(0))) || pool.layout != graph::DataLayout::kNHWC ||
      pool.kernel_h > 64 || shape(output()).ElementCount() == 0) {
    return false;
  }
  // A window that hangs over the padding at the end (ceil_mode) counts fewer elements: leave it to
  // the interpreter, which knows.
  if (pool.kind == graph::PoolKind::kAverage && pool.count_include_pad && pool.ceil_mode) {
    return false;
  }
  StatusOr<ConvGeometry> geometry =
      GeometryOf(pool, shape(input(0)), shape(output()), pool.kernel_h, pool.kernel_w);
  if (!geometry.ok()) return geometry.status();
  if (on_bytes) return LowerBytePool(pool, *geometry);
  StatusOr<SlotId> in = Require(input(0), Layout::kBlocked);
  if (!in.ok()) return in.status();
  const SlotId out = Define(output(), Layout::kBlocked);
  Emit(MakePool(*geometry, pool.kind, pool.count_include_pad, *in, out, options_.isa));
  return true;
}

StatusOr<bool> Lowering::LowerOp(const graph::Reduce& reduce) {
  // The mean over H and W only; its axes are in the attribute or in a constant.
  const bool on_bytes = reduce.bytes.has_value() && shape(input(0)).rank() == 4;
  if (reduce.kind != graph::ReduceKind::kMean || !(on_bytes || IsImage(input(0)))) return false;
  std::vector<int64_t> axes = reduce.axes;
  if (input(1) != graph::kNoValue) {
    const auto given = graph::ConstantInts(graph_, input(1));
    if (!given.has_value()) return false;
    axes = *given;
  }
  bool seen[4] = {};
  for (const int64_t axis : axes) {
    const StatusOr<int> normal = NormalizeAxis(axis, 4);
    if (!normal.ok()) return normal.status();
    seen[*normal] = true;
  }
  const Shape& in_shape = shape(input(0));
  if (seen[0] || !seen[1] || !seen[2] || seen[3] || in_shape.ElementCount() == 0) return false;
  if (on_bytes) return LowerByteMean(*reduce.bytes);
  StatusOr<SlotId> in = Require(input(0), Layout::kBlocked);
  if (!in.ok()) return in.status();
  const Layout layout = reduce.keep_dims ? Layout::kBlocked : Layout::kRowMajor;
  const SlotId out = Define(output(), layout);
  Emit(MakeGlobalMean(in_shape, *in, out, layout, options_.isa));
  return true;
}

}  // namespace minnow::runtime
