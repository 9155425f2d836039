// A row of sums to bytes in plain C++. Included inside a namespace, with kernels/requant.h.

// REQUIRES: n <= 64. Multipliers in the order of memory.
inline void StoreSums(const int32_t* sums, int64_t n, const Requant& r, uint8_t* out) {
  // Sums with it are whole steps: 1.5 * 2^23 of them, of as many units.
  constexpr float kShift = 12582912.0f * kGuessUnits;
  constexpr float kFarthest = 1024.0f * kGuessUnits;  // from the bytes: nearer, the shift is exact
  float steps[64];
  float worst = 0.0f;
  const auto at = [](int32_t byte) { return static_cast<float>(byte) * kGuessUnits; };
  const float zero = at(r.zero_point), low = at(r.min), high = at(r.max);
  for (int64_t i = 0; i < n; ++i) {
    float guess = static_cast<float>(sums[i]) * r.multipliers[i] + zero;
    guess = guess < -kFarthest ? -kFarthest : guess;
    guess = guess > kFarthest ? kFarthest : guess;
    const float rounded = (guess + kShift) - kShift;
    const float away = guess > rounded ? guess - rounded : rounded - guess;
    worst = away > worst ? away : worst;
    const float bounded = rounded < low ? low : rounded;
    steps[i] = bounded > high ? high : bounded;
  }
  for (int64_t i = 0; i < n; ++i) {
    out[i] = static_cast<uint8_t>(static_cast<int32_t>(steps[i]) >> 16);
  }
  if (worst < (0.5f - kTieMargin) * kGuessUnits) return;
  for (int64_t i = 0; i < n; ++i) out[i] = RequantExact(sums[i], r.scales[i], r);
}
