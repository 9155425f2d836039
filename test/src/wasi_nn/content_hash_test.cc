// Is the hash the one that the papers bound: sensitive to each bit, to order, and to its keys?
#include "wasi_nn/content_hash.h"

#include <gtest/gtest.h>

#include <random>
#include <set>
#include <vector>

namespace minnow::wasi_nn {
namespace {

std::vector<uint8_t> RandomBytes(size_t size, uint32_t seed) {
  std::mt19937 random(seed);
  std::vector<uint8_t> bytes(size);
  for (uint8_t& byte : bytes) byte = static_cast<uint8_t>(random());
  return bytes;
}

TEST(ContentHash, TheSameBytesHashAlikeAtAnyAddress) {
  const HashKeys keys = HashKeys::Random();
  const std::vector<uint8_t> bytes = RandomBytes(5000, 1);
  std::vector<uint8_t> shifted = bytes;
  shifted.insert(shifted.begin(), 0);
  EXPECT_EQ(HashContent(bytes.data(), bytes.size(), keys),
            HashContent(shifted.data() + 1, bytes.size(), keys));
}

TEST(ContentHash, EveryFlippedBitGivesAnotherHash) {
  const HashKeys keys = HashKeys::Random();
  std::vector<uint8_t> bytes = RandomBytes(2 * kHashBlockBytes + 100, 2);
  std::set<ContentHash> seen = {HashContent(bytes.data(), bytes.size(), keys)};
  for (size_t bit = 0; bit < 8 * bytes.size(); bit += 7) {
    bytes[bit / 8] ^= static_cast<uint8_t>(1u << bit % 8);
    EXPECT_TRUE(seen.insert(HashContent(bytes.data(), bytes.size(), keys)).second) << bit;
    bytes[bit / 8] ^= static_cast<uint8_t>(1u << bit % 8);
  }
}

TEST(ContentHash, BlocksAndWordsThatChangePlacesGiveAnotherHash) {
  const HashKeys keys = HashKeys::Random();
  std::vector<uint8_t> bytes = RandomBytes(4 * kHashBlockBytes, 3);
  const ContentHash before = HashContent(bytes.data(), bytes.size(), keys);
  std::swap_ranges(bytes.begin(), bytes.begin() + kHashBlockBytes,
                   bytes.begin() + 2 * kHashBlockBytes);
  const ContentHash swapped = HashContent(bytes.data(), bytes.size(), keys);
  EXPECT_NE(before, swapped);
  std::swap_ranges(bytes.begin(), bytes.begin() + 8, bytes.begin() + 8);
  EXPECT_NE(HashContent(bytes.data(), bytes.size(), keys), swapped);
}

TEST(ContentHash, HashesDependOnTheKeys) {
  const std::vector<uint8_t> bytes = RandomBytes(100, 4);
  std::set<ContentHash> seen;
  for (int i = 0; i < 50; ++i) {
    EXPECT_TRUE(seen.insert(HashContent(bytes.data(), bytes.size(), HashKeys::Random())).second);
  }
}

// The second pass is independent of the first, so each half alone tells strings apart.
TEST(ContentHash, BothHalvesTellStringsApart) {
  const HashKeys keys = HashKeys::Random();
  std::set<std::pair<uint64_t, uint64_t>> first, second;
  for (uint32_t i = 0; i < 2000; ++i) {
    const auto* data = reinterpret_cast<const uint8_t*>(&i);
    const ContentHash hash = HashContent(data, sizeof(i), keys);
    EXPECT_TRUE(first.insert({hash[0], hash[1]}).second);
    EXPECT_TRUE(second.insert({hash[2], hash[3]}).second);
  }
}

// With points of 1 and a block of keys known, the sum can be worked out by hand.
TEST(ContentHash, FollowsItsDefinition) {
  HashKeys keys = {};
  keys.blocks[0][0] = 5;
  keys.blocks[0][1] = UINT64_MAX;  // wraps: -1
  keys.points[0] = {3, 0};
  keys.points[1] = {0, uint64_t{1} << 62};  // 2^126, which is 1/2 modulo 2^127 - 1
  const uint64_t words[2] = {7, 11};
  const ContentHash hash = HashContent(reinterpret_cast<const uint8_t*>(words), 16, keys);
  EXPECT_EQ(hash[0], 3u + (7 + 5) * (11 - 1));
  EXPECT_EQ(hash[1], 0u);
  EXPECT_EQ(hash[2], 7u * 11);
  EXPECT_EQ(hash[3], uint64_t{1} << 62);
  // Absorbing a block of zeros doubles 1/2 no more: 1/2 * 1/2 = 2^125.
  const std::vector<uint8_t> zeros(2 * kHashBlockBytes);
  const ContentHash twice = HashContent(zeros.data(), zeros.size(), keys);
  EXPECT_EQ(twice[2], 0u);
  EXPECT_EQ(twice[3], uint64_t{1} << 61);
}

}  // namespace
}  // namespace minnow::wasi_nn
