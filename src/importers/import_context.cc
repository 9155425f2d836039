// Names to values while a graph is being built.
#include "importers/import_context.h"

#include "base/memory_reserve.h"
#include "graph/infer_shapes.h"

namespace minnow::importers {

using graph::ValueId;

std::string Quote(std::string_view text) {
  constexpr size_t kMaxShown = 80;
  std::string quoted = "\"";
  for (char c : text.substr(0, kMaxShown)) {
    const unsigned char byte = static_cast<unsigned char>(c);
    quoted += byte < 0x20 || byte == 0x7f ? '?' : c;
  }
  return quoted + (text.size() > kMaxShown ? "...\"" : "\"");
}

std::optional<double> ScalarOf(const Tensor& tensor) {
  if (tensor.ElementCount() != 1) return std::nullopt;
  switch (tensor.dtype()) {
    case DType::kF32:
      return *tensor.as<float>();
    case DType::kF64:
      return *tensor.as<double>();
    case DType::kU8:
    case DType::kBool:
      return *tensor.as<uint8_t>();
    case DType::kS8:
      return *tensor.as<int8_t>();
    case DType::kU16:
      return *tensor.as<uint16_t>();
    case DType::kS16:
      return *tensor.as<int16_t>();
    case DType::kS32:
      return *tensor.as<int32_t>();
    case DType::kU32:
      return *tensor.as<uint32_t>();
    case DType::kS64:
      return static_cast<double>(*tensor.as<int64_t>());
    case DType::kU64:
      return static_cast<double>(*tensor.as<uint64_t>());
    case DType::kF16:
      return std::nullopt;
  }
  return std::nullopt;
}

Status ImportContext::DefineValue(std::string_view name, ValueId value) {
  MINNOW_RETURN_IF_ERROR(MemoryReserve::Check());
  if (name.empty()) return InvalidModel("a value has no name");
  if (!operands_.try_emplace(std::string(name), Operand{value, std::nullopt}).second) {
    return InvalidModel("two values are named %s", Quote(name).c_str());
  }
  return OkStatus();
}

Status ImportContext::DefineConstant(std::string_view name, Tensor tensor) {
  MINNOW_RETURN_IF_ERROR(MemoryReserve::Check());
  if (name.empty()) return InvalidModel("a value has no name");
  Operand operand{graph::kNoValue, std::move(tensor)};
  if (!operands_.try_emplace(std::string(name), std::move(operand)).second) {
    return InvalidModel("two values are named %s", Quote(name).c_str());
  }
  return OkStatus();
}

const Tensor* ImportContext::FindConstant(std::string_view name) const {
  const auto found = operands_.find(std::string(name));
  if (found == operands_.end() || !found->second.constant) return nullptr;
  return &*found->second.constant;
}

StatusOr<ValueId> ImportContext::FindValue(std::string_view name) {
  const auto found = operands_.find(std::string(name));
  if (found == operands_.end()) {
    return InvalidModel("nothing before it defines %s", Quote(name).c_str());
  }
  Operand& operand = found->second;
  if (operand.value == graph::kNoValue) {
    operand.value = graph_.AddConstant(found->first, *operand.constant);
  }
  return operand.value;
}

std::optional<Shape> ImportContext::ShapeOf(ValueId id) {
  if (id == graph::kNoValue) return std::nullopt;
  if (const Tensor* constant = graph_.ConstantOf(id)) return constant->shape();
  Infer();
  return graph_.value(id).shape;
}

std::optional<DType> ImportContext::DTypeOf(ValueId id) {
  if (id == graph::kNoValue) return std::nullopt;
  Infer();
  return graph_.value(id).dtype;
}

void ImportContext::Infer() {
  // Nodes come after what they read.
  for (; inferred_nodes_ < graph_.node_count(); ++inferred_nodes_) {
    Fail(graph::InferNode(&graph_, inferred_nodes_));
  }
}

Status ImportContext::AddOutput(std::string_view name) {
  if (!output_names_.emplace(name).second) {
    return InvalidModel("the output %s is listed twice", Quote(name).c_str());
  }
  StatusOr<ValueId> value = FindValue(name);
  if (!value.ok()) return value.status().WithContext("outputs");
  const graph::Value& found = graph_.value(*value);
  // A constant or an input given out, or a second name of one value, becomes a value of its own.
  if (found.producer == graph::kNoNode || found.name != name || output_values_.count(*value) != 0) {
    const std::string text(name);
    value = graph_.AddNode(text, graph::Identity{}, {*value}, text);
  }
  output_values_.insert(*value);
  graph_.AddOutput(*value);
  return OkStatus();
}

}  // namespace minnow::importers
