// The algorithm for any vector type. Included inside a namespace (and a target region), after a
// simd/*-inl.h.
//
// Outputs are computed in column strips XR wide, then XR/2, XR/4, …, down all rows. Strips at the
// borders leave out the columns that are outside. A tap left out leaves an accumulator as it is, so
// that every output is the same chain in any strip. Vectors narrower than a block run once for each
// part of it.

template <int XR>
MINNOW_INLINE void FinishRow(const EpilogueV& epilogue, V (&acc)[XR], float* out) {
  if (epilogue.hard_swish) {
    MINNOW_UNROLL
    for (int i = 0; i < XR; ++i) acc[i] = HardSwish(acc[i]);
  }
  MINNOW_UNROLL
  for (int i = 0; i < XR; ++i) Store(out + i * kBlock, Clamp(epilogue, acc[i]));
}

// Which columns of a strip's window are inside the row.
enum class Edge { kInside, kNoFirst, kNoLast, kNoFirstNoLast, kCheckAll };

// Kernel KxK, dilation 1, stride S: each input is loaded once and used for all the taps it belongs
// to.
template <int K, int XR, int S, Edge kEdge>
MINNOW_INLINE void StripSquare(const DwconvF32Args& args, const EpilogueV& epilogue, int64_t x,
                               int lane) {
  constexpr int kColumns = (XR - 1) * S + K;
  constexpr bool kNoFirst = kEdge == Edge::kNoFirst || kEdge == Edge::kNoFirstNoLast;
  constexpr bool kNoLast = kEdge == Edge::kNoLast || kEdge == Edge::kNoFirstNoLast;
  const int64_t column = x * S - args.pad_left;
  const V bias = Load(args.bias + lane);
  for (int64_t y = 0; y < args.out_rows; ++y) {
    V acc[XR];
    MINNOW_UNROLL
    for (int i = 0; i < XR; ++i) acc[i] = bias;
    for (int ky = 0; ky < K; ++ky) {
      const float* row = args.rows[y * args.stride_h + ky];
      if (row == nullptr) continue;
      const float* in = row + column * kBlock + lane;
      V w[K];
      MINNOW_UNROLL
      for (int kx = 0; kx < K; ++kx) w[kx] = Load(args.weights + (ky * K + kx) * kBlock + lane);
      MINNOW_UNROLL
      for (int j = kNoFirst ? 1 : 0; j < (kNoLast ? kColumns - 1 : kColumns); ++j) {
        if (kEdge == Edge::kCheckAll && (column + j < 0 || column + j >= args.in_width)) continue;
        const V value = Load(in + j * kBlock);
        // Output i meets its taps in rising order as j rises.
        MINNOW_UNROLL
        for (int kx = K - 1; kx >= 0; --kx) {
          if (j >= kx && (j - kx) % S == 0 && (j - kx) / S < XR) {
            acc[(j - kx) / S] = MulAdd(value, w[kx], acc[(j - kx) / S]);
          }
        }
      }
    }
    FinishRow<XR>(epilogue, acc, args.out + (y * args.out_width + x) * kBlock + lane);
  }
}

// Any kernel, stride and dilation.
template <int XR, Edge kEdge>
MINNOW_INLINE void StripAny(const DwconvF32Args& args, const EpilogueV& epilogue, int64_t x,
                            int lane) {
  const int64_t column = x * args.stride_w - args.pad_left;
  const V bias = Load(args.bias + lane);
  for (int64_t y = 0; y < args.out_rows; ++y) {
    V acc[XR];
    MINNOW_UNROLL
    for (int i = 0; i < XR; ++i) acc[i] = bias;
    for (int64_t ky = 0; ky < args.kernel_h; ++ky) {
      const float* row = args.rows[y * args.stride_h + ky * args.dilation_h];
      if (row == nullptr) continue;
      const float* weights = args.weights + ky * args.kernel_w * kBlock + lane;
      for (int64_t kx = 0; kx < args.kernel_w; ++kx) {
        const V w = Load(weights + kx * kBlock);
        const int64_t first = column + kx * args.dilation_w;
        MINNOW_UNROLL
        for (int i = 0; i < XR; ++i) {
          const int64_t at = first + i * args.stride_w;
          if (kEdge != Edge::kInside && (at < 0 || at >= args.in_width)) continue;
          acc[i] = MulAdd(Load(row + at * kBlock + lane), w, acc[i]);
        }
      }
    }
    FinishRow<XR>(epilogue, acc, args.out + (y * args.out_width + x) * kBlock + lane);
  }
}

template <int XR, int S>
MINNOW_INLINE void Strip3x3Of(Edge edge, const DwconvF32Args& args, const EpilogueV& epilogue,
                              int64_t x, int lane) {
  switch (edge) {
    case Edge::kInside:
      return StripSquare<3, XR, S, Edge::kInside>(args, epilogue, x, lane);
    case Edge::kNoFirst:
      return StripSquare<3, XR, S, Edge::kNoFirst>(args, epilogue, x, lane);
    case Edge::kNoLast:
      return StripSquare<3, XR, S, Edge::kNoLast>(args, epilogue, x, lane);
    case Edge::kNoFirstNoLast:
      return StripSquare<3, XR, S, Edge::kNoFirstNoLast>(args, epilogue, x, lane);
    case Edge::kCheckAll:
      return StripSquare<3, XR, S, Edge::kCheckAll>(args, epilogue, x, lane);
  }
}

// Wider kernels miss up to (K - 1) / 2 columns at a border: one form that checks serves all.
template <int K, int XR, int S>
MINNOW_INLINE void StripWide(Edge edge, const DwconvF32Args& args, const EpilogueV& epilogue,
                             int64_t x, int lane) {
  if (edge == Edge::kInside) return StripSquare<K, XR, S, Edge::kInside>(args, epilogue, x, lane);
  StripSquare<K, XR, S, Edge::kCheckAll>(args, epilogue, x, lane);
}

template <int XR>
MINNOW_INLINE Edge EdgeOf(const DwconvF32Args& args, int64_t x) {
  const int64_t reach = (args.kernel_w - 1) * args.dilation_w;
  const int64_t first = x * args.stride_w - args.pad_left;
  const int64_t last = first + (XR - 1) * args.stride_w + reach;
  if (first < -1 || last > args.in_width) return Edge::kCheckAll;
  if (first < 0) return last == args.in_width ? Edge::kNoFirstNoLast : Edge::kNoFirst;
  return last == args.in_width ? Edge::kNoLast : Edge::kInside;
}

// Columns [x, out_width) of one part of the block.
template <int XR>
MINNOW_INLINE void StripsFrom(const DwconvF32Args& args, const EpilogueV& epilogue, int64_t x,
                              int lane) {
  const bool square =
      args.kernel_h == args.kernel_w && args.dilation_h == 1 && args.dilation_w == 1;
  const int64_t kernel = square ? args.kernel_w : 0;
  for (; x + XR <= args.out_width; x += XR) {
    const Edge edge = EdgeOf<XR>(args, x);
    if (kernel == 3 && args.stride_w == 1) {
      Strip3x3Of<XR, 1>(edge, args, epilogue, x, lane);
    } else if (kernel == 3 && args.stride_w == 2) {
      Strip3x3Of<XR, 2>(edge, args, epilogue, x, lane);
    } else if (kernel == 5 && args.stride_w == 1) {
      StripWide<5, XR, 1>(edge, args, epilogue, x, lane);
    } else if (kernel == 5 && args.stride_w == 2) {
      StripWide<5, XR, 2>(edge, args, epilogue, x, lane);
    } else if (edge == Edge::kInside) {
      StripAny<XR, Edge::kInside>(args, epilogue, x, lane);
    } else {
      StripAny<XR, Edge::kCheckAll>(args, epilogue, x, lane);
    }
  }
  if constexpr (XR > 1) {
    if (x < args.out_width) StripsFrom<XR / 2>(args, epilogue, x, lane);
  }
}

template <int XR>
void Strips(const DwconvF32Args& args) {
  const EpilogueV epilogue = Broadcast(args.epilogue);
  for (int lane = 0; lane < kBlock; lane += kLanes) StripsFrom<XR>(args, epilogue, 0, lane);
}
