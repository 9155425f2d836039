// A hash by which graphs are shared between guests that do not trust one another.
#include "wasi_nn/content_hash.h"

#include <algorithm>
#include <cstring>
#include <random>

namespace minnow::wasi_nn {
namespace {

__extension__ typedef unsigned __int128 u128;

constexpr u128 kPrime = (static_cast<u128>(1) << 127) - 1;
constexpr u128 kNhMask = (static_cast<u128>(1) << 126) - 1;

constexpr uint64_t Low(u128 x) { return static_cast<uint64_t>(x); }
constexpr uint64_t High(u128 x) { return static_cast<uint64_t>(x >> 64); }

// Below 2^127 for every x but 2^128 - 1, which no caller has. 2^127 is 1 modulo the prime.
constexpr u128 Fold(u128 x) { return (x & kPrime) + (x >> 127); }

// a * b modulo the prime, up to one prime too large. REQUIRES: a, b < 2^127.
u128 MultiplyModPrime(u128 a, u128 b) {
  const u128 low = static_cast<u128>(Low(a)) * Low(b);
  const u128 middle =
      static_cast<u128>(Low(a)) * High(b) + static_cast<u128>(High(a)) * Low(b);  // < 2^128
  const u128 high = static_cast<u128>(High(a)) * High(b) + High(middle);          // < 2^127
  // low + 2^64 * Low(middle) + 2^128 * high, and 2^128 is 2.
  const u128 sum = Fold(low) + Fold(static_cast<u128>(Low(middle)) << 64);
  return Fold(Fold(sum) + Fold(high << 1));
}

u128 Reduce(u128 x) { return x >= kPrime ? x - kPrime : x; }

struct NhPair {
  u128 first, second;
};

// Sum of (m[2i] + k[2i]) * (m[2i+1] + k[2i+1]), under two keys in one reading.
NhPair Nh(const uint8_t* block, const HashKeys& keys) {
  const uint64_t* a = keys.blocks[0].data();
  const uint64_t* b = keys.blocks[1].data();
  NhPair sum = {0, 0};
  for (size_t i = 0; i < kHashBlockBytes / 8; i += 2) {
    uint64_t m[2];
    std::memcpy(m, block + 8 * i, sizeof(m));
    sum.first += static_cast<u128>(m[0] + a[i]) * (m[1] + a[i + 1]);
    sum.second += static_cast<u128>(m[0] + b[i]) * (m[1] + b[i + 1]);
  }
  return {sum.first & kNhMask, sum.second & kNhMask};
}

}  // namespace

HashKeys HashKeys::Random() {
  std::random_device device;
  const auto next = [&] { return uint64_t{device()} << 32 | device(); };
  HashKeys keys;
  for (auto& block : keys.blocks) std::generate(block.begin(), block.end(), next);
  for (auto& point : keys.points) point = {next(), next() >> 1};
  return keys;
}

ContentHash HashContent(const uint8_t* data, size_t size, const HashKeys& keys) {
  const u128 points[2] = {Reduce(static_cast<u128>(keys.points[0][1]) << 64 | keys.points[0][0]),
                          Reduce(static_cast<u128>(keys.points[1][1]) << 64 | keys.points[1][0])};
  u128 sums[2] = {1, 1};
  const auto absorb = [&](const uint8_t* block) {
    const NhPair nh = Nh(block, keys);
    sums[0] = Reduce(Fold(MultiplyModPrime(sums[0], points[0]) + nh.first));
    sums[1] = Reduce(Fold(MultiplyModPrime(sums[1], points[1]) + nh.second));
  };
  size_t done = 0;
  for (; size - done >= kHashBlockBytes; done += kHashBlockBytes) absorb(data + done);
  if (done < size) {
    uint8_t last[kHashBlockBytes] = {};
    std::memcpy(last, data + done, size - done);
    absorb(last);
  }
  return {Low(sums[0]), High(sums[0]), Low(sums[1]), High(sums[1])};
}

}  // namespace minnow::wasi_nn
