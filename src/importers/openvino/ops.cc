// Every OpenVINO operator that can be imported: one row each, for all operator sets that have it.
#include "importers/openvino/ops.h"

#include "importers/common_rows.h"
#include "importers/openvino/attributes.h"

namespace minnow::importers::openvino {
namespace {

using graph::BinaryKind;
using graph::ReduceKind;
using graph::UnaryKind;

template <BinaryKind kKind>
Status ImportElementwise(const NodeView& node, ImportContext* context) {
  MINNOW_RETURN_IF_ERROR(CheckBroadcast(node));
  return ImportBinary<kKind>(node, context);
}

template <ReduceKind kKind>
Status ImportReduceOf(const NodeView& node, ImportContext*) {
  return ImportReduce(node, kKind);
}

constexpr OpRow kRows[] = {
    {"Abs", ImportUnary<UnaryKind::kAbs>},
    {"Add", ImportElementwise<BinaryKind::kAdd>},
    {"AvgPool", ImportAvgPool},
    {"BatchNormInference", ImportBatchNormInference},
    {"Broadcast", ImportBroadcast},
    {"Ceiling", ImportUnary<UnaryKind::kCeil>},
    {"Clamp", ImportClamp},
    {"Concat", ImportConcat},
    {"Convert", ImportConvert},
    {"Convolution", ImportConvolution},
    {"Divide", ImportElementwise<BinaryKind::kDiv>},
    {"Elu", ImportElu},
    {"Equal", ImportElementwise<BinaryKind::kEqual>},
    {"Erf", ImportUnary<UnaryKind::kErf>},
    {"Exp", ImportUnary<UnaryKind::kExp>},
    {"FakeQuantize", ImportFakeQuantize},
    {"Floor", ImportUnary<UnaryKind::kFloor>},
    {"FloorMod", ImportElementwise<BinaryKind::kMod>},
    {"Gather", ImportGather},
    {"Gelu", ImportGelu},
    {"Greater", ImportElementwise<BinaryKind::kGreater>},
    {"GreaterEqual", ImportElementwise<BinaryKind::kGreaterEqual>},
    {"GroupConvolution", ImportGroupConvolution},
    {"HSigmoid", ImportHSigmoid},
    {"HSwish", ImportUnary<UnaryKind::kHardSwish>},
    {"HardSigmoid", ImportHardSigmoid},
    {"Interpolate", ImportInterpolate},
    {"Less", ImportElementwise<BinaryKind::kLess>},
    {"LessEqual", ImportElementwise<BinaryKind::kLessEqual>},
    {"Log", ImportUnary<UnaryKind::kLog>},
    {"LogSoftmax", ImportLogSoftmax},
    {"LogicalAnd", ImportElementwise<BinaryKind::kAnd>},
    {"LogicalNot", ImportUnary<UnaryKind::kNot>},
    {"LogicalOr", ImportElementwise<BinaryKind::kOr>},
    {"LogicalXor", ImportElementwise<BinaryKind::kXor>},
    {"MatMul", ImportMatMul},
    {"MaxPool", ImportMaxPool},
    {"Maximum", ImportElementwise<BinaryKind::kMax>},
    {"Minimum", ImportElementwise<BinaryKind::kMin>},
    {"Mish", ImportMish},
    {"Multiply", ImportElementwise<BinaryKind::kMul>},
    {"Negative", ImportUnary<UnaryKind::kNeg>},
    {"NotEqual", ImportNotEqual},
    {"PRelu", ImportPRelu},
    {"PReLU", ImportPRelu},
    {"Pad", ImportPad},
    {"Power", ImportElementwise<BinaryKind::kPow>},
    {"ReLU", ImportRelu},
    {"ReduceMax", ImportReduceOf<ReduceKind::kMax>},
    {"ReduceMean", ImportReduceOf<ReduceKind::kMean>},
    {"ReduceMin", ImportReduceOf<ReduceKind::kMin>},
    {"ReduceProd", ImportReduceOf<ReduceKind::kProd>},
    {"ReduceSum", ImportReduceOf<ReduceKind::kSum>},
    {"Relu", ImportRelu},
    {"Reshape", ImportReshape},
    {"Round", ImportRound},
    {"Select", ImportWhere},
    {"ShapeOf", ImportShapeOf},
    {"Sigmoid", ImportUnary<UnaryKind::kSigmoid>},
    {"Sign", ImportUnary<UnaryKind::kSign>},
    {"Slice", ImportSlice},
    {"SoftMax", ImportSoftmax},
    {"SoftPlus", ImportUnary<UnaryKind::kSoftplus>},
    {"Softmax", ImportSoftmax},
    {"Split", ImportSplit},
    {"Sqrt", ImportUnary<UnaryKind::kSqrt>},
    {"SquaredDifference", ImportSquaredDifference},
    {"Squeeze", ImportSqueeze},
    {"StridedSlice", ImportStridedSlice},
    {"Subtract", ImportElementwise<BinaryKind::kSub>},
    {"Swish", ImportSwish},
    {"Tanh", ImportUnary<UnaryKind::kTanh>},
    {"Tile", ImportTile},
    {"Transpose", ImportTranspose},
    {"Unsqueeze", ImportUnsqueeze},
    {"VariadicSplit", ImportVariadicSplit},
};

}  // namespace

const OpRow* FindRow(const NodeRecord& record) {
  if (OpsetOf(record) < 1) return nullptr;
  for (const OpRow& row : kRows) {
    if (row.op == record.op) return &row;
  }
  return nullptr;
}

}  // namespace minnow::importers::openvino
