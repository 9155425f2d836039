// NV vectors of sums to NV * kLanes bytes in a row. Included inside a target region and a
// namespace, after a bytes-*-inl.h, with kernels/requant.h. W is one of its vector types.

template <class W>
MINNOW_INLINE typename W::F GuessOf(typename W::I sum, const Requant& r, int vector) {
  return W::Scale(sum, W::LoadF(r.multipliers + vector * W::kLanes),
                  W::SetF(static_cast<float>(r.zero_point)));
}

// Computes again the columns whose guess is too near a half. Rare: apart, so that the rest stays
// short.
template <class W, int NV>
__attribute__((noinline)) void SettleTies(const int32_t* sums, const Requant& r, uint64_t mask,
                                          uint8_t* out) {
  for (int v = 0; v < NV; ++v) {
    const typename W::F away = W::Fraction(GuessOf<W>(W::Load(sums + v * W::kLanes), r, v));
    uint32_t near = W::AtLeast(W::Farther(away, away), W::SetF(0.5f - kTieMargin));
    for (; near != 0; near &= near - 1) {
      const int lane = __builtin_ctz(near);
      const int64_t column = PackedColumn(NV, v, lane);
      if ((mask >> column & 1) == 0) continue;
      out[column] = RequantExact(sums[v * W::kLanes + lane], r.scales[column], r);
    }
  }
}

// Stores the columns in `mask`.
template <class W, int NV>
MINNOW_INLINE void StoreRow(const typename W::I (&sums)[NV], const Requant& r, uint64_t mask,
                            uint8_t* out) {
  typename W::I q[NV];
  typename W::F worst = W::SetF(0.0f);
  MINNOW_UNROLL
  for (int v = 0; v < NV; ++v) {
    const typename W::F guess = GuessOf<W>(sums[v], r, v);
    worst = W::Farther(worst, W::Fraction(guess));
    q[v] = W::Round(guess);
  }
  W::StoreBytes(out, W::template Pack<NV>(q, r.min, r.max), mask);
  if (__builtin_expect(W::AtLeast(worst, W::SetF(0.5f - kTieMargin)) != 0, 0)) {
    int32_t stored[NV * W::kLanes];
    MINNOW_UNROLL
    for (int v = 0; v < NV; ++v) W::Store(stored + v * W::kLanes, sums[v]);
    SettleTies<W, NV>(stored, r, mask, out);
  }
}
