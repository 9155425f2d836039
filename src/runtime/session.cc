#include "runtime/session.h"

#include <algorithm>
#include <chrono>

#include "base/denormals.h"
#include "runtime/plan.h"

namespace minnow::runtime {
namespace {

using Clock = std::chrono::steady_clock;

double MillisecondsSince(Clock::time_point start) {
  return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

OperatorRecord Record(const Operator& op, double ms) {
  OperatorRecord record;
  record.name = op.node_name;
  record.op = op.op_name;
  record.kernel = op.kernel();
  record.output = op.output_shape;
  record.macs = op.macs();
  record.ms = ms;
  record.gflops = ms > 0 ? 2e-6 * static_cast<double>(op.macs()) / ms : 0;
  return record;
}

}  // namespace

Session::Session(std::shared_ptr<const Model> model) : model_(std::move(model)) {}
Session::~Session() = default;

StatusOr<std::unique_ptr<Session>> Session::Create(std::shared_ptr<const Model> model) {
  std::unique_ptr<Session> session(new Session(std::move(model)));
  std::vector<Shape> shapes;
  for (const TensorInfo& info : session->model_->inputs()) {
    Shape shape = info.shape;
    for (int axis = 0; axis < shape.rank(); ++axis) {
      if (shape[axis] == kUnknownDim) shape[axis] = 1;
    }
    shapes.push_back(shape);
  }
  MINNOW_RETURN_IF_ERROR(session->Prepare(shapes));
  return session;
}

Status Session::Prepare(const std::vector<Shape>& input_shapes) {
  if (plan_ != nullptr && plan_->input_shapes == input_shapes) return OkStatus();
  if (input_shapes.size() != model_->inputs().size()) {
    return InvalidArgument("%zu inputs given; the model has %zu", input_shapes.size(),
                           model_->inputs().size());
  }
  StatusOr<std::shared_ptr<const Plan>> plan = model_->PlanFor(input_shapes);
  if (!plan.ok()) return plan.status();
  if ((*plan)->arena_bytes > arena_.size() || arena_.data() == nullptr) {
    StatusOr<AlignedBuffer> arena = AlignedBuffer::Allocate((*plan)->arena_bytes);
    if (!arena.ok()) return arena.status();
    arena_ = std::move(*arena);
  }
  plan_ = std::move(*plan);
  buffers_.clear();
  for (const Slot& slot : plan_->slots) {
    const Slot& root = plan_->slots[static_cast<size_t>(slot.root)];
    buffers_.push_back(MemoryOf(root) + slot.root_offset);
  }
  lent_.assign(plan_->inputs.size(), false);
  tail_outputs_.clear();
  scratch_threads_ = 0;
  return ReserveScratch(ThreadPool::DefaultThreads() + 1);
}

Status Session::ReserveScratch(int threads) {
  if (threads <= scratch_threads_) return OkStatus();
  const size_t bytes = plan_->scratch_bytes_per_worker * static_cast<size_t>(threads);
  if (bytes > scratch_.size()) {
    StatusOr<AlignedBuffer> scratch = AlignedBuffer::Allocate(bytes);
    if (!scratch.ok()) return scratch.status();
    scratch_ = std::move(*scratch);
  }
  scratch_threads_ = threads;
  return OkStatus();
}

MutableTensorView Session::input(size_t index) {
  const SlotId slot = plan_->inputs[index];
  const Slot& entry = plan_->slots[static_cast<size_t>(slot)];
  return {entry.dtype, entry.shape, buffers_[static_cast<size_t>(slot)]};
}

TensorView Session::output(size_t index) const {
  const SlotId slot = plan_->outputs[index];
  if (slot == kNoSlot) {
    const auto earlier = plan_->outputs.begin() + static_cast<std::ptrdiff_t>(index);
    const auto rank = std::count(plan_->outputs.begin(), earlier, kNoSlot);
    if (tail_outputs_.empty()) return {model_->outputs()[index].dtype, Shape{0}, nullptr};
    return tail_outputs_[static_cast<size_t>(rank)].view();
  }
  const Slot& entry = plan_->slots[static_cast<size_t>(slot)];
  return {entry.dtype, entry.shape, buffers_[static_cast<size_t>(slot)]};
}

bool Session::Lend(size_t index, const void* data) {
  if (!plan_->lendable[index]) return false;
  PointInput(index, data);
  return true;
}

// Constants and lent inputs are only read; the table of buffers has one type for all.
char* Session::MemoryOf(const Slot& root) {
  return root.constant != nullptr
             ? const_cast<char*>(static_cast<const char*>(root.constant->data()))
             : arena_.as<char>() + root.arena_offset;
}

void Session::PointInput(size_t index, const void* data) {
  const SlotId input = plan_->inputs[index];
  char* base = data != nullptr ? const_cast<char*>(static_cast<const char*>(data))
                               : MemoryOf(plan_->slots[static_cast<size_t>(input)]);
  for (size_t i = 0; i < plan_->slots.size(); ++i) {
    if (plan_->slots[i].root == input) buffers_[i] = base + plan_->slots[i].root_offset;
  }
  lent_[index] = data != nullptr;
}

size_t Session::arena_bytes() const { return arena_.size(); }

Status Session::Run(const RunOptions& options) {
  Status status = RunOperators(options);
  for (size_t i = 0; i < lent_.size(); ++i) {
    if (lent_[i]) PointInput(i, nullptr);
  }
  return status;
}

Status Session::RunOperators(const RunOptions& options) {
  ThreadPool* pool = options.pool != nullptr ? options.pool : &ThreadPool::Shared();
  const int threads = options.threads > 0 ? options.threads : std::max(1, pool->workers());
  const FlushDenormals flush;
  Team team(pool, threads);
  MINNOW_RETURN_IF_ERROR(ReserveScratch(team.size()));
  RunContext context;
  context.team = &team;
  context.buffers = buffers_.data();
  context.scratch = scratch_.as<char>();
  context.scratch_bytes_per_worker = plan_->scratch_bytes_per_worker;
  const Clock::time_point start = Clock::now();
  for (const auto& op : plan_->operators) {
    if (options.cancelled != nullptr && options.cancelled->load(std::memory_order_relaxed)) {
      return Cancelled("the run was cancelled");
    }
    const Clock::time_point begun = options.profile != nullptr ? Clock::now() : Clock::time_point();
    if (Status status = op->Run(context); !status.ok()) {
      return status.WithContext("run: node \"" + op->node_name + "\" (" + op->op_name + ")");
    }
    if (options.profile != nullptr) {
      options.profile->operators.push_back(Record(*op, MillisecondsSince(begun)));
    }
  }
  if (plan_->tail != nullptr) MINNOW_RETURN_IF_ERROR(RunTail(options));
  if (options.profile != nullptr) {
    options.profile->total_ms = MillisecondsSince(start);
    options.profile->threads = team.size();
  }
  return OkStatus();
}

Status Session::RunTail(const RunOptions& options) {
  std::vector<TensorView> inputs;
  for (const SlotId slot : plan_->tail->inputs) {
    const Slot& entry = plan_->slots[static_cast<size_t>(slot)];
    inputs.push_back({entry.dtype, entry.shape, buffers_[static_cast<size_t>(slot)]});
  }
  StatusOr<std::vector<Tensor>> outputs = runtime::RunTail(
      *plan_->tail, inputs, model_->options().max_arena_bytes, options.cancelled, options.profile);
  if (!outputs.ok()) return outputs.status().WithContext("run");
  tail_outputs_ = std::move(*outputs);
  return OkStatus();
}

}  // namespace minnow::runtime
