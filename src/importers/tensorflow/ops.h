// The rows of TensorFlow operators that take more than a line; ops.cc has the table.
#ifndef MINNOW_IMPORTERS_TENSORFLOW_OPS_H_
#define MINNOW_IMPORTERS_TENSORFLOW_OPS_H_

#include <string_view>

#include "importers/node_view.h"

namespace minnow::importers::tensorflow {

// The row of an operator, or null.
const OpRow* FindRow(std::string_view op);

// The attribute data_format: kUnsupported for other than NHWC and NCHW.
graph::DataLayout ReadLayout(const NodeView& node);

// ops_window.cc
Status ImportConv2D(const NodeView& node, ImportContext* context);
Status ImportDepthwiseConv2dNative(const NodeView& node, ImportContext* context);
Status ImportMaxPool(const NodeView& node, ImportContext* context);
Status ImportAvgPool(const NodeView& node, ImportContext* context);

// ops_math.cc
Status ImportBiasAdd(const NodeView& node, ImportContext* context);
Status ImportFusedBatchNorm(const NodeView& node, ImportContext* context);
Status ImportMatMul(const NodeView& node, ImportContext* context);
Status ImportBatchMatMul(const NodeView& node, ImportContext* context);
Status ImportRelu6(const NodeView& node, ImportContext* context);
Status ImportElu(const NodeView& node, ImportContext* context);
Status ImportLeakyRelu(const NodeView& node, ImportContext* context);
Status ImportSquaredDifference(const NodeView& node, ImportContext* context);
Status ImportNotEqual(const NodeView& node, ImportContext* context);
Status ImportMean(const NodeView& node, ImportContext* context);
Status ImportSum(const NodeView& node, ImportContext* context);
Status ImportMax(const NodeView& node, ImportContext* context);
Status ImportMin(const NodeView& node, ImportContext* context);
Status ImportProd(const NodeView& node, ImportContext* context);
Status ImportSoftmax(const NodeView& node, ImportContext* context);
Status ImportLogSoftmax(const NodeView& node, ImportContext* context);
Status ImportSelect(const NodeView& node, ImportContext* context);

// ops_shape.cc
Status ImportCast(const NodeView& node, ImportContext* context);
Status ImportConcat(const NodeView& node, ImportContext* context);
Status ImportConcatV2(const NodeView& node, ImportContext* context);
Status ImportConst(const NodeView& node, ImportContext* context);
Status ImportExpandDims(const NodeView& node, ImportContext* context);
Status ImportFill(const NodeView& node, ImportContext* context);
Status ImportGather(const NodeView& node, ImportContext* context);
Status ImportGatherV2(const NodeView& node, ImportContext* context);
Status ImportMirrorPad(const NodeView& node, ImportContext* context);
Status ImportPack(const NodeView& node, ImportContext* context);
Status ImportPad(const NodeView& node, ImportContext* context);
Status ImportPlaceholder(const NodeView& node, ImportContext* context);
Status ImportReshape(const NodeView& node, ImportContext* context);
Status ImportShape(const NodeView& node, ImportContext* context);
Status ImportSlice(const NodeView& node, ImportContext* context);
Status ImportSplit(const NodeView& node, ImportContext* context);
Status ImportSplitV(const NodeView& node, ImportContext* context);
Status ImportSqueeze(const NodeView& node, ImportContext* context);
Status ImportStridedSlice(const NodeView& node, ImportContext* context);
Status ImportTranspose(const NodeView& node, ImportContext* context);

}  // namespace minnow::importers::tensorflow

#endif  // MINNOW_IMPORTERS_TENSORFLOW_OPS_H_
