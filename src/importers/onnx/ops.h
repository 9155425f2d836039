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
Status ImportConvTranspose(const NodeView& node, ImportContext* context);
Status ImportMaxPool(const NodeView& node, ImportContext* context);
Status ImportMaxUnpool(const NodeView& node, ImportContext* context);
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
Status ImportSum(const NodeView& node, ImportContext* context);
Status ImportMean(const NodeView& node, ImportContext* context);
Status ImportMin(const NodeView& node, ImportContext* context);
Status ImportMax(const NodeView& node, ImportContext* context);
Status ImportSoftmax(const NodeView& node, ImportContext* context);
Status ImportLogSoftmax(const NodeView& node, ImportContext* context);

// ops_activation.cc
// An operator on two tensors. Before opset 7 the second lines up with the axes of the first from
// `axis` on.
template <graph::BinaryKind kKind>
Status ImportAligned(const NodeView& node, ImportContext* context);
Status ImportBitShift(const NodeView& node, ImportContext* context);
Status ImportCelu(const NodeView& node, ImportContext* context);
Status ImportIsInf(const NodeView& node, ImportContext* context);
Status ImportIsNaN(const NodeView& node, ImportContext* context);
Status ImportMish(const NodeView& node, ImportContext* context);
Status ImportMod(const NodeView& node, ImportContext* context);
Status ImportPow(const NodeView& node, ImportContext* context);
Status ImportSelu(const NodeView& node, ImportContext* context);
Status ImportShrink(const NodeView& node, ImportContext* context);
Status ImportSoftsign(const NodeView& node, ImportContext* context);
Status ImportThresholdedRelu(const NodeView& node, ImportContext* context);

// ops_image.cc
Status ImportDepthToSpace(const NodeView& node, ImportContext* context);
Status ImportGridSample(const NodeView& node, ImportContext* context);
Status ImportResize(const NodeView& node, ImportContext* context);
Status ImportSpaceToDepth(const NodeView& node, ImportContext* context);
Status ImportUpsample(const NodeView& node, ImportContext* context);

// ops_index.cc
Status ImportCastLike(const NodeView& node, ImportContext* context);
Status ImportCompress(const NodeView& node, ImportContext* context);
Status ImportDet(const NodeView& node, ImportContext* context);
Status ImportEyeLike(const NodeView& node, ImportContext* context);
Status ImportGatherElements(const NodeView& node, ImportContext* context);
Status ImportGatherNd(const NodeView& node, ImportContext* context);
Status ImportNonMaxSuppression(const NodeView& node, ImportContext* context);
Status ImportNonZero(const NodeView& node, ImportContext* context);
Status ImportOneHot(const NodeView& node, ImportContext* context);
Status ImportRange(const NodeView& node, ImportContext* context);
Status ImportReverseSequence(const NodeView& node, ImportContext* context);
Status ImportScatterElements(const NodeView& node, ImportContext* context);
Status ImportScatterNd(const NodeView& node, ImportContext* context);
Status ImportSize(const NodeView& node, ImportContext* context);
Status ImportTile(const NodeView& node, ImportContext* context);
Status ImportTopK(const NodeView& node, ImportContext* context);
Status ImportTrilu(const NodeView& node, ImportContext* context);
Status ImportUnique(const NodeView& node, ImportContext* context);

// ops_norm.cc
Status ImportInstanceNormalization(const NodeView& node, ImportContext* context);
Status ImportLayerNormalization(const NodeView& node, ImportContext* context);
Status ImportLrn(const NodeView& node, ImportContext* context);
Status ImportMeanVarianceNormalization(const NodeView& node, ImportContext* context);
Status ImportNegativeLogLikelihoodLoss(const NodeView& node, ImportContext* context);
Status ImportSoftmaxCrossEntropyLoss(const NodeView& node, ImportContext* context);
Status ImportTrainedNormalization(const NodeView& node, ImportContext* context);

// ops_reduce.cc
template <graph::ReduceKind kKind>
Status ImportReduce(const NodeView& node, ImportContext* context);
Status ImportArgMax(const NodeView& node, ImportContext* context);
Status ImportArgMin(const NodeView& node, ImportContext* context);
Status ImportCumSum(const NodeView& node, ImportContext* context);
Status ImportHardmax(const NodeView& node, ImportContext* context);
Status ImportReduceL1(const NodeView& node, ImportContext* context);
Status ImportReduceL2(const NodeView& node, ImportContext* context);
Status ImportReduceLogSum(const NodeView& node, ImportContext* context);
Status ImportReduceLogSumExp(const NodeView& node, ImportContext* context);
Status ImportReduceSumSquare(const NodeView& node, ImportContext* context);

// ops_signal.cc
Status ImportBlackmanWindow(const NodeView& node, ImportContext* context);
Status ImportHammingWindow(const NodeView& node, ImportContext* context);
Status ImportHannWindow(const NodeView& node, ImportContext* context);

// ops_quantized.cc
Status ImportQuantizeLinear(const NodeView& node, ImportContext* context);
Status ImportDequantizeLinear(const NodeView& node, ImportContext* context);
Status ImportQLinearConv(const NodeView& node, ImportContext* context);
Status ImportQLinearMatMul(const NodeView& node, ImportContext* context);
Status ImportConvInteger(const NodeView& node, ImportContext* context);
Status ImportDynamicQuantizeLinear(const NodeView& node, ImportContext* context);
Status ImportMatMulInteger(const NodeView& node, ImportContext* context);

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
