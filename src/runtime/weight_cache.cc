#include "runtime/weight_cache.h"

#include <algorithm>
#include <utility>

#include "base/thread_pool.h"
#include "tensor/load_limits.h"

namespace minnow::runtime {
namespace {

// Threads pay from here on: packing waits for memory.
constexpr size_t kSharedBytes = 256 * 1024;
// More at a time would let a long load run past its limit, which is looked at between batches.
constexpr size_t kBatchBytes = size_t{32} << 20;

int ThreadsFor(size_t bytes) { return bytes < kSharedBytes ? 1 : ThreadPool::DefaultThreads(); }

}  // namespace

SharedBuffer WeightCache::Find(const Tensor& tensor, const std::string& form) const {
  std::lock_guard<std::mutex> lock(mutex_);
  for (const Entry& entry : entries_) {
    // The shape too: a reshaped constant shares its elements, and packs differently.
    if (entry.identity == tensor.identity() && entry.shape == tensor.shape() &&
        entry.form == form) {
      return entry.buffer;
    }
  }
  return nullptr;
}

SharedBuffer WeightCache::Insert(const Tensor& tensor, const std::string& form,
                                 SharedBuffer buffer) {
  std::lock_guard<std::mutex> lock(mutex_);
  entries_.push_back({{tensor.identity(), tensor.shape(), form, buffer}, nullptr, false});
  return buffer;
}

StatusOr<SharedBuffer> WeightCache::GetLater(const Tensor& tensor, const std::string& form,
                                             size_t bytes, Packing packing) {
  if (SharedBuffer found = Find(tensor, form)) return found;
  auto buffer = std::make_shared<AlignedBuffer>();
  auto how = std::make_shared<const Packing>(std::move(packing));
  std::lock_guard<std::mutex> lock(mutex_);
  entries_.push_back({{tensor.identity(), tensor.shape(), form, buffer}, how, false});
  pending_.push_back({tensor, bytes, std::move(how), buffer});
  return SharedBuffer(std::move(buffer));
}

void WeightCache::ReleaseSources(graph::Graph* graph) {
  std::lock_guard<std::mutex> lock(mutex_);
  for (Entry& entry : entries_) entry.is_source |= entry.IsPending();
  for (graph::ValueId id = 0; id < graph->value_count(); ++id) {
    std::optional<Tensor>& constant = graph->value(id).constant;
    if (!constant) continue;
    for (const Pending& one : pending_) {
      if (one.tensor.identity() != constant->identity()) continue;
      constant = constant->WithoutElements();
      break;
    }
  }
}

Status WeightCache::FillBatch(Pending* batch, size_t count, size_t bytes) {
  // The first part of each, all in one row for one team.
  std::vector<int64_t> starts;
  int64_t parts = 0;
  size_t scratch_bytes = 0;
  for (const Pending* one = batch; one != batch + count; ++one) {
    starts.push_back(parts);
    parts += one->packing->parts;
    scratch_bytes = std::max(scratch_bytes, RoundUp(one->packing->scratch_bytes, kAlignment));
  }
  Team team(&ThreadPool::Shared(), ThreadsFor(bytes));
  StatusOr<AlignedBuffer> scratch =
      AlignedBuffer::AllocateUnfilled(scratch_bytes * static_cast<size_t>(team.size()));
  if (!scratch.ok()) return scratch.status();
  std::vector<AlignedBuffer> buffers(count);
  for (size_t i = 0; i < count; ++i) {
    if (batch[i].tensor.MoveMemory(batch[i].bytes, &buffers[i])) continue;
    StatusOr<AlignedBuffer> buffer = AlignedBuffer::AllocateUnfilled(batch[i].bytes);
    if (!buffer.ok()) return buffer.status();
    buffers[i] = std::move(*buffer);
  }
  team.ParallelFor(parts, [&](int64_t at, int worker) {
    const auto after = std::upper_bound(starts.begin(), starts.end(), at);
    const auto which = static_cast<size_t>(after - starts.begin() - 1);
    const Pending& one = batch[which];
    void* to = buffers[which].data();
    one.packing->pack(at - starts[which], one.tensor.HasElements() ? one.tensor.data() : to, to,
                      scratch->as<char>() + scratch_bytes * static_cast<size_t>(worker));
  });
  for (size_t i = 0; i < count; ++i) {
    *batch[i].buffer = std::move(buffers[i]);
    batch[i].tensor = Tensor();
  }
  return OkStatus();
}

Status WeightCache::FillPending() {
  std::vector<Pending> pending;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    pending.swap(pending_);
  }
  Status status;
  for (size_t first = 0; first < pending.size() && status.ok();) {
    if (first != 0) status = CheckLoadTime();
    size_t last = first, bytes = 0;
    while (last < pending.size() && bytes < kBatchBytes) bytes += pending[last++].bytes;
    if (status.ok()) status = FillBatch(&pending[first], last - first, bytes);
    first = last;
  }
  if (!status.ok()) DropPending();
  return status;
}

void WeightCache::DropPending() {
  std::lock_guard<std::mutex> lock(mutex_);
  pending_.clear();
  entries_.erase(std::remove_if(entries_.begin(), entries_.end(),
                                [](const Entry& entry) { return entry.IsPending(); }),
                 entries_.end());
}

StatusOr<Tensor> WeightCache::Unpacked(const Tensor& hollow) const {
  std::lock_guard<std::mutex> lock(mutex_);
  const auto entry = std::find_if(entries_.begin(), entries_.end(), [&](const Entry& one) {
    return one.is_source && one.identity == hollow.identity();
  });
  if (entry == entries_.end()) return Internal("weights are nowhere");
  StatusOr<Tensor> tensor = Tensor::AllocateAgain(hollow);
  if (!tensor.ok()) return tensor;
  Team team(&ThreadPool::Shared(), ThreadsFor(tensor->size_bytes()));
  team.ParallelFor(entry->packing->parts, [&](int64_t part, int) {
    entry->packing->unpack(part, entry->buffer->data(), tensor->mutable_data());
  });
  return tensor;
}

Status WeightCache::Restore(graph::Graph* graph) const {
  std::vector<Tensor> restored;  // each once: constants may share their elements
  for (graph::ValueId id = 0; id < graph->value_count(); ++id) {
    std::optional<Tensor>& constant = graph->value(id).constant;
    if (!constant || constant->HasElements()) continue;
    const Tensor* tensor = nullptr;
    for (const Tensor& one : restored) {
      if (one.identity() == constant->identity()) tensor = &one;
    }
    if (tensor == nullptr) {
      StatusOr<Tensor> unpacked = Unpacked(*constant);
      if (!unpacked.ok()) return unpacked.status();
      restored.push_back(std::move(*unpacked));
      tensor = &restored.back();
    }
    constant = tensor->Reshaped(constant->shape());
  }
  return OkStatus();
}

void WeightCache::ReleaseUnused() {
  std::lock_guard<std::mutex> lock(mutex_);
  entries_.erase(std::remove_if(entries_.begin(), entries_.end(),
                                [](const Entry& entry) {
                                  return !entry.is_source && entry.buffer.use_count() == 1;
                                }),
                 entries_.end());
}

int64_t WeightCache::bytes() const {
  std::lock_guard<std::mutex> lock(mutex_);
  int64_t total = 0;
  for (const Entry& entry : entries_) total += static_cast<int64_t>(entry.buffer->size());
  return total;
}

std::vector<PackedWeights> WeightCache::entries() const {
  std::lock_guard<std::mutex> lock(mutex_);
  return {entries_.begin(), entries_.end()};
}

void WeightCache::Add(std::vector<PackedWeights> entries) {
  std::lock_guard<std::mutex> lock(mutex_);
  for (PackedWeights& entry : entries) entries_.push_back({std::move(entry), nullptr, false});
}

}  // namespace minnow::runtime
