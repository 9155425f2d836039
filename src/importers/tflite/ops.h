// The rows of TensorFlow Lite operators that take more than a line; ops.cc has the table.
#ifndef MINNOW_IMPORTERS_TFLITE_OPS_H_
#define MINNOW_IMPORTERS_TFLITE_OPS_H_

#include <string>

#include "importers/tflite/node.h"

namespace minnow::importers::tflite {

// The row of a builtin operator, or null.
const OpRow* FindRow(int32_t code);
// "CONV_2D"; a number where it has no name here.
std::string OperatorName(const OperatorRecord& record);

// The clamp of an ActivationFunctionType. kUnsupported for tanh and sign_bit.
graph::Activation ReadActivation(const Node& node, int field);
// Output 0 of an operator that has no activation of its own: `op`, then the clamp.
Status OutputActivated(const Node& node, graph::Op op, std::vector<graph::ValueId> inputs,
                       const graph::Activation& activation);

// ops_window.cc
Status ImportConv2D(const Node& node);
Status ImportDepthwiseConv2D(const Node& node);
Status ImportAveragePool2D(const Node& node);
Status ImportMaxPool2D(const Node& node);

// ops_math.cc
Status ImportFullyConnected(const Node& node);
Status ImportLeakyRelu(const Node& node);
Status ImportPrelu(const Node& node);
Status ImportSoftmax(const Node& node);
Status ImportLogSoftmax(const Node& node);
Status ImportSquaredDifference(const Node& node);
Status ImportQuantize(const Node& node);
Status ImportDequantize(const Node& node);

// ops_resize.cc
Status ImportResizeBilinear(const Node& node);
Status ImportResizeNearest(const Node& node);

// ops_shape.cc
Status ImportCast(const Node& node);
Status ImportConcatenation(const Node& node);
Status ImportExpandDims(const Node& node);
Status ImportGather(const Node& node);
Status ImportPad(const Node& node);
Status ImportReshape(const Node& node);
Status ImportShape(const Node& node);
Status ImportSlice(const Node& node);
Status ImportSplit(const Node& node);
Status ImportSqueeze(const Node& node);
Status ImportStridedSlice(const Node& node);
Status ImportTranspose(const Node& node);

}  // namespace minnow::importers::tflite

#endif  // MINNOW_IMPORTERS_TFLITE_OPS_H_
