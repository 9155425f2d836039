#include "runtime/weight_cache.h"

#include <algorithm>
#include <utility>

#include "base/thread_pool.h"

namespace minnow::runtime {
namespace {

// Threads pay from here on: packing waits for memory.
constexpr size_t kSharedBytes = 256 * 1024;
// More at a time would let a long load run past its limit, which is looked at between operators.
constexpr size_t kMostPendingBytes = size_t{32} << 20;

}  // namespace

SharedBuffer WeightCache::Find(const Tensor& tensor, const std::string& form) const {
  std::lock_guard<std::mutex> lock(mutex_);
  for (const Entry& entry : entries_) {
    // The shape too: a reshaped constant shares its elements, and packs differently.
    if (entry.tensor.data() == tensor.data() && entry.tensor.shape() == tensor.shape() &&
        entry.form == form) {
      return entry.buffer;
    }
  }
  return nullptr;
}

SharedBuffer WeightCache::Insert(const Tensor& tensor, const std::string& form,
                                 SharedBuffer buffer) {
  std::lock_guard<std::mutex> lock(mutex_);
  entries_.push_back({tensor, form, buffer});
  return buffer;
}

StatusOr<SharedBuffer> WeightCache::GetLater(const Tensor& tensor, const std::string& form,
                                             size_t bytes, int64_t parts, FillPart fill) {
  if (SharedBuffer found = Find(tensor, form)) return found;
  StatusOr<AlignedBuffer> allocated = AlignedBuffer::AllocateUnfilled(bytes);
  if (!allocated.ok()) return allocated.status();
  auto buffer = std::make_shared<AlignedBuffer>(std::move(*allocated));
  bool is_enough = false;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    pending_.push_back({tensor, parts, std::move(fill), buffer});
    pending_bytes_ += bytes;
    is_enough = pending_bytes_ >= kMostPendingBytes;
  }
  if (is_enough) FillPending();
  return Insert(tensor, form, std::move(buffer));
}

void WeightCache::FillPending() {
  std::vector<Pending> pending;
  size_t bytes = 0;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    pending.swap(pending_);
    std::swap(bytes, pending_bytes_);
  }
  // The first part of each, all in one row for one team.
  std::vector<int64_t> starts;
  int64_t parts = 0;
  for (const Pending& one : pending) {
    starts.push_back(parts);
    parts += one.parts;
  }
  Team team(&ThreadPool::Shared(), bytes < kSharedBytes ? 1 : ThreadPool::DefaultThreads());
  team.ParallelFor(parts, [&](int64_t at, int) {
    const auto after = std::upper_bound(starts.begin(), starts.end(), at);
    const auto which = static_cast<size_t>(after - starts.begin() - 1);
    const Pending& one = pending[which];
    one.fill(one.tensor, at - starts[which], one.buffer.get());
  });
}

void WeightCache::ReleaseUnused() {
  std::lock_guard<std::mutex> lock(mutex_);
  entries_.erase(std::remove_if(entries_.begin(), entries_.end(),
                                [](const Entry& entry) { return entry.buffer.use_count() == 1; }),
                 entries_.end());
}

int64_t WeightCache::bytes() const {
  std::lock_guard<std::mutex> lock(mutex_);
  int64_t total = 0;
  for (const Entry& entry : entries_) total += static_cast<int64_t>(entry.buffer->size());
  return total;
}

}  // namespace minnow::runtime
