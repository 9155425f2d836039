// The algorithm for any vector type. Included inside a namespace (and a target region), after a
// simd/*-inl.h. Vectors narrower than a block run once for each part of it.

// Column x of the four input rows, transformed down: [1 0 -1 0; 0 1 1 0; 0 -1 1 0; 0 1 0 -1].
MINNOW_INLINE void ColumnDown(const WinogradInputF32Args& args, int64_t x, int lane, V (&t)[4]) {
  V d[4];
  MINNOW_UNROLL
  for (int r = 0; r < 4; ++r) {
    d[r] = x >= 0 && x < args.in_width && args.rows[r] != nullptr
               ? Load(args.rows[r] + x * kBlock + lane)
               : Set(0.0f);
  }
  t[0] = Sub(d[0], d[2]);
  t[1] = Add(d[1], d[2]);
  t[2] = Sub(d[2], d[1]);
  t[3] = Sub(d[1], d[3]);
}

MINNOW_INLINE void TransformInput(const WinogradInputF32Args& args) {
  for (int lane = 0; lane < kBlock; lane += kLanes) {
    // Neighbouring tiles share two columns.
    V first[4], second[4], third[4], fourth[4];
    int64_t x = -args.pad_left;
    ColumnDown(args, x, lane, first);
    ColumnDown(args, x + 1, lane, second);
    float* out = args.out + lane;
    for (int64_t tile = 0; tile < args.tiles; ++tile, x += 2, out += kBlock) {
      ColumnDown(args, x + 2, lane, third);
      ColumnDown(args, x + 3, lane, fourth);
      MINNOW_UNROLL
      for (int r = 0; r < 4; ++r) {
        float* row = out + 4 * r * args.position_stride;
        Store(row, Sub(first[r], third[r]));
        Store(row + args.position_stride, Add(second[r], third[r]));
        Store(row + 2 * args.position_stride, Sub(third[r], second[r]));
        Store(row + 3 * args.position_stride, Sub(second[r], fourth[r]));
        first[r] = third[r];
        second[r] = fourth[r];
      }
    }
  }
}

// [1 1 1 0; 0 1 -1 -1]
MINNOW_INLINE void Fold(const V& a, const V& b, const V& c, const V& d, V* y0, V* y1) {
  *y0 = Add(Add(a, b), c);
  *y1 = Sub(Sub(b, c), d);
}

MINNOW_INLINE void TransformOutput(const WinogradOutputF32Args& args) {
  const EpilogueV epilogue = Broadcast(args.epilogue);
  for (int lane = 0; lane < kBlock; lane += kLanes) {
    const V bias = Load(args.bias + lane);
    const float* in = args.in + lane;
    for (int64_t tile = 0; tile < args.tiles; ++tile, in += kBlock) {
      V down[2][4];
      MINNOW_UNROLL
      for (int x = 0; x < 4; ++x) {
        const float* at = in + x * args.position_stride;
        const int64_t row = 4 * args.position_stride;
        Fold(Load(at), Load(at + row), Load(at + 2 * row), Load(at + 3 * row), &down[0][x],
             &down[1][x]);
      }
      const int64_t columns = args.out_width - 2 * tile < 2 ? 1 : 2;
      MINNOW_UNROLL
      for (int r = 0; r < 2; ++r) {
        if (args.rows[r] == nullptr) continue;
        V y[2];
        Fold(down[r][0], down[r][1], down[r][2], down[r][3], &y[0], &y[1]);
        const int64_t at = 2 * tile * kBlock + lane;
        for (int64_t x = 0; x < columns; ++x) {
          V sum = Add(y[x], bias);
          if (args.residual[r] != nullptr) {
            sum = Add(sum, Load(args.residual[r] + at + x * kBlock));
          }
          Store(args.rows[r] + at + x * kBlock, Apply(epilogue, sum));
        }
      }
    }
  }
}
