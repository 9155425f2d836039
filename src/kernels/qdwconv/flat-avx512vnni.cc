// 3 x 3 with stride 1 on channels that do not fill blocks of 64: a row is bytes, taken 64 at a
// time, whatever pixels they belong to. Going down the image, the three taps of a row are
// interleaved and added to the outputs of the three rows that see it.
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
#include "kernels/qdwconv/taps-avx512-inl.h"
// clang-format on

using I = Wide::I;

// What 64 bytes that begin with some channel need. Those a common multiple of 64 and the channels
// further on need the same.
struct Phase {
  I weights[2][3][4];  // plane, row of the window, vector: of three columns
  I bias[4];
  bool more[3] = {};  // whether a row has weights in the second plane
  alignas(64) float multipliers[64];
  alignas(64) uint8_t zero[64];
  double scales[64];
  Requant requant;

  Phase(const QdwconvArgs& args, int64_t first) : requant(args.requant) {
    const auto* packed = static_cast<const int32_t*>(args.weights);
    const int64_t planes = args.planes;
    int64_t channel = first;
    for (int64_t i = 0; i < 64; i += 4) {
      for (int64_t c = 0; c < 4; ++c) {
        zero[i + c] = args.zero[channel + c];
        scales[i + c] = args.requant.scales[channel + c];
      }
      // The place of four channels in their packed block, and here.
      const int64_t block = channel / 64 * 64, width = args.channels - block > 32 ? 64 : 32;
      const int64_t place = PackedPlace(width, channel % 64);
      const int64_t v = i % 16 / 4, lane = i / 16 * 4;
      const auto copy = [&](const void* from, void* to) {
        __builtin_memcpy(static_cast<int32_t*>(to) + lane, from, 16);
      };
      copy(args.bias + block + place, &bias[v]);
      copy(args.requant.multipliers + block + place, multipliers + v * 16);
      const int32_t* columns = packed + block * 3 * planes + place;
      for (int64_t kx = 0; kx < 3; ++kx) {
        for (int64_t plane = 0; plane < planes; ++plane) {
          copy(columns + (kx * planes + plane) * width, &weights[plane][kx][v]);
        }
      }
      channel = channel + 4 == args.channels ? 0 : channel + 4;
    }
    for (int64_t plane = 0; plane < planes; ++plane) {
      for (int v = 0; v < 4; ++v) {
        const I columns[3] = {weights[plane][0][v], weights[plane][1][v], weights[plane][2][v]};
        for (int ky = 0; ky < 3; ++ky) {
          weights[plane][ky][v] = TapsOfRow(columns, ky);
          more[ky] |= plane > 0 && Wide::Any(weights[plane][ky][v]);
        }
      }
    }
    requant.multipliers = multipliers;
    requant.scales = scales;
  }
};

// Bytes [at, at + 64) of all rows, which are of `size` bytes.
template <int PLANES>
void Strip(const QdwconvArgs& args, const Phase& phase, int64_t at, int64_t size) {
  RequantV<Wide> requant(phase.requant);
  I w[3][4], sums[3][4];
  MINNOW_UNROLL
  for (int i = 0; i < 12; ++i) w[i / 4][i % 4] = phase.weights[0][i / 4][i % 4];
  MINNOW_UNROLL
  for (int v = 0; v < 4; ++v) requant.Expect(phase.bias[v], requant.Multiplier(v));
  const int64_t channels = args.channels;
  const bool is_edge = at < channels || at + 64 + channels > size;
  const uint64_t left = at >= channels ? ~uint64_t{0} : ~MaskOf(channels - at);
  const uint64_t right = size - channels - at <= 0 ? 0 : MaskOf(size - channels - at);
  const uint64_t stored = MaskOf(size - at);
  uint8_t* out = args.out + at;
  // Adds the next row, which is row j of the window of the first output.
  const uint8_t* const* row = args.rows;
  const auto feed = [&](int j) __attribute__((always_inline)) {
    const uint8_t* p = *row++ + at;
    const I middle = Wide::Load(p);
    I before, after;
    if (__builtin_expect(is_edge, 0)) {
      const I zero = Wide::Load(phase.zero);
      before = _mm512_mask_loadu_epi8(zero, left, p - channels);
      after = _mm512_mask_loadu_epi8(zero, right, p + channels);
    } else {
      before = Wide::Load(p - channels);
      after = Wide::Load(p + channels);
    }
    I parts[4];
    Zip<Wide>(before, middle, after, after, parts);  // the fourth has no weights
    MINNOW_UNROLL
    for (int o = 0; o < 3; ++o) {
      if (j < o) continue;
      MINNOW_UNROLL
      for (int v = 0; v < 4; ++v) sums[o][v] = Wide::Dot(sums[o][v], parts[v], w[j - o][v]);
      if (PLANES == 1 || !phase.more[j - o]) continue;
      MINNOW_UNROLL
      for (int v = 0; v < 4; ++v) {
        sums[o][v] = Wide::Dot(sums[o][v], parts[v], phase.weights[PLANES - 1][j - o][v]);
      }
    }
  };
  MINNOW_UNROLL
  for (int i = 0; i < 12; ++i) sums[i / 4][i % 4] = phase.bias[i % 4];
  feed(0);
  feed(1);
  for (int64_t y = 0; y < args.out_rows; ++y) {
    feed(2);
    StoreRow<Wide, 4>(sums[0], requant, stored, out);
    out += size;
    MINNOW_UNROLL
    for (int v = 0; v < 4; ++v) {
      sums[0][v] = sums[1][v];
      sums[1][v] = sums[2][v];
      sums[2][v] = phase.bias[v];
    }
  }
}

// Blocks are as fast from here on (96 channels: 0.8 to 1.06 of the time).
constexpr int64_t kMostChannels = 80;
// Outputs that pay for setting up a phase.
constexpr int64_t kLeastPixels = 96;

// How many kinds of 64 bytes there are.
int64_t PhasesOf(int64_t channels) {
  int64_t phases = channels;
  for (int i = 0; i < 6 && phases % 2 == 0; ++i) phases /= 2;
  return phases;
}

}  // namespace

bool QdwconvFlat(const QdwconvArgs& args) {
  const int64_t channels = args.channels, phases = PhasesOf(channels);
  if (args.kernel_h != 3 || args.kernel_w != 3 || args.stride_h != 1 || args.stride_w != 1 ||
      args.dilation_h != 1 || args.dilation_w != 1 || args.pad_left != 1 ||
      args.out_width != args.in_width || args.planes > 2 || channels % 64 == 0 ||
      channels % 4 != 0 || channels > kMostChannels ||
      args.out_width * args.out_rows < phases * kLeastPixels) {
    return false;
  }
  const int64_t size = args.out_width * channels;
  const auto strip = args.planes == 1 ? Strip<1> : Strip<2>;
  for (int64_t p = 0; p < phases; ++p) {
    const Phase phase(args, p * 64 % channels);
    for (int64_t at = p * 64; at < size; at += phases * 64) strip(args, phase, at, size);
  }
  return true;
}

}  // namespace minnow::kernels
MINNOW_TARGET_END
#endif
