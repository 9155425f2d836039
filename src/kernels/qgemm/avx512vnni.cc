// 6 pixels x 64 channels of vpdpbusd: 24 accumulators, 4 weights, 1-2 broadcasts of 32 registers.
#include "base/target_region.h"
#include "kernels/qgemm/declarations.h"
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

// Bytes that a stream of weights is fetched ahead, where few rows are bound by it.
constexpr int kAhead = 2048;

// The next `STEPS` groups of four k.
template <int MR, int NV, int STEPS>
MINNOW_INLINE void Steps(__m512i (&acc)[MR][NV], const uint8_t* a, int64_t stride,
                         const int8_t* b) {
  MINNOW_UNROLL
  for (int k = 0; k < STEPS; ++k) {
    __m512i w[NV];
    MINNOW_UNROLL
    for (int v = 0; v < NV; ++v) w[v] = Wide::Load(b + (k * NV + v) * 64);
    MINNOW_UNROLL
    for (int p = 0; p < MR; ++p) {
      int32_t quad;
      __builtin_memcpy(&quad, a + p * stride + k * 4, sizeof(quad));
      const __m512i x = Wide::Set(quad);
      MINNOW_UNROLL
      for (int v = 0; v < NV; ++v) acc[p][v] = Wide::Dot(acc[p][v], x, w[v]);
    }
    MINNOW_KEEP_ORDER();
    if (MR <= 2) {
      MINNOW_UNROLL
      for (int v = 0; v < NV; ++v) __builtin_prefetch(b + (k * NV + v) * 64 + kAhead, 0, 3);
    }
  }
}

template <int MR, int NV>
__attribute__((noinline)) void Tile(const QgemmArgs& args, const uint8_t* a, uint8_t* c,
                                    const int32_t* offsets) {
  constexpr int kUnrolled = 4;
  __m512i acc[MR][NV];
  MINNOW_UNROLL
  for (int v = 0; v < NV; ++v) {
    const __m512i bias = Wide::Load(args.bias + v * 16);
    MINNOW_UNROLL
    for (int p = 0; p < MR; ++p) acc[p][v] = bias;
  }
  if (offsets != nullptr) {
    MINNOW_UNROLL
    for (int p = 0; p < MR; ++p) {
      const __m512i offset = Wide::Set(offsets[p]);
      MINNOW_UNROLL
      for (int v = 0; v < NV; ++v) acc[p][v] = Wide::Add(acc[p][v], offset);
    }
  }
  const auto* b = static_cast<const int8_t*>(args.b);
  for (int64_t t = 0; t < args.tap_count; ++t) {
    const uint8_t* x = a + args.taps[t];
    int64_t left = args.channels;
    for (; left >= 4 * kUnrolled; left -= 4 * kUnrolled) {
      Steps<MR, NV, kUnrolled>(acc, x, args.pixel_stride, b);
      x += 4 * kUnrolled;
      b += kUnrolled * NV * 64;
    }
    for (; left > 0; left -= 4) {
      Steps<MR, NV, 1>(acc, x, args.pixel_stride, b);
      x += 4;
      b += NV * 64;
    }
  }
  const uint64_t mask = MaskOf(args.columns);
  const RequantV<Wide> requant(args.requant);
  MINNOW_UNROLL
  for (int p = 0; p < MR; ++p) {
    StoreRow<Wide, NV>(acc[p], requant, mask, c + p * args.c_pixel_stride);
    MINNOW_KEEP_ORDER();
  }
}

// One tile of m pixels, 1 <= m <= MR.
template <int MR, int NV>
MINNOW_INLINE void TileOf(int64_t m, const QgemmArgs& args, const uint8_t* a, uint8_t* c,
                          const int32_t* offsets) {
  if constexpr (MR > 1) {
    if (m < MR) return TileOf<MR - 1, NV>(m, args, a, c, offsets);
  }
  Tile<MR, NV>(args, a, c, offsets);
}

template <int MR, int NV>
MINNOW_INLINE void Panel(const QgemmArgs& args) {
  const uint8_t* a = args.a;
  uint8_t* c = args.c;
  const int32_t* offsets = args.row_offsets;
  int64_t left = args.m;
  for (; left >= MR; left -= MR) {
    Tile<MR, NV>(args, a, c, offsets);
    a += MR * args.pixel_stride;
    c += MR * args.c_pixel_stride;
    if (offsets != nullptr) offsets += MR;
  }
  if (left > 0) TileOf<MR, NV>(left, args, a, c, offsets);
}

}  // namespace

template <>
void qgemm_6x64_avx512vnni<1>(const QgemmArgs& args) {
  Panel<12, 1>(args);
}
template <>
void qgemm_6x64_avx512vnni<2>(const QgemmArgs& args) {
  Panel<8, 2>(args);
}
template <>
void qgemm_6x64_avx512vnni<3>(const QgemmArgs& args) {
  Panel<8, 3>(args);
}
template <>
void qgemm_6x64_avx512vnni<4>(const QgemmArgs& args) {
  Panel<6, 4>(args);
}

void qgemm_row_sums_avx512vnni(const QgemmArgs& args, int32_t factor, int32_t* sums) {
  const __m512i ones = _mm512_set1_epi8(1);
  for (int64_t p = 0; p < args.m; ++p) {
    __m512i sum = Wide::Zero();
    for (int64_t t = 0; t < args.tap_count; ++t) {
      const uint8_t* x = args.a + args.taps[t] + p * args.pixel_stride;
      for (int64_t k = 0; k < args.channels; k += 64) {
        const __mmask64 mask = MaskOf(args.channels - k);
        sum = Wide::Dot(sum, _mm512_maskz_loadu_epi8(mask, x + k), ones);
      }
    }
    sums[p] = factor * _mm512_reduce_add_epi32(sum);
  }
}

}  // namespace minnow::kernels
MINNOW_TARGET_END
#endif
