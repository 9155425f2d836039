// Some channels of one output at a time, tap after tap, in plain C++.
#include "kernels/qdwconv/declarations.h"

namespace minnow::kernels {
namespace {
// clang-format off
#include "kernels/simd/requant-portable-inl.h"
// clang-format on

constexpr int64_t kChannels = 16;

// `width` of [1, kChannels] channels from `first` on.
void Pixel(const QdwconvArgs& args, const uint8_t* const* rows, int64_t x, int64_t first,
           int64_t width, uint8_t* out) {
  int32_t sums[kChannels];
  for (int64_t i = 0; i < width; ++i) sums[i] = args.bias[first + i];
  const int16_t* w = static_cast<const int16_t*>(args.weights) + first;
  for (int64_t ky = 0; ky < args.kernel_h; ++ky) {
    for (int64_t kx = 0; kx < args.kernel_w; ++kx) {
      const int64_t column = x * args.stride_w + kx * args.dilation_w - args.pad_left;
      const uint8_t* in = column >= 0 && column < args.in_width
                              ? rows[ky * args.dilation_h] + column * args.channels
                              : args.zero;
      for (int64_t i = 0; i < width; ++i) sums[i] += in[first + i] * w[i];
      w += args.channels;
    }
  }
  Requant requant = args.requant;
  requant.multipliers += first;
  requant.scales += first;
  StoreSums(sums, width, requant, out + first);
}

}  // namespace

void qdwconv_16_portable(const QdwconvArgs& args) {
  for (int64_t y = 0; y < args.out_rows; ++y) {
    for (int64_t x = 0; x < args.out_width; ++x) {
      uint8_t* out = args.out + (y * args.out_width + x) * args.channels;
      for (int64_t c = 0; c < args.channels; c += kChannels) {
        const int64_t left = args.channels - c;
        Pixel(args, args.rows + y * args.stride_h, x, c, left < kChannels ? left : kChannels, out);
      }
    }
  }
}

}  // namespace minnow::kernels
