// The inner loops of resizing a picture: bytes across a row, then rows of floats downwards.
//
// The horizontal sums are integers and the vertical ones have a fixed order without fused
// operations, so every variant gives the same bits.
#ifndef MINNOW_KERNELS_RESIZE_RESIZE_H_
#define MINNOW_KERNELS_RESIZE_RESIZE_H_

#include <cstddef>
#include <cstdint>

#include "base/cpu_features.h"

namespace minnow::kernels {

// Taps that are summed up together, and the 16-bit weights that they have:
// w0 w1 w0 w1 w0 w1 0 0 w2 w3 w2 w3 w2 w3 0 0.
inline constexpr int64_t kResizeGroupTaps = 4;
inline constexpr int64_t kResizeGroupWeights = 16;
// What the horizontal pass may read past the last tap of a row, in bytes.
inline constexpr int64_t kResizeExtraBytes = 4;
// What the horizontal pass may write past the end of a row, in floats.
inline constexpr int64_t kResizeExtraFloats = 1;

// How a row of RGB bytes becomes a row of floats.
struct ResizeRowPlan {
  int64_t width = 0;                 // output pixels
  int64_t groups = 0;                // groups of taps for every output pixel
  const int64_t* start = nullptr;    // [width] source pixel of the first tap
  const int16_t* weights = nullptr;  // [width][groups][kResizeGroupWeights]
  float unit = 0;                    // what a weight of 1 stands for: a power of two
  // Channel order[c] of the output is channel c of the source, 0..2.
  int order[3] = {0, 1, 2};
  // false: out[3 * x + channel]; true: out[channel * width + x].
  bool planar = false;
};

// out = unit * (sum of weight * source over the taps), for each pixel and channel. Reads 3 bytes
// for each tap and kResizeExtraBytes after the last one; `out` has room for 3 * width +
// kResizeExtraFloats. REQUIRES: no sum leaves 32 bits.
using ResizeRowFn = void (*)(const ResizeRowPlan& plan, const uint8_t* source, float* out);

// out[i] = (sum over t of weights[t] * rows[t][j]) * scale[j] + offset[j], j = begin + i,
// 0 <= i < count.
using BlendRowsFn = void (*)(int64_t taps, const float* const* rows, const float* weights,
                             int64_t begin, int64_t count, const float* scale, const float* offset,
                             float* out);

// out[i] = the same sum, rounded half up and clamped to 0..255.
using BlendRowsToBytesFn = void (*)(int64_t taps, const float* const* rows, const float* weights,
                                    int64_t begin, int64_t count, uint8_t* out);

struct ResizeKernels {
  Isa isa;
  const char* name;
  ResizeRowFn row;
  BlendRowsFn blend;
  BlendRowsToBytesFn blend_to_bytes;
};

// The variants that this machine runs, best first, and how many.
const ResizeKernels* AllResizeKernels(size_t* count);
// The best variant for machines of level `isa`.
const ResizeKernels& SelectResize(Isa isa);

}  // namespace minnow::kernels

#endif  // MINNOW_KERNELS_RESIZE_RESIZE_H_
