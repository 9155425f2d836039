// Output shapes and dtypes of every op: the only place with padding arithmetic.
#ifndef MINNOW_GRAPH_INFER_SHAPES_H_
#define MINNOW_GRAPH_INFER_SHAPES_H_

#include <vector>

#include "graph/graph.h"

namespace minnow::graph {

// Fills in dtype and shape of every node output, in topological order. Unknown dims flow through;
// where the rank cannot be known (a Reshape to a computed shape) the shape stays absent. Attributes
// are validated here as well (zero strides, groups that do not divide, …): kInvalidModel or
// kUnsupported, prefixed with `node "NAME" (Op)`.
Status InferShapes(Graph* graph);
// The same for one node, from what is known of its inputs.
Status InferNode(Graph* graph, NodeId id);

// One side of a convolution or pooling window laid over `input` pixels. Explicit begin/end pads
// after the mode is resolved. Fails with kInvalidModel when the window does not fit once.
// `ceil_mode` rounds up as ONNX does (the last window must start inside the image or the begin
// padding), for kExplicit only; pad_end stays as given, the overhang is not padding. An unknown
// input gives an unknown output, and unknown pads where SAME with a stride depends on the size.
struct Window {
  int64_t output = 0;
  int64_t pad_begin = 0;
  int64_t pad_end = 0;
};
StatusOr<Window> ResolveWindow(int64_t input, int64_t kernel, int64_t stride, int64_t dilation,
                               PadMode mode, int64_t pad_begin, int64_t pad_end, bool ceil_mode);

// numpy broadcasting; unknown dims stay unknown unless the other side is larger than 1.
StatusOr<Shape> BroadcastShapes(const Shape& a, const Shape& b);

// A Reshape's target with -1 and 0 resolved against `input`, as far as they can be.
StatusOr<Shape> ResolveReshape(const Shape& input, const std::vector<int64_t>& target,
                               bool allow_zero);

// The i64/i32 list (or scalar) that `id` holds when it is constant, else nothing; nothing either
// beyond 4096 elements, which are no shape.
std::optional<std::vector<int64_t>> ConstantInts(const Graph& graph, ValueId id);

}  // namespace minnow::graph

#endif  // MINNOW_GRAPH_INFER_SHAPES_H_
