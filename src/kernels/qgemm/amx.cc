// Tiles of 16 pixels x 16 channels x 64 bytes of depth, in the tile registers of AMX. A tile of A
// is read from the pixels as they lie, one of B from the packed weights; sums go over memory to the
// vectors that requantise them, while the next tiles are multiplied.
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

constexpr int kRows = 16;
constexpr int kDepth = 64;

// By name: the intrinsics take the numbers of registers as literals only.
template <int T>
MINNOW_INLINE void LoadTile(const void* p, int64_t stride) {
  __asm__ volatile("tileloadd (%0,%1,1), %%tmm%c2" : : "r"(p), "r"(stride), "i"(T) : "memory");
}
template <int T>
MINNOW_INLINE void StoreTile(void* p, int64_t stride) {
  __asm__ volatile("tilestored %%tmm%c2, (%0,%1,1)" : : "r"(p), "r"(stride), "i"(T) : "memory");
}
// C += A (unsigned) * B (signed).
template <int C, int A, int B>
MINNOW_INLINE void DotTiles() {
  __asm__ volatile("tdpbusd %%tmm%c2, %%tmm%c1, %%tmm%c0" : : "i"(C), "i"(A), "i"(B));
}

// RT x NV <= 4 tiles of C in registers 0 to 3, A in 4, B in 5 to 7.
template <int NV, int RT>
class Block {
 public:
  static constexpr int kPixels = RT * kRows;

  explicit Block(const QgemmArgs& args) : args_(args) {}

  MINNOW_INLINE void Multiply(int64_t first) const {
    const uint8_t* a = args_.a + first * args_.pixel_stride;
    ForEachTile([&](auto r, auto v) __attribute__((always_inline)) {
      LoadTile<r * NV + v>(args_.bias + v * 16, 0);
    });
    const auto* b = static_cast<const int8_t*>(args_.b);
    for (int64_t t = 0; t < args_.tap_count; ++t) {
      const uint8_t* x = a + args_.taps[t];
      for (int64_t k = 0; k < args_.channels; k += kDepth) {
        Step(x + k, b);
        b += kDepth * NV * 16;
      }
    }
  }

  MINNOW_INLINE void StoreSums(int32_t* sums) const {
    ForEachTile([&](auto r, auto v) __attribute__((always_inline)) {
      StoreTile<r * NV + v>(sums + (r * kRows * NV + v) * 16, NV * 64);
    });
  }

  MINNOW_INLINE void Finish(const int32_t* sums, int64_t first) const {
    const uint64_t mask = MaskOf(args_.columns);
    const RequantV<Wide> requant(args_.requant);
    const int64_t stride = args_.c_pixel_stride;
    const int32_t* offsets = args_.row_offsets == nullptr ? nullptr : args_.row_offsets + first;
    uint8_t* out = args_.c + first * stride;
    for (int p = 0; p < kPixels; ++p, out += stride) {
      __m512i row[NV];
      MINNOW_UNROLL
      for (int v = 0; v < NV; ++v) row[v] = Wide::Load(sums + (p * NV + v) * 16);
      if (offsets != nullptr) {
        const __m512i offset = Wide::Set(offsets[p]);
        MINNOW_UNROLL
        for (int v = 0; v < NV; ++v) row[v] = Wide::Add(row[v], offset);
      }
      StoreRow<Wide, NV>(row, requant, mask, out);
    }
  }

 private:
  template <int I>
  struct Constant {
    constexpr operator int() const { return I; }  // NOLINT(google-explicit-constructor)
  };

  template <typename F>
  static MINNOW_INLINE void ForEachTile(const F& f) {
    f(Constant<0>(), Constant<0>());
    if constexpr (NV > 1) f(Constant<0>(), Constant<1>());
    if constexpr (NV > 2) f(Constant<0>(), Constant<2>());
    if constexpr (NV > 3) f(Constant<0>(), Constant<3>());
    if constexpr (RT > 1) f(Constant<1>(), Constant<0>());
    if constexpr (RT > 1 && NV > 1) f(Constant<1>(), Constant<1>());
    if constexpr (RT > 2) f(Constant<2>(), Constant<0>());
    if constexpr (RT > 3) f(Constant<3>(), Constant<0>());
  }

  MINNOW_INLINE void Step(const uint8_t* x, const int8_t* b) const {
    const int64_t stride = args_.pixel_stride;
    if constexpr (RT == 1) LoadTile<4>(x, stride);
    ForEachTile([&](auto r, auto v) __attribute__((always_inline)) {
      if (r == 0) LoadTile<5 + v % 3>(b + v * 64, NV * 64);
      if (RT > 1 && v == 0) LoadTile<4>(x + r * kRows * stride, stride);
      DotTiles<r * NV + v, 4, 5 + v % 3>();
    });
  }

  const QgemmArgs& args_;
};

// REQUIRES: args.m >= pixels of a block. The last block overlaps the one before: the same bytes
// are written again.
template <int NV, int RT>
void Blocks(const QgemmArgs& args) {
  using B = Block<NV, RT>;
  alignas(64) int32_t sums[2][B::kPixels * NV * 16];
  const B block(args);
  block.Multiply(0);
  block.StoreSums(sums[0]);
  int64_t first = 0;
  int at = 0;
  while (first + B::kPixels < args.m) {
    const int64_t next =
        first + 2 * B::kPixels <= args.m ? first + B::kPixels : args.m - B::kPixels;
    block.Multiply(next);
    block.Finish(sums[at], first);
    at = 1 - at;
    block.StoreSums(sums[at]);
    first = next;
  }
  block.Finish(sums[at], first);
}

template <int NV, int RT>
void Panel(const QgemmArgs& args) {
  if (args.m >= RT * kRows) {
    Blocks<NV, RT>(args);
  } else if (args.m >= kRows) {
    Blocks<NV, 1>(args);
  }
}

struct alignas(64) TileConfig {
  uint8_t palette = 1;
  uint8_t start_row = 0;
  uint8_t reserved[14] = {};
  uint16_t row_bytes[16] = {64, 64, 64, 64, 64, 64, 64, 64};
  uint8_t rows[16] = {16, 16, 16, 16, 16, 16, 16, 16};
};

}  // namespace

template <>
void qgemm_16x64_amx<1>(const QgemmArgs& args) {
  Panel<1, 4>(args);
}
template <>
void qgemm_16x64_amx<2>(const QgemmArgs& args) {
  Panel<2, 2>(args);
}
template <>
void qgemm_16x64_amx<3>(const QgemmArgs& args) {
  Panel<3, 1>(args);
}
template <>
void qgemm_16x64_amx<4>(const QgemmArgs& args) {
  Panel<4, 1>(args);
}

void qgemm_begin_amx() {
  const TileConfig config;
  __asm__ volatile("ldtilecfg %0" : : "m"(config));
}
void qgemm_end_amx() { __asm__ volatile("tilerelease"); }

}  // namespace minnow::kernels
MINNOW_TARGET_END
#endif
