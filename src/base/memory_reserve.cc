#include "base/memory_reserve.h"

#include <atomic>
#include <cstddef>
#include <new>

#if defined(__linux__) || defined(__APPLE__)
#include <sys/mman.h>
#endif

namespace minnow {

#if defined(__linux__) || defined(__APPLE__)

namespace {

// Several blocks, because several threads may be refused memory at once. A block is larger than
// what malloc asks the system for on behalf of a small allocation.
constexpr int kBlocks = 16;
constexpr size_t kBlockBytes = size_t{4} << 20;

std::atomic<void*> g_blocks[kBlocks];
std::atomic<bool> g_incomplete{false};

bool Fill() {
  for (std::atomic<void*>& slot : g_blocks) {
    if (slot.load() != nullptr) continue;
    void* block =
        mmap(nullptr, kBlockBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (block == MAP_FAILED) return false;
    void* empty = nullptr;
    if (!slot.compare_exchange_strong(empty, block)) munmap(block, kBlockBytes);
  }
  return true;
}

// What operator new calls, again and again, before it gives up.
void OnRefusal() {
  g_incomplete.store(true);
  for (std::atomic<void*>& slot : g_blocks) {
    void* block = slot.exchange(nullptr);
    if (block == nullptr) continue;
    munmap(block, kBlockBytes);
    return;
  }
  std::set_new_handler(nullptr);  // now it gives up
}

}  // namespace

void MemoryReserve::Install() {
  static std::atomic<bool> installed{false};
  if (installed.exchange(true)) return;
  g_incomplete.store(!Fill());
  std::set_new_handler(OnRefusal);
}

Status MemoryReserve::Check() {
  if (!g_incomplete.load(std::memory_order_relaxed)) return OkStatus();
  g_incomplete.store(false);
  if (Fill()) {
    std::set_new_handler(OnRefusal);
    return OkStatus();
  }
  g_incomplete.store(true);
  return ResourceExhausted("the system refuses memory");
}

#else

void MemoryReserve::Install() {}
Status MemoryReserve::Check() { return OkStatus(); }

#endif

}  // namespace minnow
