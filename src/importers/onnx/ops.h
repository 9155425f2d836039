// The rows of ONNX operators that take more than a line; ops.cc has the table.
#ifndef MINNOW_IMPORTERS_ONNX_OPS_H_
#define MINNOW_IMPORTERS_ONNX_OPS_H_

#include <string_view>

#include "importers/node_view.h"

namespace minnow::importers::onnx {

// The row of a standard operator, or null.
const OpRow* FindRow(std::string_view op);

// ops_window.cc
// The attributes of a Conv whose weights (in real numbers) are `weights`.
StatusOr<graph::Conv2D> ReadConv(const NodeView& node, ImportContext* context,
                                 graph::ValueId weights);
Status ImportConv(const NodeView& node, ImportContext* context);
Status ImportMaxPool(const NodeView& node, ImportContext* context);
Status ImportAveragePool(const NodeView& node, ImportContext* context);
Status ImportGlobalAveragePool(const NodeView& node, ImportContext* context);
Status ImportGlobalMaxPool(const NodeView& node, ImportContext* context);

// ops_math.cc
Status ImportGemm(const NodeView& node, ImportContext* context);
Status ImportMatMul(const NodeView& node, ImportContext* context);
Status ImportBatchNormalization(const NodeView& node, ImportContext* context);
Status ImportClip(const NodeView& node, ImportContext* context);
Status ImportElu(const NodeView& node, ImportContext* context);
Status ImportLeakyRelu(const NodeView& node, ImportContext* context);
Status ImportHardSigmoid(const NodeView& node, ImportContext* context);
Status ImportGelu(const NodeView& node, ImportContext* context);
Status ImportPRelu(const NodeView& node, ImportContext* context);
Status ImportMod(const NodeView& node, ImportContext* context);
Status ImportSum(const NodeView& node, ImportContext* context);
Status ImportMean(const NodeView& node, ImportContext* context);
Status ImportMin(const NodeView& node, ImportContext* context);
Status ImportMax(const NodeView& node, ImportContext* context);
Status ImportReduceMean(const NodeView& node, ImportContext* context);
Status ImportReduceSum(const NodeView& node, ImportContext* context);
Status ImportReduceMax(const NodeView& node, ImportContext* context);
Status ImportReduceMin(const NodeView& node, ImportContext* context);
Status ImportReduceProd(const NodeView& node, ImportContext* context);
Status ImportSoftmax(const NodeView& node, ImportContext* context);
Status ImportLogSoftmax(const NodeView& node, ImportContext* context);

// ops_quantized.cc
Status ImportQuantizeLinear(const NodeView& node, ImportContext* context);
Status ImportDequantizeLinear(const NodeView& node, ImportContext* context);
Status ImportQLinearConv(const NodeView& node, ImportContext* context);
Status ImportQLinearMatMul(const NodeView& node, ImportContext* context);

// ops_shape.cc
Status ImportCast(const NodeView& node, ImportContext* context);
Status ImportConcat(const NodeView& node, ImportContext* context);
Status ImportConstant(const NodeView& node, ImportContext* context);
Status ImportConstantOfShape(const NodeView& node, ImportContext* context);
Status ImportDropout(const NodeView& node, ImportContext* context);
Status ImportExpand(const NodeView& node, ImportContext* context);
Status ImportFlatten(const NodeView& node, ImportContext* context);
Status ImportGather(const NodeView& node, ImportContext* context);
Status ImportPad(const NodeView& node, ImportContext* context);
Status ImportReshape(const NodeView& node, ImportContext* context);
Status ImportShape(const NodeView& node, ImportContext* context);
Status ImportSlice(const NodeView& node, ImportContext* context);
Status ImportSplit(const NodeView& node, ImportContext* context);
Status ImportSqueeze(const NodeView& node, ImportContext* context);
Status ImportTranspose(const NodeView& node, ImportContext* context);
Status ImportUnsqueeze(const NodeView& node, ImportContext* context);

}  // namespace minnow::importers::onnx

#endif  // MINNOW_IMPORTERS_ONNX_OPS_H_
