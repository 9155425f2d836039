// 16 channels at a time: two rows of a column of the window are widened to 16 bits and interleaved,
// so that one vpmaddwd multiplies both for eight channels.
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

struct Pairs : Wide {
  static constexpr int kRows = 2, kVectors = 2;
  static constexpr bool kHoldsWeights = false, kHasPlanes = false;
  static MINNOW_INLINE void Interleave(const uint8_t* const* in, I (&out)[2]) {
    const I first = Widen(in[0]);
    const I second = in[1] == nullptr ? _mm256_setzero_si256() : Widen(in[1]);
    out[0] = _mm256_unpacklo_epi16(first, second);
    out[1] = _mm256_unpackhi_epi16(first, second);
  }
};

// clang-format off
#include "kernels/qdwconv/generic-inl.h"
// clang-format on
}  // namespace

void qdwconv_16_avx2(const QdwconvArgs& args) {
  const int64_t bytes = (args.kernel_h + 1) / 2 * args.kernel_w * 4;
  for (int64_t c = 0; c < args.channels; c += 16) {
    Outputs<Pairs>(args, Block(args, c, bytes), 0, args.out_width);
  }
}

}  // namespace minnow::kernels
MINNOW_TARGET_END
#endif
