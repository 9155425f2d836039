// Every TensorFlow Lite operator that can be imported: one row each, by its builtin code.
#include "importers/tflite/ops.h"

#include <limits>

namespace minnow::importers::tflite {
namespace {

using graph::BinaryKind;
using graph::ReduceKind;
using graph::UnaryKind;

constexpr float kInfinity = std::numeric_limits<float>::infinity();

template <UnaryKind kKind>
Status ImportUnary(const Node& node) {
  return node.OutputReal(0, graph::Unary{kKind}, {node.Real(0)});
}

// `kHasActivation`: the options' first field is an activation.
template <BinaryKind kKind, bool kHasActivation>
Status ImportBinary(const Node& node) {
  graph::Binary binary{kKind, {}};
  if (kHasActivation) binary.activation = ReadActivation(node, 0);
  return node.OutputReal(0, binary, {node.Real(0), node.Real(1)});
}

template <ReduceKind kKind>
Status ImportReduce(const Node& node) {
  graph::Reduce reduce;
  reduce.kind = kKind;
  reduce.axes = node.RequiredInts(1, "axes");
  reduce.keep_dims = node.options().Bool(0, false);
  return node.OutputReal(0, reduce, {node.Real(0)});
}

// Bounds in whole numbers.
template <int kMin, int kMax>
Status ImportClamp(const Node& node) {
  return node.OutputReal(0, graph::Clamp{float{kMin}, kMax == 0 ? kInfinity : float{kMax}},
                         {node.Real(0)});
}

constexpr OpRow kRows[] = {
    {0, ImportBinary<BinaryKind::kAdd, true>},
    {1, ImportAveragePool2D},
    {2, ImportConcatenation},
    {3, ImportConv2D},
    {4, ImportDepthwiseConv2D},
    {6, ImportDequantize},
    {8, ImportUnary<UnaryKind::kFloor>},
    {9, ImportFullyConnected},
    {14, ImportUnary<UnaryKind::kSigmoid>},
    {17, ImportMaxPool2D},
    {18, ImportBinary<BinaryKind::kMul, true>},
    {19, ImportClamp<0, 0>},
    {20, ImportClamp<-1, 1>},
    {21, ImportClamp<0, 6>},
    {22, ImportReshape},
    {23, ImportResizeBilinear},
    {25, ImportSoftmax},
    {28, ImportUnary<UnaryKind::kTanh>},
    {34, ImportPad},
    {36, ImportGather},
    {39, ImportTranspose},
    {40, ImportReduce<ReduceKind::kMean>},
    {41, ImportBinary<BinaryKind::kSub, true>},
    {42, ImportBinary<BinaryKind::kDiv, true>},
    {43, ImportSqueeze},
    {45, ImportStridedSlice},
    {47, ImportUnary<UnaryKind::kExp>},
    {49, ImportSplit},
    {50, ImportLogSoftmax},
    {53, ImportCast},
    {54, ImportPrelu},
    {55, ImportBinary<BinaryKind::kMax, false>},
    {57, ImportBinary<BinaryKind::kMin, false>},
    {59, ImportUnary<UnaryKind::kNeg>},
    {60, ImportPad},
    {65, ImportSlice},
    {70, ImportExpandDims},
    {73, ImportUnary<UnaryKind::kLog>},
    {74, ImportReduce<ReduceKind::kSum>},
    {75, ImportUnary<UnaryKind::kSqrt>},
    {76, ImportUnary<UnaryKind::kRsqrt>},
    {77, ImportShape},
    {78, ImportBinary<BinaryKind::kPow, false>},
    {81, ImportReduce<ReduceKind::kProd>},
    {82, ImportReduce<ReduceKind::kMax>},
    {89, ImportReduce<ReduceKind::kMin>},
    {92, ImportUnary<UnaryKind::kSquare>},
    {97, ImportResizeNearest},
    {98, ImportLeakyRelu},
    {99, ImportSquaredDifference},
    {101, ImportUnary<UnaryKind::kAbs>},
    {104, ImportUnary<UnaryKind::kCeil>},
    {111, ImportUnary<UnaryKind::kElu>},
    {114, ImportQuantize},
    {116, ImportUnary<UnaryKind::kRound>},
    {117, ImportUnary<UnaryKind::kHardSwish>},
};

// By code, for messages.
constexpr const char* kNames[] = {"ADD",
                                  "AVERAGE_POOL_2D",
                                  "CONCATENATION",
                                  "CONV_2D",
                                  "DEPTHWISE_CONV_2D",
                                  "DEPTH_TO_SPACE",
                                  "DEQUANTIZE",
                                  "EMBEDDING_LOOKUP",
                                  "FLOOR",
                                  "FULLY_CONNECTED",
                                  "HASHTABLE_LOOKUP",
                                  "L2_NORMALIZATION",
                                  "L2_POOL_2D",
                                  "LOCAL_RESPONSE_NORMALIZATION",
                                  "LOGISTIC",
                                  "LSH_PROJECTION",
                                  "LSTM",
                                  "MAX_POOL_2D",
                                  "MUL",
                                  "RELU",
                                  "RELU_N1_TO_1",
                                  "RELU6",
                                  "RESHAPE",
                                  "RESIZE_BILINEAR",
                                  "RNN",
                                  "SOFTMAX",
                                  "SPACE_TO_DEPTH",
                                  "SVDF",
                                  "TANH",
                                  "CONCAT_EMBEDDINGS",
                                  "SKIP_GRAM",
                                  "CALL",
                                  "CUSTOM",
                                  "EMBEDDING_LOOKUP_SPARSE",
                                  "PAD",
                                  "UNIDIRECTIONAL_SEQUENCE_RNN",
                                  "GATHER",
                                  "BATCH_TO_SPACE_ND",
                                  "SPACE_TO_BATCH_ND",
                                  "TRANSPOSE",
                                  "MEAN",
                                  "SUB",
                                  "DIV",
                                  "SQUEEZE",
                                  "UNIDIRECTIONAL_SEQUENCE_LSTM",
                                  "STRIDED_SLICE",
                                  "BIDIRECTIONAL_SEQUENCE_RNN",
                                  "EXP",
                                  "TOPK_V2",
                                  "SPLIT",
                                  "LOG_SOFTMAX",
                                  "DELEGATE",
                                  "BIDIRECTIONAL_SEQUENCE_LSTM",
                                  "CAST",
                                  "PRELU",
                                  "MAXIMUM",
                                  "ARG_MAX",
                                  "MINIMUM",
                                  "LESS",
                                  "NEG",
                                  "PADV2",
                                  "GREATER",
                                  "GREATER_EQUAL",
                                  "LESS_EQUAL",
                                  "SELECT",
                                  "SLICE",
                                  "SIN",
                                  "TRANSPOSE_CONV",
                                  "SPARSE_TO_DENSE",
                                  "TILE",
                                  "EXPAND_DIMS",
                                  "EQUAL",
                                  "NOT_EQUAL",
                                  "LOG",
                                  "SUM",
                                  "SQRT",
                                  "RSQRT",
                                  "SHAPE",
                                  "POW",
                                  "ARG_MIN",
                                  "FAKE_QUANT",
                                  "REDUCE_PROD",
                                  "REDUCE_MAX",
                                  "PACK",
                                  "LOGICAL_OR",
                                  "ONE_HOT",
                                  "LOGICAL_AND",
                                  "LOGICAL_NOT",
                                  "UNPACK",
                                  "REDUCE_MIN",
                                  "FLOOR_DIV",
                                  "REDUCE_ANY",
                                  "SQUARE",
                                  "ZEROS_LIKE",
                                  "FILL",
                                  "FLOOR_MOD",
                                  "RANGE",
                                  "RESIZE_NEAREST_NEIGHBOR",
                                  "LEAKY_RELU",
                                  "SQUARED_DIFFERENCE",
                                  "MIRROR_PAD",
                                  "ABS",
                                  "SPLIT_V",
                                  "UNIQUE",
                                  "CEIL",
                                  "REVERSE_V2",
                                  "ADD_N",
                                  "GATHER_ND",
                                  "COS",
                                  "WHERE",
                                  "RANK",
                                  "ELU",
                                  "REVERSE_SEQUENCE",
                                  "MATRIX_DIAG",
                                  "QUANTIZE",
                                  "MATRIX_SET_DIAG",
                                  "ROUND",
                                  "HARD_SWISH"};

}  // namespace

const OpRow* FindRow(int32_t code) {
  for (const OpRow& row : kRows) {
    if (row.code == code) return &row;
  }
  return nullptr;
}

std::string OperatorName(const OperatorRecord& record) {
  if (!record.custom_name.empty()) return std::string(record.custom_name);
  constexpr int32_t kCount = static_cast<int32_t>(sizeof(kNames) / sizeof(kNames[0]));
  if (record.code >= 0 && record.code < kCount) return kNames[record.code];
  return "builtin " + std::to_string(record.code);
}

graph::Activation ReadActivation(const Node& node, int field) {
  graph::Activation activation;
  const int kind = node.options().S8(field, 0);
  switch (kind) {
    case 0:
      return activation;
    case 1:
      activation.min = 0.0f;
      return activation;
    case 2:
      activation.min = -1.0f;
      activation.max = 1.0f;
      return activation;
    case 3:
      activation.min = 0.0f;
      activation.max = 6.0f;
      return activation;
    default:
      node.Record(
          Unsupported("the fused activation %d; none, relu, relu_n1_to_1 and relu6 are "
                      "supported",
                      kind));
      return activation;
  }
}

Status OutputActivated(const Node& node, graph::Op op, std::vector<graph::ValueId> inputs,
                       const graph::Activation& activation) {
  if (activation.IsNone()) return node.OutputReal(0, std::move(op), std::move(inputs));
  return node.OutputReal(0, graph::Clamp{activation.min, activation.max},
                         {node.Add(std::move(op), std::move(inputs))});
}

}  // namespace minnow::importers::tflite
