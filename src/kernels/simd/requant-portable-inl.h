// A row of sums to bytes in plain C++. Included inside a namespace, with kernels/requant.h.

// REQUIRES: n <= 64. Multipliers in the order of memory.
inline void StoreSums(const int32_t* sums, int64_t n, const Requant& r, uint8_t* out) {
  constexpr float kShift = 12582912.0f;  // 1.5 * 2^23: sums with it have no fraction bits
  float steps[64];
  float worst = 0.0f;
  const auto zero = static_cast<float>(r.zero_point);
  const auto low = static_cast<float>(r.min), high = static_cast<float>(r.max);
  for (int64_t i = 0; i < n; ++i) {
    float guess = static_cast<float>(sums[i]) * r.multipliers[i] + zero;
    // Nearer than this to the bytes the shift is exact.
    guess = guess < -1024.0f ? -1024.0f : guess;
    guess = guess > 1024.0f ? 1024.0f : guess;
    const float rounded = (guess + kShift) - kShift;
    const float away = guess > rounded ? guess - rounded : rounded - guess;
    worst = away > worst ? away : worst;
    const float bounded = rounded < low ? low : rounded;
    steps[i] = bounded > high ? high : bounded;
  }
  for (int64_t i = 0; i < n; ++i) out[i] = static_cast<uint8_t>(static_cast<int32_t>(steps[i]));
  if (worst < 0.5f - kTieMargin) return;
  for (int64_t i = 0; i < n; ++i) out[i] = RequantExact(sums[i], r.scales[i], r);
}
