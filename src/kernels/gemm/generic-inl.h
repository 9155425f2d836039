// The register-tiled algorithm, for any vector type. Included inside a namespace (and a target
// region), after a simd/*-inl.h.
//
// A tile keeps MR pixels x NV vectors of channels in registers; each step multiplies MR broadcast
// elements of A with NV vectors of B. PS is the pixel stride when known at compile time, so that
// all addresses are one base register and a displacement; 0 reads it from the arguments.

// Floats that a stream of weights is fetched ahead.
constexpr int kAhead = 1024;

template <int MR, int NV, int PS, int STEPS>
MINNOW_INLINE void Steps(V (&acc)[MR][NV], const float* a, int64_t pixel_stride, const float* b,
                         const float* next) {
  MINNOW_UNROLL
  for (int k = 0; k < STEPS; ++k) {
    V w[NV];
    MINNOW_UNROLL
    for (int v = 0; v < NV; ++v) w[v] = Load(b + (k * NV + v) * kLanes);
    MINNOW_UNROLL
    for (int p = 0; p < MR; ++p) {
      const V x = Set(a[(PS != 0 ? p * PS : p * pixel_stride) + k]);
      MINNOW_UNROLL
      for (int v = 0; v < NV; ++v) acc[p][v] = MulAdd(x, w[v], acc[p][v]);
    }
    MINNOW_KEEP_ORDER();
    if (MR <= 2) {
      // So few rows are bound by the stream of weights: run ahead of it.
      MINNOW_UNROLL
      for (int v = 0; v < NV; ++v) __builtin_prefetch(b + (k * NV + v) * kLanes + kAhead, 0, 3);
    } else if (k % 2 == 1) {
      __builtin_prefetch(next + k / 2 * kBlock, 0, 2);
    }
  }
}

// Without fused multiply-adds a long chain of sums loses a digit: there it is cut every so many
// blocks of channels, and the parts are summed.
MINNOW_INLINE bool EndsPart(int64_t block) {
  return kBlocksAPart != 0 && (block + 1) % (kBlocksAPart != 0 ? kBlocksAPart : 1) == 0;
}

template <int MR, int NV>
MINNOW_INLINE void TakePart(V (&acc)[MR][NV], V (&total)[MR][NV]) {
  MINNOW_UNROLL
  for (int p = 0; p < MR; ++p) {
    MINNOW_UNROLL
    for (int v = 0; v < NV; ++v) {
      total[p][v] = Add(total[p][v], acc[p][v]);
      acc[p][v] = Set(0.0f);
    }
  }
}

template <int MR, int NV, int PS>
MINNOW_INLINE void TileTap(V (&acc)[MR][NV], V (&total)[MR][NV], const GemmF32Args& args,
                           const float* a, const float*& b, const float*& next) {
  constexpr int kUnrolled = 8;
  for (int64_t block = 0; block < args.channels; block += kBlock) {
    const float* x = a + block / kBlock * args.a_block_stride;
    if (PS == kBlock && args.a_is_cold) {
      MINNOW_UNROLL
      for (int p = 0; p < MR; ++p) __builtin_prefetch(x + args.a_block_stride + p * PS, 0, 3);
    }
    int64_t left = args.channels - block < kBlock ? args.channels - block : kBlock;
    for (; left >= kUnrolled; left -= kUnrolled) {
      Steps<MR, NV, PS, kUnrolled>(acc, x, args.pixel_stride, b, next);
      x += kUnrolled;
      b += kUnrolled * NV * kLanes;
      next += kUnrolled / 2 * kBlock;
    }
    for (; left > 0; --left) {
      Steps<MR, NV, PS, 1>(acc, x, args.pixel_stride, b, next);
      x += 1;
      b += NV * kLanes;
    }
    if (EndsPart(block / kBlock)) TakePart<MR, NV>(acc, total);
  }
}

// Residual, activation and store, as separate loops over the registers: branches inside one loop
// would make the compiler emit it four times.
template <int MR, int NV, int PS>
MINNOW_INLINE void Finish(V (&acc)[MR][NV], const GemmF32Args& args, float* c,
                          const float* residual) {
  constexpr int kPerBlock = kBlock / kLanes;
  // Where the stride of A is fixed, C is blocked.
  const int64_t pixel = PS != 0 ? kBlock : args.c_pixel_stride;
  if (residual != nullptr) {
    MINNOW_UNROLL
    for (int p = 0; p < MR; ++p) {
      MINNOW_UNROLL
      for (int v = 0; v < NV; ++v) {
        acc[p][v] = Add(acc[p][v], Load(residual + p * pixel + v / kPerBlock * args.c_block_stride +
                                        v % kPerBlock * kLanes));
      }
    }
  }
  const EpilogueV epilogue = Broadcast(args.epilogue);
  if (epilogue.hard_swish) {
    MINNOW_UNROLL
    for (int p = 0; p < MR; ++p) {
      MINNOW_UNROLL
      for (int v = 0; v < NV; ++v) acc[p][v] = HardSwish(acc[p][v]);
    }
  }
  MINNOW_UNROLL
  for (int p = 0; p < MR; ++p) {
    MINNOW_UNROLL
    for (int v = 0; v < NV; ++v) {
      Store(c + p * pixel + v / kPerBlock * args.c_block_stride + v % kPerBlock * kLanes,
            Clamp(epilogue, acc[p][v]));
    }
  }
}

template <int MR, int NV, int PS>
__attribute__((noinline)) void Tile(const GemmF32Args& args, const float* a, float* c,
                                    const float* residual, const float* next) {
  V acc[MR][NV];
  MINNOW_UNROLL
  for (int v = 0; v < NV; ++v) {
    const V bias = Load(args.bias + v * kLanes);
    MINNOW_UNROLL
    for (int p = 0; p < MR; ++p) acc[p][v] = bias;
  }
  V total[MR][NV] = {};
  const float* b = args.b;
  if (PS == 6 && args.channels == 9) {
    // The first convolution on row-major RGB: three columns of three channels a tap.
    for (int64_t t = 0; t < args.tap_count; ++t) {
      Steps<MR, NV, PS, 9>(acc, a + args.taps[t], PS, b, next);
      b += 9 * NV * kLanes;
    }
  } else if (PS == 2 && args.channels == 3) {
    // The same on planes: three columns of one channel.
    for (int64_t t = 0; t < args.tap_count; ++t) {
      Steps<MR, NV, PS, 3>(acc, a + args.taps[t], PS, b, next);
      b += 3 * NV * kLanes;
    }
  } else {
    for (int64_t t = 0; t < args.tap_count; ++t) {
      TileTap<MR, NV, PS>(acc, total, args, a + args.taps[t], b, next);
    }
  }
  if (kBlocksAPart != 0) {
    TakePart<MR, NV>(acc, total);
    Finish<MR, NV, PS>(total, args, c, residual);
  } else {
    Finish<MR, NV, PS>(acc, args, c, residual);
  }
}

#ifdef MINNOW_ASM_R
#include "kernels/gemm/tile-asm-inl.h"
#endif

template <int MR, int NV, int PS>
MINNOW_INLINE void RunTile(const GemmF32Args& args, const float* a, float* c, const float* residual,
                           const float* next) {
#ifdef MINNOW_ASM_R
  // Smaller ones fetch their weights ahead, which the assembly does not.
  if constexpr (MR >= 3 && PS != 0) return AssembledTile<MR, NV, PS>(args, a, c, residual, next);
#endif
  Tile<MR, NV, PS>(args, a, c, residual, next);
}

// Where a tile reads and writes; moves along the panel.
template <int PS>
struct Cursor {
  const float* a;
  float* c;
  const float* residual;
  const int64_t a_step, c_step;

  explicit MINNOW_INLINE Cursor(const GemmF32Args& args)
      : a(args.a),
        c(args.c),
        residual(args.residual),
        a_step(PS != 0 ? PS : args.pixel_stride),
        c_step(PS != 0 ? kBlock : args.c_pixel_stride) {}

  MINNOW_INLINE void Advance(int64_t pixels) {
    a += pixels * a_step;
    c += pixels * c_step;
    if (residual != nullptr) residual += pixels * c_step;
  }
};

// All m pixels of a panel, in tiles of nearly equal size: 49 = 13 + 12 + 12 + 12, not 3 * 14 + 7.
template <int MR, int NV, int PS>
void EvenPanel(const GemmF32Args& args) {
  if (args.m <= 0) return;
  const int64_t tiles = (args.m + MR - 1) / MR;
  const int64_t size = args.m / tiles;
  const int64_t larger = args.m - size * tiles;  // the first so many tiles have one pixel more
  // Each tile pulls its share of the next weights.
  const int64_t share = args.prefetch == nullptr ? 0 : args.tap_count * args.channels / 2 * kBlock;
  const float* next = args.prefetch == nullptr ? args.b : args.prefetch;
  Cursor<PS> at(args);
  for (int64_t tile = 0; tile < tiles; ++tile) {
    const int64_t pixels = size + (tile < larger ? 1 : 0);
    WithRows<MR>(
        pixels, [&](auto rows) __attribute__((always_inline)) {
          RunTile<decltype(rows)::kCount, NV, PS>(args, at.a, at.c, at.residual, next);
        });
    at.Advance(pixels);
    next += share;
  }
}

// The same in tiles of MR, then MR/2, MR/4, …: fewer instances, for the rarer strides.
template <int MR, int NV, int PS>
MINNOW_INLINE void HalvingTiles(const GemmF32Args& args, Cursor<PS> at, int64_t left) {
  for (; left >= MR; left -= MR) {
    RunTile<MR, NV, PS>(args, at.a, at.c, at.residual, args.b);
    at.Advance(MR);
  }
  if constexpr (MR > 1) {
    if (left > 0) HalvingTiles<MR / 2, NV, PS>(args, at, left);
  }
}

template <int MR, int NV, int PS>
void HalvingPanel(const GemmF32Args& args) {
  HalvingTiles<MR, NV, PS>(args, Cursor<PS>(args), args.m);
}

template <int MR, int NV>
void PanelOfAnyStride(const GemmF32Args& args) {
  // The strides with code of their own write C in blocks; batches of single pixels and matrices
  // have others.
  switch (args.c_pixel_stride == kBlock ? args.pixel_stride : 0) {
    case kBlock:
      return EvenPanel<MR, NV, kBlock>(args);
    case 2 * kBlock:
      return HalvingPanel<MR, NV, 2 * kBlock>(args);
    case 6:
      return HalvingPanel<MR, NV, 6>(args);
    case 2:
      return HalvingPanel<MR, NV, 2>(args);
    default:
      // Too many row pointers for the registers beyond four rows.
      return HalvingPanel<(MR < 4 ? MR : 4), NV, 0>(args);
  }
}
