// The algorithms for any vector of floats. Included inside a target region and a namespace, after a
// struct W: the vectors and what is done with them.

// Elements of one step; those left over run one by one.
constexpr int64_t kStep = W::kLanes * W::kVectors;

// Computes again the elements of a stretch whose guess is too near a half. Rare: apart.
__attribute__((noinline)) void SettleTies(const QbinaryArgs& args, int64_t i, uint64_t near) {
  for (; near != 0; near &= near - 1) {
    const int64_t at = i + __builtin_ctzll(near);
    args.out[at] = QbinaryExact(args, args.a[at], args.b[at]);
  }
}

template <bool kIsProduct>
MINNOW_INLINE void BinaryStretch(const QbinaryArgs& args, int64_t i) {
  const W::F margin = W::Set(0.5f - args.margin);
  W::I q[W::kVectors];
  uint64_t near = 0;
  MINNOW_UNROLL
  for (int v = 0; v < W::kVectors; ++v) {
    W::F a = W::FromBytes(args.a + i + v * W::kLanes);
    W::F b = W::FromBytes(args.b + i + v * W::kLanes);
    W::F guess;
    if (kIsProduct) {
      a = W::Sub(a, W::Set(static_cast<float>(args.a_zero)));
      b = W::Sub(b, W::Set(static_cast<float>(args.b_zero)));
      guess = W::MulAdd(W::Mul(a, b), W::Set(args.product),
                        W::Set(static_cast<float>(args.requant.zero_point)));
    } else {
      guess = W::MulAdd(a, W::Set(args.a_factor), W::Set(args.shift));
      guess = W::MulAdd(b, W::Set(args.b_factor), guess);
    }
    near |= static_cast<uint64_t>(W::IsFarther(W::Fraction(guess), margin)) << v * W::kLanes;
    q[v] = W::Round(guess);
  }
  W::StoreBytes(args.out + i, q, args.requant.min, args.requant.max);
  if (__builtin_expect(near != 0, 0)) SettleTies(args, i, near);
}

template <bool kIsProduct>
MINNOW_INLINE void BinaryAll(const QbinaryArgs& args) {
  int64_t i = 0;
  for (; i + kStep <= args.n; i += kStep) BinaryStretch<kIsProduct>(args, i);
  for (; i < args.n; ++i) args.out[i] = QbinaryExact(args, args.a[i], args.b[i]);
}

void Binary(const QbinaryArgs& args) {
  if (args.is_product) {
    BinaryAll<true>(args);
  } else {
    BinaryAll<false>(args);
  }
}

// The same for elements that are quantised.
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
