// A fast hash that finds damage and tells things apart; not for keeping anybody out.
#ifndef MINNOW_BASE_HASH_H_
#define MINNOW_BASE_HASH_H_

#include <cstddef>
#include <cstdint>

namespace minnow {

// Depends on every byte, the size and the seed; not the same on machines of other byte order.
uint64_t HashBytes(const void* data, size_t size, uint64_t seed = 0);

}  // namespace minnow

#endif  // MINNOW_BASE_HASH_H_
