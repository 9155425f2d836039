// The algorithms for any vector of floats. Included inside a target region and a namespace, after a
// struct W: the vectors and what is done with them.

// Elements of one step; those left over run one by one.
constexpr int64_t kStep = W::kLanes * W::kVectors;

template <bool kIsProduct>
MINNOW_INLINE W::F Guess(const QbinaryArgs& args, int64_t i) {
  const W::F a = W::FromBytes(args.a + i), b = W::FromBytes(args.b + i);
  if (kIsProduct) {
    const W::F x = W::Sub(a, W::Set(static_cast<float>(args.a_zero)));
    const W::F y = W::Sub(b, W::Set(static_cast<float>(args.b_zero)));
    return W::MulAdd(W::Mul(x, y), W::Set(args.product),
                     W::Set(static_cast<float>(args.requant.zero_point)));
  }
  const W::F guess = W::MulAdd(a, W::Set(args.a_factor), W::Set(args.shift));
  return W::MulAdd(b, W::Set(args.b_factor), guess);
}

// Computes again the elements of a stretch whose guess is too near a half. Rare: apart.
template <bool kIsProduct>
__attribute__((noinline)) void SettleTies(const QbinaryArgs& args, int64_t i) {
  for (int64_t from = i; from < i + kStep; from += W::kLanes) {
    uint32_t near =
        W::IsFarther(W::Fraction(Guess<kIsProduct>(args, from)), W::Set(0.5f - args.margin));
    for (; near != 0; near &= near - 1) {
      const int64_t at = from + __builtin_ctz(near);
      args.out[at] = QbinaryExact(args, args.a[at], args.b[at]);
    }
  }
}

template <bool kIsProduct>
MINNOW_INLINE void BinaryStretch(const QbinaryArgs& args, int64_t i) {
  W::I q[W::kVectors];
  W::F worst = W::Set(0.0f);
  MINNOW_UNROLL
  for (int v = 0; v < W::kVectors; ++v) {
    const W::F guess = Guess<kIsProduct>(args, i + v * W::kLanes);
    worst = W::Farther(worst, W::Fraction(guess));
    q[v] = W::Round(guess);
  }
  W::StoreBytes(args.out + i, q, args.requant.min, args.requant.max);
  if (__builtin_expect(W::IsFarther(worst, W::Set(0.5f - args.margin)) != 0, 0)) {
    SettleTies<kIsProduct>(args, i);
  }
}

// The last stretch goes over the end of the one before it; fewer elements go through a buffer.
template <bool kIsProduct>
MINNOW_INLINE void BinaryAll(const QbinaryArgs& args) {
  int64_t i = 0;
  for (; i + kStep <= args.n; i += kStep) BinaryStretch<kIsProduct>(args, i);
  if (i == args.n) return;
  if (args.n > kStep) return BinaryStretch<kIsProduct>(args, args.n - kStep);
  uint8_t a[kStep] = {}, b[kStep] = {}, out[kStep];
  QbinaryArgs part = args;
  part.a = a;
  part.b = b;
  part.out = out;
  __builtin_memcpy(a, args.a, static_cast<size_t>(args.n));
  __builtin_memcpy(b, args.b, static_cast<size_t>(args.n));
  BinaryStretch<kIsProduct>(part, 0);
  __builtin_memcpy(args.out, out, static_cast<size_t>(args.n));
}

void Binary(const QbinaryArgs& args) {
  if (args.is_product) {
    BinaryAll<true>(args);
  } else {
    BinaryAll<false>(args);
  }
}

// The same for elements that are quantised, those in `near`.
__attribute__((noinline)) void SettleTies(const QuantizeArgs& args, int64_t i, uint64_t near) {
  for (; near != 0; near &= near - 1) {
    const int64_t at = i + __builtin_ctzll(near);
    args.out[at] = QuantizeExact(args, args.in[at]);
  }
}

// A division takes as long as all the rest: multiply by the reciprocal, and divide where that is
// too near a half, or no number.
void QuantizeAll(const QuantizeArgs& args) {
  const float reciprocal = 1.0f / args.scale;
  const bool is_normal = __builtin_isnormal(reciprocal) && __builtin_isnormal(args.scale);
  const W::F factor = W::Set(reciprocal), zero = W::Set(static_cast<float>(args.zero_point));
  const W::F low = W::Set(-1.0f), high = W::Set(256.0f);
  const W::F margin = W::Set(is_normal ? 0.5f - kTieMargin : -1.0f);
  int64_t i = 0;
  for (; i + kStep <= args.n; i += kStep) {
    W::I q[W::kVectors];
    uint64_t near = 0;
    MINNOW_UNROLL
    for (int v = 0; v < W::kVectors; ++v) {
      const W::F x = W::Load(args.in + i + v * W::kLanes);
      const W::F guess = W::Clamp(W::MulAdd(x, factor, zero), low, high);
      near |= static_cast<uint64_t>(W::IsFarther(W::Fraction(guess), margin)) << v * W::kLanes;
      q[v] = W::Round(guess);
    }
    W::StoreBytes(args.out + i, q, 0, 255);
    if (__builtin_expect(near != 0, 0)) SettleTies(args, i, near);
  }
  for (; i < args.n; ++i) args.out[i] = QuantizeExact(args, args.in[i]);
}

void DequantizeAll(const DequantizeArgs& args) {
  const W::F scale = W::Set(args.scale), zero = W::Set(static_cast<float>(args.zero_point));
  int64_t i = 0;
  for (; i + W::kLanes <= args.n; i += W::kLanes) {
    W::Store(args.out + i, W::Mul(W::Sub(W::FromBytes(args.in + i), zero), scale));
  }
  for (; i < args.n; ++i) {
    args.out[i] = static_cast<float>(args.in[i] - args.zero_point) * args.scale;
  }
}

// Sixteen entries of the table at a time: bytes that are others' have their first bit set.
void MapAll(const QmapArgs& args) {
  int64_t i = 0;
  for (; i + W::kBytes <= args.n; i += W::kBytes) {
    W::I x = W::LoadI(args.in + i), y = W::Zero();
    MINNOW_UNROLL
    for (int first = 0; first < 256; first += 16) {
      const W::I at = W::AddSaturated(x, W::SetByte(0x70));
      y = W::Or(y, W::Lookup(args.table + first, at));
      x = W::Sub8(x, W::SetByte(16));
    }
    W::StoreI(args.out + i, y);
  }
  for (; i < args.n; ++i) args.out[i] = args.table[args.in[i]];
}
