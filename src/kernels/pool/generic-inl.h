// The algorithm for any vector type. Included inside a namespace (and a target region), after a
// simd/*-inl.h and simd/window-inl.h.

template <bool kMax>
MINNOW_INLINE V PoolOne(const PoolF32Args& args, int64_t x, int lane) {
  const TapRange taps = TapsInside(args, x);
  const int64_t start = x * args.stride - args.pad_left;
  V acc = Set(kMax ? -__builtin_inff() : 0.0f);
  int64_t rows = 0;
  for (int64_t ky = 0; ky < args.kernel_h; ++ky) {
    if (args.rows[ky] == nullptr) continue;
    ++rows;
    for (int64_t kx = taps.first; kx < taps.last; ++kx) {
      const V in = Load(args.rows[ky] + (start + kx * args.dilation) * kBlock + lane);
      acc = kMax ? Max(in, acc) : Add(acc, in);
    }
  }
  if (kMax) return acc;
  const int64_t count =
      args.count_padding ? args.kernel_h * args.kernel_w : rows * (taps.last - taps.first);
  return Div(acc, Set(static_cast<float>(count)));
}

template <bool kMax>
MINNOW_INLINE void PoolRow(const PoolF32Args& args) {
  for (int64_t x = 0; x < args.out_width; ++x) {
    for (int lane = 0; lane < kBlock; lane += kLanes) {
      Store(args.out + x * kBlock + lane, PoolOne<kMax>(args, x, lane));
    }
  }
}

MINNOW_INLINE void MeanOf(const float* in, int64_t pixels, float* out) {
  for (int lane = 0; lane < kBlock; lane += kLanes) {
    // Four chains hide the latency of the addition.
    V acc[4] = {Set(0.0f), Set(0.0f), Set(0.0f), Set(0.0f)};
    int64_t p = 0;
    for (; p + 4 <= pixels; p += 4) {
      MINNOW_UNROLL
      for (int i = 0; i < 4; ++i) acc[i] = Add(acc[i], Load(in + (p + i) * kBlock + lane));
    }
    for (; p < pixels; ++p) acc[0] = Add(acc[0], Load(in + p * kBlock + lane));
    const V sum = Add(Add(acc[0], acc[1]), Add(acc[2], acc[3]));
    Store(out + lane, Div(sum, Set(static_cast<float>(pixels))));
  }
}
