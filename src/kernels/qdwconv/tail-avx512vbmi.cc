// 3 x 3 on the last 16 channels or less: two permutations of bytes interleave three rows of them in
// one vector, where the halves of a narrow block would be empty.
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
// clang-format on

struct Picked : Wide {
  static constexpr int kRows = 4, kVectors = 1;
  static constexpr bool kHoldsWeights = true;
  // Of three rows.
  static MINNOW_INLINE void Interleave(const uint8_t* const* in, I (&out)[1]) {
    // Bytes c, 64 + c, c and c for each channel c.
    const I picks = _mm512_add_epi32(
        _mm512_mullo_epi32(_mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15),
                           _mm512_set1_epi32(0x01010101)),
        _mm512_set1_epi32(0x4000));
    const I two =
        _mm512_maskz_permutex2var_epi8(0x3333333333333333, Load(in[0]), picks, Load(in[1]));
    out[0] = _mm512_mask_permutexvar_epi8(two, 0x4444444444444444, picks, Load(in[2]));
  }
};

// clang-format off
#include "kernels/qdwconv/generic-inl.h"
// clang-format on

// Copies what the 32 lanes of a narrow block hold for each of the first 16 channels, in their
// order.
MINNOW_INLINE void Reorder(const void* block, void* tail) {
  int32_t lanes[32], channels[16];
  __builtin_memcpy(lanes, block, sizeof(lanes));
  for (int64_t c = 0; c < 16; ++c) channels[c] = lanes[PackedPlace(32, c)];
  __builtin_memcpy(tail, channels, sizeof(channels));
}

}  // namespace

bool QdwconvHasTail(const QdwconvArgs& args, int64_t first) {
  const int64_t left = args.channels - first;
  return left > 0 && left <= 16 && IsSquare(args, 3) && args.planes == 1;
}

void QdwconvTail(const QdwconvArgs& args, int64_t first) {
  alignas(64) char weights[3 * 64];
  alignas(64) int32_t bias[16];
  alignas(64) float multipliers[16];
  Block block(args, first, 12);
  for (int64_t kx = 0; kx < 3; ++kx) Reorder(block.weights + kx * 128, weights + kx * 64);
  Reorder(block.bias, bias);
  Reorder(block.requant.multipliers, multipliers);
  block.weights = weights;
  block.bias = bias;
  block.requant.multipliers = multipliers;
  const auto run = args.stride_w == 2 ? Window<Picked, 3, 2, 1> : Window<Picked, 3, 1, 1>;
  run(args, block, 0, args.out_width);
}

}  // namespace minnow::kernels
MINNOW_TARGET_END
#endif
