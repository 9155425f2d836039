// The algorithms for any vector of floats. Included inside a target region and a namespace, after a
// struct W: the vectors and what is done with them.

// Elements of one step; those left over run one by one.
constexpr int64_t kStep = W::kLanes * W::kVectors;

enum class Form : uint8_t { kSum, kProduct, kScaled };  // kScaled: by b_factors

// Guesses near a half by a margin in steps, which takes one more for the conversion: 2^16 at most.
MINNOW_INLINE int32_t NearHalfOf(float margin) {
  const float twice = 2.0f * (margin * kGuessUnits + 2.0f);
  return static_cast<int32_t>(twice < kGuessUnits ? twice : kGuessUnits);
}

// What all stretches share, in registers: stores of bytes may change anything behind a pointer.
struct BinaryV {
  const QbinaryArgs args;
  const int32_t near_half;
  const W::F a_factor, b_factor, product, shift, half;

  explicit MINNOW_INLINE BinaryV(const QbinaryArgs& a)
      : args(a),
        near_half(a.is_product ? kNearHalf : NearHalfOf(a.margin)),
        a_factor(W::Set(a.a_factor * kGuessUnits)),
        b_factor(W::Set(a.b_factor * kGuessUnits)),
        product(W::Set(a.product * kGuessUnits)),
        shift(W::Set(a.is_product
                         ? GuessShift(a.requant.zero_point)
                         : (a.shift + 0.5f) * kGuessUnits + 0.5f * static_cast<float>(near_half))),
        half(W::Set((static_cast<float>(a.requant.zero_point) + 0.5f) * kGuessUnits)) {}
};

// Of a stretch that starts with element i of a and j of b.
template <Form kForm>
MINNOW_INLINE void Guess(const BinaryV& v, int64_t i, int64_t j, W::I (&q)[W::kVectors]) {
  const QbinaryArgs& args = v.args;
  W::F x[W::kVectors], y[W::kVectors];
  W::Differences(args.a + i, kForm == Form::kSum ? 0 : args.a_zero, x);
  if (kForm != Form::kScaled) {
    W::Differences(args.b + j, kForm == Form::kSum ? 0 : args.b_zero, y);
  }
  MINNOW_UNROLL
  for (int n = 0; n < W::kVectors; ++n) {
    if (kForm == Form::kSum) {
      q[n] = W::Round(W::MulAdd(y[n], v.b_factor, W::MulAdd(x[n], v.a_factor, v.shift)));
    } else if (kForm == Form::kProduct) {
      q[n] = W::Round(W::MulAdd(W::Mul(x[n], y[n]), v.product, v.shift));
    } else {
      q[n] = W::Round(W::MulAdd(x[n], W::Load(args.b_factors + j + n * W::kLanes), v.half));
    }
  }
}

// Gives whether a guess is too near a half; with factors none is.
template <Form kForm>
MINNOW_INLINE bool BinaryStretch(const BinaryV& shared, int64_t i, int64_t j) {
  const QbinaryArgs& args = shared.args;
  W::I q[W::kVectors];
  Guess<kForm>(shared, i, j, q);
  W::StorePicked(args.out + i, q, args.requant.min, args.requant.max);
  if (kForm == Form::kScaled) return false;
  W::I nearest = q[0];
  MINNOW_UNROLL
  for (int n = 1; n < W::kVectors; ++n) nearest = W::Nearer(nearest, q[n]);
  return W::IsNearHalf(nearest, shared.near_half);
}

// Computes again, in the stretches of `ties` from element `first` on, what is too near a half. Many
// at once: one by one they would cost the loop its registers, and a branch foretold wrong.
template <Form kForm>
__attribute__((noinline)) void SettleTies(const QbinaryArgs& args, int64_t period, int64_t first,
                                          uint64_t ties) {
  const BinaryV v(args);
  for (; ties != 0; ties &= ties - 1) {
    const int64_t i = first + __builtin_ctzll(ties) * kStep, j = i % period;
    W::I q[W::kVectors];
    Guess<kForm>(v, i, j, q);
    uint64_t near = 0;
    MINNOW_UNROLL
    for (int n = 0; n < W::kVectors; ++n) {
      near |= static_cast<uint64_t>(W::NearHalf(q[n], v.near_half)) << (n * W::kLanes);
    }
    // Mostly one.
    for (; near != 0; near &= near - 1) {
      const int64_t at = W::Picked(__builtin_ctzll(near));
      args.out[i + at] = QbinaryExact(args, args.a[i + at], args.b[j + at]);
    }
  }
}

// Apart from the loop: what it inlines once is enough.
template <Form kForm>
__attribute__((noinline)) void LoneStretch(const QbinaryArgs& args, int64_t period, int64_t i) {
  const bool is_near = BinaryStretch<kForm>(BinaryV(args), i, i % period);
  if (is_near) SettleTies<kForm>(args, period, i, 1);
}

// The last stretch goes over the end of the one before it; fewer elements go through a buffer.
template <Form kForm>
MINNOW_INLINE void BinaryAll(const QbinaryArgs& args) {
  const BinaryV shared(args);
  const int64_t n = args.n, period = args.b_period == 0 ? n : args.b_period;
  int64_t i = 0, j = 0;
  while (i + kStep <= n) {
    const int64_t first = i;
    // In a register: the address of a store that hangs on a guess would hold up the next loads.
    uint64_t ties = 0;
    for (int bit = 0; bit < 64 && i + kStep <= n; ++bit) {
      const bool is_near = BinaryStretch<kForm>(shared, i, j);
      ties |= static_cast<uint64_t>(is_near) << bit;
      i += kStep;
      j += kStep;
      if (j == period) j = 0;
    }
    if (ties != 0) SettleTies<kForm>(args, period, first, ties);
  }
  if (i == args.n) return;
  // Factors are in an order of their own for whole steps: here products are made from b.
  constexpr Form kLone = kForm == Form::kSum ? Form::kSum : Form::kProduct;
  if (args.n > kStep) return LoneStretch<kLone>(args, period, args.n - kStep);
  uint8_t a[kStep] = {}, b[kStep] = {}, out[kStep];
  QbinaryArgs part = args;
  part.a = a;
  part.b = b;
  part.out = out;
  __builtin_memcpy(a, args.a, static_cast<size_t>(args.n));
  __builtin_memcpy(b, args.b, static_cast<size_t>(args.n));
  LoneStretch<kLone>(part, kStep, 0);
  __builtin_memcpy(args.out, out, static_cast<size_t>(args.n));
}

void Binary(const QbinaryArgs& args) {
  if (!args.is_product) return BinaryAll<Form::kSum>(args);
  if (args.b_factors == nullptr) return BinaryAll<Form::kProduct>(args);
  BinaryAll<Form::kScaled>(args);
}

void Factors(const QbinaryArgs& args, const QproductFactors& factors, float* out) {
  const W::F product = W::Set(args.product * kGuessUnits);
  for (int64_t i = 0; i < args.n; i += kStep) {
    W::F y[W::kVectors];
    W::Differences(args.b + i, args.b_zero, y);
    MINNOW_UNROLL
    for (int n = 0; n < W::kVectors; ++n) {
      W::F x = W::Mul(y[n], product);
      for (int f = 0; f < factors.count; ++f) {
        x = W::Replace(x, W::Set(factors.common[f]), W::Set(factors.instead[f]));
      }
      W::Store(out + i + n * W::kLanes, x);
    }
  }
}

// Quantises the elements in `near`, which count from i, exactly.
__attribute__((noinline)) void SettleTies(const QuantizeArgs& args, int64_t i, uint64_t near) {
  for (; near != 0; near &= near - 1) {
    const int64_t at = i + __builtin_ctzll(near);
    args.out[at] = QuantizeExact(args, args.in[at]);
  }
}

// A division takes as long as all the rest: multiply by the reciprocal, and divide where that is
// too near a half, or no number, which becomes the least integer.
void QuantizeAll(const QuantizeArgs& args) {
  const float reciprocal = 1.0f / args.scale;
  const bool is_normal = __builtin_isnormal(reciprocal) && __builtin_isnormal(args.scale);
  const W::F factor = W::Set(reciprocal * kGuessUnits), shift = W::Set(GuessShift(args.zero_point));
  const W::F low = W::Set(-1.5f * kGuessUnits), high = W::Set(257.5f * kGuessUnits);
  const int32_t near_half = is_normal ? kNearHalf : 0x10000;
  int64_t i = 0;
  for (; i + kStep <= args.n; i += kStep) {
    W::I q[W::kVectors];
    uint64_t near = 0;
    MINNOW_UNROLL
    for (int v = 0; v < W::kVectors; ++v) {
      const W::F x = W::Load(args.in + i + v * W::kLanes);
      q[v] = W::Round(W::Clamp(W::MulAdd(x, factor, shift), low, high));
      near |= static_cast<uint64_t>(W::NearHalf(q[v], near_half)) << v * W::kLanes;
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
