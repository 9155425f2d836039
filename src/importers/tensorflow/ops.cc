// Every TensorFlow operator that can be imported: one row each.
#include "importers/tensorflow/ops.h"

#include "importers/common_rows.h"

namespace minnow::importers::tensorflow {

using graph::BinaryKind;
using graph::UnaryKind;

static constexpr OpRow kRows[] = {
    {"Abs", ImportUnary<UnaryKind::kAbs>},
    {"Add", ImportBinary<BinaryKind::kAdd>},
    {"AddV2", ImportBinary<BinaryKind::kAdd>},
    {"AvgPool", ImportAvgPool},
    {"BatchMatMul", ImportBatchMatMul},
    {"BatchMatMulV2", ImportBatchMatMul},
    {"BiasAdd", ImportBiasAdd},
    {"Cast", ImportCast},
    {"Ceil", ImportUnary<UnaryKind::kCeil>},
    {"CheckNumerics", ImportIdentity},
    {"ClipByValue", ImportClampByInputs},
    {"Concat", ImportConcat},
    {"ConcatV2", ImportConcatV2},
    {"Const", ImportConst},
    {"Conv2D", ImportConv2D},
    {"DepthwiseConv2dNative", ImportDepthwiseConv2dNative},
    {"Elu", ImportElu},
    {"Equal", ImportBinary<BinaryKind::kEqual>},
    {"Erf", ImportUnary<UnaryKind::kErf>},
    {"Exp", ImportUnary<UnaryKind::kExp>},
    {"ExpandDims", ImportExpandDims},
    {"Fill", ImportFill},
    {"Floor", ImportUnary<UnaryKind::kFloor>},
    {"FloorMod", ImportBinary<BinaryKind::kMod>},
    {"FusedBatchNorm", ImportFusedBatchNorm},
    {"FusedBatchNormV2", ImportFusedBatchNorm},
    {"FusedBatchNormV3", ImportFusedBatchNorm},
    {"Gather", ImportGather},
    {"GatherV2", ImportGatherV2},
    {"Greater", ImportBinary<BinaryKind::kGreater>},
    {"GreaterEqual", ImportBinary<BinaryKind::kGreaterEqual>},
    {"Identity", ImportIdentity},
    {"LeakyRelu", ImportLeakyRelu},
    {"Less", ImportBinary<BinaryKind::kLess>},
    {"LessEqual", ImportBinary<BinaryKind::kLessEqual>},
    {"Log", ImportUnary<UnaryKind::kLog>},
    {"LogSoftmax", ImportLogSoftmax},
    {"LogicalAnd", ImportBinary<BinaryKind::kAnd>},
    {"LogicalNot", ImportUnary<UnaryKind::kNot>},
    {"LogicalOr", ImportBinary<BinaryKind::kOr>},
    {"MatMul", ImportMatMul},
    {"Max", ImportMax},
    {"MaxPool", ImportMaxPool},
    {"Maximum", ImportBinary<BinaryKind::kMax>},
    {"Mean", ImportMean},
    {"Min", ImportMin},
    {"Minimum", ImportBinary<BinaryKind::kMin>},
    {"MirrorPad", ImportMirrorPad},
    {"Mul", ImportBinary<BinaryKind::kMul>},
    {"Neg", ImportUnary<UnaryKind::kNeg>},
    {"NotEqual", ImportNotEqual},
    {"Pack", ImportPack},
    {"Pad", ImportPad},
    {"PadV2", ImportPad},
    {"Placeholder", ImportPlaceholder},
    {"Pow", ImportBinary<BinaryKind::kPow>},
    {"PreventGradient", ImportIdentity},
    {"Prod", ImportProd},
    {"RealDiv", ImportBinary<BinaryKind::kDiv>},
    {"Reciprocal", ImportUnary<UnaryKind::kReciprocal>},
    {"Relu", ImportRelu},
    {"Relu6", ImportRelu6},
    {"Reshape", ImportReshape},
    {"Round", ImportUnary<UnaryKind::kRound>},
    {"Rsqrt", ImportUnary<UnaryKind::kRsqrt>},
    {"Select", ImportSelect},
    {"SelectV2", ImportWhere},
    {"Shape", ImportShape},
    {"Sigmoid", ImportUnary<UnaryKind::kSigmoid>},
    {"Sign", ImportUnary<UnaryKind::kSign>},
    {"Slice", ImportSlice},
    {"Snapshot", ImportIdentity},
    {"Softmax", ImportSoftmax},
    {"Softplus", ImportUnary<UnaryKind::kSoftplus>},
    {"Split", ImportSplit},
    {"SplitV", ImportSplitV},
    {"Sqrt", ImportUnary<UnaryKind::kSqrt>},
    {"Square", ImportUnary<UnaryKind::kSquare>},
    {"SquaredDifference", ImportSquaredDifference},
    {"Squeeze", ImportSqueeze},
    {"StopGradient", ImportIdentity},
    {"StridedSlice", ImportStridedSlice},
    {"Sub", ImportBinary<BinaryKind::kSub>},
    {"Sum", ImportSum},
    {"Tanh", ImportUnary<UnaryKind::kTanh>},
    {"Transpose", ImportTranspose},
};

const OpRow* FindRow(std::string_view op) {
  for (const OpRow& row : kRows) {
    if (row.op == op) return &row;
  }
  return nullptr;
}

graph::DataLayout ReadLayout(const NodeView& node) {
  const std::string_view format = node.Text("data_format", "NHWC");
  if (format == "NCHW") return graph::DataLayout::kNCHW;
  if (format != "NHWC") {
    node.Record(
        Unsupported("data_format %s is not supported (NHWC and NCHW are)", Quote(format).c_str()));
  }
  return graph::DataLayout::kNHWC;
}

}  // namespace minnow::importers::tensorflow
