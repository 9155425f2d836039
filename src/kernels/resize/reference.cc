// The resize loops in plain C++: the meaning of the family and the fallback everywhere.
#include <algorithm>

#include "kernels/resize/declarations.h"

namespace minnow::kernels {

void resize_row_u8_reference(const ResizeRowPlan& plan, const uint8_t* source, float* out) {
  const int64_t pixel_step = plan.planar ? 1 : 3;
  const int64_t channel_step = plan.planar ? plan.width : 1;
  const int16_t* weights = plan.weights;
  for (int64_t x = 0; x < plan.width; ++x) {
    const uint8_t* pixel = source + 3 * plan.start[x];
    int32_t sum[3] = {0, 0, 0};
    for (int64_t group = 0; group < plan.groups; ++group) {
      for (int c = 0; c < 3; ++c) {
        sum[c] += weights[0] * pixel[c] + weights[1] * pixel[3 + c] + weights[8] * pixel[6 + c] +
                  weights[9] * pixel[9 + c];
      }
      weights += kResizeGroupWeights;
      pixel += 3 * kResizeGroupTaps;
    }
    for (int c = 0; c < 3; ++c) {
      out[x * pixel_step + plan.order[c] * channel_step] = static_cast<float>(sum[c]) * plan.unit;
    }
  }
}

namespace {

// Floats summed up at a time: few enough to stay in the first cache, tap after tap.
constexpr int64_t kBlock = 64;

void WeightedSum(int64_t taps, const float* const* rows, const float* weights, int64_t from,
                 int64_t count, float* sum) {
  std::fill(sum, sum + count, 0.0f);
  for (int64_t t = 0; t < taps; ++t) {
    const float* row = rows[t] + from;
    for (int64_t i = 0; i < count; ++i) sum[i] += weights[t] * row[i];
  }
}

}  // namespace

void blend_rows_f32_reference(int64_t taps, const float* const* rows, const float* weights,
                              int64_t begin, int64_t count, const float* scale, const float* offset,
                              float* out) {
  float sum[kBlock];
  for (int64_t done = 0; done < count; done += kBlock) {
    const int64_t block = std::min(kBlock, count - done);
    const int64_t from = begin + done;
    WeightedSum(taps, rows, weights, from, block, sum);
    for (int64_t i = 0; i < block; ++i) {
      out[done + i] = sum[i] * scale[from + i] + offset[from + i];
    }
  }
}

void blend_rows_u8_reference(int64_t taps, const float* const* rows, const float* weights,
                             int64_t begin, int64_t count, uint8_t* out) {
  float sum[kBlock];
  for (int64_t done = 0; done < count; done += kBlock) {
    const int64_t block = std::min(kBlock, count - done);
    WeightedSum(taps, rows, weights, begin + done, block, sum);
    for (int64_t i = 0; i < block; ++i) {
      const float rounded = std::min(std::max(sum[i] + 0.5f, 0.0f), 255.0f);
      out[done + i] = static_cast<uint8_t>(rounded);
    }
  }
}

}  // namespace minnow::kernels
