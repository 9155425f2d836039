// 3 x 3 with stride 2 on 8, 16 or 32 channels, 64 bytes of outputs at a time. One permutation of
// bytes gathers four pixels of a row for each of 16 outputs, and one vpdpbusd adds three of them.
// Other layers go to the kernels that are best for them.
#include "base/target_region.h"
#include "kernels/qdwconv/declarations.h"
#include "kernels/simd/unroll.h"

#if MINNOW_X86_64
#include <immintrin.h>

MINNOW_TARGET_BEGIN("avx512f,avx512bw,avx512vl,avx512dq,avx512vnni,avx512vbmi,avx2,fma")
namespace minnow::kernels {
namespace {
// clang-format off
#include "kernels/simd/bytes-avx512-inl.h"
#include "kernels/simd/requant-inl.h"
#include "kernels/qdwconv/taps-avx512-inl.h"
// clang-format on

// Sums are four vectors of 16 lanes. Up to 16 channels, the bytes of each lie in 64 of a row, which
// start 32 after those before; 32 channels in 128, the second 16 of them 16 after the first.
struct Layout {
  uint8_t taps[64] = {};        // places of four taps of each lane, from the vector's first byte on
  uint8_t packed[64] = {};      // where each byte of the outputs stands after packing
  uint8_t place[64] = {};       // which byte of the outputs each lane is
  int32_t channel[2][16] = {};  // place of the lane's channel in a block of 32, as it is packed
};

constexpr int PixelOf(int channels, int v, int lane) {
  return channels == 32 ? v / 2 : v * 16 / channels + lane / channels;
}

constexpr int ChannelOf(int channels, int v, int lane) {
  return channels == 32 ? v % 2 * 16 + lane : lane % channels;
}

constexpr Layout MakeLayout(int channels) {
  Layout layout;
  for (int at = 0; at < 64; ++at) {
    const int v = at / 16, lane = at % 16;
    const int place = PixelOf(channels, v, lane) * channels + ChannelOf(channels, v, lane);
    layout.place[at] = static_cast<uint8_t>(place);
    layout.packed[place] = static_cast<uint8_t>(PackedColumn(4, v, lane));
  }
  for (int at = 0; at < 32; ++at) {
    const int i = at / 16, lane = at % 16;
    const int pixel = PixelOf(channels, i, lane) * 2, channel = ChannelOf(channels, i, lane);
    layout.channel[i][lane] = static_cast<int32_t>(PackedPlace(32, channel));
    for (int tap = 0; tap < 4 && i == 0; ++tap) {
      layout.taps[lane * 4 + tap] = static_cast<uint8_t>((pixel + tap) * channels + channel);
    }
  }
  return layout;
}

constexpr Layout kLayouts[3] = {MakeLayout(8), MakeLayout(16), MakeLayout(32)};

// Bits [from, to) of those from 0 to 63.
MINNOW_INLINE __mmask64 MaskBetween(int64_t from, int64_t to) {
  if (to <= 0 || from >= 64) return 0;
  return MaskOf(to) & (from <= 0 ? ~uint64_t{0} : ~MaskOf(from));
}

// Two vectors of 32 numbers of a block, in the order of the lanes.
MINNOW_INLINE __m512i InOrder(const void* block, const int32_t (&channel)[16]) {
  const auto* p = static_cast<const char*>(block);
  return _mm512_permutex2var_epi32(_mm512_loadu_si512(p), _mm512_loadu_si512(channel),
                                   _mm512_loadu_si512(p + 64));
}

template <bool kValue>
struct Constant {
  constexpr operator bool() const { return kValue; }  // NOLINT(google-explicit-constructor)
};

// Computes again what is too near a half. Rare: apart.
__attribute__((noinline)) void SettlePlaced(const int32_t (&sums)[64], const int32_t (&guesses)[64],
                                            const Layout& layout, const QdwconvArgs& args,
                                            int64_t bytes, uint8_t* out) {
  for (int i = 0; i < 64; ++i) {
    const int64_t place = layout.place[i];
    if ((guesses[i] & 0xffff) >= 2 * args.requant.margin || place >= bytes) continue;
    out[place] = RequantExact(sums[i], args.requant.scales[place % args.channels], args.requant);
  }
}

// `WIDE`: 32 channels.
template <bool WIDE>
void Run3x3(const QdwconvArgs& args, const Layout& layout) {
  using I = __m512i;
  constexpr int64_t kStride = 2;
  const int64_t channels = args.channels, pixels = 64 / channels;
  const int64_t row_bytes = args.in_width * channels;
  I w[2][3][2], bias[2];  // of even and odd vectors
  Wide::F multiplier[2];
  bool more[3] = {};  // whether a row has weights in the second plane
  MINNOW_UNROLL
  for (int i = 0; i < 2; ++i) {
    bias[i] = InOrder(args.bias, layout.channel[i]);
    multiplier[i] = _mm512_castsi512_ps(InOrder(args.requant.multipliers, layout.channel[i]));
    MINNOW_UNROLL
    for (int plane = 0; plane < 2; ++plane) {
      const int64_t there = plane < args.planes ? plane : 0;
      I columns[3];
      MINNOW_UNROLL
      for (int kx = 0; kx < 3; ++kx) {
        columns[kx] =
            InOrder(static_cast<const char*>(args.weights) + (kx * args.planes + there) * 128,
                    layout.channel[i]);
      }
      MINNOW_UNROLL
      for (int ky = 0; ky < 3; ++ky) {
        const I row = TapsOfRow(columns, ky);
        if (there > 0) more[ky] |= Wide::Any(row);
        w[plane][ky][i] = row;
      }
    }
  }
  const I taps = _mm512_loadu_si512(layout.taps), packed = _mm512_loadu_si512(layout.packed);
  const I later = _mm512_add_epi8(taps, _mm512_set1_epi8(16));
  RequantV<Wide> requant(args.requant);
  MINNOW_UNROLL
  for (int i = 0; i < 2; ++i) requant.Expect(bias[i], multiplier[i]);
  // A pixel of padding, repeated.
  alignas(64) uint8_t zeros[64];
  for (int64_t i = 0; i < 64; ++i) zeros[i] = args.zero[i & (channels - 1)];
  const I zero = _mm512_load_si512(zeros);

  // The sums of outputs from x on, of the windows that start in these rows.
  const auto add = [&](const uint8_t* const(&rows)[3], int64_t x, auto is_inside, I(&sums)[4])
      __attribute__((always_inline)) {
    const int64_t offset = (x * kStride - args.pad_left) * channels;
    const auto load = [&](const uint8_t* row, int64_t more_bytes) __attribute__((always_inline)) {
      const int64_t at = offset + more_bytes;
      if (is_inside) return _mm512_loadu_si512(row + at);
      return _mm512_mask_loadu_epi8(zero, MaskBetween(-at, row_bytes - at), row + at);
    };
    MINNOW_UNROLL
    for (int v = 0; v < 4; ++v) sums[v] = bias[v % 2];
    MINNOW_UNROLL
    for (int ky = 0; ky < 3; ++ky) {
      I parts[4];
      if constexpr (WIDE) {
        I in[3];
        MINNOW_UNROLL
        for (int i = 0; i < 3; ++i) {
          in[i] = load(rows[ky], i * 64);
          __asm__("" : "+v"(in[i]));  // else GCC loads it for each permutation
        }
        MINNOW_UNROLL
        for (int i = 0; i < 4; ++i) {
          parts[i] = _mm512_permutex2var_epi8(in[i / 2], i % 2 == 0 ? taps : later, in[i / 2 + 1]);
        }
      } else {
        MINNOW_UNROLL
        for (int i = 0; i < 4; ++i) {
          parts[i] = _mm512_permutexvar_epi8(taps, load(rows[ky], i * 32));
        }
      }
      MINNOW_UNROLL
      for (int v = 0; v < 4; ++v) sums[v] = Wide::Dot(sums[v], parts[v], w[0][ky][v % 2]);
      if (__builtin_expect(!more[ky], 1)) continue;
      MINNOW_UNROLL
      for (int v = 0; v < 4; ++v) sums[v] = Wide::Dot(sums[v], parts[v], w[1][ky][v % 2]);
    }
  };
  // And those to `bytes` of bytes.
  const auto finish = [&](const I(&sums)[4], uint8_t* out, int64_t bytes)
      __attribute__((always_inline)) {
    I guesses[4];
    requant.Guesses(
        sums, [&](int v) __attribute__((always_inline)) { return multiplier[v % 2]; }, guesses);
    const I result = _mm512_permutexvar_epi8(packed, Wide::Pack(guesses));
    if (bytes == 64) {
      _mm512_storeu_si512(out, result);
    } else {
      _mm512_mask_storeu_epi8(out, MaskBetween(0, bytes), result);
    }
    if (__builtin_expect(requant.IsNear(guesses), 0)) {
      // Copies, so that the others stay in registers.
      int32_t stored_sums[64], stored_guesses[64];
      MINNOW_UNROLL
      for (int v = 0; v < 4; ++v) {
        _mm512_storeu_si512(stored_sums + v * 16, sums[v]);
        _mm512_storeu_si512(stored_guesses + v * 16, guesses[v]);
      }
      SettlePlaced(stored_sums, stored_guesses, layout, args, bytes, out);
    }
  };
  // Steps whose windows are inside the row and whose outputs are 64 bytes begin in [from, to].
  // While one is finished, the sums of the next are made: each alone waits for its latencies, and
  // more of them than two do not fit into the schedulers. The others go by masks.
  const int64_t last =
      (args.in_width + args.pad_left - 3) / kStride;  // output with a window inside
  const int64_t from = (args.pad_left + 1) / kStride, width = args.out_width;
  const int64_t to = (last < width ? last + 1 : width) - pixels;
  for (int64_t y = 0; y < args.out_rows; ++y) {
    const uint8_t* rows[3];
    for (int ky = 0; ky < 3; ++ky) rows[ky] = args.rows[y * args.stride_h + ky * args.dilation_h];
    uint8_t* out = args.out + y * width * channels;
    for (int64_t x = 0; x < width; x += pixels) {
      I sums[4];
      int64_t bytes = (width - x) * channels;
      if (x < from || x > to) {
        add(rows, x, Constant<false>(), sums);
        bytes = bytes < 64 ? bytes : 64;
      } else {
        add(rows, x, Constant<true>(), sums);
        for (; x + pixels <= to; x += pixels) {
          I next[4];
          add(rows, x + pixels, Constant<true>(), next);
          finish(sums, out + x * channels, 64);
          MINNOW_UNROLL
          for (int v = 0; v < 4; ++v) sums[v] = next[v];
        }
        bytes = 64;
      }
      finish(sums, out + x * channels, bytes);
    }
  }
}

}  // namespace

void qdwconv_64_avx512vbmi(const QdwconvArgs& args) {
  if (QdwconvFlat(args)) return;
  const int64_t channels = args.channels, whole = channels / 64 * 64;
  const bool is_narrow = channels == 8 || channels == 16 || channels == 32;
  if (is_narrow && args.kernel_h == 3 && args.kernel_w == 3 && args.dilation_w == 1 &&
      args.stride_w == 2 && args.planes <= 2) {
    (channels == 32 ? Run3x3<true> : Run3x3<false>)(args, kLayouts[channels / 16]);
  } else if (QdwconvHasTail(args, whole)) {
    QdwconvBlocks(args, whole);
    QdwconvTail(args, whole);
  } else {
    QdwconvBlocks(args, channels);
  }
}

}  // namespace minnow::kernels
MINNOW_TARGET_END
#endif
