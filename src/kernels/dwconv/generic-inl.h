// The algorithm for any vector type. Included inside a namespace (and a target region), after a
// simd/*-inl.h.
//
// Interior columns are computed XR at a time with all taps in range; the few at the borders one by
// one, their taps checked. Vectors narrower than a block run once for each part of it.

// One output whose taps may leave the row.
MINNOW_INLINE void Border(const DwconvF32Args& args, const EpilogueV& epilogue, int64_t x,
                          int lane) {
  V acc = Load(args.bias + lane);
  for (int64_t ky = 0; ky < args.kernel_h; ++ky) {
    if (args.rows[ky] == nullptr) continue;
    for (int64_t kx = 0; kx < args.kernel_w; ++kx) {
      const int64_t column = x * args.stride + kx * args.dilation - args.pad_left;
      if (column < 0 || column >= args.in_width) continue;
      acc = MulAdd(Load(args.rows[ky] + column * kBlock + lane),
                   Load(args.weights + (ky * args.kernel_w + kx) * kBlock + lane), acc);
    }
  }
  Store(args.out + x * kBlock + lane, Apply(epilogue, acc));
}

template <int XR>
MINNOW_INLINE void FinishRow(const EpilogueV& epilogue, V (&acc)[XR], float* out) {
  MINNOW_UNROLL
  for (int i = 0; i < XR; ++i) Store(out + i * kBlock, Apply(epilogue, acc[i]));
}

// XR outputs from x on, kernel 3x3, dilation 1, stride S: each input is loaded once and used for
// all the taps it belongs to.
template <int XR, int S>
MINNOW_INLINE void Interior3x3(const DwconvF32Args& args, const EpilogueV& epilogue, int64_t x,
                               int lane) {
  V acc[XR];
  const V bias = Load(args.bias + lane);
  MINNOW_UNROLL
  for (int i = 0; i < XR; ++i) acc[i] = bias;
  for (int ky = 0; ky < 3; ++ky) {
    if (args.rows[ky] == nullptr) continue;
    const float* in = args.rows[ky] + (x * S - args.pad_left) * kBlock + lane;
    V w[3];
    MINNOW_UNROLL
    for (int kx = 0; kx < 3; ++kx) w[kx] = Load(args.weights + (ky * 3 + kx) * kBlock + lane);
    MINNOW_UNROLL
    for (int j = 0; j < (XR - 1) * S + 3; ++j) {
      const V column = Load(in + j * kBlock);
      // From the last tap to the first: output i meets its taps in rising order as j rises.
      MINNOW_UNROLL
      for (int kx = 2; kx >= 0; --kx) {
        if (j >= kx && (j - kx) % S == 0 && (j - kx) / S < XR) {
          acc[(j - kx) / S] = MulAdd(column, w[kx], acc[(j - kx) / S]);
        }
      }
    }
  }
  FinishRow<XR>(epilogue, acc, args.out + x * kBlock + lane);
}

// XR outputs from x on, any kernel, stride and dilation.
template <int XR>
MINNOW_INLINE void InteriorAny(const DwconvF32Args& args, const EpilogueV& epilogue, int64_t x,
                               int lane) {
  V acc[XR];
  const V bias = Load(args.bias + lane);
  MINNOW_UNROLL
  for (int i = 0; i < XR; ++i) acc[i] = bias;
  const int64_t step = args.stride * kBlock;
  for (int64_t ky = 0; ky < args.kernel_h; ++ky) {
    if (args.rows[ky] == nullptr) continue;
    const float* in = args.rows[ky] + (x * args.stride - args.pad_left) * kBlock + lane;
    const float* weights = args.weights + ky * args.kernel_w * kBlock + lane;
    for (int64_t kx = 0; kx < args.kernel_w; ++kx) {
      const V w = Load(weights + kx * kBlock);
      MINNOW_UNROLL
      for (int i = 0; i < XR; ++i) {
        acc[i] = MulAdd(Load(in + kx * args.dilation * kBlock + i * step), w, acc[i]);
      }
    }
  }
  FinishRow<XR>(epilogue, acc, args.out + x * kBlock + lane);
}

template <int XR>
MINNOW_INLINE void InteriorOf(const DwconvF32Args& args, const EpilogueV& epilogue, int64_t x,
                              int lane) {
  const bool is_3x3 = args.kernel_h == 3 && args.kernel_w == 3 && args.dilation == 1;
  if (is_3x3 && args.stride == 1) return Interior3x3<XR, 1>(args, epilogue, x, lane);
  if (is_3x3 && args.stride == 2) return Interior3x3<XR, 2>(args, epilogue, x, lane);
  InteriorAny<XR>(args, epilogue, x, lane);
}

template <int XR>
void Row(const DwconvF32Args& args) {
  const EpilogueV epilogue = Broadcast(args.epilogue);
  // Outputs [first, last) have all their columns inside the row.
  const int64_t reach = (args.kernel_w - 1) * args.dilation - args.pad_left;
  const int64_t wanted_first = (args.pad_left + args.stride - 1) / args.stride;
  const int64_t first = wanted_first < args.out_width ? wanted_first : args.out_width;
  const int64_t room = args.in_width - reach;
  int64_t last = room > 0 ? (room - 1) / args.stride + 1 : 0;
  if (last > args.out_width) last = args.out_width;
  if (last < first) last = first;
  for (int lane = 0; lane < kBlock; lane += kLanes) {
    for (int64_t x = 0; x < first; ++x) Border(args, epilogue, x, lane);
    int64_t x = first;
    for (; x + XR <= last; x += XR) InteriorOf<XR>(args, epilogue, x, lane);
    for (; x < last; ++x) InteriorOf<1>(args, epilogue, x, lane);
    for (; x < args.out_width; ++x) Border(args, epilogue, x, lane);
  }
}
