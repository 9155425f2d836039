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
  const RequantV<Wide> requant(args.requant);
  if constexpr (NV == 1 && MR % 4 == 0) {
    // Sixteen bytes at a time would be most of the time.
    if (args.columns == 16 && args.c_pixel_stride == 16) {
      Wide::I rows[MR];
      MINNOW_UNROLL
      for (int p = 0; p < MR; ++p) rows[p] = acc[p][0];
      MINNOW_UNROLL
      for (int p = 0; p < MR; p += 4) StoreFourRows<Wide>(rows + p, requant, c + p * 16);
      return;
    }
  }
  const uint64_t mask = MaskOf(args.columns);
  MINNOW_UNROLL
  for (int p = 0; p < MR; ++p) {
    StoreRow<Wide, NV>(acc[p], requant, mask, c + p * args.c_pixel_stride);
    MINNOW_KEEP_ORDER();
  }
}

// clang-format off
#include "kernels/simd/tiles-inl.h"
#include "kernels/qgemm/tiles-inl.h"
// clang-format on
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

namespace {

// Rows of 8, 16 or 32 bytes that follow one another, 64 bytes of them at a time. Gives how many
// rows it summed.
int64_t SumShortRows(const uint8_t* a, int64_t m, int64_t length, int32_t factor, int32_t* sums) {
  const int64_t rows = 64 / length;
  // The first eighth of each row.
  const auto firsts = static_cast<__mmask8>(length == 8 ? 0xff : (length == 16 ? 0x55 : 0x11));
  int64_t p = 0;
  for (; p + rows <= m; p += rows) {
    __m512i sum = _mm512_sad_epu8(Wide::Load(a + p * length), Wide::Zero());
    if (length >= 16) sum = Wide::Add(sum, _mm512_shuffle_epi32(sum, _MM_PERM_BADC));
    if (length >= 32) sum = Wide::Add(sum, _mm512_shuffle_i64x2(sum, sum, 0xb1));
    const __m256i totals = _mm512_cvtepi64_epi32(_mm512_maskz_compress_epi64(firsts, sum));
    _mm256_mask_storeu_epi32(sums + p, static_cast<__mmask8>((1 << rows) - 1),
                             _mm256_mullo_epi32(totals, _mm256_set1_epi32(factor)));
  }
  return p;
}

// Taps of up to 16 bytes, as those of first convolutions, of four rows at a time. Gives how many
// rows it summed.
int64_t SumShortTaps(const QgemmArgs& args, int32_t factor, int32_t* sums) {
  const auto mask = static_cast<__mmask16>(MaskOf(args.channels));
  const __m128i ones = _mm_set1_epi8(1);
  const __m128i factors = _mm_set1_epi32(factor);
  int64_t p = 0;
  for (; p + 4 <= args.m; p += 4) {
    __m128i rows[4] = {};
    for (int64_t t = 0; t < args.tap_count; ++t) {
      const uint8_t* x = args.a + args.taps[t] + p * args.pixel_stride;
      MINNOW_UNROLL
      for (int r = 0; r < 4; ++r) {
        const __m128i bytes = _mm_maskz_loadu_epi8(mask, x + r * args.pixel_stride);
        rows[r] = _mm_dpbusd_epi32(rows[r], bytes, ones);
      }
    }
    const __m128i totals =
        _mm_hadd_epi32(_mm_hadd_epi32(rows[0], rows[1]), _mm_hadd_epi32(rows[2], rows[3]));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(sums + p), _mm_mullo_epi32(totals, factors));
  }
  return p;
}

}  // namespace

void qgemm_row_sums_avx512vnni(const QgemmArgs& args, int32_t factor, int32_t* sums) {
  const __m512i ones = _mm512_set1_epi8(1);
  const int64_t k = args.channels;
  int64_t p = 0;
  if (args.tap_count == 1 && args.pixel_stride == k && (k == 8 || k == 16 || k == 32)) {
    p = SumShortRows(args.a + args.taps[0], args.m, k, factor, sums);
  } else if (k <= 16) {
    p = SumShortTaps(args, factor, sums);
  }
  for (; p < args.m; ++p) {
    __m512i sum = Wide::Zero();
    for (int64_t t = 0; t < args.tap_count; ++t) {
      const uint8_t* x = args.a + args.taps[t] + p * args.pixel_stride;
      for (int64_t first = 0; first < k; first += 64) {
        const __mmask64 mask = MaskOf(k - first);
        sum = Wide::Dot(sum, _mm512_maskz_loadu_epi8(mask, x + first), ones);
      }
    }
    sums[p] = factor * _mm512_reduce_add_epi32(sum);
  }
}

}  // namespace minnow::kernels
MINNOW_TARGET_END
#endif
