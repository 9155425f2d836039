#include "runtime/lower.h"

#include <algorithm>

#include "graph/print.h"
#include "runtime/lowering.h"
#include "runtime/memory_planner.h"
#include "runtime/operators/quantized.h"
#include "tensor/load_limits.h"

namespace minnow::runtime {
namespace {

// Each thread has its own scratch: one may take this part of what the arena may.
constexpr size_t kScratchShare = 16;

}  // namespace

Lowering::Lowering(const graph::Graph& graph, const CompileOptions& options, WeightCache* cache)
    : graph_(graph), options_(options), cache_(cache), plan_(std::make_shared<Plan>()) {
  slots_.resize(static_cast<size_t>(graph.value_count()));
  for (auto& by_layout : slots_) by_layout.fill(kNoSlot);
}

graph::ValueId Lowering::input(size_t index) const {
  return index < node_->inputs.size() ? node_->inputs[index] : graph::kNoValue;
}

SlotId Lowering::Define(graph::ValueId id, Layout layout, SlotId root) {
  const graph::Value& value = graph_.value(id);
  const auto slot = static_cast<SlotId>(plan_->slots.size());
  Slot entry;
  entry.shape = *value.shape;
  entry.dtype = value.dtype;
  entry.layout = layout;
  entry.root = slot;
  if (root != kNoSlot) {
    entry.root = plan_->slots[static_cast<size_t>(root)].root;
    entry.root_offset = plan_->slots[static_cast<size_t>(root)].root_offset;
  }
  plan_->slots.push_back(std::move(entry));
  slots_[static_cast<size_t>(id)][static_cast<size_t>(layout)] = slot;
  touching_.push_back(slot);
  return slot;
}

StatusOr<SlotId> Lowering::RequireConstant(graph::ValueId id, const Tensor& tensor, Layout layout) {
  const char* form = layout == Layout::kBlocked  ? "blocked"
                     : layout == Layout::kBiased ? "biased"
                                                 : "row-major";
  const size_t bytes = PhysicalBytes(tensor.shape(), tensor.dtype(), layout);
  StatusOr<SharedBuffer> buffer = cache_->Get(tensor, form, bytes, [&](AlignedBuffer* out) {
    const auto* in = static_cast<const char*>(tensor.data());
    if (layout == Layout::kRowMajor) {
      std::copy_n(in, tensor.size_bytes(), out->as<char>());
      return;
    }
    if (layout == Layout::kBiased) {
      for (size_t i = 0; i < tensor.size_bytes(); ++i) {
        out->as<uint8_t>()[i] = static_cast<uint8_t>(in[i]) ^ 0x80;
      }
      return;
    }
    const Shape& s = tensor.shape();
    const int64_t channels = s[3], pixels = s[1] * s[2], lanes = Blocks(channels) * kernels::kBlock;
    for (int64_t i = 0; i < s[0] * pixels; ++i) {
      const int64_t image = i / pixels, pixel = i % pixels;
      for (int64_t c = 0; c < channels; ++c) {
        out->as<float>()[image * pixels * lanes +
                         (c / kernels::kBlock * pixels + pixel) * kernels::kBlock +
                         c % kernels::kBlock] = tensor.as<float>()[i * channels + c];
      }
    }
  });
  if (!buffer.ok()) return buffer.status();
  const SlotId slot = Define(id, layout);
  plan_->slots[static_cast<size_t>(slot)].constant = *buffer;
  return slot;
}

StatusOr<SlotId> Lowering::Require(graph::ValueId id, Layout layout) {
  if (id == graph::kNoValue) return kNoSlot;
  if (const SlotId slot = SlotOf(id, layout); slot != kNoSlot) {
    touching_.push_back(slot);
    return slot;
  }
  if (const Tensor* tensor = graph_.ConstantOf(id)) return RequireConstant(id, *tensor, layout);
  // Blocked first: from it there is a way to both of the others.
  for (const Layout from :
       {Layout::kBlocked, Layout::kPlanar, Layout::kRowMajor, Layout::kBiased}) {
    const SlotId source = SlotOf(id, from);
    if (source == kNoSlot) continue;
    std::vector<SlotId> waiting = std::move(touching_);
    touching_ = {source};
    const SlotId slot = Define(id, layout);
    std::unique_ptr<Operator> op = IsF32(id) ? MakeReorder(shape(id), from, layout, source, slot)
                                             : MakeByteReorder(shape(id), from, source, slot);
    op->node_name = graph_.value(id).name;
    op->op_name = "Reorder";
    op->output_shape = shape(id).ToString();
    plan_->operators.push_back(std::move(op));
    touched_.push_back(std::move(touching_));
    touching_ = std::move(waiting);
    touching_.push_back(slot);
    return slot;
  }
  return Internal("value \"%s\" is read before it is made", graph_.value(id).name.c_str());
}

bool Lowering::MoveInto(SlotId part, SlotId whole, size_t offset) {
  const bool is_input =
      std::find(plan_->inputs.begin(), plan_->inputs.end(), part) != plan_->inputs.end();
  Slot& moved = plan_->slots[static_cast<size_t>(part)];
  if (moved.root != part || moved.constant != nullptr || is_input) return false;
  for (Slot& slot : plan_->slots) {
    if (slot.root != part) continue;
    slot.root = whole;
    slot.root_offset += offset;
  }
  return true;
}

Layout Lowering::PreferredLayout(graph::ValueId id) const {
  return IsImage(id) && Has(id, Layout::kBlocked) ? Layout::kBlocked : Layout::kRowMajor;
}

void Lowering::Emit(std::unique_ptr<Operator> op) {
  op->node_name = node_->name;
  op->op_name = graph::OpName(node_->op);
  op->output_shape = shape(output()).ToString();
  plan_->operators.push_back(std::move(op));
  touched_.push_back(std::move(touching_));
  touching_.clear();
}

Status Lowering::Failure(const Status& status) const {
  return status.WithContext("node \"" + node_->name + "\" (" + graph::OpName(node_->op) + ")");
}

Status Lowering::LowerGeneric() {
  std::vector<GenericOperand> inputs, outputs;
  for (const graph::ValueId id : node_->inputs) {
    GenericOperand operand;
    if (id != graph::kNoValue) {
      StatusOr<SlotId> slot = Require(id, Layout::kRowMajor);
      if (!slot.ok()) return slot.status();
      operand = {*slot, graph_.value(id).dtype, shape(id)};
    }
    inputs.push_back(operand);
  }
  for (const graph::ValueId id : node_->outputs) {
    outputs.push_back({Define(id, Layout::kRowMajor), graph_.value(id).dtype, shape(id)});
  }
  Emit(MakeGeneric(node_->op, std::move(inputs), std::move(outputs)));
  return OkStatus();
}

bool Lowering::IsLendable(SlotId input) const {
  const auto shares = [&](SlotId slot) {
    return plan_->slots[static_cast<size_t>(slot)].root == input;
  };
  if (!shares(input) || std::any_of(plan_->outputs.begin(), plan_->outputs.end(), shares)) {
    return false;
  }
  for (size_t step = 0; step < plan_->operators.size(); ++step) {
    const std::vector<SlotId>& touched = touched_[step];
    if (std::any_of(touched.begin(), touched.end(), shares) &&
        !plan_->operators[step]->reads_exactly()) {
      return false;
    }
  }
  return true;
}

Status Lowering::PlaceMemory() {
  const int steps = static_cast<int>(plan_->operators.size());
  std::vector<Lifetime> lifetimes(plan_->slots.size());
  std::vector<bool> used(plan_->slots.size());
  const auto touch = [&](SlotId slot, int step) {
    const auto root = static_cast<size_t>(plan_->slots[static_cast<size_t>(slot)].root);
    Lifetime& lifetime = lifetimes[root];
    if (!used[root]) lifetime.first = lifetime.last = step;
    used[root] = true;
    lifetime.first = std::min(lifetime.first, step);
    lifetime.last = std::max(lifetime.last, step);
  };
  for (int step = 0; step < steps; ++step) {
    for (const SlotId slot : touched_[static_cast<size_t>(step)]) touch(slot, step);
  }
  for (const SlotId slot : plan_->inputs) touch(slot, -1);
  if (options_.keep_inputs) {
    for (const SlotId slot : plan_->inputs) touch(slot, steps);
  }
  for (const SlotId slot : plan_->outputs) touch(slot, steps);
  for (size_t i = 0; i < plan_->slots.size(); ++i) {
    const Slot& slot = plan_->slots[i];
    if (slot.root != static_cast<SlotId>(i) || slot.constant != nullptr) continue;
    const size_t bytes = PhysicalBytes(slot.shape, slot.dtype, slot.layout);
    // Kernels on bytes read on behind the last pixel. What they find there they drop, but it must
    // not be what another thread is writing.
    const bool reads_on = DTypeSize(slot.dtype) == 1 && bytes != 0;
    lifetimes[i].bytes = bytes + (reads_on ? kAlignment : 0);
  }
  for (const SlotId slot : plan_->inputs) plan_->lendable.push_back(IsLendable(slot));
  plan_->arena_bytes = PlanMemory(&lifetimes);
  if (plan_->arena_bytes > options_.max_arena_bytes) {
    return ResourceExhausted("the network needs %zu bytes for its activations; the limit is %zu",
                             plan_->arena_bytes, options_.max_arena_bytes);
  }
  for (size_t i = 0; i < plan_->slots.size(); ++i)
    plan_->slots[i].arena_offset = lifetimes[i].offset;
  size_t scratch = 0;
  for (const auto& op : plan_->operators) scratch = std::max(scratch, op->scratch_bytes());
  if (scratch > options_.max_arena_bytes / kScratchShare) {
    return ResourceExhausted("an operator needs %zu bytes of scratch a thread; the limit is %zu",
                             scratch, options_.max_arena_bytes / kScratchShare);
  }
  plan_->scratch_bytes_per_worker = scratch == 0 ? 0 : RoundUp(scratch + kExtraBytes, kAlignment);
  return OkStatus();
}

StatusOr<std::shared_ptr<Plan>> Lowering::Run() {
  const StatusOr<std::vector<graph::NodeId>> order = graph_.TopologicalOrder();
  if (!order.ok()) return order.status();
  for (const graph::ValueId id : graph_.inputs()) {
    plan_->inputs.push_back(Define(id, Layout::kRowMajor));
    plan_->input_shapes.push_back(shape(id));
  }
  touching_.clear();
  MINNOW_RETURN_IF_ERROR(FindFusedBlocks(*order));
  for (const graph::NodeId id : *order) {
    MINNOW_RETURN_IF_ERROR(CheckLoadTime());
    node_ = &graph_.node(id);
    StatusOr<bool> done = std::visit([this](const auto& op) { return LowerOp(op); }, node_->op);
    if (!done.ok()) return Failure(done.status());
    if (!*done) {
      touching_.clear();
      if (Status status = LowerGeneric(); !status.ok()) return Failure(status);
    }
  }
  for (const graph::ValueId id : graph_.outputs()) {
    StatusOr<SlotId> slot = Require(id, Layout::kRowMajor);
    if (!slot.ok()) return slot.status();
    plan_->outputs.push_back(*slot);
  }
  MINNOW_RETURN_IF_ERROR(PlaceMemory());
  return plan_;
}

StatusOr<std::shared_ptr<const Plan>> Lower(const graph::Graph& graph,
                                            const CompileOptions& options, WeightCache* cache) {
  SplitGraph split = SplitTail(graph);
  StatusOr<std::shared_ptr<Plan>> lowered = Lowering(split.head, options, cache).Run();
  if (!lowered.ok()) return lowered.status();
  Plan& plan = **lowered;
  if (split.tail != nullptr) {
    const size_t own = graph.outputs().size() - split.tail->graph.outputs().size();
    const std::vector<SlotId> made = std::move(plan.outputs);
    size_t next = 0;
    plan.outputs.clear();
    for (const graph::ValueId id : graph.outputs()) {
      const bool is_own = next < own && split.head.outputs()[next] == id;
      plan.outputs.push_back(is_own ? made[next++] : kNoSlot);
    }
    split.tail->inputs.assign(made.begin() + static_cast<std::ptrdiff_t>(own), made.end());
    plan.tail = std::move(split.tail);
  }
  return std::shared_ptr<const Plan>(std::move(*lowered));
}

}  // namespace minnow::runtime
