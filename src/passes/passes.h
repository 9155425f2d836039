// Every graph rewrite, one file each. pipeline.cc says in which order they run and why.
//
// A pass leaves the meaning of the graph as it was, for every input of the declared shapes, unknown
// dimensions included. It may leave dead nodes and stale shapes behind on what it touched: the
// driver removes the former and infers the latter again after each pass. Each finds valid shapes on
// entry. Failures are kResourceExhausted (a new constant), or what evaluating a constant said.
#ifndef MINNOW_PASSES_PASSES_H_
#define MINNOW_PASSES_PASSES_H_

#include "base/status.h"
#include "graph/graph.h"

namespace minnow::passes {

// Drops nodes that give back their first input: Identity, Cast to the same dtype, Reshape to the
// same shape, Pad by nothing, adding 0, … A graph output that would become a graph input, a
// constant or another output keeps one Identity.
Status RemoveIdentity(graph::Graph* graph);

// Operators between Dequantize and Quantize work on the integers: products and sums as QConv2D,
// QFullyConnected and QBinary, movements as they are. Comes before FoldConstants, which makes real
// weights of quantised ones. A sum that would round differently in f32 is rounded as exact
// arithmetic rounds it.
Status FuseQuantized(graph::Graph* graph);

// Not in the pipeline: for networks that are to be computed in real numbers. What passes from
// Quantize to Dequantize by the same scale passes unrounded. Bounds that may stand for a Relu,
// those of a range that begins at zero, stay.
Status DropQuantization(graph::Graph* graph);

// Evaluates nodes whose inputs are all constant, within a budget of memory.
Status FoldConstants(graph::Graph* graph);

// Follows shapes as symbols through ShapeOf, Gather, Concat, …: shape lists that are constant
// become constants, and a Reshape to a shape with one computed dimension takes -1 for it.
Status FoldShapes(graph::Graph* graph);

// Constant axes, pads, shapes and bounds move from inputs into the op's attributes.
Status InlineAttributes(graph::Graph* graph);

// Flatten, Squeeze, Unsqueeze and a Transpose that moves no element become Reshape; a Reshape of a
// Reshape becomes one.
Status LowerViews(graph::Graph* graph);

// Image operators take NHWC between a pair of Transposes; weights become OHWI.
Status ToNhwc(graph::Graph* graph);

// Moves Transposes towards the outputs, where they meet their inverses and vanish.
Status SinkTransposes(graph::Graph* graph);

// Moves a Transpose up to the graph input through elementwise operators and Pad, so that what
// stands between the input and the first convolution is in that convolution's layout.
Status HoistTransposes(graph::Graph* graph);

// Spelled-out hard-sigmoid and hard-swish become one Unary.
Status FuseHardSwish(graph::Graph* graph);

// Gemm and MatMul with a constant right side become FullyConnected.
Status LowerGemm(graph::Graph* graph);

// An average pool over the whole image becomes Reduce mean.
Status LowerGlobalPool(graph::Graph* graph);

// A FullyConnected that reads a flattened Transpose reads the flattened source instead, its weight
// columns reordered.
Status PermuteFlattenedWeights(graph::Graph* graph);

// BatchNorm with constant statistics goes into the convolution before it, or becomes Mul and Add.
Status FoldBatchNorm(graph::Graph* graph);

// Mul, Div, Add and Sub by constants per channel go into the weights and bias of the Conv2D or
// FullyConnected before them, or of the Conv2D behind them.
Status FoldScale(graph::Graph* graph);

// A Pad over height and width becomes the padding of the convolution or pool that reads it.
Status FusePad(graph::Graph* graph);

// Clamp and HardSwish become the activation of what makes their input; Clamps merge.
Status FuseActivation(graph::Graph* graph);

// An Add without broadcasting becomes the residual input of the convolution that makes one side.
Status FuseResidualAdd(graph::Graph* graph);

}  // namespace minnow::passes

#endif  // MINNOW_PASSES_PASSES_H_
