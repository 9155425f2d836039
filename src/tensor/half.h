// What is a 16-bit float (IEEE 754 binary16) as a float? 1 sign, 5 exponent, 10 fraction bits.
#ifndef MINNOW_TENSOR_HALF_H_
#define MINNOW_TENSOR_HALF_H_

#include <cstdint>
#include <cstring>

namespace minnow {

inline float FloatOfBits(uint32_t bits) {
  float value;
  std::memcpy(&value, &bits, sizeof(value));
  return value;
}

inline uint32_t BitsOf(float value) {
  uint32_t bits;
  std::memcpy(&bits, &value, sizeof(bits));
  return bits;
}

// Exact; a NaN keeps its sign and its fraction. Without branches, so that loops become vectors.
inline float FloatOfHalf(uint16_t half) {
  constexpr uint32_t kLeadingOne = uint32_t{1} << 23;
  constexpr uint32_t kInfinity = uint32_t{31} << 23;
  constexpr uint32_t kRebias = uint32_t{127 - 15} << 23;
  const uint32_t sign = static_cast<uint32_t>(half & 0x8000) << 16;
  const uint32_t magnitude = static_cast<uint32_t>(half & 0x7fff) << 13;
  const uint32_t is_small = 0 - static_cast<uint32_t>(magnitude < kLeadingOne);
  const uint32_t is_infinite = 0 - static_cast<uint32_t>(magnitude >= kInfinity);
  // Below 2^-14 the fraction has no leading one: one is put before it and taken off again.
  const uint32_t bits = magnitude + kRebias + (is_small & kLeadingOne) + (is_infinite & kRebias);
  const float value = FloatOfBits(bits) - FloatOfBits(is_small & (kRebias + kLeadingOne));
  return FloatOfBits(sign | BitsOf(value));
}

// from[i] as to[i] for i below `count`.
void FloatsOfHalves(const uint16_t* from, float* to, int64_t count);

}  // namespace minnow

#endif  // MINNOW_TENSOR_HALF_H_
