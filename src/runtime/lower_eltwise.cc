// Which operator runs an elementwise op, a softmax, or a change of shape.
#include <algorithm>

#include "runtime/lowering.h"

namespace minnow::runtime {
namespace {

bool Commutes(graph::BinaryKind kind) {
  switch (kind) {
    case graph::BinaryKind::kAdd:
    case graph::BinaryKind::kMul:
    case graph::BinaryKind::kMin:
    case graph::BinaryKind::kMax:
      return true;
    default:
      return false;
  }
}

bool HasKernel(graph::BinaryKind kind) {
  return Commutes(kind) || kind == graph::BinaryKind::kSub || kind == graph::BinaryKind::kDiv;
}

// One value a channel, for the images of a batch or for each: [C], [1,1,C], [N or 1,1,1,C].
bool IsPerChannel(const Shape& b, const Shape& a) {
  const int rank = b.rank();
  if (rank < 1 || rank > 4 || b[rank - 1] != a[3]) return false;
  for (int axis = 0; axis + 1 < rank; ++axis) {
    const bool batch = rank == 4 && axis == 0 && b[axis] == a[0];
    if (b[axis] != 1 && !batch) return false;
  }
  return true;
}

}  // namespace

StatusOr<bool> Lowering::LowerOp(const graph::Binary& binary) {
  graph::ValueId a = input(0), b = input(1);
  if (!IsF32(a) || !IsF32(b) || !HasKernel(binary.kind)) return false;
  const Shape& out_shape = shape(output());
  if (shape(a) != out_shape && Commutes(binary.kind)) std::swap(a, b);
  if (shape(a) != out_shape || out_shape.ElementCount() == 0) return false;

  const bool same = shape(b) == out_shape;
  if (!same && shape(b).ElementCount() != 1) {
    if (!IsImage(a) || !IsPerChannel(shape(b), out_shape)) return false;
    return LowerPerChannel(binary, a, b);
  }
  Layout layout = PreferredLayout(a);
  if (same && PreferredLayout(b) == Layout::kBlocked) layout = Layout::kBlocked;
  StatusOr<SlotId> a_slot = Require(a, layout);
  if (!a_slot.ok()) return a_slot.status();
  StatusOr<SlotId> b_slot = Require(b, same ? layout : PreferredLayout(b));
  if (!b_slot.ok()) return b_slot.status();
  BinaryOperands operands;
  operands.step = same ? BinaryOperands::Step::kSame : BinaryOperands::Step::kScalar;
  operands.a = *a_slot;
  operands.b = *b_slot;
  operands.output = Define(output(), layout);
  operands.group_elems = PhysicalElements(out_shape, layout);
  Emit(MakeBinary(binary.kind, operands, ToEpilogue(binary.activation), options_.isa));
  return true;
}

StatusOr<bool> Lowering::LowerPerChannel(const graph::Binary& binary, graph::ValueId a,
                                         graph::ValueId b) {
  const Shape& out_shape = shape(output());
  const bool per_image = shape(b).rank() == 4 && shape(b)[0] == out_shape[0];
  SlotId b_slot = kNoSlot;
  if (shape(b).rank() == 4) {
    StatusOr<SlotId> slot = Require(b, Layout::kBlocked);
    if (!slot.ok()) return slot.status();
    b_slot = *slot;
  } else {
    // A list of C values lies as it must once it is padded to whole blocks.
    const Tensor* tensor = graph_.ConstantOf(b);
    if (tensor == nullptr) return false;
    const auto count = tensor->ElementCount();
    const auto bytes = static_cast<size_t>(Blocks(count) * kernels::kBlock) * sizeof(float);
    StatusOr<SharedBuffer> buffer = cache_->Get(
        *tensor, "channels", bytes,
        [&](AlignedBuffer* out) { std::copy_n(tensor->as<float>(), count, out->as<float>()); });
    if (!buffer.ok()) return buffer.status();
    b_slot = Define(b, Layout::kBlocked);
    plan_->slots[static_cast<size_t>(b_slot)].constant = *buffer;
  }
  StatusOr<SlotId> a_slot = Require(a, Layout::kBlocked);
  if (!a_slot.ok()) return a_slot.status();
  BinaryOperands operands;
  operands.step = BinaryOperands::Step::kPerChannel;
  operands.a = *a_slot;
  operands.b = b_slot;
  operands.output = Define(output(), Layout::kBlocked);
  operands.b_groups = Blocks(out_shape[3]) * (per_image ? out_shape[0] : 1);
  operands.groups = Blocks(out_shape[3]) * out_shape[0];
  operands.group_elems = out_shape[1] * out_shape[2] * kernels::kBlock;
  Emit(MakeBinary(binary.kind, operands, ToEpilogue(binary.activation), options_.isa));
  return true;
}

bool Lowering::LowerAffine(float scale, float shift, const kernels::Epilogue& epilogue) {
  const graph::ValueId in = input(0);
  if (!IsF32(in) || graph_.IsConstant(in)) return false;
  const Layout layout = PreferredLayout(in);
  const StatusOr<SlotId> slot = Require(in, layout);
  if (!slot.ok()) return false;
  const SlotId out = Define(output(), layout);
  Emit(MakeAffine(PhysicalElements(shape(in), layout), scale, shift, epilogue, *slot, out,
                  options_.isa));
  return true;
}

StatusOr<bool> Lowering::LowerOp(const graph::Clamp& clamp) {
  kernels::Epilogue epilogue;
  epilogue.min = clamp.min;
  epilogue.max = clamp.max;
  return LowerAffine(1.0f, 0.0f, epilogue);
}

StatusOr<bool> Lowering::LowerOp(const graph::Unary& unary) {
  kernels::Epilogue epilogue;
  if (unary.kind == graph::UnaryKind::kHardSwish) {
    epilogue.hard_swish = true;
    return LowerAffine(1.0f, 0.0f, epilogue);
  }
  if (unary.kind == graph::UnaryKind::kHardSigmoid) {
    epilogue.min = 0.0f;
    epilogue.max = 1.0f;
    return LowerAffine(unary.alpha, unary.beta, epilogue);
  }
  const graph::ValueId in = input(0);
  if (!IsF32(in) || PreferredLayout(in) != Layout::kBlocked) return false;
  // Elementwise, so the blocked memory can be taken as a list.
  const StatusOr<SlotId> slot = Require(in, Layout::kBlocked);
  if (!slot.ok()) return slot.status();
  const SlotId out = Define(output(), Layout::kBlocked);
  const Shape flat = {PhysicalElements(shape(in), Layout::kBlocked)};
  Emit(MakeGeneric(node_->op, {{*slot, DType::kF32, flat}},
                   {{out, graph_.value(output()).dtype, flat}}));
  return true;
}

StatusOr<bool> Lowering::LowerOp(const graph::Concat& concat) {
  const Shape& s = shape(output());
  const StatusOr<int> axis = NormalizeAxis(concat.axis, s.rank());
  if (!axis.ok()) return axis.status();
  if (IsByte(output()) && s.ElementCount() != 0) return LowerByteConcat(*axis);
  if (!IsImage(output())) return false;
  bool any_blocked = false;
  std::vector<int64_t> blocks;
  for (const graph::ValueId id : node_->inputs) {
    if (shape(id)[3] % kernels::kBlock != 0) return false;
    any_blocked |= Has(id, Layout::kBlocked);
    blocks.push_back(shape(id)[3] / kernels::kBlock);
  }
  if (*axis != 3 || !any_blocked) return false;
  const SlotId out = Define(output(), Layout::kBlocked);
  // One image: the blocks of the parts follow one another, so a part can be made in its place.
  std::vector<SlotId> inputs;
  bool copies = s[0] != 1;
  size_t offset = 0;
  for (const graph::ValueId id : node_->inputs) {
    StatusOr<SlotId> slot = Require(id, Layout::kBlocked);
    if (!slot.ok()) return slot.status();
    inputs.push_back(*slot);
  }
  for (size_t i = 0; i < inputs.size() && !copies; ++i) {
    copies = !MoveInto(inputs[i], out, offset);
    offset += PhysicalBytes(shape(node_->inputs[i]), DType::kF32, Layout::kBlocked);
  }
  if (!copies) {
    touching_.clear();
    return true;
  }
  Emit(MakeChannelConcat(s[0], s[1] * s[2], std::move(blocks), std::move(inputs), out));
  return true;
}

StatusOr<bool> Lowering::LowerOp(const graph::Softmax& softmax) {
  const Shape& s = shape(input(0));
  const bool on_bytes = softmax.bytes.has_value() && !softmax.log;
  if (!(on_bytes || IsF32(input(0))) || s.rank() == 0 || s.ElementCount() == 0) return false;
  const StatusOr<int> axis = NormalizeAxis(softmax.axis, s.rank());
  if (!axis.ok()) return axis.status();
  if (s.ElementCount(*axis + 1, s.rank()) != 1) return false;
  const int64_t rows = s.ElementCount() / s[*axis];
  if (on_bytes) return LowerByteSoftmax(*softmax.bytes, rows, s[*axis]);
  StatusOr<SlotId> in = Require(input(0), Layout::kRowMajor);
  if (!in.ok()) return in.status();
  const SlotId out = Define(output(), Layout::kRowMajor);
  Emit(MakeSoftmax(rows, s[*axis], softmax.log, *in, out));
  return true;
}

StatusOr<bool> Lowering::LowerOp(const graph::Transpose& transpose) {
  if (LowerByteTranspose(transpose)) return true;
  const std::vector<int64_t> to_nhwc = {0, 2, 3, 1}, to_nchw = {0, 3, 1, 2};
  if (!IsImage(input(0)) || graph_.IsConstant(input(0))) return false;
  if (transpose.perm == to_nhwc && Has(input(0), Layout::kRowMajor)) {
    // The same memory under its NHWC name: the first convolution reads planes.
    Define(output(), Layout::kPlanar, SlotOf(input(0), Layout::kRowMajor));
    touching_.clear();
    return true;
  }
  const bool image_made = Has(input(0), Layout::kBlocked) || Has(input(0), Layout::kPlanar);
  if (transpose.perm != to_nchw || !image_made) return false;
  StatusOr<SlotId> planar = Require(input(0), Layout::kPlanar);
  if (!planar.ok()) return planar.status();
  Define(output(), Layout::kRowMajor, *planar);
  touching_.clear();
  return true;
}

StatusOr<bool> Lowering::LowerView() {
  const graph::ValueId in = input(0);
  const Shape& s = shape(in);
  const bool row_in_blocks = IsImage(in) && Has(in, Layout::kBlocked) && s[1] == 1 && s[2] == 1 &&
                             s[3] % kernels::kBlock == 0;
  if (Has(in, Layout::kBiased)) {
    Define(output(), Layout::kBiased, SlotOf(in, Layout::kBiased));
    touching_.clear();
    return true;
  }
  SlotId source = kNoSlot;
  if (row_in_blocks && !Has(in, Layout::kRowMajor)) {
    // [N,1,1,C] in whole blocks is the plain list.
    source = SlotOf(in, Layout::kBlocked);
  } else {
    StatusOr<SlotId> slot = Require(in, Layout::kRowMajor);
    if (!slot.ok()) return slot.status();
    source = *slot;
  }
  Define(output(), Layout::kRowMajor, source);
  touching_.clear();
  return true;
}

}  // namespace minnow::runtime
