// The algorithm for any vectors. Included inside a target region and a namespace, after
// simd/requant-inl.h. A column of the window is interleaved, kRows of its rows at a time, so that
// one Dot adds that many taps of each channel. A square window reads and interleaves each column of
// the image once and adds it to all the outputs that see it.
//
// W: the vectors of requant-inl.h, and
//   kRows, kVectors   rows that are interleaved; vectors of sums of a block
//   kHoldsWeights     whether registers hold the weights of a 3 x 3 window
//   kHasPlanes        whether weights may be sums of several
//   Any(x)            whether a bit of x is set
//   Interleave(in, out)  kRows rows of one pixel, in the order that packing turns back; null: any,
//                     they have no weights

// One block of channels.
struct Block {
  int64_t first;  // channel
  const char* weights;
  const int32_t* bias;
  Requant requant;
  uint64_t mask;

  // `bytes` of weights a channel.
  MINNOW_INLINE Block(const QdwconvArgs& args, int64_t channel, int64_t bytes)
      : first(channel),
        weights(static_cast<const char*>(args.weights) + channel * bytes),
        bias(args.bias + channel),
        requant(args.requant),
        mask(MaskOf(args.channels - channel)) {
    requant.multipliers += channel;
    requant.scales += channel;
  }
};

// Windows of nothing but zeros are many: their sum is the bias.
template <class W>
MINNOW_INLINE RequantV<W> RequantOf(const Block& block) {
  RequantV<W> requant(block.requant);
  MINNOW_UNROLL
  for (int v = 0; v < W::kVectors; ++v) {
    requant.Expect(W::Load(block.bias + v * W::kLanes), requant.Multiplier(v));
  }
  return requant;
}

// Whether padding adds nothing.
template <class W>
MINNOW_INLINE bool IsZero(const uint8_t* pixel) {
  const uint8_t* in[W::kRows];
  for (const uint8_t*& row : in) row = pixel;
  typename W::I parts[W::kVectors];
  W::Interleave(in, parts);
  bool any = false;
  MINNOW_UNROLL
  for (int v = 0; v < W::kVectors; ++v) any |= W::Any(parts[v]);
  return !any;
}

MINNOW_INLINE uint8_t* RowOf(const QdwconvArgs& args, const Block& block, int64_t y) {
  return args.out + y * args.out_width * args.channels + block.first;
}

// Any window, outputs [from, to) of all rows: every column anew for every output.
template <class W>
void AnyWindow(const QdwconvArgs& args, const Block& block, int64_t from, int64_t to) {
  using I = typename W::I;
  constexpr int kVectors = W::kVectors;
  const uint8_t* zero = args.zero + block.first;
  const RequantV<W> requant = RequantOf<W>(block);
  for (int64_t y = 0; y < args.out_rows; ++y) {
    const uint8_t* const* rows = args.rows + y * args.stride_h;
    uint8_t* out = RowOf(args, block, y);
    for (int64_t x = from; x < to; ++x) {
      I sums[kVectors];
      MINNOW_UNROLL
      for (int v = 0; v < kVectors; ++v) sums[v] = W::Load(block.bias + v * W::kLanes);
      const char* w = block.weights;
      for (int64_t kx = 0; kx < args.kernel_w; ++kx) {
        const int64_t column = x * args.stride_w + kx * args.dilation_w - args.pad_left;
        const bool inside = column >= 0 && column < args.in_width;
        for (int64_t ky = 0; ky < args.kernel_h; ky += W::kRows) {
          const uint8_t* in[W::kRows] = {};
          for (int64_t i = 0; i < W::kRows && ky + i < args.kernel_h; ++i) {
            const uint8_t* row = rows[(ky + i) * args.dilation_h];
            in[i] = inside ? row + column * args.channels + block.first : zero;
          }
          I parts[kVectors];
          W::Interleave(in, parts);
          for (int64_t plane = 0; plane < args.planes; ++plane) {
            MINNOW_UNROLL
            for (int v = 0; v < kVectors; ++v) {
              sums[v] = W::Dot(sums[v], parts[v], W::Load(w + v * sizeof(I)));
            }
            w += kVectors * sizeof(I);
          }
        }
      }
      StoreRow<W, kVectors>(sums, requant, block.mask, out + x * args.channels);
    }
  }
}

// Kernel K x K, no dilation across, outputs [from, to) of all rows.
template <class W, int K, int S, int PLANES>
void Window(const QdwconvArgs& args, const Block& block, int64_t from, int64_t to) {
  using I = typename W::I;
  constexpr int kVectors = W::kVectors, kGroups = (K + W::kRows - 1) / W::kRows;
  constexpr int kOutputs = (K + S - 1) / S;  // that see a column
  // Of the first plane.
  constexpr bool kHolds = W::kHoldsWeights && K == 3;
  constexpr int kMore = PLANES > 1 ? PLANES - 1 : 1;
  const uint8_t* starts[K];
  const uint8_t* const zero = args.zero + block.first;
  const bool skips = IsZero<W>(zero);
  const RequantV<W> requant = RequantOf<W>(block);
  const auto load = [&](int index) __attribute__((always_inline)) {
    return W::Load(block.weights + static_cast<size_t>(index) * sizeof(I));
  };
  I held[kHolds ? K * kGroups * kVectors : 1];
  if (kHolds) {
    MINNOW_UNROLL
    for (int i = 0; i < K * kGroups * kVectors; ++i) {
      held[kHolds ? i : 0] = load(i / kVectors * PLANES * kVectors + i % kVectors);
    }
  }
  // Columns of the window that the other planes have weights for, as bits: few weights need them.
  uint32_t more = 0;
  if constexpr (PLANES > 1) {
    for (int i = 0; i < K * kGroups * kMore * kVectors; ++i) {
      const int group = i / kVectors / kMore, plane = 1 + i / kVectors % kMore;
      if (W::Any(load((group * PLANES + plane) * kVectors + i % kVectors))) {
        more |= 1u << group / kGroups;
      }
    }
  }
  // Adds the taps of a group of column kx of the window.
  const auto add = [&](I(&out_sums)[kVectors], const I(&parts)[kVectors], int kx, int group)
      __attribute__((always_inline)) {
    const int first = (kx * kGroups + group) * kVectors;
    MINNOW_UNROLL
    for (int v = 0; v < kVectors; ++v) {
      const I w = kHolds ? held[kHolds ? first + v : 0] : load(first * PLANES + v);
      out_sums[v] = W::Dot(out_sums[v], parts[v], w);
    }
    if (PLANES == 1 || (more >> kx & 1) == 0) return;
    MINNOW_UNROLL
    for (int i = 0; i < kMore * kVectors; ++i) {
      const int plane = 1 + i / kVectors;
      const I w = load(first * PLANES + plane * kVectors + i % kVectors);
      out_sums[i % kVectors] = W::Dot(out_sums[i % kVectors], parts[i % kVectors], w);
    }
  };
  I sums[kOutputs][kVectors];
  int64_t at = 0;
  // Adds the next column, which is column j of the window of the first output.
  const auto feed = [&](int j) __attribute__((always_inline)) {
    const bool inside = at >= 0 && at < args.in_width;
    if (!inside && skips) {
      ++at;
      return;
    }
    const uint8_t* in[kGroups * W::kRows] = {};
    MINNOW_UNROLL
    for (int ky = 0; ky < K; ++ky) in[ky] = inside ? starts[ky] + at * args.channels : zero;
    MINNOW_UNROLL
    for (int group = 0; group < kGroups; ++group) {
      I parts[kVectors];
      W::Interleave(in + group * W::kRows, parts);
      MINNOW_UNROLL
      for (int o = 0; o < kOutputs; ++o) {
        if (j >= o * S) add(sums[o], parts, j - o * S, group);
      }
      // Else the parts of all groups are made first, and sums spill.
      if (kGroups > 1) MINNOW_KEEP_ORDER();
    }
    ++at;
  };
  const auto begin = [&](int o) __attribute__((always_inline)) {
    MINNOW_UNROLL
    for (int v = 0; v < kVectors; ++v) sums[o][v] = W::Load(block.bias + v * W::kLanes);
  };
  for (int64_t y = 0; y < args.out_rows; ++y) {
    MINNOW_UNROLL
    for (int ky = 0; ky < K; ++ky) {
      starts[ky] = args.rows[y * args.stride_h + ky * args.dilation_h] + block.first;
    }
    uint8_t* out = RowOf(args, block, y);
    at = from * S - args.pad_left;
    MINNOW_UNROLL
    for (int o = 0; o < kOutputs; ++o) begin(o);
    MINNOW_UNROLL
    for (int j = 0; j < K - S; ++j) feed(j);
    for (int64_t x = from; x < to; ++x) {
      MINNOW_UNROLL
      for (int j = K - S; j < K; ++j) feed(j);
      StoreRow<W, kVectors>(sums[0], requant, block.mask, out + x * args.channels);
      MINNOW_UNROLL
      for (int o = 1; o < kOutputs; ++o) {
        MINNOW_UNROLL
        for (int v = 0; v < kVectors; ++v) sums[o - 1][v] = sums[o][v];
      }
      begin(kOutputs - 1);
    }
  }
}

MINNOW_INLINE bool IsSquare(const QdwconvArgs& args, int64_t k) {
  return args.kernel_h == k && args.kernel_w == k && args.dilation_w == 1 && args.stride_w <= 2;
}

// Outputs [from, to) of all rows.
template <class W>
void Outputs(const QdwconvArgs& args, const Block& block, int64_t from, int64_t to) {
  if (from >= to) return;
  auto run = AnyWindow<W>;
  const bool is_even = args.stride_w == 2;
  if (IsSquare(args, 3) && args.planes == 1)
    run = is_even ? Window<W, 3, 2, 1> : Window<W, 3, 1, 1>;
  if (IsSquare(args, 5) && args.planes == 1)
    run = is_even ? Window<W, 5, 2, 1> : Window<W, 5, 1, 1>;
  if constexpr (W::kHasPlanes) {
    if (IsSquare(args, 3) && args.planes == 2) {
      run = is_even ? Window<W, 3, 2, 2> : Window<W, 3, 1, 2>;
    }
  }
  run(args, block, from, to);
}
