// NV vectors of sums to NV * kLanes bytes in a row. Included inside a target region and a
// namespace, after a bytes-*-inl.h, with kernels/requant.h. W is one of its vector types.

// What all rows share, in registers: stores of bytes may change anything behind a pointer.
template <class W>
struct RequantV {
  const Requant& scalar;
  const float* multipliers;
  typename W::F shift;
  typename W::I far;        // bits of a lower half that is not near
  typename W::I low, high;  // bits of floats
  bool is_bounded;

  explicit MINNOW_INLINE RequantV(const Requant& r)
      : scalar(r),
        multipliers(r.multipliers),
        shift(W::SetF(GuessWithin(r.zero_point, 0.5f) + static_cast<float>(r.margin))),
        far(W::Set(0x10000 - 2 * r.margin)),
        low(W::Set(BitsOf(GuessWithin(r.min, 0.25f)))),
        high(W::Set(BitsOf(GuessWithin(r.max, 0.75f)))),
        is_bounded(r.min > 0 || r.max < 255 || r.may_overflow) {}

  // Tells of sums that are frequent. Near a half beyond the bytes they would be computed again and
  // again.
  MINNOW_INLINE void Expect(typename W::I sum, typename W::F multiplier) {
    is_bounded |= W::Without(W::Round(W::Scale(sum, multiplier, shift)), far) != 0;
  }

  MINNOW_INLINE typename W::F Multiplier(int v) const {
    return W::LoadF(multipliers + v * W::kLanes);
  }
  // Gives those of all vectors, of which v has multiplier(v).
  template <int NV, typename MultiplierOf>
  MINNOW_INLINE void Guesses(const typename W::I* sums, const MultiplierOf& multiplier,
                             typename W::I (&q)[NV]) const {
    typename W::F guesses[NV];
    MINNOW_UNROLL
    for (int v = 0; v < NV; ++v) guesses[v] = W::Scale(sums[v], multiplier(v), shift);
    if (__builtin_expect(is_bounded, 0)) {
      MINNOW_UNROLL
      for (int v = 0; v < NV; ++v) guesses[v] = W::Bound(guesses[v], low, high);
    }
    MINNOW_UNROLL
    for (int v = 0; v < NV; ++v) q[v] = W::Round(guesses[v]);
  }
  template <int NV>
  MINNOW_INLINE void Guesses(const typename W::I (&sums)[NV], typename W::I (&q)[NV]) const {
    Guesses(
        sums, [&](int v) __attribute__((always_inline)) { return Multiplier(v); }, q);
  }
  // Whether one is too near a half.
  template <int NV>
  MINNOW_INLINE bool IsNear(const typename W::I (&q)[NV]) const {
    typename W::I nearest = q[0];
    MINNOW_UNROLL
    for (int v = 1; v < NV; ++v) nearest = W::Nearer(nearest, q[v]);
    return W::Without(nearest, far) != 0;
  }
};

// Computes again the columns whose guess is too near a half. Rare: apart, so that the rest stays
// short.
template <class W, int NV>
__attribute__((noinline)) void SettleTies(const int32_t* sums, const Requant& r, uint64_t mask,
                                          uint8_t* out) {
  const RequantV<W> requant(r);
  for (int v = 0; v < NV; ++v) {
    const typename W::F scaled =
        W::Scale(W::Load(sums + v * W::kLanes), requant.Multiplier(v), requant.shift);
    const typename W::I guess = W::Round(W::Bound(scaled, requant.low, requant.high));
    for (uint32_t near = W::Without(guess, requant.far); near != 0; near &= near - 1) {
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
  r.Guesses(sums, q);
  W::StoreBytes(out, W::template Pack<NV>(q), mask);
  if (__builtin_expect(r.IsNear(q), 0)) {
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
  const typename W::F multiplier = r.Multiplier(0);
  r.Guesses(
      sums, [&](int) __attribute__((always_inline)) { return multiplier; }, q);
  W::Store(out, W::PackRows(q));
  if (__builtin_expect(r.IsNear(q), 0)) {
    int32_t stored[W::kLanes];
    MINNOW_UNROLL
    for (int row = 0; row < 4; ++row) {
      W::Store(stored, sums[row]);
      SettleTies<W, 1>(stored, r.scalar, MaskOf(W::kLanes), out + row * W::kLanes);
    }
  }
}
