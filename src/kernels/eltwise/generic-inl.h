// The loops for any vector type. Included inside a namespace (and a target region), after a
// simd/*-inl.h. The tail goes through the same vector code on a padded copy, so that an element's
// result does not depend on its place.

struct AddOp {
  static MINNOW_INLINE V Of(V a, V b) { return Add(a, b); }
};
struct SubOp {
  static MINNOW_INLINE V Of(V a, V b) { return Sub(a, b); }
};
struct MulOp {
  static MINNOW_INLINE V Of(V a, V b) { return Mul(a, b); }
};
struct DivOp {
  static MINNOW_INLINE V Of(V a, V b) { return Div(a, b); }
};
struct MinOp {
  static MINNOW_INLINE V Of(V a, V b) { return Min(a, b); }
};
struct MaxOp {
  static MINNOW_INLINE V Of(V a, V b) { return Max(a, b); }
};

MINNOW_INLINE V LoadPart(const float* p, int64_t count) {
  float part[kLanes] = {};
  __builtin_memcpy(part, p, static_cast<size_t>(count) * sizeof(float));
  return Load(part);
}

MINNOW_INLINE void StorePart(float* p, V v, int64_t count) {
  float part[kLanes];
  Store(part, v);
  __builtin_memcpy(p, part, static_cast<size_t>(count) * sizeof(float));
}

template <typename Op>
void Binary(const BinaryF32Args& args) {
  const EpilogueV epilogue = Broadcast(args.epilogue);
  using Step = BinaryF32Args::Step;
  const V scalar = args.b_step == Step::kScalar ? Set(args.b[0]) : Set(0.0f);
  int64_t i = 0;
  for (; i + kLanes <= args.n; i += kLanes) {
    V b = scalar;
    if (args.b_step == Step::kArray) b = Load(args.b + i);
    if (args.b_step == Step::kChannel) b = Load(args.b + i % kBlock);
    Store(args.out + i, Apply(epilogue, Op::Of(Load(args.a + i), b)));
  }
  const int64_t left = args.n - i;
  if (left == 0) return;
  V b = scalar;
  if (args.b_step == Step::kArray) b = LoadPart(args.b + i, left);
  if (args.b_step == Step::kChannel) b = LoadPart(args.b + i % kBlock, left);
  StorePart(args.out + i, Apply(epilogue, Op::Of(LoadPart(args.a + i, left), b)), left);
}

MINNOW_INLINE void AffineOf(const UnaryF32Args& args) {
  const EpilogueV epilogue = Broadcast(args.epilogue);
  const V scale = Set(args.scale);
  const V shift = Set(args.shift);
  int64_t i = 0;
  for (; i + kLanes <= args.n; i += kLanes) {
    Store(args.out + i, Apply(epilogue, MulAdd(Load(args.in + i), scale, shift)));
  }
  const int64_t left = args.n - i;
  if (left == 0) return;
  const V in = LoadPart(args.in + i, left);
  StorePart(args.out + i, Apply(epilogue, MulAdd(in, scale, shift)), left);
}
