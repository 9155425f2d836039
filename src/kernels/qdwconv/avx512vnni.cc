// 64 channels at a time: four rows of a column of the window are interleaved byte by byte, so that
// one vpdpbusd adds four taps of 16 channels. A 3 x 3 window reads and interleaves each column of
// the image once and adds it to the up to three outputs that see it.
#include "base/target_region.h"
#include "kernels/qdwconv/declarations.h"
#include "kernels/simd/unroll.h"

#if MINNOW_X86_64
#include <immintrin.h>

MINNOW_TARGET_BEGIN("avx512f,avx512bw,avx512vl,avx512dq,avx512vnni,avx2,fma")
namespace minnow::kernels {
namespace {
// clang-format off
#include "kernels/simd/bytes-avx512-inl.h"
#include "kernels/simd/requant-inl.h"
// clang-format on

// Four rows of one pixel: lane (vector, lane) holds the four bytes of a channel, in the order that
// packing turns back.
template <class W>
MINNOW_INLINE void Interleave(const uint8_t* a, const uint8_t* b, const uint8_t* c,
                              const uint8_t* d, typename W::I (&quads)[4]) {
  const typename W::I third = c == nullptr ? W::Zero() : W::Load(c);
  const typename W::I fourth = d == nullptr ? W::Zero() : W::Load(d);
  const typename W::I first = W::Load(a), second = b == nullptr ? W::Zero() : W::Load(b);
  const typename W::I low_ab = W::Low8(first, second), high_ab = W::High8(first, second);
  const typename W::I low_cd = W::Low8(third, fourth), high_cd = W::High8(third, fourth);
  quads[0] = W::Low16(low_ab, low_cd);
  quads[1] = W::High16(low_ab, low_cd);
  quads[2] = W::Low16(high_ab, high_cd);
  quads[3] = W::High16(high_ab, high_cd);
}

// One block of channels of one output row.
struct Block {
  int64_t first;  // channel
  const int8_t* weights;
  const int32_t* bias;
  Requant requant;
  uint64_t mask;
};

// Any window: every column anew for every output.
template <class W>
void AnyWindow(const QdwconvArgs& args, const uint8_t* const* rows, const Block& block,
               uint8_t* out) {
  constexpr int kBytes = W::kLanes * 4;
  const uint8_t* zero = args.zero + block.first;
  const RequantV<W> requant(block.requant);
  for (int64_t x = 0; x < args.out_width; ++x) {
    typename W::I sums[4];
    MINNOW_UNROLL
    for (int v = 0; v < 4; ++v) sums[v] = W::Load(block.bias + v * W::kLanes);
    const int8_t* w = block.weights;
    for (int64_t kx = 0; kx < args.kernel_w; ++kx) {
      const int64_t column = x * args.stride_w + kx * args.dilation_w - args.pad_left;
      const bool inside = column >= 0 && column < args.in_width;
      for (int64_t ky = 0; ky < args.kernel_h; ky += 4) {
        const uint8_t* in[4] = {};
        for (int64_t i = 0; i < 4 && ky + i < args.kernel_h; ++i) {
          const uint8_t* row = rows[(ky + i) * args.dilation_h];
          in[i] = inside ? row + column * args.channels + block.first : zero;
        }
        typename W::I quads[4];
        Interleave<W>(in[0], in[1], in[2], in[3], quads);
        for (int64_t plane = 0; plane < args.planes; ++plane) {
          MINNOW_UNROLL
          for (int v = 0; v < 4; ++v) {
            sums[v] = W::Dot(sums[v], quads[v], W::Load(w + v * kBytes));
          }
          w += 4 * kBytes;
        }
      }
    }
    StoreRow<W, 4>(sums, requant, block.mask, out + x * args.channels);
  }
}

// Kernel 3 x 3, no dilation across, outputs [from, to) of a row. The weights of the first plane
// stay in registers.
template <class W, int S, int PLANES>
void Window3x3(const QdwconvArgs& args, const uint8_t* const* rows, const Block& block,
               int64_t from, int64_t to, uint8_t* out) {
  using I = typename W::I;
  constexpr int kBytes = W::kLanes * 4;
  const uint8_t* const top = rows[0] + block.first;
  const uint8_t* const middle = rows[args.dilation_h] + block.first;
  const uint8_t* const bottom = rows[2 * args.dilation_h] + block.first;
  const uint8_t* const zero = args.zero + block.first;
  const RequantV<W> requant(block.requant);
  I w[3][4];
  MINNOW_UNROLL
  for (int i = 0; i < 12; ++i) {
    w[i / 4][i % 4] = W::Load(block.weights + (i / 4 * PLANES * 4 + i % 4) * kBytes);
  }
  // sum + the taps of column kx of the window.
  const auto add = [&](I sum, const I(&quads)[4], int kx, int v) __attribute__((always_inline)) {
    sum = W::Dot(sum, quads[v], w[kx][v]);
    MINNOW_UNROLL
    for (int plane = 1; plane < PLANES; ++plane) {
      sum =
          W::Dot(sum, quads[v], W::Load(block.weights + ((kx * PLANES + plane) * 4 + v) * kBytes));
    }
    return sum;
  };
  const auto bias = [&](int v) __attribute__((always_inline)) {
    return W::Load(block.bias + v * W::kLanes);
  };
  const auto column = [&](int64_t at, I(&quads)[4]) __attribute__((always_inline)) {
    const bool inside = at >= 0 && at < args.in_width;
    const int64_t offset = at * args.channels;
    Interleave<W>(inside ? top + offset : zero, inside ? middle + offset : zero,
                  inside ? bottom + offset : zero, nullptr, quads);
  };
  I quads[4], last[4], next[4];
  int64_t at = from * S - args.pad_left;
  column(at, quads);
  MINNOW_UNROLL
  for (int v = 0; v < 4; ++v) last[v] = add(bias(v), quads, 0, v);
  if (S == 1) {
    column(++at, quads);
    MINNOW_UNROLL
    for (int v = 0; v < 4; ++v) {
      last[v] = add(last[v], quads, 1, v);
      next[v] = add(bias(v), quads, 0, v);
    }
  }
  for (int64_t x = from; x < to; ++x) {
    if (S == 2) {
      column(++at, quads);
      MINNOW_UNROLL
      for (int v = 0; v < 4; ++v) last[v] = add(last[v], quads, 1, v);
    }
    column(++at, quads);
    I sums[4];
    MINNOW_UNROLL
    for (int v = 0; v < 4; ++v) {
      sums[v] = add(last[v], quads, 2, v);
      if (S == 1) {
        last[v] = add(next[v], quads, 1, v);
        next[v] = add(bias(v), quads, 0, v);
      } else {
        last[v] = add(bias(v), quads, 0, v);
      }
    }
    StoreRow<W, 4>(sums, requant, block.mask, out + x * args.channels);
  }
}

// The factors of 32 channels twice: for two pixels in one vector.
struct PairFactors {
  float multipliers[64];
  double scales[64];
  Requant requant;

  explicit MINNOW_INLINE PairFactors(const Requant& r) : requant(r) {
    for (int i = 0; i < 64; ++i) {
      multipliers[i] = r.multipliers[i / 16 * 8 + i % 8];
      scales[i] = r.scales[i % 32];
    }
    requant.multipliers = multipliers;
    requant.scales = scales;
  }
};

MINNOW_INLINE __m512i Twice(const void* p) { return _mm512_broadcast_i64x4(Half::Load(p)); }

// The same for 32 channels and stride 1, two outputs at a time: a pixel and the next one are one
// vector. REQUIRES: to - from is even, and no window leaves the row.
void Pairs3x3(const QdwconvArgs& args, const uint8_t* const* rows, const Block& block, int64_t from,
              int64_t to, uint8_t* out) {
  using I = Wide::I;
  const PairFactors factors(block.requant);
  const RequantV<Wide> requant(factors.requant);
  I w[3][4], bias[4];
  MINNOW_UNROLL
  for (int i = 0; i < 12; ++i) w[i / 4][i % 4] = Twice(block.weights + i * 32);
  MINNOW_UNROLL
  for (int v = 0; v < 4; ++v) bias[v] = Twice(block.bias + v * 8);
  const auto columns = [&](int64_t at, I(&quads)[4]) __attribute__((always_inline)) {
    const int64_t offset = at * args.channels + block.first;
    Interleave<Wide>(rows[0] + offset, rows[args.dilation_h] + offset,
                     rows[2 * args.dilation_h] + offset, nullptr, quads);
  };
  I quads[4], last[4];
  int64_t at = from - args.pad_left;
  columns(at, quads);
  MINNOW_UNROLL
  for (int v = 0; v < 4; ++v) last[v] = Wide::Dot(bias[v], quads[v], w[0][v]);
  for (int64_t x = from; x < to; x += 2, at += 2) {
    I sums[4];
    columns(at + 1, quads);
    MINNOW_UNROLL
    for (int v = 0; v < 4; ++v) last[v] = Wide::Dot(last[v], quads[v], w[1][v]);
    columns(at + 2, quads);
    MINNOW_UNROLL
    for (int v = 0; v < 4; ++v) {
      sums[v] = Wide::Dot(last[v], quads[v], w[2][v]);
      last[v] = Wide::Dot(bias[v], quads[v], w[0][v]);
    }
    StoreRow<Wide, 4>(sums, requant, ~uint64_t{0}, out + x * args.channels);
  }
}

template <class W>
void RunRow(const QdwconvArgs& args, const uint8_t* const* rows, const Block& block, uint8_t* out) {
  const bool is_3x3 = args.kernel_h == 3 && args.kernel_w == 3 && args.dilation_w == 1 &&
                      args.stride_w <= 2 && args.planes <= 2 && args.out_width > 0;
  const int64_t width = args.out_width;
  if (!is_3x3) return AnyWindow<W>(args, rows, block, out);
  if (args.stride_w == 2) {
    return args.planes == 1 ? Window3x3<W, 2, 1>(args, rows, block, 0, width, out)
                            : Window3x3<W, 2, 2>(args, rows, block, 0, width, out);
  }
  if (args.planes != 1) return Window3x3<W, 1, 2>(args, rows, block, 0, width, out);
  int64_t from = width;
  if (args.channels == 32) {
    // The last window of a pair ends at column x + 3 - pad_left.
    from = args.pad_left < width ? args.pad_left : width;
    const int64_t end = args.in_width - 3 + args.pad_left + 1;
    const int64_t to = from + ((end < width ? end : width) - from) / 2 * 2;
    if (to > from) {
      Pairs3x3(args, rows, block, from, to, out);
      if (to < width) Window3x3<W, 1, 1>(args, rows, block, to, width, out);
    } else {
      from = width;
    }
  }
  if (from > 0) Window3x3<W, 1, 1>(args, rows, block, 0, from, out);
}

template <class W>
void RunBlock(const QdwconvArgs& args, const Block& block) {
  for (int64_t y = 0; y < args.out_rows; ++y) {
    RunRow<W>(args, args.rows + y * args.stride_h, block,
              args.out + y * args.out_width * args.channels + block.first);
  }
}

}  // namespace

void qdwconv_64_avx512vnni(const QdwconvArgs& args) {
  const int64_t bytes = (args.kernel_h + 3) / 4 * args.kernel_w * 4 * args.planes;
  for (int64_t c = 0; c < args.channels; c += 64) {
    Block block;
    block.first = c;
    block.weights = static_cast<const int8_t*>(args.weights) + c * bytes;
    block.bias = args.bias + c;
    block.requant = args.requant;
    block.requant.multipliers += c;
    block.requant.scales += c;
    block.mask = MaskOf(args.channels - c);
    if (args.channels - c > 32) {
      RunBlock<Wide>(args, block);
    } else {
      RunBlock<Half>(args, block);
    }
  }
}

}  // namespace minnow::kernels
MINNOW_TARGET_END
#endif
