#include "base/aligned_buffer.h"

#include <cstdlib>
#include <cstring>
#include <limits>
#include <utility>

#include "base/memory_reserve.h"

#if defined(__linux__)
#include <sys/mman.h>
#endif

namespace minnow {
namespace {

// From this size on, ask for huge pages: packed weights and arenas are walked linearly, and 4 KiB
// pages cost translation misses.
constexpr size_t kHugePageBytes = size_t{2} << 20;

}  // namespace

AlignedBuffer::~AlignedBuffer() {
  if (owner_ != nullptr) return;
#if defined(__linux__)
  if (mapped_bytes_ != 0) {
    munmap(data_, mapped_bytes_);
    return;
  }
#endif
  std::free(data_);
}

StatusOr<AlignedBuffer> AlignedBuffer::Allocate(size_t size) {
  StatusOr<AlignedBuffer> buffer = AllocateUnfilled(size);
  if (buffer.ok()) std::memset(buffer->data(), 0, size);
  return buffer;
}

StatusOr<AlignedBuffer> AlignedBuffer::AllocateUnfilled(size_t size, size_t room) {
  if (size > std::numeric_limits<size_t>::max() / 4 ||
      room > std::numeric_limits<size_t>::max() / 4) {
    return ResourceExhausted("cannot allocate %zu bytes", size);
  }
  MINNOW_RETURN_IF_ERROR(MemoryReserve::Check());
  const size_t alignment = size >= kHugePageBytes ? kHugePageBytes : kAlignment;
  const size_t total = RoundUp(size + room + kExtraBytes, kAlignment);
  void* data = nullptr;
  if (posix_memalign(&data, alignment, total) != 0) {
    return ResourceExhausted("cannot allocate %zu bytes", size);
  }
#if defined(__linux__)
  if (alignment == kHugePageBytes) madvise(data, total, MADV_HUGEPAGE);
#endif
  AlignedBuffer buffer;
  buffer.data_ = data;
  buffer.capacity_ = total - kExtraBytes;
  buffer.Extend(size);
  return buffer;
}

StatusOr<AlignedBuffer> AlignedBuffer::AllocateSparse(size_t size) {
#if defined(__linux__)
  if (size > std::numeric_limits<size_t>::max() / 4) {
    return ResourceExhausted("cannot allocate %zu bytes", size);
  }
  MINNOW_RETURN_IF_ERROR(MemoryReserve::Check());
  const size_t total = size + kExtraBytes;
  void* data = mmap(nullptr, total, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (data == MAP_FAILED) return ResourceExhausted("cannot allocate %zu bytes", size);
  madvise(data, total, MADV_NOHUGEPAGE);
  AlignedBuffer buffer;
  buffer.data_ = data;
  buffer.size_ = buffer.capacity_ = size;
  buffer.mapped_bytes_ = total;
  return buffer;
#else
  return Allocate(size);
#endif
}

AlignedBuffer AlignedBuffer::Within(void* data, size_t size, std::shared_ptr<const void> owner) {
  AlignedBuffer buffer;
  buffer.data_ = data;
  buffer.size_ = size;
  buffer.owner_ = std::move(owner);
  return buffer;
}

bool AlignedBuffer::Extend(size_t size) {
  if (size > capacity_ || data_ == nullptr) return false;
  size_ = size;
  std::memset(static_cast<char*>(data_) + size, 0, kExtraBytes);
  return true;
}

}  // namespace minnow
