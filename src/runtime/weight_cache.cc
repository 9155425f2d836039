#include "runtime/weight_cache.h"

#include <algorithm>

namespace minnow::runtime {

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
