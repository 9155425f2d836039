// Resizes a rectangle of a picture with the triangle filter, row by row.
//
// Source rows go in from top to bottom; each is squeezed to the output's width at once and kept, as
// floats, in a ring just deep enough for one output row. No picture of floats is ever made.
#ifndef MINNOW_IMAGE_RESIZE_H_
#define MINNOW_IMAGE_RESIZE_H_

#include <cstdint>

#include "base/aligned_buffer.h"
#include "base/status.h"
#include "kernels/resize/resize.h"

namespace minnow::image {

// The filter's taps for every position along one axis.
//
// Position i looks at the source around center = begin + (i + 0.5) * step, step = length / outputs,
// as far as support = max(step, 1) to either side, with weights that fall linearly to 0 and sum up
// to 1. Samples outside [0, source) do not exist: the rest is normalised again. (Pillow's BILINEAR,
// with `box`.)
struct AxisTaps {
  int64_t outputs = 0;
  int64_t taps = 0;       // room for each position; unused weights are 0
  AlignedBuffer start;    // int64_t [outputs]: first sample, rising; start + taps may pass `source`
  AlignedBuffer count;    // int64_t [outputs]: samples with a weight, 1..taps
  AlignedBuffer weights;  // float [outputs][taps]
};

// REQUIRES: source >= 1, outputs >= 1, length > 0, [begin, begin + length) within [0, source].
// kResourceExhausted when there is no memory for the table.
StatusOr<AxisTaps> TriangleTaps(int64_t source, double begin, double length, int64_t outputs);

// The part of the source that becomes the output. Edges may lie between pixels.
struct Rectangle {
  double x = 0;
  double y = 0;
  double width = 0;
  double height = 0;
};

struct ResizeSpec {
  int64_t source_width = 0;
  int64_t source_height = 0;
  Rectangle crop;
  int64_t width = 0;
  int64_t height = 0;
  bool planar = false;  // how a row of the output is laid out: RGBRGB… or RR…GG…BB…
  bool bgr = false;
};

// One row of the output: the weighted sum of `taps` rows of 3 * width floats.
struct OutputRow {
  int64_t y = 0;
  int64_t taps = 0;
  const float* const* rows = nullptr;
  const float* weights = nullptr;
};

// Use: for y in [first_row, end_row): Push(row y), then while (Next(&output)) blend it.
// Not thread safe.
class RowResizer {
 public:
  static StatusOr<RowResizer> Create(const ResizeSpec& spec, const kernels::ResizeKernels& kernels);

  // The source rows that count.
  int64_t first_row() const;
  int64_t end_row() const;
  // How many bytes Push reads from where a row starts: more than the row has when its last taps
  // have to be padded.
  int64_t bytes_read() const { return bytes_read_; }

  // `rgb` is the next source row, 3 bytes a pixel. REQUIRES: Next was called until it said no.
  void Push(const uint8_t* rgb);
  // The next output row, if all that it needs was pushed. Valid until the next Push.
  bool Next(OutputRow* output);

 private:
  RowResizer() = default;
  Status PackHorizontal(const AxisTaps& taps);
  float* RingRow(int64_t y);

  kernels::ResizeKernels kernels_ = {};
  kernels::ResizeRowPlan plan_;
  AlignedBuffer start_, weights_;  // what plan_ points at
  AxisTaps vertical_;
  AlignedBuffer ring_;      // float [vertical_.taps][ring_stride_]
  AlignedBuffer row_list_;  // const float* [vertical_.taps]
  int64_t ring_stride_ = 0;
  int64_t bytes_read_ = 0;
  int64_t next_source_ = 0;
  int64_t next_output_ = 0;
};

}  // namespace minnow::image

#endif  // MINNOW_IMAGE_RESIZE_H_
