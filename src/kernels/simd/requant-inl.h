// NV vectors of sums to NV * kLanes bytes in a row. Included inside a target region and a
// namespace, after a bytes-*-inl.h, with kernels/requant.h. W is one of its vector types.

// What all rows share, in registers: stores of bytes may change anything behind a pointer.
template <class W>
struct RequantV {
  const Requant& scalar;
  const float* multipliers;
  typename W::F zero_point, limit;
  typename W::I min, max;
  bool is_bounded;

  explicit MINNOW_INLINE RequantV(const Requant& r)
      : scalar(r),
        multipliers(r.multipliers),
        zero_point(W::SetF(static_cast<float>(r.zero_point))),
        limit(W::SetF(r.is_exact ? 1.0f : 0.5f - kTieMargin)),
        min(W::SetByte(r.min)),
        max(W::SetByte(r.max)),
        is_bounded(r.min > 0 || r.max < 255) {}
};

// Computes again the columns whose guess is too near a half. Rare: apart, so that the rest stays
// short.
template <class W, int NV>
__attribute__((noinline)) void SettleTies(const int32_t* sums, const Requant& r, uint64_t mask,
                                          uint8_t* out) {
  const typename W::F zero_point = W::SetF(static_cast<float>(r.zero_point));
  for (int v = 0; v < NV; ++v) {
    const typename W::F away = W::Fraction(W::Scale(
        W::Load(sums + v * W::kLanes), W::LoadF(r.multipliers + v * W::kLanes), zero_point));
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
MINNOW_INLINE void StoreRow(const typename W::I (&sums)[NV], const RequantV<W>& r, uint64_t mask,
                            uint8_t* out) {
  typename W::I q[NV];
  typename W::F worst;
  MINNOW_UNROLL
  for (int v = 0; v < NV; ++v) {
    const typename W::F guess =
        W::Scale(sums[v], W::LoadF(r.multipliers + v * W::kLanes), r.zero_point);
    const typename W::F away = W::Fraction(guess);
    worst = v == 0 && NV > 1 ? away : W::Farther(v == 0 ? away : worst, away);
    q[v] = W::Round(guess);
  }
  typename W::I bytes = W::template Pack<NV>(q);
  if (r.is_bounded) bytes = W::Bound(bytes, r.min, r.max);
  W::StoreBytes(out, bytes, mask);
  if (__builtin_expect(W::AtLeast(worst, r.limit) != 0, 0)) {
    int32_t stored[NV * W::kLanes];
    MINNOW_UNROLL
    for (int v = 0; v < NV; ++v) W::Store(stored + v * W::kLanes, sums[v]);
    SettleTies<W, NV>(stored, r.scalar, mask, out);
  }
}

// The same for four rows of W::kLanes columns that follow one another in memory.
template <class W>
MINNOW_INLINE void StoreFourRows(const typename W::I* sums, const RequantV<W>& r, uint8_t* out) {
  typename W::I q[4];
  typename W::F worst;
  const typename W::F multiplier = W::LoadF(r.multipliers);
  MINNOW_UNROLL
  for (int row = 0; row < 4; ++row) {
    const typename W::F guess = W::Scale(sums[row], multiplier, r.zero_point);
    const typename W::F away = W::Fraction(guess);
    worst = row == 0 ? away : W::Farther(worst, away);
    q[row] = W::Round(guess);
  }
  typename W::I bytes = W::PackRows(q);
  if (r.is_bounded) bytes = W::Bound(bytes, r.min, r.max);
  W::Store(out, bytes);
  if (__builtin_expect(W::AtLeast(worst, r.limit) != 0, 0)) {
    int32_t stored[W::kLanes];
    MINNOW_UNROLL
    for (int row = 0; row < 4; ++row) {
      W::Store(stored, sums[row]);
      SettleTies<W, 1>(stored, r.scalar, MaskOf(W::kLanes), out + row * W::kLanes);
    }
  }
}
