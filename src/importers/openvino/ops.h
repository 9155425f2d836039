// The rows of OpenVINO operators that take more than a line; ops.cc has the table.
#ifndef MINNOW_IMPORTERS_OPENVINO_OPS_H_
#define MINNOW_IMPORTERS_OPENVINO_OPS_H_

#include <string_view>

#include "importers/node_view.h"

namespace minnow::importers::openvino {

// The row of an operator of a public operator set ("opset1", …), or null.
const OpRow* FindRow(const NodeRecord& record);

// ops_window.cc
Status ImportConvolution(const NodeView& node, ImportContext* context);
Status ImportGroupConvolution(const NodeView& node, ImportContext* context);
Status ImportMaxPool(const NodeView& node, ImportContext* context);
Status ImportAvgPool(const NodeView& node, ImportContext* context);

// ops_math.cc
// numpy.broadcast of elementwise operators; kUnsupported for the others.
Status CheckBroadcast(const NodeView& node);
Status ImportBatchNormInference(const NodeView& node, ImportContext* context);
Status ImportClamp(const NodeView& node, ImportContext* context);
Status ImportElu(const NodeView& node, ImportContext* context);
Status ImportGelu(const NodeView& node, ImportContext* context);
Status ImportHSigmoid(const NodeView& node, ImportContext* context);
Status ImportHardSigmoid(const NodeView& node, ImportContext* context);
Status ImportMatMul(const NodeView& node, ImportContext* context);
Status ImportMish(const NodeView& node, ImportContext* context);
Status ImportNotEqual(const NodeView& node, ImportContext* context);
Status ImportPRelu(const NodeView& node, ImportContext* context);
Status ImportReduce(const NodeView& node, graph::ReduceKind kind);
Status ImportRound(const NodeView& node, ImportContext* context);
Status ImportSoftmax(const NodeView& node, ImportContext* context);
Status ImportLogSoftmax(const NodeView& node, ImportContext* context);
Status ImportSquaredDifference(const NodeView& node, ImportContext* context);
Status ImportSwish(const NodeView& node, ImportContext* context);

// ops_quantized.cc
Status ImportFakeQuantize(const NodeView& node, ImportContext* context);

// ops_resize.cc
Status ImportInterpolate(const NodeView& node, ImportContext* context);

// ops_shape.cc
Status ImportBroadcast(const NodeView& node, ImportContext* context);
Status ImportConcat(const NodeView& node, ImportContext* context);
Status ImportConvert(const NodeView& node, ImportContext* context);
Status ImportGather(const NodeView& node, ImportContext* context);
Status ImportPad(const NodeView& node, ImportContext* context);
Status ImportReshape(const NodeView& node, ImportContext* context);
Status ImportShapeOf(const NodeView& node, ImportContext* context);
Status ImportSlice(const NodeView& node, ImportContext* context);
Status ImportSplit(const NodeView& node, ImportContext* context);
Status ImportSqueeze(const NodeView& node, ImportContext* context);
Status ImportStridedSlice(const NodeView& node, ImportContext* context);
Status ImportTile(const NodeView& node, ImportContext* context);
Status ImportTranspose(const NodeView& node, ImportContext* context);
Status ImportUnsqueeze(const NodeView& node, ImportContext* context);
Status ImportVariadicSplit(const NodeView& node, ImportContext* context);

}  // namespace minnow::importers::openvino

#endif  // MINNOW_IMPORTERS_OPENVINO_OPS_H_
