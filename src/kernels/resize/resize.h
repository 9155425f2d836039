// The inner loops of resizing a picture: bytes across a row, then rows of floats downwards.
//
// The order of the additions is part of the contract and nothing is fused, so every variant gives
// the same bits.
#ifndef MINNOW_KERNELS_RESIZE_RESIZE_H_
#define MINNOW_KERNELS_RESIZE_RESIZE_H_

#include <cstdint>
#include <vector>

#include "base/cpu_features.h"

namespace minnow::kernels {

// Floats that `weights` has for one pair of taps: w0 w0 w0 w1 w1 w1 0 0.
inline constexpr int64_t kResizePairFloats = 8;
// What the horizontal pass may read past the last tap of a row, in bytes.
inline constexpr int64_t kResizeExtraBytes = 2;
// What the horizontal pass may write past the end of a row, in floats.
inline constexpr int64_t kResizeExtraFloats = 1;

// How a row of RGB bytes becomes a row of floats.
struct ResizeRowPlan {
  int64_t width = 0;               // output pixels
  int64_t pairs = 0;               // pairs of taps for every output pixel
  const int64_t* start = nullptr;  // [width] source pixel of the first tap
  const float* weights = nullptr;  // [width][pairs][kResizePairFloats]
  // Channel order[c] of the output is channel c of the source, 0..2.
  int order[3] = {0, 1, 2};
  // false: out[3 * x + channel]; true: out[channel * width + x].
  bool planar = false;
};

// out = (sum of w0 * source[even tap]) + (sum of w1 * source[odd tap]), both in the order of the
// taps, for each pixel and channel. Reads 3 bytes for each tap and kResizeExtraBytes after the last
// one; `out` has room for 3 * width + kResizeExtraFloats.
using ResizeRowFn = void (*)(const ResizeRowPlan& plan, const uint8_t* source, float* out);

// out[i] = (sum over t of weights[t] * rows[t][i]) * scale[i] + offset[i], 0 <= i < count.
// REQUIRES: taps >= 1.
using BlendRowsFn = void (*)(int64_t taps, const float* const* rows, const float* weights,
                             int64_t count, const float* scale, const float* offset, float* out);

// out[i] = the same sum, rounded half up and clamped to 0..255.
using BlendRowsToBytesFn = void (*)(int64_t taps, const float* const* rows, const float* weights,
                                    int64_t count, uint8_t* out);

struct ResizeKernels {
  Isa isa;
  const char* name;
  ResizeRowFn row;
  BlendRowsFn blend;
  BlendRowsToBytesFn blend_to_bytes;
};

// Every variant that this build has, best first.
const std::vector<ResizeKernels>& AllResizeKernels();
// The best variant for machines of level `isa`.
const ResizeKernels& SelectResize(Isa isa);

}  // namespace minnow::kernels

#endif  // MINNOW_KERNELS_RESIZE_RESIZE_H_
