// The only place that touches bytes of a guest.
//
// Pointers are u32, sizes are summed in 64 bits, so nothing wraps, whatever the memory's size. A
// memory may be shared: its bytes may change under our eyes, so each record is copied once and
// checked as a copy. Pointers need no alignment.
#ifndef MINNOW_WASI_NN_GUEST_MEMORY_H_
#define MINNOW_WASI_NN_GUEST_MEMORY_H_

#include <cstdint>
#include <vector>

#include "base/status.h"
#include "importers/importer.h"

namespace minnow::wasi_nn {

// A guest's linear memory for the time of one call: memory.grow moves it. Cheap to copy.
class GuestMemory {
 public:
  // No memory: every access fails.
  GuestMemory() = default;
  // Borrowed; at most 4 GiB count. `data` may be null when `size` is 0.
  GuestMemory(uint8_t* data, uint64_t size) : data_(data), size_(size), present_(true) {}

  bool present() const { return present_; }

  // Errors: kInvalidArgument, "<what> at <pointer>, <n> bytes, is outside the memory of <n> bytes".
  // An extent of zero bytes may lie anywhere. `what` is for messages.
  Status Check(uint32_t pointer, uint64_t bytes, const char* what) const;

  // Borrowed bytes. Content of shared memories is not stable.
  StatusOr<importers::Bytes> Read(uint32_t pointer, uint64_t bytes, const char* what) const;
  // A copy of `count` little-endian u32. REQUIRES: `count` is small, or bounded by the caller.
  StatusOr<std::vector<uint32_t>> ReadU32s(uint32_t pointer, uint32_t count,
                                           const char* what) const;

  Status Write(uint32_t pointer, const void* data, uint64_t bytes, const char* what) const;
  Status WriteU32(uint32_t pointer, uint32_t value, const char* what) const;

 private:
  uint8_t* data_ = nullptr;
  uint64_t size_ = 0;
  bool present_ = false;
};

}  // namespace minnow::wasi_nn

#endif  // MINNOW_WASI_NN_GUEST_MEMORY_H_
