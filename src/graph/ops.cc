// Names of the ops.
#include "graph/ops.h"

namespace minnow::graph {
namespace {

// In the order of the variant's alternatives.
constexpr const char* kNames[] = {"Conv2D",
                                  "FullyConnected",
                                  "Gemm",
                                  "MatMul",
                                  "BatchNorm",
                                  "Unary",
                                  "Clamp",
                                  "Binary",
                                  "Pool2D",
                                  "Reduce",
                                  "Softmax",
                                  "Concat",
                                  "Pad",
                                  "Reshape",
                                  "Squeeze",
                                  "Unsqueeze",
                                  "Flatten",
                                  "Transpose",
                                  "ShapeOf",
                                  "Gather",
                                  "Slice",
                                  "StridedSlice",
                                  "Cast",
                                  "Expand",
                                  "Fill",
                                  "Where",
                                  "Identity",
                                  "Quantize",
                                  "Dequantize",
                                  "QConv2D",
                                  "QFullyConnected",
                                  "QBinary",
                                  "ByteMap",
                                  "ArgReduce",
                                  "CumSum",
                                  "Trilu",
                                  "Range",
                                  "Tile",
                                  "GatherElements",
                                  "GatherNd",
                                  "ScatterElements",
                                  "ScatterNd",
                                  "TopK",
                                  "ReverseSequence",
                                  "Det",
                                  "Lrn",
                                  "NonZero",
                                  "Compress",
                                  "Unique",
                                  "NonMaxSuppression",
                                  "Resize",
                                  "GridSample",
                                  "ConvNd",
                                  "PoolNd"};
static_assert(sizeof(kNames) / sizeof(kNames[0]) == std::variant_size_v<Op>, "a name is missing");

}  // namespace

const char* OpName(const Op& op) { return kNames[op.index()]; }

}  // namespace minnow::graph
