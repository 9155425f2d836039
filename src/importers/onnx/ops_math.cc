// ONNX operators that compute: products, normalisation, activations, n-ary ops.
#include <cmath>
#include <limits>

#include "importers/common_rows.h"
#include "importers/onnx/ops.h"
#include "importers/onnx/wiring.h"

namespace minnow::importers::onnx {
namespace {

using graph::Binary;
using graph::BinaryKind;
using graph::Unary;
using graph::UnaryKind;
using graph::ValueId;

constexpr float kInfinity = std::numeric_limits<float>::infinity();

// ((a op b) op c) …; one input alone passes through.
Status ImportChain(const NodeView& node, BinaryKind kind) {
  const std::vector<ValueId> inputs = node.Inputs();
  if (inputs.empty()) return node.Output(0, graph::Identity{}, {});
  if (inputs.size() == 1) return node.Output(0, graph::Identity{}, inputs);
  ValueId result = inputs[0];
  for (size_t i = 1; i + 1 < inputs.size(); ++i) {
    result = node.Add(Binary{kind, {}}, {result, inputs[i]});
  }
  return node.Output(0, Binary{kind, {}}, {result, inputs.back()});
}

// From opset 13 along one axis. Before, the input counts as a matrix cut before `axis` and each row
// is normalised whole: the same where all axes behind `axis` have size 1.
Status ImportSoftmaxOf(const NodeView& node, ImportContext* context, bool log) {
  const bool is_matrix = context->opset() < 13;
  const int64_t axis = node.Int("axis", is_matrix ? 1 : -1);
  const ValueId x = node.Input(0);
  if (!is_matrix || axis == -1) return node.Output(0, graph::Softmax{axis, log}, {x});
  if (const std::optional<Shape> shape = context->ShapeOf(x)) {
    const StatusOr<int> normal = NormalizeAxis(axis, shape->rank());
    if (!normal.ok()) return node.Fail(normal.status());
    bool is_last = true;
    for (int i = *normal + 1; i < shape->rank(); ++i) is_last = is_last && (*shape)[i] == 1;
    if (is_last) return node.Output(0, graph::Softmax{*normal, log}, {x});
  }
  const ValueId shape = node.Add(graph::ShapeOf{}, {x});
  const ValueId matrix = node.Add(graph::Flatten{axis}, {x});
  const ValueId result = node.Add(graph::Softmax{-1, log}, {matrix});
  return node.Output(0, graph::Reshape{{}, true}, {result, shape});
}

}  // namespace

Status ImportGemm(const NodeView& node, ImportContext*) {
  graph::Gemm gemm;
  gemm.alpha = node.Float("alpha", 1.0f);
  gemm.beta = node.Float("beta", 1.0f);
  gemm.transpose_a = node.Bool("transA", false);
  gemm.transpose_b = node.Bool("transB", false);
  std::vector<ValueId> inputs = {node.Input(0), node.Input(1)};
  if (node.HasInput(2)) inputs.push_back(node.Input(2));
  return node.Output(0, gemm, std::move(inputs));
}

Status ImportMatMul(const NodeView& node, ImportContext*) {
  return node.Output(0, graph::MatMul{}, {node.Input(0), node.Input(1)});
}

Status ImportBatchNormalization(const NodeView& node, ImportContext* context) {
  if (node.Bool("training_mode", false)) return ImportTrainedNormalization(node, context);
  if (context->opset() < 7 && !node.Bool("is_test", false)) {
    return node.Fail(Unsupported("is_test 0 is not supported"));
  }
  if (node.Int("spatial", 1) != 1) return node.Fail(Unsupported("spatial 0 is not supported"));
  for (size_t i = 1; i < node.record().outputs.size(); ++i) {
    if (node.OutputUsed(i)) {
      return node.Fail(Unsupported("output %zu, a statistic of training, is read", i));
    }
  }
  graph::BatchNorm norm{node.Float("epsilon", 1e-5f), graph::DataLayout::kNCHW};
  return node.Output(0, norm,
                     {node.Input(0), node.Input(1), node.Input(2), node.Input(3), node.Input(4)});
}

// The bounds are attributes before opset 11, then optional inputs.
Status ImportClip(const NodeView& node, ImportContext* context) {
  if (context->opset() >= 11) return ImportClampByInputs(node, context);
  const graph::Clamp clamp{node.Float("min", -kInfinity), node.Float("max", kInfinity)};
  if (std::isnan(clamp.min) || std::isnan(clamp.max)) {
    return node.Fail(InvalidModel("a bound is not a number"));
  }
  return node.Output(0, clamp, {node.Input(0)});
}

Status ImportElu(const NodeView& node, ImportContext*) {
  return node.Output(0, Unary{UnaryKind::kElu, node.Float("alpha", 1.0f)}, {node.Input(0)});
}

Status ImportLeakyRelu(const NodeView& node, ImportContext*) {
  return node.Output(0, Unary{UnaryKind::kLeakyRelu, node.Float("alpha", 0.01f)}, {node.Input(0)});
}

Status ImportHardSigmoid(const NodeView& node, ImportContext*) {
  const Unary op{UnaryKind::kHardSigmoid, node.Float("alpha", 0.2f), node.Float("beta", 0.5f)};
  return node.Output(0, op, {node.Input(0)});
}

Status ImportGelu(const NodeView& node, ImportContext*) {
  const std::string_view approximate = node.Text("approximate", "none");
  if (approximate != "none") {
    return node.Fail(Unsupported("approximate %s is not supported", Quote(approximate).c_str()));
  }
  return node.Output(0, Unary{UnaryKind::kGelu}, {node.Input(0)});
}

// x < 0 ? slope * x : x, as max(x, 0) + slope * min(x, 0).
Status ImportPRelu(const NodeView& node, ImportContext* context) {
  const Wiring w(node, context);
  const ValueId x = node.Input(0);
  ValueId slope = node.Input(1);
  // Before opset 7 a list has one slope a channel.
  const std::optional<Shape> list = context->ShapeOf(slope);
  if (context->opset() < 7 && list && list->rank() == 1) {
    slope = w.Unsqueeze(slope, AxesBetween(1, w.RankOf(x) - 1));
  }
  const ValueId positive = node.Add(graph::Clamp{0.0f, kInfinity}, {x});
  const ValueId negative = node.Add(graph::Clamp{-kInfinity, 0.0f}, {x});
  const ValueId scaled = node.Add(Binary{BinaryKind::kMul, {}}, {negative, slope});
  return node.Output(0, Binary{BinaryKind::kAdd, {}}, {positive, scaled});
}

Status ImportSum(const NodeView& node, ImportContext*) {
  return ImportChain(node, BinaryKind::kAdd);
}

Status ImportMean(const NodeView& node, ImportContext* context) {
  const std::vector<ValueId> inputs = node.Inputs();
  if (inputs.size() < 2) return ImportChain(node, BinaryKind::kAdd);
  ValueId sum = inputs[0];
  for (size_t i = 1; i < inputs.size(); ++i) {
    sum = node.Add(Binary{BinaryKind::kAdd, {}}, {sum, inputs[i]});
  }
  const Wiring w(node, context);
  const ValueId count = w.Like(static_cast<double>(inputs.size()), sum);
  return node.Output(0, Binary{BinaryKind::kDiv, {}}, {sum, count});
}

Status ImportMin(const NodeView& node, ImportContext*) {
  return ImportChain(node, BinaryKind::kMin);
}

Status ImportMax(const NodeView& node, ImportContext*) {
  return ImportChain(node, BinaryKind::kMax);
}

Status ImportSoftmax(const NodeView& node, ImportContext* context) {
  return ImportSoftmaxOf(node, context, false);
}

Status ImportLogSoftmax(const NodeView& node, ImportContext* context) {
  return ImportSoftmaxOf(node, context, true);
}

}  // namespace minnow::importers::onnx
