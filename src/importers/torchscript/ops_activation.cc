// Activations, softmax and what is an identity at inference.
#include <cmath>
#include <limits>

#include "importers/torchscript/ops.h"

namespace minnow::importers::torchscript {
namespace {

using graph::Binary;
using graph::BinaryKind;
using graph::Unary;
using graph::UnaryKind;
using graph::ValueId;

constexpr float kInfinity = std::numeric_limits<float>::infinity();

Value Clamped(const Call& call, double min, double max) {
  if (std::isnan(min) || std::isnan(max)) return call.Fail(InvalidModel("a bound is not a number"));
  return call.Result(graph::Clamp{static_cast<float>(min), static_cast<float>(max)},
                     {call.Tensor(0, "self")});
}

double OptionalNumber(const Call& call, size_t index, std::string_view keyword, float otherwise) {
  return call.Number(index, keyword, static_cast<double>(otherwise));
}

Value Softmaxed(const Call& call, bool log) {
  const ValueId x = call.Tensor(0, "self");
  const int axis = call.Axis(call.RequiredInt(1, "dim"), call.ShapeOf(x).rank());
  return call.Result(graph::Softmax{axis, log}, {x});
}

}  // namespace

Value RunRelu(const Call& call) { return Clamped(call, 0.0, static_cast<double>(kInfinity)); }

Value RunRelu6(const Call& call) { return Clamped(call, 0.0, 6.0); }

Value RunHardtanh(const Call& call) {
  return Clamped(call, call.Number(1, "min_val", -1.0), call.Number(2, "max_val", 1.0));
}

Value RunClamp(const Call& call) {
  return Clamped(call, OptionalNumber(call, 1, "min", -kInfinity),
                 OptionalNumber(call, 2, "max", kInfinity));
}

Value RunClampMin(const Call& call) {
  return Clamped(call, OptionalNumber(call, 1, "min", -kInfinity), static_cast<double>(kInfinity));
}

Value RunClampMax(const Call& call) {
  return Clamped(call, static_cast<double>(-kInfinity), OptionalNumber(call, 1, "max", kInfinity));
}

Value RunHardsigmoid(const Call& call) {
  return call.Result(Unary{UnaryKind::kHardSigmoid, 1.0f / 6.0f, 0.5f}, {call.Tensor(0, "self")});
}

// x * sigmoid(x)
Value RunSilu(const Call& call) {
  const ValueId x = call.Tensor(0, "self");
  const ValueId sigmoid = call.Add(Unary{UnaryKind::kSigmoid}, {x});
  return call.Result(Binary{BinaryKind::kMul, {}}, {x, sigmoid});
}

// x * tanh(softplus(x))
Value RunMish(const Call& call) {
  const ValueId x = call.Tensor(0, "self");
  const ValueId softplus = call.Add(Unary{UnaryKind::kSoftplus}, {x});
  const ValueId tanh = call.Add(Unary{UnaryKind::kTanh}, {softplus});
  return call.Result(Binary{BinaryKind::kMul, {}}, {x, tanh});
}

Value RunLeakyRelu(const Call& call) {
  const float slope = static_cast<float>(call.Number(1, "negative_slope", 0.01));
  return call.Result(Unary{UnaryKind::kLeakyRelu, slope}, {call.Tensor(0, "self")});
}

Value RunElu(const Call& call) {
  if (call.Number(2, "scale", 1.0) != 1.0 || call.Number(3, "input_scale", 1.0) != 1.0) {
    return call.Fail(Unsupported("scale and input_scale other than 1 are not supported"));
  }
  const float alpha = static_cast<float>(call.Number(1, "alpha", 1.0));
  return call.Result(Unary{UnaryKind::kElu, alpha}, {call.Tensor(0, "self")});
}

Value RunGelu(const Call& call) {
  if (call.Text(kKeywordOnly, "approximate", "none") != "none") {
    return call.Fail(Unsupported("only the exact form is supported (approximate \"none\")"));
  }
  return call.Result(Unary{UnaryKind::kGelu}, {call.Tensor(0, "self")});
}

// From the threshold on PyTorch gives x itself, which differs from the formula by 2e-9 at 20.
Value RunSoftplus(const Call& call) {
  if (call.Number(1, "beta", 1.0) != 1.0 || call.Number(2, "threshold", 20.0) < 17.0) {
    return call.Fail(Unsupported("beta is not 1 or threshold is below 17"));
  }
  return call.Result(Unary{UnaryKind::kSoftplus}, {call.Tensor(0, "self")});
}

// max(x, 0) + slope * min(x, 0); one slope, or one a channel on axis 1.
Value RunPrelu(const Call& call) {
  const ValueId x = call.Tensor(0, "self");
  ValueId slope = call.Tensor(1, "weight");
  const int rank = call.ShapeOf(x).rank();
  const Shape slopes = call.ShapeOf(slope);
  if (slopes.ElementCount() != 1 && rank > 2) {
    graph::Reshape reshape;
    reshape.shape.assign(static_cast<size_t>(rank) - 1, 1);
    reshape.shape[0] = slopes.ElementCount();
    slope = call.Add(reshape, {slope});
  }
  const ValueId positive = call.Add(graph::Clamp{0.0f, kInfinity}, {x});
  const ValueId negative = call.Add(graph::Clamp{-kInfinity, 0.0f}, {x});
  const ValueId scaled = call.Add(Binary{BinaryKind::kMul, {}}, {negative, slope});
  return call.Result(Binary{BinaryKind::kAdd, {}}, {positive, scaled});
}

Value RunSoftmax(const Call& call) { return Softmaxed(call, false); }

Value RunLogSoftmax(const Call& call) { return Softmaxed(call, true); }

Value RunDropout(const Call& call) {
  if (call.Bool(2, "train", false)) {
    return call.Fail(Unsupported("dropout as in training; save the model after eval()"));
  }
  return call.Argument(0, "input");
}

}  // namespace minnow::importers::torchscript
