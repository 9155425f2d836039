#include "base/aligned_buffer.h"

#include <cstdlib>
#include <cstring>
#include <limits>

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

AlignedBuffer::~AlignedBuffer() { std::free(data_); }

StatusOr<AlignedBuffer> AlignedBuffer::Allocate(size_t size) {
  StatusOr<AlignedBuffer> buffer = AllocateUnfilled(size);
  if (buffer.ok()) std::memset(buffer->data(), 0, size);
  return buffer;
}

StatusOr<AlignedBuffer> AlignedBuffer::AllocateUnfilled(size_t size) {
  if (size > std::numeric_limits<size_t>::max() / 2) {
    return ResourceExhausted("cannot allocate %zu bytes", size);
  }
  MINNOW_RETURN_IF_ERROR(MemoryReserve::Check());
  const size_t alignment = size >= kHugePageBytes ? kHugePageBytes : kAlignment;
  const size_t total = RoundUp(size + kExtraBytes, kAlignment);
  void* data = nullptr;
  if (posix_memalign(&data, alignment, total) != 0) {
    return ResourceExhausted("cannot allocate %zu bytes", size);
  }
#if defined(__linux__)
  if (alignment == kHugePageBytes) madvise(data, total, MADV_HUGEPAGE);
#endif
  std::memset(static_cast<char*>(data) + size, 0, total - size);
  AlignedBuffer buffer;
  buffer.data_ = data;
  buffer.size_ = size;
  return buffer;
}

}  // namespace minnow
