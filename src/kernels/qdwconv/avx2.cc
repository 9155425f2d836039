// 16 channels at a time: two taps are widened to 16 bits and interleaved, so that one vpmaddwd
// multiplies both for eight channels.
#include "base/target_region.h"
#include "kernels/qdwconv/declarations.h"
#include "kernels/simd/unroll.h"

#if MINNOW_X86_64
#include <immintrin.h>

MINNOW_TARGET_BEGIN("avx2,fma")
namespace minnow::kernels {
namespace {
// clang-format off
#include "kernels/simd/bytes-avx2-inl.h"
#include "kernels/simd/requant-inl.h"
// clang-format on

// One block of channels of one output row.
struct Block {
  int64_t first;  // channel
  const int16_t* weights;
  const int32_t* bias;
  Requant requant;
  uint64_t mask;
};

// Sixteen channels of tap `tap` of output x, as 16 bits.
MINNOW_INLINE __m256i Tap(const QdwconvArgs& args, const uint8_t* const* rows, const Block& block,
                          int64_t x, int64_t ky, int64_t kx) {
  const int64_t column = x * args.stride_w + kx * args.dilation_w - args.pad_left;
  const uint8_t* p = column >= 0 && column < args.in_width
                         ? rows[ky * args.dilation_h] + column * args.channels
                         : args.zero;
  return Wide::Widen(p + block.first);
}

void RunRow(const QdwconvArgs& args, const uint8_t* const* rows, const Block& block, uint8_t* out) {
  const int64_t taps = args.kernel_h * args.kernel_w;
  const RequantV<Wide> requant(block.requant);
  for (int64_t x = 0; x < args.out_width; ++x) {
    __m256i sums[2] = {Wide::Load(block.bias), Wide::Load(block.bias + 8)};
    int64_t ky = 0, kx = 0;
    const auto next = [&] {
      const __m256i value = Tap(args, rows, block, x, ky, kx);
      if (++kx == args.kernel_w) {
        kx = 0;
        ++ky;
      }
      return value;
    };
    const int16_t* w = block.weights;
    for (int64_t tap = 0; tap < taps; tap += 2) {
      const __m256i first = next();
      const __m256i second = tap + 1 < taps ? next() : _mm256_setzero_si256();
      sums[0] = Wide::Dot(sums[0], _mm256_unpacklo_epi16(first, second), Wide::Load(w));
      sums[1] = Wide::Dot(sums[1], _mm256_unpackhi_epi16(first, second), Wide::Load(w + 16));
      w += 32;
    }
    StoreRow<Wide, 2>(sums, requant, block.mask, out + x * args.channels);
  }
}

}  // namespace

void qdwconv_16_avx2(const QdwconvArgs& args) {
  const int64_t weights = (args.kernel_h * args.kernel_w + 1) / 2 * 2;
  for (int64_t c = 0; c < args.channels; c += 16) {
    Block block;
    block.first = c;
    block.weights = static_cast<const int16_t*>(args.weights) + c * weights;
    block.bias = args.bias + c;
    block.requant = args.requant;
    block.requant.multipliers += c;
    block.requant.scales += c;
    block.mask = MaskOf(args.channels - c);
    for (int64_t y = 0; y < args.out_rows; ++y) {
      RunRow(args, args.rows + y * args.stride_h, block,
             args.out + y * args.out_width * args.channels + c);
    }
  }
}

}  // namespace minnow::kernels
MINNOW_TARGET_END
#endif
