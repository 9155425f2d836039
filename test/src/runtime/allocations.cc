// malloc and operator new with a counter in front.
#include "runtime/allocations.h"

#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <new>

namespace {

std::atomic<int64_t> allocations{0};

}  // namespace

namespace minnow::runtime {

int64_t Allocations() { return allocations.load(); }

}  // namespace minnow::runtime

#if defined(__GLIBC__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)

#define MINNOW_EXPORT __attribute__((visibility("default")))

extern "C" {

void* __libc_malloc(size_t size);
void* __libc_calloc(size_t count, size_t size);
void* __libc_realloc(void* data, size_t size);
void* __libc_memalign(size_t alignment, size_t size);

MINNOW_EXPORT void* malloc(size_t size) {
  allocations.fetch_add(1, std::memory_order_relaxed);
  return __libc_malloc(size);
}

MINNOW_EXPORT void* calloc(size_t count, size_t size) {
  allocations.fetch_add(1, std::memory_order_relaxed);
  return __libc_calloc(count, size);
}

MINNOW_EXPORT void* realloc(void* data, size_t size) {
  allocations.fetch_add(1, std::memory_order_relaxed);
  return __libc_realloc(data, size);
}

MINNOW_EXPORT int posix_memalign(void** data, size_t alignment, size_t size) {
  allocations.fetch_add(1, std::memory_order_relaxed);
  *data = __libc_memalign(alignment, size);
  return *data == nullptr ? ENOMEM : 0;
}

}  // extern "C"

#else

void* operator new(size_t size) {
  allocations.fetch_add(1, std::memory_order_relaxed);
  if (void* data = std::malloc(size)) return data;
  std::abort();
}

void* operator new(size_t size, const std::nothrow_t&) noexcept {
  allocations.fetch_add(1, std::memory_order_relaxed);
  return std::malloc(size);
}

void operator delete(void* data) noexcept { std::free(data); }
void operator delete(void* data, size_t) noexcept { std::free(data); }

#endif
