// Products, elementwise operators, and those that only move elements.
#include "exporters/onnx_ops.h"

#include <cmath>
#include <utility>

namespace minnow::exporters {
namespace {

using graph::BinaryKind;
using graph::UnaryKind;
using graph::ValueId;

// Null: several nodes, or no form.
const char* NameOf(UnaryKind kind) {
  switch (kind) {
    case UnaryKind::kNeg:
      return "Neg";
    case UnaryKind::kAbs:
      return "Abs";
    case UnaryKind::kSqrt:
      return "Sqrt";
    case UnaryKind::kExp:
      return "Exp";
    case UnaryKind::kLog:
      return "Log";
    case UnaryKind::kReciprocal:
      return "Reciprocal";
    case UnaryKind::kSigmoid:
      return "Sigmoid";
    case UnaryKind::kTanh:
      return "Tanh";
    case UnaryKind::kErf:
      return "Erf";
    case UnaryKind::kFloor:
      return "Floor";
    case UnaryKind::kCeil:
      return "Ceil";
    case UnaryKind::kRound:
      return "Round";
    case UnaryKind::kSign:
      return "Sign";
    case UnaryKind::kNot:
      return "Not";
    case UnaryKind::kHardSwish:
      return "HardSwish";
    case UnaryKind::kSoftplus:
      return "Softplus";
    case UnaryKind::kHardSigmoid:
      return "HardSigmoid";
    case UnaryKind::kLeakyRelu:
      return "LeakyRelu";
    case UnaryKind::kElu:
      return "Elu";
    case UnaryKind::kRsqrt:
    case UnaryKind::kSquare:
    default:
      return nullptr;
  }
}

// Null: ONNX means something else by it.
const char* NameOf(BinaryKind kind) {
  switch (kind) {
    case BinaryKind::kAdd:
      return "Add";
    case BinaryKind::kSub:
      return "Sub";
    case BinaryKind::kMul:
      return "Mul";
    case BinaryKind::kDiv:
      return "Div";
    case BinaryKind::kMin:
      return "Min";
    case BinaryKind::kMax:
      return "Max";
    case BinaryKind::kPow:
      return "Pow";
    case BinaryKind::kEqual:
      return "Equal";
    case BinaryKind::kLess:
      return "Less";
    case BinaryKind::kGreater:
      return "Greater";
    case BinaryKind::kLessEqual:
      return "LessOrEqual";
    case BinaryKind::kGreaterEqual:
      return "GreaterOrEqual";
    case BinaryKind::kAnd:
      return "And";
    case BinaryKind::kOr:
      return "Or";
    case BinaryKind::kXor:
      return "Xor";
    case BinaryKind::kMod:
    default:
      return nullptr;
  }
}

Status NoForm() { return Unsupported("ONNX has no operator for it"); }

}  // namespace

Status OnnxOps::WriteNode(const graph::Node& node) {
  node_ = &node;
  return std::visit([this](const auto& op) { return Write(op); }, node.op);
}

ValueId OnnxOps::input(size_t index) const {
  return index < node_->inputs.size() ? node_->inputs[index] : graph::kNoValue;
}

std::string OnnxOps::Intermediate(const char* suffix) {
  return builder_->Unique(graph_.value(output()).name + suffix);
}

Status OnnxOps::EmitPlain(const char* op, size_t count, std::vector<std::string> more,
                          const Attributes& attributes) {
  std::vector<std::string> inputs;
  for (size_t i = 0; i < count; ++i) {
    StringOr name = forms_->Plain(input(i));
    if (!name.ok()) return name.status();
    inputs.push_back(*name);
  }
  for (std::string& name : more) inputs.push_back(std::move(name));
  builder_->AddNode(op, inputs, forms_->DefinePlain(output()), attributes);
  return OkStatus();
}

Status OnnxOps::EmitElementwise(const char* op, std::vector<std::string> more,
                                const Attributes& attributes) {
  if (forms_->IsOnlyPlanar(input(0))) return EmitPlanar(op, std::move(more), attributes);
  return EmitPlain(op, 1, std::move(more), attributes);
}

// --- Products -----------------------------------------------------------------------------------

Status OnnxOps::Write(const graph::FullyConnected& op) {
  const bool is_matrix = InputShape(0).rank() == 2;
  const StringOr x = forms_->Plain(input(0));
  if (!x.ok()) return x.status();
  const StringOr bias = forms_->Plain(input(2));
  if (!bias.ok()) return bias.status();
  const std::string y = forms_->DefinePlain(output());
  const std::string product = BeforeActivation(op.activation, y);
  const std::vector<int64_t> swap = {1, 0};
  const StringOr weights = forms_->Permuted(input(1), is_matrix ? std::vector<int64_t>() : swap);
  if (!weights.ok()) return weights.status();
  if (is_matrix) {
    std::vector<std::string> inputs = {*x, *weights};
    if (!bias->empty()) inputs.push_back(*bias);
    builder_->AddNode("Gemm", inputs, product, {{"transB", int64_t{1}}});
  } else if (bias->empty()) {
    builder_->AddNode("MatMul", {*x, *weights}, product, {});
  } else {
    const std::string sum = Intermediate("/product");
    builder_->AddNode("MatMul", {*x, *weights}, sum, {});
    builder_->AddNode("Add", {sum, *bias}, product, {});
  }
  return EmitActivation(op.activation, product, y);
}

Status OnnxOps::Write(const graph::Gemm& op) {
  return EmitPlain("Gemm", node_->inputs.size(), {},
                   {{"alpha", op.alpha},
                    {"beta", op.beta},
                    {"transA", int64_t{op.transpose_a}},
                    {"transB", int64_t{op.transpose_b}}});
}

Status OnnxOps::Write(const graph::MatMul& op) {
  if (op.transpose_a || op.transpose_b) return NoForm();
  return EmitPlain("MatMul", 2, {}, {});
}

// --- Elementwise --------------------------------------------------------------------------------

StatusOr<std::string> OnnxOps::ClipBound(float bound) {
  if (std::isinf(bound)) return std::string();
  return forms_->Scalar(graph_.value(output()).name + "/bound", bound);
}

std::string OnnxOps::BeforeActivation(const graph::Activation& activation, const std::string& to) {
  return activation.IsNone() ? to : Intermediate("/linear");
}

Status OnnxOps::EmitActivation(const graph::Activation& activation, const std::string& from,
                               const std::string& to) {
  if (activation.IsNone()) return OkStatus();
  if (activation.kind == graph::Activation::Kind::kHardSwish) {
    builder_->AddNode("HardSwish", {from}, to, {});
    return OkStatus();
  }
  if (activation.min == 0.0f && std::isinf(activation.max)) {
    builder_->AddNode("Relu", {from}, to, {});
    return OkStatus();
  }
  const StringOr low = ClipBound(activation.min);
  if (!low.ok()) return low.status();
  const StringOr high = ClipBound(activation.max);
  if (!high.ok()) return high.status();
  builder_->AddNode("Clip", {from, *low, *high}, to, {});
  return OkStatus();
}

Status OnnxOps::Write(const graph::Clamp& op) {
  const bool planar = forms_->IsOnlyPlanar(input(0));
  const StringOr x = planar ? forms_->Planar(input(0)) : forms_->Plain(input(0));
  if (!x.ok()) return x.status();
  const graph::Activation activation = {graph::Activation::Kind::kClamp, op.min, op.max};
  const std::string y = planar ? forms_->DefinePlanar(output()) : forms_->DefinePlain(output());
  if (activation.IsNone()) {
    builder_->AddNode("Identity", {*x}, y, {});
    return OkStatus();
  }
  return EmitActivation(activation, *x, y);
}

Status OnnxOps::EmitUnary(const graph::Unary& op, const std::string& from, const std::string& to) {
  Attributes attributes;
  if (op.kind == UnaryKind::kHardSigmoid || op.kind == UnaryKind::kLeakyRelu ||
      op.kind == UnaryKind::kElu) {
    attributes.push_back({"alpha", op.alpha});
  }
  if (op.kind == UnaryKind::kHardSigmoid) attributes.push_back({"beta", op.beta});
  if (const char* name = NameOf(op.kind)) {
    builder_->AddNode(name, {from}, to, attributes);
  } else if (op.kind == UnaryKind::kSquare) {
    builder_->AddNode("Mul", {from, from}, to, {});
  } else if (op.kind == UnaryKind::kRsqrt) {
    const std::string root = Intermediate("/sqrt");
    builder_->AddNode("Sqrt", {from}, root, {});
    builder_->AddNode("Reciprocal", {root}, to, {});
  } else {
    return NoForm();
  }
  return OkStatus();
}

Status OnnxOps::Write(const graph::Unary& op) {
  const bool planar = forms_->IsOnlyPlanar(input(0));
  const StringOr x = planar ? forms_->Planar(input(0)) : forms_->Plain(input(0));
  if (!x.ok()) return x.status();
  return EmitUnary(op, *x, planar ? forms_->DefinePlanar(output()) : forms_->DefinePlain(output()));
}

Status OnnxOps::Write(const graph::Binary& op) {
  const char* name = NameOf(op.kind);
  if (name == nullptr) return NoForm();
  const bool planar = PrefersPlanar();
  std::vector<std::string> inputs;
  for (size_t i = 0; i < 2; ++i) {
    const StringOr operand = planar ? PlanarOperand(input(i)) : forms_->Plain(input(i));
    if (!operand.ok()) return operand.status();
    inputs.push_back(*operand);
  }
  const std::string y = planar ? forms_->DefinePlanar(output()) : forms_->DefinePlain(output());
  const std::string linear = BeforeActivation(op.activation, y);
  builder_->AddNode(name, inputs, linear, {});
  return EmitActivation(op.activation, linear, y);
}

// With one scale an index of an axis; the others are written by OnnxForms.
Status OnnxOps::Write(const graph::Quantize& op) {
  return EmitPlain("QuantizeLinear", node_->inputs.size(), {}, {{"axis", op.axis}});
}

Status OnnxOps::Write(const graph::Dequantize& op) {
  return EmitPlain("DequantizeLinear", node_->inputs.size(), {}, {{"axis", op.axis}});
}

Status OnnxOps::Write(const graph::Cast& op) {
  return EmitElementwise("Cast", {}, {{"to", OnnxTypeOf(op.dtype)}});
}

Status OnnxOps::Write(const graph::Identity&) { return EmitElementwise("Identity", {}, {}); }

// --- Movements ----------------------------------------------------------------------------------

Status OnnxOps::Write(const graph::Squeeze& op) {
  if (node_->inputs.size() > 1) return EmitPlain("Squeeze", 2, {}, {});
  if (op.axes.empty()) return EmitPlain("Squeeze", 1, {}, {});
  const StringOr axes = forms_->Ints(graph_.value(output()).name + "/axes", op.axes);
  if (!axes.ok()) return axes.status();
  return EmitPlain("Squeeze", 1, {*axes}, {});
}

Status OnnxOps::Write(const graph::Unsqueeze& op) {
  if (node_->inputs.size() > 1) return EmitPlain("Unsqueeze", 2, {}, {});
  const StringOr axes = forms_->Ints(graph_.value(output()).name + "/axes", op.axes);
  if (!axes.ok()) return axes.status();
  return EmitPlain("Unsqueeze", 1, {*axes}, {});
}

Status OnnxOps::Write(const graph::Flatten& op) {
  return EmitPlain("Flatten", 1, {}, {{"axis", op.axis}});
}

Status OnnxOps::Write(const graph::Gather& op) {
  return EmitPlain("Gather", 2, {}, {{"axis", op.axis}});
}

Status OnnxOps::Write(const graph::Slice& op) {
  if (node_->inputs.size() > 1) return EmitPlain("Slice", node_->inputs.size(), {}, {});
  std::vector<std::string> lists;
  for (const auto* list : {&op.starts, &op.ends, &op.axes, &op.steps}) {
    if (list->empty() && list != &op.starts && list != &op.ends) break;
    const StringOr name = forms_->Ints(graph_.value(output()).name + "/slice", *list);
    if (!name.ok()) return name.status();
    lists.push_back(*name);
  }
  return EmitPlain("Slice", 1, std::move(lists), {});
}

}  // namespace minnow::exporters
