#include "image/resize.h"

#include <algorithm>
#include <cmath>

namespace minnow::image {
namespace {

StatusOr<AlignedBuffer> AllocateArray(int64_t a, int64_t b, int64_t element_bytes) {
  int64_t bytes = 0;
  if (__builtin_mul_overflow(a, b, &bytes) ||
      __builtin_mul_overflow(bytes, element_bytes, &bytes)) {
    return ResourceExhausted("resize: a table of %lld x %lld entries does not fit the memory",
                             static_cast<long long>(a), static_cast<long long>(b));
  }
  return AlignedBuffer::Allocate(static_cast<size_t>(bytes));
}

Status AllocateInto(int64_t a, int64_t b, int64_t element_bytes, AlignedBuffer* buffer) {
  StatusOr<AlignedBuffer> allocated = AllocateArray(a, b, element_bytes);
  if (!allocated.ok()) return allocated.status();
  *buffer = std::move(*allocated);
  return OkStatus();
}

// Halves go up, as in Pillow (lround would send a negative half down).
int64_t RoundHalfUp(double value) { return static_cast<int64_t>(std::floor(value + 0.5)); }

}  // namespace

StatusOr<AxisTaps> TriangleTaps(int64_t source, double begin, double length, int64_t outputs) {
  const double step = length / static_cast<double>(outputs);
  const double support = std::max(step, 1.0);
  const double slope = 1.0 / support;
  AxisTaps axis;
  axis.outputs = outputs;
  axis.taps = std::min(source, 2 * static_cast<int64_t>(std::ceil(support)) + 1);
  MINNOW_RETURN_IF_ERROR(AllocateInto(outputs, 1, sizeof(int64_t), &axis.start));
  MINNOW_RETURN_IF_ERROR(AllocateInto(outputs, 1, sizeof(int64_t), &axis.count));
  MINNOW_RETURN_IF_ERROR(AllocateInto(outputs, axis.taps, sizeof(float), &axis.weights));
  for (int64_t i = 0; i < outputs; ++i) {
    const double center = begin + (static_cast<double>(i) + 0.5) * step;
    // The samples whose centres, at k + 0.5, lie within the support.
    int64_t first = std::max<int64_t>(0, RoundHalfUp(center - support));
    first = std::min(first, source - 1);
    int64_t end = std::min(source, RoundHalfUp(center + support));
    end = std::min(std::max(end, first + 1), first + axis.taps);
    const auto weight = [&](int64_t k) {
      return std::max(0.0, 1.0 - std::fabs(static_cast<double>(k) + 0.5 - center) * slope);
    };
    double sum = 0;  // never 0: one sample's centre is at most half a pixel away
    for (int64_t k = first; k < end; ++k) sum += weight(k);
    float* weights = axis.weights.as<float>() + i * axis.taps;
    const double scale = 1.0 / sum;
    for (int64_t k = first; k < end; ++k) {
      weights[k - first] = static_cast<float>(weight(k) * scale);
    }
    axis.start.as<int64_t>()[i] = first;
    axis.count.as<int64_t>()[i] = end - first;
  }
  return axis;
}

StatusOr<RowResizer> RowResizer::Create(const ResizeSpec& spec,
                                        const kernels::ResizeKernels& kernels) {
  RowResizer resizer;
  resizer.kernels_ = kernels;
  StatusOr<AxisTaps> across =
      TriangleTaps(spec.source_width, spec.crop.x, spec.crop.width, spec.width);
  if (!across.ok()) return across.status();
  StatusOr<AxisTaps> down =
      TriangleTaps(spec.source_height, spec.crop.y, spec.crop.height, spec.height);
  if (!down.ok()) return down.status();
  resizer.vertical_ = std::move(*down);
  resizer.plan_.planar = spec.planar;
  for (int c = 0; c < 3; ++c) resizer.plan_.order[c] = spec.bgr ? 2 - c : c;
  MINNOW_RETURN_IF_ERROR(resizer.PackHorizontal(*across));

  const int64_t row_floats = 3 * spec.width + kernels::kResizeExtraFloats;
  resizer.ring_stride_ = static_cast<int64_t>(RoundUp(static_cast<size_t>(row_floats), 16));
  const int64_t depth = resizer.vertical_.taps;
  MINNOW_RETURN_IF_ERROR(AllocateInto(depth, resizer.ring_stride_, sizeof(float), &resizer.ring_));
  MINNOW_RETURN_IF_ERROR(AllocateInto(depth, 1, sizeof(const float*), &resizer.row_list_));
  resizer.next_source_ = resizer.first_row();
  return resizer;
}

// Weights of 16 bits, in the groups that the kernels want. Their unit 2^-bits is the smallest that
// keeps the largest weight below 2^15 and the sums below 2^31. They are differences of rounded
// running sums, so they add up to exactly 2^bits: a picture of one colour keeps its colour. The
// error is below 0.02 of a level in 0..255 (two units of 2^-14 when enlarging, less otherwise).
Status RowResizer::PackHorizontal(const AxisTaps& taps) {
  const int64_t* count = taps.count.as<int64_t>();
  const float* weights = taps.weights.as<float>();
  const int64_t most = *std::max_element(count, count + taps.outputs);
  const float largest = *std::max_element(weights, weights + taps.outputs * taps.taps);
  const int bits = std::min(22, static_cast<int>(std::floor(std::log2(32766.0f / largest))));
  const double one = std::ldexp(1.0, bits);
  plan_.width = taps.outputs;
  plan_.groups = (most + kernels::kResizeGroupTaps - 1) / kernels::kResizeGroupTaps;
  plan_.unit = std::ldexp(1.0f, -bits);
  const int64_t group_weights = plan_.groups * kernels::kResizeGroupWeights;
  MINNOW_RETURN_IF_ERROR(AllocateInto(taps.outputs, group_weights, sizeof(int16_t), &weights_));
  MINNOW_RETURN_IF_ERROR(AllocateInto(taps.outputs, 1, sizeof(int64_t), &start_));
  for (int64_t x = 0; x < taps.outputs; ++x) {
    int16_t* packed = weights_.as<int16_t>() + x * group_weights;
    double running = 0;
    int64_t before = 0;
    for (int64_t t = 0; t < count[x]; ++t) {
      running += one * static_cast<double>(weights[x * taps.taps + t]);
      const int64_t sum = t + 1 < count[x] ? RoundHalfUp(running) : int64_t{1} << bits;
      int16_t* pair = packed + t / 2 * 8 + t % 2;
      for (int c = 0; c < 3; ++c) pair[2 * c] = static_cast<int16_t>(sum - before);
      before = sum;
    }
    const int64_t first = taps.start.as<int64_t>()[x];
    start_.as<int64_t>()[x] = first;
    bytes_read_ = std::max(bytes_read_, 3 * (first + plan_.groups * kernels::kResizeGroupTaps) +
                                            kernels::kResizeExtraBytes);
  }
  plan_.start = start_.as<int64_t>();
  plan_.weights = weights_.as<int16_t>();
  return OkStatus();
}

int64_t RowResizer::first_row() const { return vertical_.start.as<int64_t>()[0]; }

int64_t RowResizer::end_row() const {
  const int64_t last = vertical_.outputs - 1;
  return vertical_.start.as<int64_t>()[last] + vertical_.count.as<int64_t>()[last];
}

float* RowResizer::RingRow(int64_t y) {
  return ring_.as<float>() + y % vertical_.taps * ring_stride_;
}

void RowResizer::Push(const uint8_t* rgb) {
  kernels_.row(plan_, rgb, RingRow(next_source_));
  ++next_source_;
}

// The ring is deep enough: an output row that still waits for source row y has its first row above
// y - taps, so pushing y overwrites nothing that is needed.
bool RowResizer::Next(OutputRow* output) {
  if (next_output_ == vertical_.outputs) return false;
  const int64_t first = vertical_.start.as<int64_t>()[next_output_];
  const int64_t count = vertical_.count.as<int64_t>()[next_output_];
  if (first + count > next_source_) return false;
  const float** rows = row_list_.as<const float*>();
  for (int64_t t = 0; t < count; ++t) rows[t] = RingRow(first + t);
  output->y = next_output_;
  output->taps = count;
  output->rows = rows;
  output->weights = vertical_.weights.as<float>() + next_output_ * vertical_.taps;
  ++next_output_;
  return true;
}

}  // namespace minnow::image
