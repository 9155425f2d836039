// The algorithm, for vectors of sums and for plain C++. Included inside a namespace (and a target
// region), after simd/window-inl.h and a struct P: the bytes of one step, their maximum and their
// sums.

// Calls each(channels c of a pixel) for the pixels under the window of output x.
template <class Each>
MINNOW_INLINE void ForEachTap(const QpoolArgs& args, int64_t x, const TapRange& taps, int64_t c,
                              const Each& each) {
  const int64_t start = x * args.stride - args.pad_left + taps.first * args.dilation;
  for (int64_t ky = 0; ky < args.kernel_h; ++ky) {
    if (args.rows[ky] == nullptr) continue;
    const uint8_t* p = args.rows[ky] + start * args.pixel_stride + c;
    for (int64_t kx = taps.first; kx < taps.last; ++kx) {
      each(p);
      p += args.dilation * args.pixel_stride;
    }
  }
}

MINNOW_INLINE void MaxRow(const QpoolArgs& args) {
  for (int64_t x = 0; x < args.out_width; ++x) {
    const TapRange taps = TapsInside(args, x);
    for (int64_t c = 0; c < args.channels; c += P::kBytes) {
      P::Largest largest;
      ForEachTap(
          args, x, taps,
          c, [&](const uint8_t* p) __attribute__((always_inline)) { largest.Take(p); });
      largest.Store(args.out + x * args.pixel_stride + c, args.channels - c);
    }
  }
}

MINNOW_INLINE void AverageRow(const QpoolArgs& args) {
  int64_t rows = 0;
  for (int64_t ky = 0; ky < args.kernel_h; ++ky) rows += args.rows[ky] != nullptr ? 1 : 0;
  for (int64_t x = 0; x < args.out_width;) {
    const TapRange taps = TapsInside(args, x);
    const int64_t inside = rows * (taps.last - taps.first);
    QaverageFactors factors;
    Requant requant = args.requant;
    factors.Apply(args.x_scale, args.count_padding ? args.kernel_h * args.kernel_w : inside,
                  &requant);
    // The outputs that follow with as many elements.
    TapRange same = taps;
    do {
      for (int64_t c = 0; c < args.channels; c += P::kBytes) {
        P::Sums sums;
        ForEachTap(
            args, x, same,
            c, [&](const uint8_t* p) __attribute__((always_inline)) { sums.Take(p); });
        sums.Store(static_cast<int32_t>(inside * args.x_zero), requant,
                   args.out + x * args.pixel_stride + c, args.channels - c);
      }
      if (++x < args.out_width) same = TapsInside(args, x);
    } while (x < args.out_width && same.last - same.first == taps.last - taps.first);
  }
}

MINNOW_INLINE void Mean(const QmeanArgs& args) {
  const auto less = static_cast<int32_t>(args.pixels * args.x_zero);
  if (P::Folds(args.channels) && args.pixel_stride == args.channels) {
    // As many pixels as a vector holds, side by side.
    const int64_t size = args.pixels * args.channels, whole = size - size % P::kBytes;
    P::Sums sums;
    sums.TakeAll(args.in, whole / P::kBytes, P::kBytes);
    uint8_t rest[P::kBytes] = {};
    __builtin_memcpy(rest, args.in + whole, static_cast<size_t>(size - whole));
    sums.Take(rest);
    sums.Fold(args.channels);
    return sums.Store(less, args.requant, args.out, args.channels);
  }
  for (int64_t c = 0; c < args.channels; c += P::kBytes) {
    P::Sums sums;
    sums.TakeAll(args.in + c, args.pixels, args.pixel_stride);
    sums.Store(less, args.requant, args.out + c, args.channels - c);
  }
}
