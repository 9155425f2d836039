#include "base/hash.h"

#include <gtest/gtest.h>

#include <string>
#include <unordered_set>

namespace minnow {
namespace {

std::string Sample(size_t size) {
  std::string text;
  for (size_t i = 0; i < size; ++i) text += static_cast<char>(i * 131 + i / 7);
  return text;
}

TEST(HashBytes, SeesEveryBitOfEveryByte) {
  for (const size_t size : {1, 7, 16, 63, 64, 65, 200}) {
    std::string text = Sample(size);
    std::unordered_set<uint64_t> seen = {HashBytes(text.data(), size)};
    for (size_t bit = 0; bit < size * 8; ++bit) {
      text[bit / 8] = static_cast<char>(text[bit / 8] ^ (1 << bit % 8));
      EXPECT_TRUE(seen.insert(HashBytes(text.data(), size)).second) << size << " " << bit;
      text[bit / 8] = static_cast<char>(text[bit / 8] ^ (1 << bit % 8));
    }
  }
}

TEST(HashBytes, SeesLengthSeedAndOrder) {
  const std::string zeros(300, '\0');
  std::unordered_set<uint64_t> seen;
  for (size_t size = 0; size <= zeros.size(); ++size) {
    EXPECT_TRUE(seen.insert(HashBytes(zeros.data(), size)).second) << size;
  }
  EXPECT_NE(HashBytes(zeros.data(), 100, 0), HashBytes(zeros.data(), 100, 1));
  const std::string forth = Sample(64) + Sample(40), back = Sample(40) + Sample(64);
  EXPECT_NE(HashBytes(forth.data(), forth.size()), HashBytes(back.data(), back.size()));
}

TEST(HashBytes, IsTheSameAtAnyAddress) {
  const std::string text = Sample(150);
  const std::string shifted = "x" + text;
  EXPECT_EQ(HashBytes(text.data(), text.size()), HashBytes(shifted.data() + 1, text.size()));
}

}  // namespace
}  // namespace minnow
