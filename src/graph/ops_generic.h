// Ops that no kernel is worth writing for, plain structs as in ops.h: the interpreter computes
// them.
#ifndef MINNOW_GRAPH_OPS_GENERIC_H_
#define MINNOW_GRAPH_OPS_GENERIC_H_

#include <cstdint>
#include <vector>

namespace minnow::graph {

// How a window is laid over the border. kSameUpper/kSameLower are TensorFlow's SAME and ONNX's
// SAME_UPPER/SAME_LOWER: output = ceil(input / stride), the odd pixel goes to the end / the start.
enum class PadMode : uint8_t { kExplicit, kValid, kSameUpper, kSameLower };

// Where the largest (or smallest) element lies along an axis, as i64: the first of equal ones, or
// the last.
struct ArgReduce {
  bool min = false;
  int64_t axis = 0;
  bool keep_dims = true;
  bool last = false;
};

// Running sums along an axis. Inputs: x, axis (i32 or i64 scalar). exclusive: without the element
// itself; reverse: from the end.
struct CumSum {
  bool exclusive = false;
  bool reverse = false;
};

// The upper (column >= row + k) or lower (column <= row + k) triangle of the last two axes, zeros
// elsewhere. Inputs: x, optional k (i64 scalar).
struct Trilu {
  bool upper = true;
};

// start, start + delta, … before limit. Inputs: start, limit, delta: scalars of one type.
struct Range {};

// Copies side by side. Inputs: x, repeats (i64 list, one an axis).
struct Tile {};

// y[i, j] = x[indices[i, j], j] for axis 0. Inputs: x, indices (i32/i64; negative ones count from
// the end; not larger than x on the other axes).
struct GatherElements {
  int64_t axis = 0;
};

// The last axis of the indices is the place in x, behind `batch_dims` axes that both share.
// Inputs: x, indices (i32/i64).
struct GatherNd {
  int64_t batch_dims = 0;
};

enum class ScatterKind : uint8_t { kReplace, kAdd, kMul, kMin, kMax };

// x with the updates at the places that GatherElements would read. Inputs: x, indices, updates.
struct ScatterElements {
  int64_t axis = 0;
  ScatterKind kind = ScatterKind::kReplace;
};

// x with the updates at the places that GatherNd would read. Inputs: x, indices, updates.
struct ScatterNd {
  ScatterKind kind = ScatterKind::kReplace;
};

// The k largest (or smallest) along an axis, in that order, or their indices as i64. Of equal ones
// the first comes first. Inputs: x, k (i64, one element).
struct TopK {
  int64_t axis = -1;
  bool largest = true;
  bool indices = false;
};

// The first sequence_lens[b] steps in reverse order. Inputs: x, sequence_lens (i32/i64 list).
struct ReverseSequence {
  int64_t time_axis = 0, batch_axis = 1;
};

// Determinants of the matrices in the last two axes.
struct Det {};

// x / (bias + alpha / size * sum of squares over `size` channels around)^beta; channels are axis 1.
struct Lrn {
  int64_t size = 1;
  float alpha = 1e-4f, beta = 0.75f, bias = 1.0f;
};

// A convolution over any number of spatial axes. Inputs: x [N, C, spatial…], weights [O, C /
// groups, kernel…], optional bias [O]. transposed: every input pixel adds its multiple of the
// kernel to the output (ConvTranspose); weights are then [C, O / groups, kernel…].
struct ConvNd {
  std::vector<int64_t> strides, dilations;  // one a spatial axis
  std::vector<int64_t> pads;                // begins, then ends; read for kExplicit
  PadMode mode = PadMode::kExplicit;
  int64_t groups = 1;
  bool transposed = false;
  // Transposed only: pixels added at the end, and sizes from which the pads follow (or empty).
  std::vector<int64_t> output_padding, output_sizes;
};

// A pool over any number of spatial axes of [N, C, spatial…]. indices: of a maximum, where it lies
// in the flattened input, as i64.
struct PoolNd {
  bool average = false;
  std::vector<int64_t> kernel, strides, dilations, pads;
  PadMode mode = PadMode::kExplicit;
  bool ceil_mode = false;
  bool count_include_pad = false;
  bool indices = false;
  bool column_major = false;  // the indices count so within an image
};

// Where x is not zero, as i64 [rank, count].
struct NonZero {};

// Slices along `axis`, or elements of x as a list, whose condition holds. Inputs: x, condition
// (bool list, not longer than the axis).
struct Compress {
  bool flat = true;
  int64_t axis = 0;
};

// Different slices along `axis`, or elements of x as a list, in ascending order or that of their
// first appearance; or what numpy.unique gives beside them.
struct Unique {
  enum class Result : uint8_t { kValues, kFirstIndices, kInverse, kCounts };
  Result result = Result::kValues;
  bool flat = true;
  int64_t axis = 0;
  bool sorted = true;
};

// Boxes that survive, by falling score in each class: [batch, class, box] a row, i64.
// Inputs: boxes [N, B, 4], scores [N, C, B], optional most boxes a class (i64), optional overlap
// above which the lower score loses, optional score that must be exceeded (f32).
// Boxes are two opposite corners y, x, y, x, or the middle and size x, y, w, h.
struct NonMaxSuppression {
  bool center = false;
};

// Samples of x on another grid; ONNX Resize. Inputs: x, optional roi, optional scales (f32),
// optional sizes (i64); one of the last two, one number an axis.
struct Resize {
  enum class Mode : uint8_t { kNearest, kLinear, kCubic };
  // How an output index becomes a place in the input.
  enum class Coordinates : uint8_t {
    kHalfPixel,
    kPytorchHalfPixel,
    kAlignCorners,
    kAsymmetric,
    kTfHalfPixelForNn,
    kTfCropAndResize,  // the only one that reads the roi
  };
  enum class Rounding : uint8_t { kRoundPreferFloor, kRoundPreferCeil, kFloor, kCeil };
  Mode mode = Mode::kNearest;
  Coordinates coordinates = Coordinates::kHalfPixel;
  Rounding rounding = Rounding::kRoundPreferFloor;
  float cubic_a = -0.75f;
  bool exclude_outside = false;  // cubic: neighbours outside have no weight
  float extrapolation = 0.0f;    // kTfCropAndResize: what lies outside
};

// x [N, C, H, W] at the places of grid [N, h, w, 2], given as x, y in [-1, 1].
struct GridSample {
  enum class Mode : uint8_t { kNearest, kLinear, kCubic };
  enum class Border : uint8_t { kZeros, kEdge, kReflect };
  Mode mode = Mode::kLinear;
  Border border = Border::kZeros;
  bool align_corners = false;
};

}  // namespace minnow::graph

#endif  // MINNOW_GRAPH_OPS_GENERIC_H_
