// Two forms of an image value, converted where needed.
#include "exporters/onnx_forms.h"

#include <algorithm>
#include <utility>

#include "passes/rewrite.h"

namespace minnow::exporters {

using graph::ValueId;

namespace {

const std::vector<int64_t> kToPlanar = {0, 3, 1, 2};
const std::vector<int64_t> kToPlain = {0, 2, 3, 1};

StatusOr<Tensor> PermuteTensor(const Tensor& tensor, const std::vector<int64_t>& perm) {
  if (perm.empty()) return tensor;
  return passes::EvaluateOne(graph::Transpose{perm}, {tensor});
}

}  // namespace

OnnxForms::OnnxForms(const graph::Graph& graph, OnnxBuilder* builder)
    : graph_(graph), builder_(builder), names_(static_cast<size_t>(graph.value_count())) {
  for (const ValueId id : graph.inputs()) {
    const graph::Value& value = graph.value(id);
    NamesOf(id).plain = builder->Unique(value.name);
    builder->AddInput(NamesOf(id).plain, value.dtype, value.shape);
  }
  for (const ValueId id : graph.outputs()) {
    const graph::Value& value = graph.value(id);
    builder->AddOutput(value.name, value.dtype, value.shape);
    builder->Unique(value.name);
  }
}

bool OnnxForms::IsConstant(ValueId id) const {
  if (graph_.IsConstant(id)) return true;
  return passes::ProducerAs<graph::Dequantize>(graph_, id) != nullptr &&
         graph_.IsConstant(graph_.ProducerOf(id)->inputs[0]);
}

bool OnnxForms::IsQuantization(ValueId id) const {
  const graph::Node* node = graph_.ProducerOf(id);
  if (node == nullptr || (!std::holds_alternative<graph::Quantize>(node->op) &&
                          !std::holds_alternative<graph::Dequantize>(node->op))) {
    return false;
  }
  return ShapeOf(node->inputs[1]).ElementCount() == 1 && !IsConstant(id);
}

StatusOr<std::string> OnnxForms::WriteQuantization(ValueId id, bool planar) {
  const graph::Node& node = *graph_.ProducerOf(id);
  std::vector<std::string> inputs;
  for (size_t i = 0; i < node.inputs.size(); ++i) {
    StatusOr<std::string> name = planar && i == 0 ? Planar(node.inputs[i]) : Plain(node.inputs[i]);
    if (!name.ok()) return name;
    inputs.push_back(*name);
  }
  const bool enters = std::holds_alternative<graph::Quantize>(node.op);
  std::string output = planar ? DefinePlanar(id) : DefinePlain(id);
  builder_->AddNode(enters ? "QuantizeLinear" : "DequantizeLinear", inputs, output, {});
  return output;
}

Shape OnnxForms::ShapeOf(ValueId id) const { return graph_.value(id).shape.value_or(Shape()); }

bool OnnxForms::IsOnlyPlanar(ValueId id) const {
  while (id != graph::kNoValue && NamesOf(id).plain.empty()) {
    if (!NamesOf(id).planar.empty()) return true;
    if (!IsQuantization(id)) return false;
    id = graph_.ProducerOf(id)->inputs[0];
  }
  return false;
}

StatusOr<std::string> OnnxForms::Permuted(ValueId id, const std::vector<int64_t>& perm) {
  if (const Tensor* tensor = graph_.ConstantOf(id)) {
    StatusOr<Tensor> permuted = PermuteTensor(*tensor, perm);
    if (!permuted.ok()) return permuted.status();
    return Constant(graph_.value(id).name, *permuted);
  }
  const graph::Node* node = graph_.ProducerOf(id);
  if (node == nullptr || !IsConstant(id)) return Unsupported("weights computed at run time");
  StatusOr<Tensor> permuted = PermuteTensor(*graph_.ConstantOf(node->inputs[0]), perm);
  if (!permuted.ok()) return permuted.status();
  int64_t axis = std::get<graph::Dequantize>(node->op).axis;
  if (!perm.empty()) axis = std::find(perm.begin(), perm.end(), axis) - perm.begin();
  std::vector<std::string> inputs = {Constant(graph_.value(node->inputs[0]).name, *permuted)};
  for (size_t i = 1; i < node->inputs.size(); ++i) {
    StatusOr<std::string> name = Plain(node->inputs[i]);
    if (!name.ok()) return name;
    inputs.push_back(*name);
  }
  const std::string output = builder_->Unique(graph_.value(id).name);
  std::vector<OnnxAttribute> attributes;
  if (ShapeOf(node->inputs[1]).rank() == 1) attributes.push_back({"axis", axis});
  builder_->AddNode("DequantizeLinear", inputs, output, attributes);
  return output;
}

StatusOr<std::string> OnnxForms::Plain(ValueId id) {
  if (id == graph::kNoValue) return std::string();
  Names& names = NamesOf(id);
  if (!names.plain.empty()) return names.plain;
  if (IsConstant(id)) {
    StatusOr<std::string> name = Permuted(id, {});
    if (name.ok()) names.plain = *name;
    return name;
  }
  if (IsQuantization(id)) {
    if (!IsOnlyPlanar(id)) return WriteQuantization(id, false);
    const StatusOr<std::string> planar = Planar(id);
    if (!planar.ok()) return planar.status();
  }
  if (names.planar.empty()) {
    return Internal("value \"%s\" is read before it is made", graph_.value(id).name.c_str());
  }
  const std::string planar = names.planar;
  builder_->AddNode("Transpose", {planar}, DefinePlain(id), {{"perm", kToPlain}});
  return NamesOf(id).plain;
}

StatusOr<std::string> OnnxForms::Planar(ValueId id) {
  Names& names = NamesOf(id);
  if (!names.planar.empty()) return names.planar;
  if (IsConstant(id)) {
    StatusOr<std::string> name = Permuted(id, kToPlanar);
    if (name.ok()) names.planar = *name;
    return name;
  }
  if (IsQuantization(id)) return WriteQuantization(id, true);
  StatusOr<std::string> plain = Plain(id);
  if (!plain.ok()) return plain;
  builder_->AddNode("Transpose", {*plain}, DefinePlanar(id), {{"perm", kToPlanar}});
  return NamesOf(id).planar;
}

std::string OnnxForms::DefinePlain(ValueId id) {
  // The names of outputs are taken since the beginning.
  const std::string& name = graph_.value(id).name;
  NamesOf(id).plain = graph_.IsOutput(id) ? name : builder_->Unique(name);
  return NamesOf(id).plain;
}

std::string OnnxForms::DefinePlanar(ValueId id) {
  return NamesOf(id).planar = builder_->Unique(graph_.value(id).name);
}

std::string OnnxForms::Constant(const std::string& name, const Tensor& tensor) {
  std::string unique = builder_->Unique(name);
  builder_->AddInitializer(unique, tensor);
  return unique;
}

StatusOr<std::string> OnnxForms::Ints(const std::string& name, const std::vector<int64_t>& values) {
  const StatusOr<Tensor> tensor =
      Tensor::From(Shape{static_cast<int64_t>(values.size())}, values.data());
  if (!tensor.ok()) return tensor.status();
  return Constant(name, *tensor);
}

StatusOr<std::string> OnnxForms::Scalar(const std::string& name, float value) {
  const StatusOr<Tensor> tensor = Tensor::From(Shape{}, &value);
  if (!tensor.ok()) return tensor.status();
  return Constant(name, *tensor);
}

Status OnnxForms::WriteOutputs() {
  for (const ValueId id : graph_.outputs()) {
    const StatusOr<std::string> name = Plain(id);
    if (!name.ok()) return name.status();
    const std::string& declared = graph_.value(id).name;
    if (*name != declared) builder_->AddNode("Identity", {*name}, declared, {});
  }
  return OkStatus();
}

}  // namespace minnow::exporters
