// One pixel x 16 channels: dot products of 16-bit numbers, which compilers turn into the
// multiply-add instructions of SSE2, NEON and Wasm.
#include "kernels/qgemm/declarations.h"

namespace minnow::kernels {
namespace {
// clang-format off
#include "kernels/simd/requant-portable-inl.h"
// clang-format on

constexpr int64_t kColumns = 16;
constexpr int64_t kChunk = 512;

int32_t DotProduct(const int16_t* a, const int16_t* b, int64_t length) {
  int32_t sum = 0;
  for (int64_t i = 0; i < length; ++i) sum += a[i] * b[i];
  return sum;
}

void Pixel(const QgemmArgs& args, const uint8_t* a, int32_t offset, uint8_t* c) {
  int16_t wide[kChunk];
  // Sums may pass beyond 32 bits on the way, and come back.
  uint32_t sums[kColumns];
  for (int64_t n = 0; n < kColumns; ++n) {
    sums[n] = static_cast<uint32_t>(args.bias[n]) + static_cast<uint32_t>(offset);
  }
  const int64_t padded = (args.channels + 3) / 4 * 4, depth = args.tap_count * padded;
  for (int64_t t = 0; t < args.tap_count; ++t) {
    for (int64_t first = 0; first < args.channels; first += kChunk) {
      const int64_t length = args.channels - first < kChunk ? args.channels - first : kChunk;
      const uint8_t* x = a + args.taps[t] + first;
      for (int64_t k = 0; k < length; ++k) wide[k] = static_cast<int16_t>(x[k]);
      const int16_t* b = static_cast<const int16_t*>(args.b) + t * padded + first;
      for (int64_t n = 0; n < args.columns; ++n) {
        sums[n] += static_cast<uint32_t>(DotProduct(wide, b + n * depth, length));
      }
    }
  }
  int32_t totals[kColumns];
  for (int64_t n = 0; n < kColumns; ++n) totals[n] = static_cast<int32_t>(sums[n]);
  StoreSums(totals, args.columns, args.requant, c);
}

}  // namespace

template <>
void qgemm_1x16_portable<1>(const QgemmArgs& args) {
  for (int64_t p = 0; p < args.m; ++p) {
    Pixel(args, args.a + p * args.pixel_stride,
          args.row_offsets == nullptr ? 0 : args.row_offsets[p], args.c + p * args.c_pixel_stride);
  }
}

}  // namespace minnow::kernels
