// 64 channels at a time: four rows of a column of the window are interleaved byte by byte, so that
// one vpdpbusd adds four taps of 16 channels.
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

// Four rows of one pixel: lane (vector, lane) holds the four bytes of a channel.
template <class V>
struct Quads : V {
  using I = typename V::I;
  static constexpr int kRows = 4, kVectors = 4;
  static constexpr bool kHoldsWeights = true, kHasPlanes = true;
  static MINNOW_INLINE void Interleave(const uint8_t* const* in, I (&out)[4]) {
    // Rows that are none have no weights: they may be any, and take no register.
    const I first = V::Load(in[0]), second = in[1] == nullptr ? first : V::Load(in[1]);
    const I third = in[2] == nullptr ? first : V::Load(in[2]);
    Zip<V>(first, second, third, in[3] == nullptr ? third : V::Load(in[3]), out);
  }
};

// clang-format off
#include "kernels/qdwconv/generic-inl.h"
// clang-format on

// Vector v of four that hold a number for each of 8, 16 or 32 channels, those of all the pixels
// that fill 64 bytes.
MINNOW_INLINE __m512i Repeated(const void* four, int64_t channels, int v) {
  const auto* p = static_cast<const char*>(four) + (channels == 8 ? v % 2 : v) * 32;
  if (channels == 32) return _mm512_broadcast_i64x4(Half::Load(p));
  return _mm512_broadcast_i32x4(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p)));
}

// A block of 8, 16 or 32 channels for several pixels in one vector.
struct Repeats {
  alignas(64) float multipliers[64];
  double scales[64];
  Requant requant;
  __m512i even;  // eighths of two vectors: every second pixel

  MINNOW_INLINE Repeats(const Requant& r, int64_t channels) : requant(r) {
    MINNOW_UNROLL
    for (int v = 0; v < 4; ++v) {
      Wide::Store(multipliers + v * 16, Repeated(r.multipliers, channels, v));
    }
    for (int64_t i = 0; i < 64; ++i) scales[i] = r.scales[i & (channels - 1)];
    requant.multipliers = multipliers;
    requant.scales = scales;
    even = channels == 8    ? _mm512_setr_epi64(0, 2, 4, 6, 8, 10, 12, 14)
           : channels == 16 ? _mm512_setr_epi64(0, 1, 4, 5, 8, 9, 12, 13)
                            : _mm512_setr_epi64(0, 1, 2, 3, 8, 9, 10, 11);
  }
};

// Kernel 3 x 3 with stride 2 on all of 8, 16 or 32 channels, outputs [from, to) of all rows, 64
// bytes of them at a time; the last ones perhaps twice. REQUIRES: there are so many, and no window
// leaves the row.
template <int PLANES>
void Several3x3(const QdwconvArgs& args, const Block& block, const Repeats& repeats, int64_t from,
                int64_t to) {
  using I = Wide::I;
  const int64_t channels = args.channels, pixels = 64 / channels;
  const RequantV<Wide> requant(repeats.requant);
  I w[3][PLANES][4], bias[4];
  MINNOW_UNROLL
  for (int i = 0; i < 12 * PLANES; ++i) {
    w[i / 4 / PLANES][i / 4 % PLANES][i % 4] =
        Repeated(block.weights + i / 4 * 128, channels, i % 4);
  }
  MINNOW_UNROLL
  for (int v = 0; v < 4; ++v) bias[v] = Repeated(block.bias, channels, v);
  // Whether a column has weights in the second plane.
  bool more[3] = {};
  for (int i = 0; i < 12 && PLANES > 1; ++i) more[i / 4] |= Wide::Any(w[i / 4][PLANES - 1][i % 4]);
  // Eighths of two vectors: every second pixel, those between, and a vector without its first
  // pixel.
  const I step = _mm512_set1_epi64(channels / 8), even = repeats.even;
  const I odd = _mm512_add_epi64(even, step);
  const I later = _mm512_add_epi64(_mm512_setr_epi64(0, 1, 2, 3, 4, 5, 6, 7), step);
  // The pixels that column kx of the windows is on.
  const auto load = [&](const uint8_t* p, I(&columns)[3]) __attribute__((always_inline)) {
    const I a = Wide::Load(p), b = Wide::Load(p + 64);
    columns[0] = _mm512_permutex2var_epi64(a, even, b);
    columns[1] = _mm512_permutex2var_epi64(a, odd, b);
    columns[2] = _mm512_permutex2var_epi64(columns[0], later, Wide::Load(p + 128));
  };
  for (int64_t y = 0; y < args.out_rows; ++y) {
    const uint8_t* const* rows = args.rows + y * args.stride_h;
    uint8_t* out = RowOf(args, block, y);
    for (int64_t next = from; next < to; next += pixels) {
      const int64_t x = next + pixels <= to ? next : to - pixels;
      const int64_t offset = (x * 2 - args.pad_left) * channels;
      I top[3], middle[3], bottom[3];
      load(rows[0] + offset, top);
      load(rows[args.dilation_h] + offset, middle);
      load(rows[2 * args.dilation_h] + offset, bottom);
      I sums[4] = {bias[0], bias[1], bias[2], bias[3]};
      MINNOW_UNROLL
      for (int kx = 0; kx < 3; ++kx) {
        I parts[4];
        Zip<Wide>(top[kx], middle[kx], bottom[kx], Wide::Zero(), parts);
        MINNOW_UNROLL
        for (int v = 0; v < 4; ++v) sums[v] = Wide::Dot(sums[v], parts[v], w[kx][0][v]);
        if (PLANES == 1 || !more[kx]) continue;
        MINNOW_UNROLL
        for (int v = 0; v < 4; ++v) sums[v] = Wide::Dot(sums[v], parts[v], w[kx][PLANES - 1][v]);
      }
      StoreRow<Wide, 4>(sums, requant, ~uint64_t{0}, out + x * channels);
    }
  }
}

// A block of at most 32 channels.
void RunNarrow(const QdwconvArgs& args, const Block& block) {
  const int64_t width = args.out_width, stride = args.stride_w, channels = args.channels;
  // Outputs [from, to), whose windows are inside the row, several at a time.
  int64_t from = width, to = width;
  const bool is_whole = channels == 8 || channels == 16 || channels == 32;
  if (is_whole && IsSquare(args, 3) && stride == 2 && args.planes <= 2) {
    const int64_t first = (args.pad_left + stride - 1) / stride;
    // The last window ends at column x * stride + 2 - pad_left.
    const int64_t last = args.in_width - 3 + args.pad_left;
    const int64_t end = last < 0 ? 0 : last / stride + 1;
    if ((end < width ? end : width) - first >= 64 / channels) {
      from = first;
      to = end < width ? end : width;
    }
  }
  if (to > from) {
    const Repeats repeats(block.requant, channels);
    const auto several = args.planes == 1 ? Several3x3<1> : Several3x3<2>;
    several(args, block, repeats, from, to);
  }
  Outputs<Quads<Half>>(args, block, 0, from);
  Outputs<Quads<Half>>(args, block, to, width);
}

}  // namespace

void QdwconvBlocks(const QdwconvArgs& args, int64_t channels) {
  const int64_t bytes = (args.kernel_h + 3) / 4 * args.kernel_w * 4 * args.planes;
  for (int64_t c = 0; c < channels; c += 64) {
    const Block block(args, c, bytes);
    if (args.channels - c <= 32) {
      RunNarrow(args, block);
    } else {
      Outputs<Quads<Wide>>(args, block, 0, args.out_width);
    }
  }
}

void qdwconv_64_avx512vnni(const QdwconvArgs& args) {
  if (!QdwconvFlat(args)) QdwconvBlocks(args, args.channels);
}

}  // namespace minnow::kernels
MINNOW_TARGET_END
#endif
