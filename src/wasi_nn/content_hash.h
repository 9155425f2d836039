// A hash by which graphs are shared between guests that do not trust one another.
//
// VHASH (Krovetz and Dai, "VHASH Security", 2007): NH over blocks of 1 KiB, then a polynomial over
// the blocks modulo 2^127 - 1; twice, with independent keys. It is a universal hash, not a digest:
// the keys are random, drawn once a process, and no guest ever sees them or a hash. So there is
// nothing to work out a collision from: two different byte strings of equal length below 2^40 hash
// alike with a probability below 2^-110 whatever they are. That is why the cache need not keep the
// bytes to compare them, at several times the speed of SHA-256.
#ifndef MINNOW_WASI_NN_CONTENT_HASH_H_
#define MINNOW_WASI_NN_CONTENT_HASH_H_

#include <array>
#include <cstddef>
#include <cstdint>

namespace minnow::wasi_nn {

inline constexpr size_t kHashBlockBytes = 1024;

struct HashKeys {
  std::array<std::array<uint64_t, kHashBlockBytes / 8>, 2> blocks;
  std::array<std::array<uint64_t, 2>, 2> points;  // low, high below 2^63

  // From the system's random numbers.
  static HashKeys Random();
};

using ContentHash = std::array<uint64_t, 4>;

// Strings of different lengths may hash alike: compare the lengths, too. Thread safe.
ContentHash HashContent(const uint8_t* data, size_t size, const HashKeys& keys);

}  // namespace minnow::wasi_nn

#endif  // MINNOW_WASI_NN_CONTENT_HASH_H_
