// What one op makes of what is known about its inputs: arity, attribute checks, output dtype and
// shape. InferShapes applies it along a graph, the interpreter to real tensors, so that there is
// one rule an op. Internal to graph/ and interpreter/.
#ifndef MINNOW_GRAPH_OP_RULES_H_
#define MINNOW_GRAPH_OP_RULES_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/status.h"
#include "graph/graph.h"
#include "graph/infer_shapes.h"
#include "graph/ops.h"
#include "tensor/shape.h"

namespace minnow::graph {

// Kernels, strides, dilations and pads above this are refused, so that sums of them cannot
// overflow.
inline constexpr int64_t kMaxWindowAttribute = int64_t{1} << 20;
// Attribute lists (axes, pads, shapes) are at most [begin, end] of every axis.
inline constexpr size_t kMaxListLength = 2 * kMaxRank;

struct InputFact {
  bool present = false;
  DType dtype = DType::kF32;
  std::optional<Shape> shape;  // absent: rank unknown
  const void* data = nullptr;  // the elements where they are known (a constant), else null
};

struct OutputFact {
  DType dtype = DType::kF32;
  std::optional<Shape> shape;
};

class OpInputs {
 public:
  explicit OpInputs(const std::vector<InputFact>& facts) : facts_(facts) {}
  size_t size() const { return facts_.size(); }
  bool Has(size_t i) const { return i < facts_.size() && facts_[i].present; }
  // REQUIRES: Has(i).
  const InputFact& operator[](size_t i) const { return facts_[i]; }

 private:
  const std::vector<InputFact>& facts_;
};

// Inputs [0, min) must be present; at most max are allowed. Every op has one output.
struct Arity {
  size_t min = 1;
  size_t max = 1;
};
Arity ArityOf(const Op& op);

// `node "NAME" (Op)`, the prefix of every error about a node.
std::string NodeContext(const Node& node);

// Checks arity and attributes, then gives the output. kInvalidModel or kUnsupported; no prefix.
Status InferOp(const Op& op, const std::vector<InputFact>& inputs, OutputFact* output);

using MaybeInts = std::optional<std::vector<int64_t>>;

// The i32/i64 list in input `index` when that is present (nothing when its elements are not known),
// else `attribute`. kInvalidModel for another dtype, a rank above 1 or too long a list.
Status ReadList(const OpInputs& inputs, size_t index, const char* what,
                const std::vector<int64_t>& attribute, MaybeInts* list);

// Elements of an i32 or i64 tensor, at most `count`. REQUIRES: dtype is one of the two.
std::vector<int64_t> ReadInts(DType dtype, const void* data, int64_t count);

// Axes made non-negative. kInvalidModel when one is out of range or named twice.
Status NormalizeAxes(const std::vector<int64_t>& axes, int rank, std::vector<int>* normalized);

// Both dims must be equal where both are known; gives the known one.
Status MergeDims(int64_t a, int64_t b, const char* what, int64_t* merged);

// The dims of a weight tensor in terms of the convolution. kUnknownDim where not known.
// REQUIRES: rank 4.
struct WeightDims {
  int64_t output_channels, input_channels, kernel_h, kernel_w;
};
WeightDims WeightDimsOf(const Shape& weights, WeightLayout layout);

// Axis numbers of an image tensor of rank 4.
struct ImageAxes {
  int height, width, channels;
};
ImageAxes ImageAxesOf(DataLayout layout);

// The elements that [start, end) with `step` selects from an axis of `dim` elements, numpy rules:
// negative bounds count from the end, then both are clamped. REQUIRES: dim >= 0, step != 0.
struct SliceRange {
  int64_t begin = 0;
  int64_t step = 1;
  int64_t count = 0;
};
SliceRange ResolveSlice(int64_t dim, int64_t start, int64_t end, int64_t step);

// One range for every axis of x (whole axes where the op says nothing), and which axes go.
// `ranges` has rank entries; count is kUnknownDim where it depends on what is not known.
struct SlicePlan {
  bool rank_known = true;  // false: a StridedSlice of unknown length that drops axes
  std::vector<SliceRange> ranges;
  std::vector<bool> dropped;
};
Status PlanSlice(const Slice& op, const OpInputs& inputs, SlicePlan* plan);
Status PlanSlice(const StridedSlice& op, const OpInputs& inputs, SlicePlan* plan);

// Axes that a Reduce takes away, one flag an axis. `known` is false when the axes input is not.
struct ReducedAxes {
  bool known = true;
  bool reduced[kMaxRank] = {};
};
Status FindReducedAxes(const Reduce& op, const OpInputs& inputs, int rank, ReducedAxes* axes);

// Axes of sizes that a Resize gives, and the factor of each: what `sizes` or `scales` say. Nothing
// where they are not known.
struct ResizedAxis {
  int64_t size = 0;
  double scale = 1.0;
};
Status PlanResize(const OpInputs& inputs, std::optional<std::vector<ResizedAxis>>* axes);

// One spatial axis of a ConvNd or PoolNd laid over its input. Of a transposed convolution the roles
// of input and output are exchanged: output pixel o reads the inputs i with
// i * stride + tap * dilation = o + pad_begin.
struct SpatialAxis {
  int64_t size = 0, kernel = 1, stride = 1, dilation = 1;
  int64_t output = 0, pad_begin = 0, pad_end = 0;
};
// One entry a spatial axis. Unknown sizes give an unknown output.
StatusOr<std::vector<SpatialAxis>> PlanWindows(const ConvNd& op, const Shape& x,
                                               const Shape& weights);
StatusOr<std::vector<SpatialAxis>> PlanWindows(const PoolNd& op, const Shape& x);

// The one number in input `index` where it is known: i32 or i64.
Status ReadInt(const OpInputs& inputs, size_t index, const char* what,
               std::optional<int64_t>* value);

// i32 or i64.
Status CheckIndices(const InputFact& input);

// One rule an op; a new op without one does not compile.
Status Infer(const Conv2D& op, const OpInputs& inputs, OutputFact* output);
Status Infer(const FullyConnected& op, const OpInputs& inputs, OutputFact* output);
Status Infer(const Gemm& op, const OpInputs& inputs, OutputFact* output);
Status Infer(const MatMul& op, const OpInputs& inputs, OutputFact* output);
Status Infer(const BatchNorm& op, const OpInputs& inputs, OutputFact* output);
Status Infer(const Unary& op, const OpInputs& inputs, OutputFact* output);
Status Infer(const Clamp& op, const OpInputs& inputs, OutputFact* output);
Status Infer(const Binary& op, const OpInputs& inputs, OutputFact* output);
Status Infer(const Pool2D& op, const OpInputs& inputs, OutputFact* output);
Status Infer(const Reduce& op, const OpInputs& inputs, OutputFact* output);
Status Infer(const Softmax& op, const OpInputs& inputs, OutputFact* output);
Status Infer(const Concat& op, const OpInputs& inputs, OutputFact* output);
Status Infer(const Pad& op, const OpInputs& inputs, OutputFact* output);
Status Infer(const Reshape& op, const OpInputs& inputs, OutputFact* output);
Status Infer(const Squeeze& op, const OpInputs& inputs, OutputFact* output);
Status Infer(const Unsqueeze& op, const OpInputs& inputs, OutputFact* output);
Status Infer(const Flatten& op, const OpInputs& inputs, OutputFact* output);
Status Infer(const Transpose& op, const OpInputs& inputs, OutputFact* output);
Status Infer(const ShapeOf& op, const OpInputs& inputs, OutputFact* output);
Status Infer(const Gather& op, const OpInputs& inputs, OutputFact* output);
Status Infer(const Slice& op, const OpInputs& inputs, OutputFact* output);
Status Infer(const StridedSlice& op, const OpInputs& inputs, OutputFact* output);
Status Infer(const Cast& op, const OpInputs& inputs, OutputFact* output);
Status Infer(const Expand& op, const OpInputs& inputs, OutputFact* output);
Status Infer(const Fill& op, const OpInputs& inputs, OutputFact* output);
Status Infer(const Where& op, const OpInputs& inputs, OutputFact* output);
Status Infer(const Identity& op, const OpInputs& inputs, OutputFact* output);
Status Infer(const Quantize& op, const OpInputs& inputs, OutputFact* output);
Status Infer(const Dequantize& op, const OpInputs& inputs, OutputFact* output);
Status Infer(const QConv2D& op, const OpInputs& inputs, OutputFact* output);
Status Infer(const QFullyConnected& op, const OpInputs& inputs, OutputFact* output);
Status Infer(const QBinary& op, const OpInputs& inputs, OutputFact* output);
Status Infer(const ByteMap& op, const OpInputs& inputs, OutputFact* output);
Status Infer(const ArgReduce& op, const OpInputs& inputs, OutputFact* output);
Status Infer(const CumSum& op, const OpInputs& inputs, OutputFact* output);
Status Infer(const Trilu& op, const OpInputs& inputs, OutputFact* output);
Status Infer(const Range& op, const OpInputs& inputs, OutputFact* output);
Status Infer(const Tile& op, const OpInputs& inputs, OutputFact* output);
Status Infer(const GatherElements& op, const OpInputs& inputs, OutputFact* output);
Status Infer(const GatherNd& op, const OpInputs& inputs, OutputFact* output);
Status Infer(const ScatterElements& op, const OpInputs& inputs, OutputFact* output);
Status Infer(const ScatterNd& op, const OpInputs& inputs, OutputFact* output);
Status Infer(const TopK& op, const OpInputs& inputs, OutputFact* output);
Status Infer(const ReverseSequence& op, const OpInputs& inputs, OutputFact* output);
Status Infer(const Det& op, const OpInputs& inputs, OutputFact* output);
Status Infer(const Lrn& op, const OpInputs& inputs, OutputFact* output);
Status Infer(const NonZero& op, const OpInputs& inputs, OutputFact* output);
Status Infer(const Compress& op, const OpInputs& inputs, OutputFact* output);
Status Infer(const Unique& op, const OpInputs& inputs, OutputFact* output);
Status Infer(const NonMaxSuppression& op, const OpInputs& inputs, OutputFact* output);
Status Infer(const Resize& op, const OpInputs& inputs, OutputFact* output);
Status Infer(const GridSample& op, const OpInputs& inputs, OutputFact* output);
Status Infer(const ConvNd& op, const OpInputs& inputs, OutputFact* output);
Status Infer(const PoolNd& op, const OpInputs& inputs, OutputFact* output);

// Checks that several rules share.
Status CheckFloat(const InputFact& input);
Status CheckSameDType(const OpInputs& inputs, size_t first, size_t second);
Status CheckActivation(const Activation& activation);
// The rule of `op`, whose `bytes` is set, for real numbers, and the type of the bytes.
Status InferOnBytes(const Pool2D& op, const OpInputs& inputs, OutputFact* output);
Status InferOnBytes(const Reduce& op, const OpInputs& inputs, OutputFact* output);
Status InferOnBytes(const Softmax& op, const OpInputs& inputs, OutputFact* output);

}  // namespace minnow::graph

#endif  // MINNOW_GRAPH_OP_RULES_H_
