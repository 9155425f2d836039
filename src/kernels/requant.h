// How a sum of products of integers becomes a byte, and when single precision is enough for it.
//
// The meaning is in double: steps = sum / count * scale / y_scale, rounded, halves to even. Kernels
// guess steps + zero_point + 1/2 + a margin in float, in units of 2^-16: an integer whose upper
// half is the byte, unless the lower one is less than twice the margin. The few sums so near to a
// half are computed as RequantExact says.
//
// While the sum's steps lie within the bytes, the guess is less than 2^24 units, and off by less
// than one for the multiplier's rounding, by a half for its own, and by a quarter more where it is
// so small that it has fractions, which the conversion rounds: by less than two. A sum that is no
// float itself adds less than one.
#ifndef MINNOW_KERNELS_REQUANT_H_
#define MINNOW_KERNELS_REQUANT_H_

#include <cstdint>
#include <cstring>

namespace minnow::kernels {

struct Requant {
  // float(scale / count / y_scale) * kGuessUnits for each column, in the order of the kernel's
  // registers. REQUIRES: normal floats, and |sum| * multiplier < 2^30 * kGuessUnits for every sum
  // that can occur.
  const float* multipliers = nullptr;
  const double* scales = nullptr;  // in the order of memory
  double count = 1.0;              // of the elements of an average
  double y_scale = 1.0;
  // Bounds of the byte, activation included: 0 <= min <= max <= 255.
  int32_t zero_point = 0;
  int32_t min = 0, max = 255;
  // Units, a power of two: 2 where sums whose steps lie within the bytes are floats.
  int32_t margin = 4;
  // Products of sums and multipliers are exact, and so are halves; the zero point is even.
  bool is_exact = false;
  // Some sum's steps may be farther from zero than kMaxSteps.
  bool may_overflow = false;
};

inline constexpr float kGuessUnits = 65536;
inline constexpr double kMaxSteps = 32000;  // whose guesses are integers of 32 bits

// The widest margin, in steps, and for kernels of no other: that in units, twice.
inline constexpr float kTieMargin = 1.0f / 16384;
inline constexpr int32_t kNearHalf = 8;

inline float GuessShift(int32_t zero_point) {
  return (static_cast<float>(zero_point) + 0.5f + kTieMargin) * kGuessUnits;
}

// A guess that gives `byte`, by `fraction` of the way to the next: 1/4 and 3/4 are far from halves.
inline float GuessWithin(int32_t byte, float fraction) {
  return (static_cast<float>(byte) + fraction) * kGuessUnits;
}

// Those of positive floats are ordered as integers are, whose minimum takes any port.
inline int32_t BitsOf(float x) {
  int32_t bits;
  std::memcpy(&bits, &x, sizeof(bits));
  return bits;
}

inline uint8_t ToByte(double steps, const Requant& r) {
  constexpr double kShift = 6755399441055744.0;  // 1.5 * 2^52: sums with it have no fraction bits
  const double low = -static_cast<double>(r.zero_point);
  if (!(steps >= low)) steps = low;
  if (steps > low + 255.0) steps = low + 255.0;
  const auto rounded = static_cast<int32_t>((steps + kShift) - kShift) + r.zero_point;
  return static_cast<uint8_t>(rounded < r.min ? r.min : (rounded > r.max ? r.max : rounded));
}

inline uint8_t RequantExact(int32_t sum, double scale, const Requant& r) {
  return ToByte(static_cast<double>(sum) / r.count * scale / r.y_scale, r);
}

// Column in memory of lane `lane` of vector `vector`, of `vectors` that are packed to one: the
// saturating packs of x86 interleave their operands four lanes at a time.
inline constexpr int64_t PackedColumn(int64_t vectors, int64_t vector, int64_t lane) {
  return lane / 4 * 4 * vectors + vector * 4 + lane % 4;
}

// The reverse for four vectors of `columns` in all: where the column is, counted from the first
// vector's first lane.
inline constexpr int64_t PackedPlace(int64_t columns, int64_t column) {
  return column % 16 / 4 * (columns / 4) + column / 16 * 4 + column % 4;
}

}  // namespace minnow::kernels

#endif  // MINNOW_KERNELS_REQUANT_H_
