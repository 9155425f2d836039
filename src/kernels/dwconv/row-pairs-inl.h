// 3x3 on two rows of outputs at a time, for machines with 32 registers. Included after
// generic-inl.h, in the same namespace and target region.
//
// Nine weights and 14 sums stay in registers; input rows that both outputs see are loaded once, and
// twice as many chains of sums hide their latency. Strips follow one another along a row, in the
// order in which hardware fetches ahead.

template <int XR, int S, Edge kEdge>
MINNOW_INLINE void PairStrip(const DwconvF32Args& args, const V& min, const V& max, int64_t x,
                             int64_t y) {
  constexpr int kColumns = (XR - 1) * S + 3;
  constexpr int kFirst = kEdge == Edge::kNoFirst || kEdge == Edge::kNoFirstNoLast ? 1 : 0;
  constexpr int kEnd =
      kEdge == Edge::kNoLast || kEdge == Edge::kNoFirstNoLast ? kColumns - 1 : kColumns;
  V w[9];
  MINNOW_UNROLL
  for (int i = 0; i < 9; ++i) w[i] = Load(args.weights + i * kBlock);
  V acc[2][XR];
  const V bias = Load(args.bias);
  MINNOW_UNROLL
  for (int i = 0; i < XR; ++i) acc[0][i] = acc[1][i] = bias;
  const int64_t column = x * S - args.pad_left;
  MINNOW_UNROLL
  for (int r = 0; r < S + 3; ++r) {
    if (args.rows[y * S + r] == nullptr) continue;
    const float* in = args.rows[y * S + r] + column * kBlock;
    MINNOW_UNROLL
    for (int j = kFirst; j < kEnd; ++j) {
      const V value = Load(in + j * kBlock);
      MINNOW_UNROLL
      for (int kx = 2; kx >= 0; --kx) {
        if (j >= kx && (j - kx) % S == 0 && (j - kx) / S < XR) {
          const int i = (j - kx) / S;
          if (r < 3) acc[0][i] = MulAdd(value, w[(r < 3 ? r : 0) * 3 + kx], acc[0][i]);
          if (r >= S) acc[1][i] = MulAdd(value, w[(r >= S ? r - S : 0) * 3 + kx], acc[1][i]);
        }
      }
      MINNOW_KEEP_ORDER();
    }
  }
  MINNOW_UNROLL
  for (int r = 0; r < 2; ++r) {
    float* out = args.out + ((y + r) * args.out_width + x) * kBlock;
    MINNOW_UNROLL
    for (int i = 0; i < XR; ++i) Store(out + i * kBlock, Min(max, Max(min, acc[r][i])));
  }
}

// Output rows y and y + 1 from column x on.
template <int XR, int S>
MINNOW_INLINE void PairRow(const DwconvF32Args& args, const V& min, const V& max, int64_t x,
                           int64_t y) {
  for (; x + XR <= args.out_width; x += XR) {
    switch (EdgeOf<XR>(args, x)) {
      case Edge::kNoFirst:
        PairStrip<XR, S, Edge::kNoFirst>(args, min, max, x, y);
        break;
      case Edge::kNoLast:
        PairStrip<XR, S, Edge::kNoLast>(args, min, max, x, y);
        break;
      case Edge::kNoFirstNoLast:
        PairStrip<XR, S, Edge::kNoFirstNoLast>(args, min, max, x, y);
        break;
      default:
        PairStrip<XR, S, Edge::kInside>(args, min, max, x, y);
    }
  }
  if constexpr (XR > 1) {
    if (x < args.out_width) PairRow<XR / 2, S>(args, min, max, x, y);
  }
}

template <int XR, int S>
void PairsOfRows(const DwconvF32Args& args) {
  const V min = Set(args.epilogue.min);
  const V max = Set(args.epilogue.max);
  int64_t y = 0;
  for (; y + 2 <= args.out_rows; y += 2) PairRow<XR, S>(args, min, max, 0, y);
  if (y == args.out_rows) return;
  DwconvF32Args last = args;
  last.rows = args.rows + y * S;
  last.out = args.out + y * args.out_width * kBlock;
  last.out_rows = 1;
  Strips<XR>(last);
}

// Whether every strip of a row misses one column at each side at most.
MINNOW_INLINE bool MissesOneColumn(const DwconvF32Args& args) {
  return args.pad_left <= 1 &&
         (args.out_width - 1) * args.stride_w + 2 - args.pad_left <= args.in_width;
}

template <int XR>
void StripsOrPairs(const DwconvF32Args& args) {
  const bool pairs = args.kernel_h == 3 && args.kernel_w == 3 && args.dilation_h == 1 &&
                     args.dilation_w == 1 && !args.epilogue.hard_swish && MissesOneColumn(args);
  if (pairs && args.stride_h == 1 && args.stride_w == 1) return PairsOfRows<XR, 1>(args);
  if (pairs && args.stride_h == 2 && args.stride_w == 2) return PairsOfRows<XR, 2>(args);
  Strips<XR>(args);
}
