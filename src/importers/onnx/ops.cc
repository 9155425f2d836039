// Every ONNX operator that can be imported: one row each, standard domain, opsets 7 to 21.
#include "importers/onnx/ops.h"

#include "importers/common_rows.h"

namespace minnow::importers::onnx {

using graph::BinaryKind;
using graph::UnaryKind;

static constexpr OpRow kRows[] = {
    {"Abs", ImportUnary<UnaryKind::kAbs>},
    {"Add", ImportBinary<BinaryKind::kAdd>},
    {"And", ImportBinary<BinaryKind::kAnd>},
    {"AveragePool", ImportAveragePool},
    {"BatchNormalization", ImportBatchNormalization},
    {"Cast", ImportCast},
    {"Ceil", ImportUnary<UnaryKind::kCeil>},
    {"Clip", ImportClip},
    {"Concat", ImportConcat},
    {"Constant", ImportConstant},
    {"ConstantOfShape", ImportConstantOfShape},
    {"Conv", ImportConv},
    {"DequantizeLinear", ImportDequantizeLinear},
    {"Div", ImportBinary<BinaryKind::kDiv>},
    {"Dropout", ImportDropout},
    {"Elu", ImportElu},
    {"Equal", ImportBinary<BinaryKind::kEqual>},
    {"Erf", ImportUnary<UnaryKind::kErf>},
    {"Exp", ImportUnary<UnaryKind::kExp>},
    {"Expand", ImportExpand},
    {"Flatten", ImportFlatten},
    {"Floor", ImportUnary<UnaryKind::kFloor>},
    {"Gather", ImportGather},
    {"Gelu", ImportGelu},
    {"Gemm", ImportGemm},
    {"GlobalAveragePool", ImportGlobalAveragePool},
    {"GlobalMaxPool", ImportGlobalMaxPool},
    {"Greater", ImportBinary<BinaryKind::kGreater>},
    {"GreaterOrEqual", ImportBinary<BinaryKind::kGreaterEqual>},
    {"HardSigmoid", ImportHardSigmoid},
    {"HardSwish", ImportUnary<UnaryKind::kHardSwish>},
    {"Identity", ImportIdentity},
    {"LeakyRelu", ImportLeakyRelu},
    {"Less", ImportBinary<BinaryKind::kLess>},
    {"LessOrEqual", ImportBinary<BinaryKind::kLessEqual>},
    {"Log", ImportUnary<UnaryKind::kLog>},
    {"LogSoftmax", ImportLogSoftmax},
    {"MatMul", ImportMatMul},
    {"Max", ImportMax},
    {"MaxPool", ImportMaxPool},
    {"Mean", ImportMean},
    {"Min", ImportMin},
    {"Mod", ImportMod},
    {"Mul", ImportBinary<BinaryKind::kMul>},
    {"Neg", ImportUnary<UnaryKind::kNeg>},
    {"Not", ImportUnary<UnaryKind::kNot>},
    {"Or", ImportBinary<BinaryKind::kOr>},
    {"PRelu", ImportPRelu},
    {"Pad", ImportPad},
    {"Pow", ImportBinary<BinaryKind::kPow>},
    {"QLinearConv", ImportQLinearConv},
    {"QLinearMatMul", ImportQLinearMatMul},
    {"QuantizeLinear", ImportQuantizeLinear},
    {"Reciprocal", ImportUnary<UnaryKind::kReciprocal>},
    {"ReduceMax", ImportReduceMax},
    {"ReduceMean", ImportReduceMean},
    {"ReduceMin", ImportReduceMin},
    {"ReduceProd", ImportReduceProd},
    {"ReduceSum", ImportReduceSum},
    {"Relu", ImportRelu},
    {"Reshape", ImportReshape},
    {"Round", ImportUnary<UnaryKind::kRound>},
    {"Shape", ImportShape},
    {"Sigmoid", ImportUnary<UnaryKind::kSigmoid>},
    {"Sign", ImportUnary<UnaryKind::kSign>},
    {"Slice", ImportSlice},
    {"Softmax", ImportSoftmax},
    {"Softplus", ImportUnary<UnaryKind::kSoftplus>},
    {"Split", ImportSplit},
    {"Sqrt", ImportUnary<UnaryKind::kSqrt>},
    {"Squeeze", ImportSqueeze},
    {"Sub", ImportBinary<BinaryKind::kSub>},
    {"Sum", ImportSum},
    {"Tanh", ImportUnary<UnaryKind::kTanh>},
    {"Transpose", ImportTranspose},
    {"Unsqueeze", ImportUnsqueeze},
    {"Where", ImportWhere},
    {"Xor", ImportBinary<BinaryKind::kXor>},
};

const OpRow* FindRow(std::string_view op) {
  for (const OpRow& row : kRows) {
    if (row.op == op) return &row;
  }
  return nullptr;
}

}  // namespace minnow::importers::onnx
