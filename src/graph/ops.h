// Every operation a graph can hold, as a plain struct of attributes. A closed set: std::visit makes
// the compiler list the places that a new one must be added to.
//
// Importers bring a model as it is: a Conv2D from ONNX says DataLayout::kNCHW and
// WeightLayout::kOIHW. The pass to_nhwc rewrites all to NHWC data and OHWI weights; the runtime
// takes only those.
#ifndef MINNOW_GRAPH_OPS_H_
#define MINNOW_GRAPH_OPS_H_

#include <array>
#include <cstdint>
#include <limits>
#include <optional>
#include <variant>
#include <vector>

#include "graph/ops_generic.h"
#include "tensor/dtype.h"
#include "tensor/quantization.h"
#include "tensor/shape.h"

namespace minnow::graph {

enum class DataLayout : uint8_t { kNHWC, kNCHW };

// Order of a convolution's weights: O output channels, I input channels a group, H, W kernel.
// kHWCM is TensorFlow's depthwise order [H, W, C, multiplier]; output channel = c * multiplier + m.
enum class WeightLayout : uint8_t { kOHWI, kOIHW, kHWIO, kHWCM };

struct Padding {
  PadMode mode = PadMode::kExplicit;
  // Pixels; only read when mode is kExplicit.
  int64_t top = 0, left = 0, bottom = 0, right = 0;
};

// What is applied to a result before it is stored. kHardSwish is x * clamp(x/6 + 0.5, 0, 1).
struct Activation {
  enum class Kind : uint8_t { kClamp, kHardSwish };
  Kind kind = Kind::kClamp;
  // kClamp only; the default does nothing. Relu is [0, inf), Relu6 [0, 6].
  float min = -std::numeric_limits<float>::infinity();
  float max = std::numeric_limits<float>::infinity();

  bool IsNone() const {
    return kind == Kind::kClamp && min == -std::numeric_limits<float>::infinity() &&
           max == std::numeric_limits<float>::infinity();
  }
};

// Inputs: x [N,H,W,C] or [N,C,H,W]; weights; optional bias [O]; optional residual (output's shape),
// added before the activation. Depthwise is groups == C.
struct Conv2D {
  int64_t stride_h = 1, stride_w = 1;
  int64_t dilation_h = 1, dilation_w = 1;
  int64_t groups = 1;
  Padding padding;
  DataLayout layout = DataLayout::kNHWC;
  WeightLayout weight_layout = WeightLayout::kOHWI;
  Activation activation;
};

// y = activation(x · wᵀ + bias). Inputs: x [..., K], weights [N, K] (constant), optional bias [N].
struct FullyConnected {
  Activation activation;
};

// alpha · A' · B' + beta · C, A' = transpose_a ? Aᵀ : A (ONNX Gemm). Inputs: A, B, optional C.
struct Gemm {
  float alpha = 1.0f, beta = 1.0f;
  bool transpose_a = false, transpose_b = false;
};

// numpy.matmul with broadcasting batch dims; transpose flags as in TensorFlow. Inputs: A, B.
struct MatMul {
  bool transpose_a = false, transpose_b = false;
};

// y = (x - mean) / sqrt(variance + epsilon) * scale + offset, over channels.
// Inputs: x, scale, offset, mean, variance.
struct BatchNorm {
  float epsilon = 1e-5f;
  DataLayout layout = DataLayout::kNHWC;
};

enum class UnaryKind : uint8_t {
  kNeg,
  kAbs,
  kSqrt,
  kRsqrt,
  kExp,
  kLog,
  kReciprocal,
  kSigmoid,
  kTanh,
  kErf,
  kFloor,
  kCeil,
  kRound,
  kSign,
  kNot,
  kSquare,
  kHardSwish,
  kSoftplus,
  kGelu,
  kHardSigmoid,  // max(0, min(1, alpha * x + beta))
  kLeakyRelu,    // x < 0 ? alpha * x : x
  kElu,          // x < 0 ? alpha * (exp(x) - 1) : x
  kSin,
  kCos,
  kTan,
  kAsin,
  kAcos,
  kAtan,
  kSinh,
  kCosh,
  kAsinh,
  kAcosh,
  kAtanh,
};

struct Unary {
  UnaryKind kind = UnaryKind::kNeg;
  float alpha = 0.0f, beta = 0.0f;
};

// min(max(x, min), max): Relu, Relu6, Clip with constant bounds.
struct Clamp {
  float min = -std::numeric_limits<float>::infinity();
  float max = std::numeric_limits<float>::infinity();
};

enum class BinaryKind : uint8_t {
  kAdd,
  kSub,
  kMul,
  kDiv,
  kMin,
  kMax,
  kPow,
  kMod,
  kEqual,
  kLess,
  kGreater,
  kLessEqual,
  kGreaterEqual,
  kAnd,
  kOr,
  kXor,
  kFmod,       // the remainder with the dividend's sign, C's fmod and %
  kShiftLeft,  // of unsigned integers; beyond their bits: 0
  kShiftRight,
};

// Elementwise with numpy broadcasting. Comparisons give kBool.
struct Binary {
  BinaryKind kind = BinaryKind::kAdd;
  Activation activation;
};

// What an op on real numbers does between Dequantize and Quantize: its first input and its output
// are bytes (u8 or i8) that stand for numbers, computed exactly and rounded once, half to even.
struct ByteParams {
  QuantParams x, y;
  DType dtype = DType::kU8;  // of y
};

enum class PoolKind : uint8_t { kMax, kAverage };

// Windows over H and W. An average leaves padding out of the count unless count_include_pad.
struct Pool2D {
  PoolKind kind = PoolKind::kMax;
  int64_t kernel_h = 1, kernel_w = 1;
  int64_t stride_h = 1, stride_w = 1;
  int64_t dilation_h = 1, dilation_w = 1;
  Padding padding;
  bool ceil_mode = false;
  bool count_include_pad = false;
  DataLayout layout = DataLayout::kNHWC;
  std::optional<ByteParams> bytes = std::nullopt;
};

enum class ReduceKind : uint8_t { kMean, kSum, kMax, kMin, kProd };

// Inputs: x, optional axes (i64 list; when absent the attribute counts). Empty axes: all.
struct Reduce {
  ReduceKind kind = ReduceKind::kMean;
  std::vector<int64_t> axes;
  bool keep_dims = true;
  std::optional<ByteParams> bytes = std::nullopt;
};

struct Softmax {
  int64_t axis = -1;
  bool log = false;
  std::optional<ByteParams> bytes = std::nullopt;
};

struct Concat {
  int64_t axis = 0;
};

enum class PadFill : uint8_t { kConstant, kReflect, kEdge };

// Inputs: x, optional pads (i64), optional fill value (scalar). `pads` is [begin of each axis, end
// of each axis], ONNX order; used when the input is absent.
struct Pad {
  PadFill fill = PadFill::kConstant;
  std::vector<int64_t> pads;
  float value = 0.0f;
};

// Inputs: x, optional shape (i64 list). `shape` counts when the input is absent. -1: inferred from
// the rest. 0: copied from x unless allow_zero.
struct Reshape {
  std::vector<int64_t> shape;
  bool allow_zero = false;
};

// Drops axes of size 1; none given: all of them. Inputs: x, optional axes (i64 list).
struct Squeeze {
  std::vector<int64_t> axes;
};

// Adds axes of size 1, numbered in the output. Inputs: x, optional axes (i64 list).
struct Unsqueeze {
  std::vector<int64_t> axes;
};

// To two dimensions: [product before axis, product from axis on].
struct Flatten {
  int64_t axis = 1;
};

// Output axis i is input axis perm[i]; empty: reversed.
struct Transpose {
  std::vector<int64_t> perm;
};

// The input's shape as an i64 or i32 list, axes [start, end).
struct ShapeOf {
  int64_t start = 0;
  int64_t end = std::numeric_limits<int64_t>::max();
  DType dtype = DType::kS64;
};

// Inputs: x, indices (i32/i64; negative ones count from the end).
struct Gather {
  int64_t axis = 0;
};

// Inputs: x, starts, ends, optional axes, optional steps (i64 lists; ONNX meaning, numpy clamping).
// With inputs x only, the attributes count.
struct Slice {
  std::vector<int64_t> starts, ends, axes, steps;
};

// TensorFlow's StridedSlice. Inputs: x, begin, end, strides. ellipsis_mask and new_axis_mask are 0.
struct StridedSlice {
  int64_t begin_mask = 0, end_mask = 0, shrink_axis_mask = 0;
};

struct Cast {
  DType dtype = DType::kF32;
};

// numpy.broadcast_to, both ways (ONNX Expand). Inputs: x, shape (i64 list).
struct Expand {};

// A tensor of the given shape full of `value`. Inputs: shape (i64 list).
struct Fill {
  double value = 0.0;
  DType dtype = DType::kF32;
};

// Elementwise choice. Inputs: condition (kBool), x, y; numpy broadcasting.
struct Where {};

struct Identity {};

// f32 to integers: saturate(round(x / scale) + zero_point), halves to even, the division in f32 as
// ONNX has it; NaN gives the zero point. Inputs: x, scale, zero point (u8, i8, u16, i16 or i32: the
// type of the output). The two lists hold one element, or one for each index of `axis`.
struct Quantize {
  int64_t axis = 1;
};

// (x - zero_point) * scale in f32. Inputs: x (u8, i8, u16, i16 or i32), scale, optional zero point
// (the type of x).
struct Dequantize {
  int64_t axis = 1;
};

// What Dequantize -> product -> Quantize means, in integers: s32 sums of (x - x.zero_point) *
// (w - weight_zero_point), times x.scale * weight scale in double, activation, rounded half to even
// by y.scale. Weight scales: one, or one for each output channel. The bias has the scale of the
// sums.
struct ProductQuantization {
  QuantParams x, y;
  std::vector<float> weight_scales;
  int32_t weight_zero_point = 0;
  DType dtype = DType::kU8;  // of y: kU8 or kS8
};

// Inputs: x (u8 or i8), weights (u8 or i8), optional bias (i32). Padding is x.zero_point.
struct QConv2D {
  Conv2D conv;
  ProductQuantization quantization;
};

// Inputs: as FullyConnected, in the types of QConv2D.
struct QFullyConnected {
  FullyConnected product;
  ProductQuantization quantization;
};

// Binary between Dequantize and Quantize; kAdd, kSub or kMul. Inputs: a, b (u8 or i8 each).
struct QBinary {
  Binary binary;
  QuantParams a, b, y;
  DType dtype = DType::kU8;  // of y: kU8 or kS8
};

// Any function of one byte: y = table[x], x and the entries as bits. What elementwise operators
// between Dequantize and Quantize mean together, and a change of scale. Input: x (u8 or i8).
struct ByteMap {
  std::array<uint8_t, 256> table = {};
  DType dtype = DType::kU8;  // of y: kU8 or kS8
};

using Op = std::variant<Conv2D, FullyConnected, Gemm, MatMul, BatchNorm, Unary, Clamp, Binary,
                        Pool2D, Reduce, Softmax, Concat, Pad, Reshape, Squeeze, Unsqueeze, Flatten,
                        Transpose, ShapeOf, Gather, Slice, StridedSlice, Cast, Expand, Fill, Where,
                        Identity, Quantize, Dequantize, QConv2D, QFullyConnected, QBinary, ByteMap,
                        ArgReduce, CumSum, Trilu, Range, Tile, GatherElements, GatherNd,
                        ScatterElements, ScatterNd, TopK, ReverseSequence, Det, Lrn, NonZero,
                        Compress, Unique, NonMaxSuppression, Resize, GridSample, ConvNd, PoolNd>;

// "Conv2D", "Binary", …: the struct's name.
const char* OpName(const Op& op);

}  // namespace minnow::graph

#endif  // MINNOW_GRAPH_OPS_H_
