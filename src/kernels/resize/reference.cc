// The resize loops in plain C++: the meaning of the family and the fallback everywhere.
#include <algorithm>

#include "kernels/resize/declarations.h"

namespace minnow::kernels {

void resize_row_u8_reference(const ResizeRowPlan& plan, const uint8_t* source, float* out) {
  const int64_t pixel_step = plan.planar ? 1 : 3;
  const int64_t channel_step = plan.planar ? plan.width : 1;
  const float* weights = plan.weights;
  for (int64_t x = 0; x < plan.width; ++x) {
    const uint8_t* pixel = source + 3 * plan.start[x];
    float even[3] = {0, 0, 0};
    float odd[3] = {0, 0, 0};
    for (int64_t pair = 0; pair < plan.pairs; ++pair) {
      for (int c = 0; c < 3; ++c) {
        even[c] += weights[c] * static_cast<float>(pixel[c]);
        odd[c] += weights[3 + c] * static_cast<float>(pixel[3 + c]);
      }
      weights += kResizePairFloats;
      pixel += 6;
    }
    for (int c = 0; c < 3; ++c) {
      out[x * pixel_step + plan.order[c] * channel_step] = even[c] + odd[c];
    }
  }
}

namespace {

// A stretch short enough to stay in registers or the first cache line by line.
constexpr int64_t kBlock = 64;

void WeightedSum(int64_t taps, const float* const* rows, const float* weights, int64_t begin,
                 int64_t count, float* sum) {
  std::fill(sum, sum + count, 0.0f);
  for (int64_t t = 0; t < taps; ++t) {
    const float* row = rows[t] + begin;
    for (int64_t i = 0; i < count; ++i) sum[i] += weights[t] * row[i];
  }
}

}  // namespace

void blend_rows_f32_reference(int64_t taps, const float* const* rows, const float* weights,
                              int64_t count, const float* scale, const float* offset, float* out) {
  float sum[kBlock];
  for (int64_t begin = 0; begin < count; begin += kBlock) {
    const int64_t block = std::min(kBlock, count - begin);
    WeightedSum(taps, rows, weights, begin, block, sum);
    for (int64_t i = 0; i < block; ++i) {
      out[begin + i] = sum[i] * scale[begin + i] + offset[begin + i];
    }
  }
}

void blend_rows_u8_reference(int64_t taps, const float* const* rows, const float* weights,
                             int64_t count, uint8_t* out) {
  float sum[kBlock];
  for (int64_t begin = 0; begin < count; begin += kBlock) {
    const int64_t block = std::min(kBlock, count - begin);
    WeightedSum(taps, rows, weights, begin, block, sum);
    for (int64_t i = 0; i < block; ++i) {
      const float rounded = std::min(std::max(sum[i] + 0.5f, 0.0f), 255.0f);
      out[begin + i] = static_cast<uint8_t>(rounded);
    }
  }
}

}  // namespace minnow::kernels
