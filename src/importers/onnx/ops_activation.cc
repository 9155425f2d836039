// ONNX functions of one element that are written out in simpler ones, and those with flags.
#include <limits>

#include "importers/common_rows.h"
#include "importers/onnx/ops.h"
#include "importers/onnx/wiring.h"

namespace minnow::importers::onnx {
namespace {

using graph::BinaryKind;
using graph::UnaryKind;
using graph::ValueId;

constexpr double kInfinity = std::numeric_limits<double>::infinity();

ValueId EluOf(const NodeView& node, ValueId x, float alpha) {
  return node.Add(graph::Unary{UnaryKind::kElu, alpha}, {x});
}

bool IsFloat(DType dtype) {
  return dtype == DType::kF32 || dtype == DType::kF64 || dtype == DType::kF16;
}

// Input 1, with axes of size 1 behind its own so that it stands under `axis` of input 0.
ValueId AlignedInput(const NodeView& node, ImportContext* context) {
  const ValueId second = node.Input(1);
  if (context->opset() >= 7 || node.Find("axis") == nullptr) return second;
  const Wiring w(node, context);
  const int rank = w.RankOf(node.Input(0)), own = w.RankOf(second);
  const int64_t axis = node.Int("axis", 0);
  const int64_t behind = rank - own - (axis < 0 ? axis + rank : axis);
  if (behind <= 0 || behind > rank) return second;
  return w.Unsqueeze(second, AxesBetween(own, own + behind));
}

}  // namespace

template <BinaryKind kKind>
Status ImportAligned(const NodeView& node, ImportContext* context) {
  return node.Output(0, graph::Binary{kKind, {}}, {node.Input(0), AlignedInput(node, context)});
}
template Status ImportAligned<BinaryKind::kAdd>(const NodeView&, ImportContext*);
template Status ImportAligned<BinaryKind::kAnd>(const NodeView&, ImportContext*);
template Status ImportAligned<BinaryKind::kDiv>(const NodeView&, ImportContext*);
template Status ImportAligned<BinaryKind::kEqual>(const NodeView&, ImportContext*);
template Status ImportAligned<BinaryKind::kGreater>(const NodeView&, ImportContext*);
template Status ImportAligned<BinaryKind::kLess>(const NodeView&, ImportContext*);
template Status ImportAligned<BinaryKind::kMul>(const NodeView&, ImportContext*);
template Status ImportAligned<BinaryKind::kOr>(const NodeView&, ImportContext*);
template Status ImportAligned<BinaryKind::kSub>(const NodeView&, ImportContext*);
template Status ImportAligned<BinaryKind::kXor>(const NodeView&, ImportContext*);

// gamma * elu(x, alpha)
Status ImportSelu(const NodeView& node, ImportContext* context) {
  const Wiring w(node, context);
  const ValueId x = node.Input(0);
  const ValueId elu = EluOf(node, x, node.Float("alpha", 1.67326324f));
  const ValueId gamma = w.Like(static_cast<double>(node.Float("gamma", 1.05070099f)), x);
  return node.Output(0, graph::Binary{BinaryKind::kMul, {}}, {elu, gamma});
}

// alpha * elu(x / alpha, 1)
Status ImportCelu(const NodeView& node, ImportContext* context) {
  const Wiring w(node, context);
  const ValueId x = node.Input(0);
  const ValueId alpha = w.Like(static_cast<double>(node.Float("alpha", 1.0f)), x);
  const ValueId elu = EluOf(node, w.Div(x, alpha), 1.0f);
  return node.Output(0, graph::Binary{BinaryKind::kMul, {}}, {elu, alpha});
}

// x > alpha ? x : 0
Status ImportThresholdedRelu(const NodeView& node, ImportContext* context) {
  const Wiring w(node, context);
  const ValueId x = node.Input(0);
  const ValueId alpha = w.Like(static_cast<double>(node.Float("alpha", 1.0f)), x);
  const ValueId above = w.Binary(BinaryKind::kGreater, x, alpha);
  return node.Output(0, graph::Where{}, {above, x, w.Like(0.0, x)});
}

// x < -lambd ? x + bias : x > lambd ? x - bias : 0
Status ImportShrink(const NodeView& node, ImportContext* context) {
  const Wiring w(node, context);
  const ValueId x = node.Input(0);
  const double lambd = static_cast<double>(node.Float("lambd", 0.5f));
  const ValueId bias = w.Like(static_cast<double>(node.Float("bias", 0.0f)), x);
  const ValueId above = w.Binary(BinaryKind::kGreater, x, w.Like(lambd, x));
  const ValueId below = w.Binary(BinaryKind::kLess, x, w.Like(-lambd, x));
  const ValueId high = w.Where(above, w.Sub(x, bias), w.Like(0.0, x));
  return node.Output(0, graph::Where{}, {below, w.Add(x, bias), high});
}

// x / (1 + |x|)
Status ImportSoftsign(const NodeView& node, ImportContext* context) {
  const Wiring w(node, context);
  const ValueId x = node.Input(0);
  const ValueId divisor = w.Add(w.Unary(UnaryKind::kAbs, x), w.Like(1.0, x));
  return node.Output(0, graph::Binary{BinaryKind::kDiv, {}}, {x, divisor});
}

// x * tanh(softplus(x))
Status ImportMish(const NodeView& node, ImportContext* context) {
  const Wiring w(node, context);
  const ValueId x = node.Input(0);
  const ValueId gate = w.Unary(UnaryKind::kTanh, w.Unary(UnaryKind::kSoftplus, x));
  return node.Output(0, graph::Binary{BinaryKind::kMul, {}}, {x, gate});
}

// Only a NaN differs from itself.
Status ImportIsNaN(const NodeView& node, ImportContext* context) {
  const Wiring w(node, context);
  const ValueId x = node.Input(0);
  return node.Output(0, graph::Unary{UnaryKind::kNot}, {w.Binary(BinaryKind::kEqual, x, x)});
}

Status ImportIsInf(const NodeView& node, ImportContext* context) {
  const Wiring w(node, context);
  const bool positive = node.Bool("detect_positive", true);
  const bool negative = node.Bool("detect_negative", true);
  ValueId x = node.Input(0);
  if (positive && negative) x = w.Unary(UnaryKind::kAbs, x);
  // Where neither counts, nothing equals a NaN.
  const double sought = positive   ? kInfinity
                        : negative ? -kInfinity
                                   : std::numeric_limits<double>::quiet_NaN();
  return node.Output(0, graph::Binary{BinaryKind::kEqual, {}}, {x, w.Like(sought, x)});
}

// The result has the type of the base.
Status ImportPow(const NodeView& node, ImportContext* context) {
  const Wiring w(node, context);
  const ValueId x = node.Input(0), exponent = AlignedInput(node, context);
  const DType base = w.DTypeOf(x);
  const graph::Binary pow{BinaryKind::kPow, {}};
  if (IsFloat(base) || !IsFloat(w.DTypeOf(exponent))) {
    return node.Output(0, pow, {x, w.Cast(exponent, base)});
  }
  const ValueId wide = node.Add(pow, {w.Cast(x, DType::kF64), w.Cast(exponent, DType::kF64)});
  return node.Output(0, graph::Cast{base}, {wide});
}

Status ImportMod(const NodeView& node, ImportContext* context) {
  if (node.Int("fmod", 0) != 0) return ImportBinary<BinaryKind::kFmod>(node, context);
  return ImportBinary<BinaryKind::kMod>(node, context);
}

Status ImportBitShift(const NodeView& node, ImportContext* context) {
  const std::string_view direction = node.Text("direction", "");
  if (direction == "LEFT") return ImportBinary<BinaryKind::kShiftLeft>(node, context);
  if (direction == "RIGHT") return ImportBinary<BinaryKind::kShiftRight>(node, context);
  return node.Fail(InvalidModel("direction is %s", Quote(direction).c_str()));
}

}  // namespace minnow::importers::onnx
