// ONNX normalisations, written out, and the losses of classifiers.
#include <algorithm>

#include "importers/common_rows.h"
#include "importers/onnx/ops.h"
#include "importers/onnx/wiring.h"

namespace minnow::importers::onnx {
namespace {

using graph::BinaryKind;
using graph::kNoValue;
using graph::ReduceKind;
using graph::UnaryKind;
using graph::ValueId;

struct Moments {
  ValueId mean, centred, variance;
};

Moments MomentsOf(const Wiring& w, ValueId x, const std::vector<int64_t>& axes) {
  Moments m;
  m.mean = w.Reduce(ReduceKind::kMean, x, axes, true);
  m.centred = w.Sub(x, m.mean);
  m.variance = w.Reduce(ReduceKind::kMean, w.Unary(UnaryKind::kSquare, m.centred), axes, true);
  return m;
}

// [C] as [C, 1, …], to stand beside an input of `rank` dimensions.
ValueId AlongChannels(const Wiring& w, ValueId list, int rank) {
  return rank > 2 ? w.Unsqueeze(list, AxesBetween(1, rank - 1)) : list;
}

// -x[n, t[n]] for targets t, weighted by class; targets equal to ignore_index count for nothing.
Status OutputLoss(const NodeView& node, const Wiring& w, ValueId x, size_t weights_input) {
  ValueId target = node.Input(1);
  ValueId ignored = kNoValue;
  if (node.Find("ignore_index") != nullptr) {
    const double index = static_cast<double>(node.Int("ignore_index", 0));
    ignored = w.Binary(BinaryKind::kEqual, target, w.Like(index, target));
    target = w.Where(ignored, w.Like(0.0, target), target);
  }
  const ValueId picked = node.Add(graph::GatherElements{1}, {x, w.Unsqueeze(target, {1})});
  ValueId loss = w.Unary(UnaryKind::kNeg, node.Add(graph::Squeeze{{1}}, {picked}));
  ValueId weight = kNoValue;
  if (node.HasInput(weights_input)) {
    weight = node.Add(graph::Gather{0}, {node.Input(weights_input), target});
  }
  if (ignored != kNoValue) {
    const ValueId counted = weight == kNoValue ? w.Like(1.0, x) : weight;
    weight = w.Where(ignored, w.Like(0.0, x), counted);
  }
  if (weight != kNoValue) loss = w.Mul(loss, weight);
  const std::string_view reduction = node.Text("reduction", "mean");
  if (reduction == "none") return node.Output(0, graph::Identity{}, {loss});
  if (reduction == "sum") return node.Output(0, graph::Reduce{ReduceKind::kSum, {}, false}, {loss});
  if (reduction != "mean") {
    return node.Fail(InvalidModel("reduction is %s", Quote(reduction).c_str()));
  }
  if (weight == kNoValue) {
    return node.Output(0, graph::Reduce{ReduceKind::kMean, {}, false}, {loss});
  }
  const ValueId total = w.Reduce(ReduceKind::kSum, loss, {}, false);
  const ValueId share = w.Reduce(ReduceKind::kSum, weight, {}, false);
  return node.Output(0, graph::Binary{BinaryKind::kDiv, {}}, {total, share});
}

}  // namespace

Status ImportLayerNormalization(const NodeView& node, ImportContext* context) {
  const Wiring w(node, context);
  const ValueId x = node.Input(0);
  int64_t axis = node.Int("axis", -1);
  int64_t end = 0;
  if (axis >= 0) end = w.RankOf(x);
  MINNOW_RETURN_IF_ERROR(context->status());
  if (axis < -kMaxRank || axis >= std::max<int64_t>(end, 1)) {
    return node.Fail(InvalidModel("axis is %lld", static_cast<long long>(axis)));
  }
  const Moments m = MomentsOf(w, x, AxesBetween(axis, end));
  const ValueId epsilon = w.Like(static_cast<double>(node.Float("epsilon", 1e-5f)), x);
  const ValueId deviation = w.Unary(UnaryKind::kSqrt, w.Add(m.variance, epsilon));
  ValueId y = w.Mul(w.Div(m.centred, deviation), node.Input(1));
  if (node.HasInput(2)) y = w.Add(y, node.Input(2));
  MINNOW_RETURN_IF_ERROR(node.Output(0, graph::Identity{}, {y}));
  MINNOW_RETURN_IF_ERROR(node.Output(1, graph::Identity{}, {m.mean}));
  return node.Output(2, graph::Unary{UnaryKind::kReciprocal}, {deviation});
}

Status ImportInstanceNormalization(const NodeView& node, ImportContext* context) {
  const Wiring w(node, context);
  const ValueId x = node.Input(0);
  const int rank = w.RankOf(x);
  MINNOW_RETURN_IF_ERROR(context->status());
  if (rank < 3) return node.Fail(InvalidModel("the input has rank %d", rank));
  const Moments m = MomentsOf(w, x, AxesBetween(2, rank));
  const ValueId epsilon = w.Like(static_cast<double>(node.Float("epsilon", 1e-5f)), x);
  const ValueId deviation = w.Unary(UnaryKind::kSqrt, w.Add(m.variance, epsilon));
  const ValueId scaled = w.Mul(w.Div(m.centred, deviation), AlongChannels(w, node.Input(1), rank));
  const ValueId bias = AlongChannels(w, node.Input(2), rank);
  return node.Output(0, graph::Binary{BinaryKind::kAdd, {}}, {scaled, bias});
}

Status ImportMeanVarianceNormalization(const NodeView& node, ImportContext* context) {
  const Wiring w(node, context);
  const ValueId x = node.Input(0);
  std::vector<int64_t> axes = node.Ints("axes");
  if (axes.empty()) axes = {0, 2, 3};
  const Moments m = MomentsOf(w, x, axes);
  const ValueId deviation = w.Add(w.Unary(UnaryKind::kSqrt, m.variance), w.Like(1e-9, x));
  return node.Output(0, graph::Binary{BinaryKind::kDiv, {}}, {m.centred, deviation});
}

// training_mode: normalised by the input's own moments; the outputs beside it are the moments that
// training goes on with.
Status ImportTrainedNormalization(const NodeView& node, ImportContext* context) {
  const Wiring w(node, context);
  const ValueId x = node.Input(0);
  const int rank = w.RankOf(x);
  MINNOW_RETURN_IF_ERROR(context->status());
  std::vector<int64_t> axes = AxesBetween(2, rank);
  axes.insert(axes.begin(), 0);
  const Moments m = MomentsOf(w, x, axes);
  const double momentum = static_cast<double>(node.Float("momentum", 0.9f));
  const auto blend = [&](size_t output, ValueId seen) {
    const ValueId old = node.Input(output + 2);
    const ValueId kept = w.Mul(old, w.Like(momentum, old));
    const ValueId fresh = w.Mul(w.Reshape(seen, {-1}), w.Like(1.0 - momentum, seen));
    return node.Output(output, graph::Binary{BinaryKind::kAdd, {}}, {kept, fresh});
  };
  const graph::BatchNorm norm{node.Float("epsilon", 1e-5f), graph::DataLayout::kNCHW};
  MINNOW_RETURN_IF_ERROR(node.Output(
      0, norm,
      {x, node.Input(1), node.Input(2), w.Reshape(m.mean, {-1}), w.Reshape(m.variance, {-1})}));
  MINNOW_RETURN_IF_ERROR(blend(1, m.mean));
  return blend(2, m.variance);
}

Status ImportLrn(const NodeView& node, ImportContext*) {
  graph::Lrn op;
  op.size = node.RequiredInt("size");
  op.alpha = node.Float("alpha", op.alpha);
  op.beta = node.Float("beta", op.beta);
  op.bias = node.Float("bias", op.bias);
  return node.Output(0, op, {node.Input(0)});
}

Status ImportNegativeLogLikelihoodLoss(const NodeView& node, ImportContext* context) {
  return OutputLoss(node, Wiring(node, context), node.Input(0), 2);
}

Status ImportSoftmaxCrossEntropyLoss(const NodeView& node, ImportContext* context) {
  const Wiring w(node, context);
  const ValueId log = node.Add(graph::Softmax{1, true}, {node.Input(0)});
  MINNOW_RETURN_IF_ERROR(OutputLoss(node, w, log, 2));
  return node.Output(1, graph::Identity{}, {log});
}

}  // namespace minnow::importers::onnx
