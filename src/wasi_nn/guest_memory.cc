// The only place that touches bytes of a guest.
#include "wasi_nn/guest_memory.h"

#include <cstring>

namespace minnow::wasi_nn {
namespace {

uint32_t DecodeU32(const uint8_t* bytes) {
  return uint32_t{bytes[0]} | uint32_t{bytes[1]} << 8 | uint32_t{bytes[2]} << 16 |
         uint32_t{bytes[3]} << 24;
}

void EncodeU32(uint32_t value, uint8_t* bytes) {
  for (int i = 0; i < 4; ++i) bytes[i] = static_cast<uint8_t>(value >> (8 * i));
}

}  // namespace

Status GuestMemory::Check(uint32_t pointer, uint64_t bytes, const char* what) const {
  if (bytes == 0) return OkStatus();
  if (bytes <= size_ && pointer <= size_ - bytes) return OkStatus();
  return InvalidArgument("%s at %u, %llu bytes, is outside the memory of %llu bytes", what, pointer,
                         static_cast<unsigned long long>(bytes),
                         static_cast<unsigned long long>(size_));
}

StatusOr<importers::Bytes> GuestMemory::Read(uint32_t pointer, uint64_t bytes,
                                             const char* what) const {
  MINNOW_RETURN_IF_ERROR(Check(pointer, bytes, what));
  if (bytes == 0) return importers::Bytes{};
  return importers::Bytes{data_ + pointer, static_cast<size_t>(bytes)};
}

StatusOr<std::vector<uint32_t>> GuestMemory::ReadU32s(uint32_t pointer, uint32_t count,
                                                      const char* what) const {
  StatusOr<importers::Bytes> bytes = Read(pointer, uint64_t{count} * 4, what);
  if (!bytes.ok()) return bytes.status();
  std::vector<uint32_t> values(count);
  for (size_t i = 0; i < count; ++i) {
    uint8_t copy[4];
    std::memcpy(copy, bytes->data + 4 * i, sizeof(copy));
    values[i] = DecodeU32(copy);
  }
  return values;
}

Status GuestMemory::Write(uint32_t pointer, const void* data, uint64_t bytes,
                          const char* what) const {
  MINNOW_RETURN_IF_ERROR(Check(pointer, bytes, what));
  if (bytes != 0) std::memcpy(data_ + pointer, data, static_cast<size_t>(bytes));
  return OkStatus();
}

Status GuestMemory::WriteU32(uint32_t pointer, uint32_t value, const char* what) const {
  uint8_t bytes[4];
  EncodeU32(value, bytes);
  return Write(pointer, bytes, sizeof(bytes), what);
}

}  // namespace minnow::wasi_nn
