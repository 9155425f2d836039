// Handles of one kind: from 0 upwards, never used again.
#ifndef MINNOW_WASI_NN_HANDLE_TABLE_H_
#define MINNOW_WASI_NN_HANDLE_TABLE_H_

#include <cstdint>
#include <map>
#include <optional>
#include <utility>

namespace minnow::wasi_nn {

template <typename T>
class HandleTable {
 public:
  // `next` is for tests of exhaustion.
  explicit HandleTable(uint64_t next = 0) : next_(next) {}

  // Nothing when all 2^32 handles are spent.
  std::optional<uint32_t> Add(T value) {
    if (next_ > UINT32_MAX) return std::nullopt;
    const auto handle = static_cast<uint32_t>(next_++);
    entries_.emplace(handle, std::move(value));
    return handle;
  }
  bool exhausted() const { return next_ > UINT32_MAX; }

  // Null when the handle was never given out or is gone.
  T* Find(uint32_t handle) {
    const auto found = entries_.find(handle);
    return found == entries_.end() ? nullptr : &found->second;
  }
  const T* Find(uint32_t handle) const { return const_cast<HandleTable*>(this)->Find(handle); }

  bool Remove(uint32_t handle) { return entries_.erase(handle) != 0; }
  void Clear() { entries_.clear(); }
  size_t size() const { return entries_.size(); }

  auto begin() const { return entries_.begin(); }
  auto end() const { return entries_.end(); }

 private:
  std::map<uint32_t, T> entries_;
  uint64_t next_;
};

}  // namespace minnow::wasi_nn

#endif  // MINNOW_WASI_NN_HANDLE_TABLE_H_
