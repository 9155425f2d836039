#include "base/hash.h"

#include <cstring>

namespace minnow {
namespace {

// Odd numbers without pattern: the first digits of the fractions of the square roots of primes.
constexpr uint64_t kMix[] = {0x6a09e667f3bcc909, 0xbb67ae8584caa73b, 0x3c6ef372fe94f82b,
                             0xa54ff53a5f1d36f1};

__extension__ typedef unsigned __int128 Wide;

// Both halves of the product: every bit of either factor reaches the result.
uint64_t Fold(uint64_t a, uint64_t b) {
  const Wide product = static_cast<Wide>(a) * b;
  return static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
}

uint64_t Word(const char* at) {
  uint64_t word;
  std::memcpy(&word, at, sizeof(word));
  return word;
}

}  // namespace

uint64_t HashBytes(const void* data, size_t size, uint64_t seed) {
  constexpr size_t kStep = 64;
  const char* at = static_cast<const char*>(data);
  // Four chains, so that a multiplication need not wait for the one before it.
  uint64_t lanes[4] = {seed ^ kMix[0], seed ^ kMix[1], seed ^ kMix[2], seed ^ kMix[3]};
  size_t left = size;
  for (; left >= kStep; left -= kStep, at += kStep) {
    for (int lane = 0; lane < 4; ++lane) {
      const char* pair = at + 16 * lane;
      lanes[lane] = Fold(Word(pair) ^ kMix[lane], Word(pair + 8) ^ lanes[lane]) + kMix[lane];
    }
  }
  char rest[kStep] = {};
  if (left != 0) std::memcpy(rest, at, left);
  uint64_t hash = size ^ seed;
  for (int lane = 0; lane < 4; ++lane) {
    const char* pair = rest + 16 * lane;
    lanes[lane] = Fold(Word(pair) ^ kMix[lane], Word(pair + 8) ^ lanes[lane]);
    hash = Fold(hash ^ kMix[lane], lanes[lane] ^ kMix[3 - lane]);
  }
  return hash;
}

}  // namespace minnow
