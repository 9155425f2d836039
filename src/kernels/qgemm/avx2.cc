// 6 pixels x 16 channels of vpmaddwd: 12 accumulators, 2 weights, 1 broadcast of 16 registers.
//
// vpmaddubsw would take bytes as they are, and saturates. So A is widened to 16 bits, a few hundred
// k at a time, into a buffer in the first cache level.
#include "base/target_region.h"
#include "kernels/qgemm/declarations.h"
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

constexpr int64_t kChunk = 256;

template <int MR, int NV>
__attribute__((noinline)) void Tile(const QgemmArgs& args, const uint8_t* a, uint8_t* c,
                                    const int32_t* offsets) {
  alignas(32) int16_t wide[MR][kChunk];
  __m256i acc[MR][NV];
  MINNOW_UNROLL
  for (int p = 0; p < MR; ++p) {
    const __m256i offset = Wide::Set(offsets == nullptr ? 0 : offsets[p]);
    MINNOW_UNROLL
    for (int v = 0; v < NV; ++v) {
      acc[p][v] = _mm256_add_epi32(Wide::Load(args.bias + v * 8), offset);
    }
  }
  const auto* b = static_cast<const int16_t*>(args.b);
  for (int64_t t = 0; t < args.tap_count; ++t) {
    for (int64_t first = 0; first < args.channels; first += kChunk) {
      const int64_t length = args.channels - first < kChunk ? args.channels - first : kChunk;
      for (int p = 0; p < MR; ++p) {
        const uint8_t* x = a + args.taps[t] + p * args.pixel_stride + first;
        for (int64_t k = 0; k < length; k += 16) Wide::Store(wide[p] + k, Wide::Widen(x + k));
      }
      // To whole groups of four, as weights are packed.
      for (int64_t k = 0; k < (length + 3) / 4 * 4; k += 2) {
        __m256i w[NV];
        MINNOW_UNROLL
        for (int v = 0; v < NV; ++v) w[v] = Wide::Load(b + v * 16);
        b += NV * 16;
        MINNOW_UNROLL
        for (int p = 0; p < MR; ++p) {
          int32_t pair;
          __builtin_memcpy(&pair, wide[p] + k, sizeof(pair));
          const __m256i x = Wide::Set(pair);
          MINNOW_UNROLL
          for (int v = 0; v < NV; ++v) acc[p][v] = Wide::Dot(acc[p][v], x, w[v]);
        }
        MINNOW_KEEP_ORDER();
      }
    }
  }
  const uint64_t mask = MaskOf(args.columns);
  const RequantV<Wide> requant(args.requant);
  MINNOW_UNROLL
  for (int p = 0; p < MR; ++p) {
    StoreRow<Wide, NV>(acc[p], requant, mask, c + p * args.c_pixel_stride);
  }
}

// clang-format off
#include "kernels/simd/tiles-inl.h"
#include "kernels/qgemm/tiles-inl.h"
// clang-format on
}  // namespace

template <>
void qgemm_6x16_avx2<1>(const QgemmArgs& args) {
  Panel<6, 1>(args);
}
template <>
void qgemm_6x16_avx2<2>(const QgemmArgs& args) {
  Panel<6, 2>(args);
}

}  // namespace minnow::kernels
MINNOW_TARGET_END
#endif
