// Owned, 64-byte aligned memory for tensors, arenas and packed weights.
#ifndef MINNOW_BASE_ALIGNED_BUFFER_H_
#define MINNOW_BASE_ALIGNED_BUFFER_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

#include "base/status.h"

namespace minnow {

// Cache line and widest vector; every buffer starts on it.
inline constexpr size_t kAlignment = 64;
// Kernels may read (never write) this many bytes past the end of a buffer of ours.
inline constexpr size_t kExtraBytes = 256;

// Move-only. `size()` bytes are usable; kExtraBytes more are readable. Contents start as zeros,
// except where AllocateUnfilled says otherwise.
class AlignedBuffer {
 public:
  AlignedBuffer() = default;
  ~AlignedBuffer();
  AlignedBuffer(AlignedBuffer&& other) noexcept { Swap(other); }
  AlignedBuffer& operator=(AlignedBuffer&& other) noexcept {
    Swap(other);
    return *this;
  }
  AlignedBuffer(const AlignedBuffer&) = delete;
  AlignedBuffer& operator=(const AlignedBuffer&) = delete;

  // Fails with kResourceExhausted when the system has no such memory. `size` may be 0.
  static StatusOr<AlignedBuffer> Allocate(size_t size);
  // The same for a caller who writes all `size` bytes: only those behind them are zeros. `room`
  // bytes more can be had with Extend; until then they cost addresses, no memory.
  static StatusOr<AlignedBuffer> AllocateUnfilled(size_t size, size_t room = 0);

  // Zeros that cost addresses only until they are touched, a page at a time: for a caller who
  // touches few of them.
  static StatusOr<AlignedBuffer> AllocateSparse(size_t size);

  // Memory of `owner`, which lives as long as this: `data` is aligned as its readers need, and
  // kExtraBytes more are readable behind it.
  static AlignedBuffer Within(void* data, size_t size, std::shared_ptr<const void> owner);

  // Now `size` bytes are usable, the new ones unfilled. False where there is no room for them.
  bool Extend(size_t size);

  void* data() { return data_; }
  const void* data() const { return data_; }
  template <typename T>
  T* as() {
    return static_cast<T*>(data_);
  }
  template <typename T>
  const T* as() const {
    return static_cast<const T*>(data_);
  }
  size_t size() const { return size_; }

 private:
  void Swap(AlignedBuffer& other) {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    std::swap(capacity_, other.capacity_);
    std::swap(mapped_bytes_, other.mapped_bytes_);
    owner_.swap(other.owner_);
  }

  void* data_ = nullptr;
  size_t size_ = 0;
  size_t capacity_ = 0;                // what size_ may become
  size_t mapped_bytes_ = 0;            // of AllocateSparse; 0: from malloc
  std::shared_ptr<const void> owner_;  // of Within; null: the memory is this object's
};

inline constexpr size_t RoundUp(size_t value, size_t multiple) {
  return (value + multiple - 1) / multiple * multiple;
}

}  // namespace minnow

#endif  // MINNOW_BASE_ALIGNED_BUFFER_H_
