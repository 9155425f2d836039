// Attributes and inputs of a node, checked as they are read; graph nodes, named as they are made.
#include "importers/node_view.h"

namespace minnow::importers {

using graph::kNoValue;
using graph::ValueId;

namespace {

const char* KindName(Attribute::Kind kind) {
  switch (kind) {
    case Attribute::Kind::kInt:
      return "an integer";
    case Attribute::Kind::kFloat:
      return "a float";
    case Attribute::Kind::kText:
      return "a string";
    case Attribute::Kind::kTensor:
      return "a tensor";
    case Attribute::Kind::kShape:
      return "a shape";
    case Attribute::Kind::kInts:
      return "a list of integers";
    case Attribute::Kind::kFloats:
      return "a list of floats";
    case Attribute::Kind::kOther:
      break;
  }
  return "of another type";
}

std::string_view ShownName(const NodeRecord& record) {
  if (record.name.empty() && !record.outputs.empty()) return record.outputs[0];
  return record.name;
}

}  // namespace

std::string Describe(const NodeRecord& record) {
  const std::string op = Quote(record.op);
  return "node " + Quote(ShownName(record)) + " (" + op.substr(1, op.size() - 2) + ")";
}

std::string NodeView::NodeName() const { return std::string(ShownName(record_)); }

ValueId NodeView::Input(size_t index) const {
  if (!HasInput(index)) {
    context_->Fail(InvalidModel("input %zu is missing", index));
    return kNoValue;
  }
  StatusOr<ValueId> value = context_->FindValue(record_.inputs[index]);
  if (!value.ok()) {
    context_->Fail(value.status().WithContext("input " + std::to_string(index)));
    return kNoValue;
  }
  return *value;
}

ValueId NodeView::OptionalInput(size_t index) const {
  return HasInput(index) ? Input(index) : kNoValue;
}

std::vector<ValueId> NodeView::Inputs() const {
  if (input_count() == 0) context_->Fail(InvalidModel("it has no inputs"));
  std::vector<ValueId> values;
  for (size_t i = 0; i < input_count(); ++i) values.push_back(Input(i));
  return values;
}

const Tensor* NodeView::ConstantInput(size_t index) const {
  return HasInput(index) ? context_->FindConstant(record_.inputs[index]) : nullptr;
}

std::optional<std::vector<int64_t>> NodeView::ConstantInts(size_t index) const {
  const Tensor* tensor = ConstantInput(index);
  if (tensor == nullptr) return std::nullopt;
  std::vector<int64_t> values(static_cast<size_t>(tensor->ElementCount()));
  if (tensor->dtype() == DType::kS64) {
    for (size_t i = 0; i < values.size(); ++i) values[i] = tensor->as<int64_t>()[i];
  } else if (tensor->dtype() == DType::kS32) {
    for (size_t i = 0; i < values.size(); ++i) values[i] = tensor->as<int32_t>()[i];
  } else {
    context_->Fail(InvalidModel("input %zu is %s, i32 or i64 was expected", index,
                                DTypeName(tensor->dtype())));
  }
  return values;
}

std::optional<double> NodeView::ConstantNumber(size_t index) const {
  const Tensor* tensor = ConstantInput(index);
  return tensor == nullptr ? std::nullopt : ScalarOf(*tensor);
}

std::vector<int64_t> NodeView::RequiredInts(size_t index, const char* what) const {
  if (const std::optional<std::vector<int64_t>> values = ConstantInts(index)) return *values;
  Input(index);
  context_->Fail(Unsupported("%s is computed by the network; only a constant is supported", what));
  return {};
}

int64_t NodeView::RequiredInt(size_t index, const char* what) const {
  const std::vector<int64_t> values = RequiredInts(index, what);
  if (values.size() == 1) return values[0];
  context_->Fail(InvalidModel("%s has %zu elements, 1 was expected", what, values.size()));
  return 0;
}

const Attribute* NodeView::Find(std::string_view name) const {
  for (const Attribute& attribute : record_.attributes) {
    if (attribute.name == name) return &attribute;
  }
  return nullptr;
}

const Attribute* NodeView::FindAs(std::string_view name, Attribute::Kind kind) const {
  const Attribute* attribute = Find(name);
  if (attribute != nullptr && attribute->kind != kind) {
    context_->Fail(InvalidModel("attribute %s is %s, %s was expected", Quote(name).c_str(),
                                KindName(attribute->kind), KindName(kind)));
    return nullptr;
  }
  return attribute;
}

int64_t NodeView::Int(std::string_view name, int64_t otherwise) const {
  const Attribute* attribute = FindAs(name, Attribute::Kind::kInt);
  return attribute == nullptr ? otherwise : attribute->number;
}

int64_t NodeView::RequiredInt(std::string_view name) const {
  if (Find(name) == nullptr) {
    context_->Fail(InvalidModel("attribute %s is missing", Quote(name).c_str()));
  }
  return Int(name, 0);
}

float NodeView::Float(std::string_view name, float otherwise) const {
  const Attribute* attribute = FindAs(name, Attribute::Kind::kFloat);
  return attribute == nullptr ? otherwise : attribute->real;
}

std::string_view NodeView::Text(std::string_view name, std::string_view otherwise) const {
  const Attribute* attribute = FindAs(name, Attribute::Kind::kText);
  return attribute == nullptr ? otherwise : attribute->text;
}

std::vector<int64_t> NodeView::Ints(std::string_view name) const {
  const Attribute* attribute = FindAs(name, Attribute::Kind::kInts);
  return attribute == nullptr ? std::vector<int64_t>() : attribute->ints;
}

std::string NodeView::OutputName(size_t index) const {
  if (!record_.numbered_outputs) {
    return index < record_.outputs.size() ? std::string(record_.outputs[index]) : std::string();
  }
  return std::string(record_.name) + (index == 0 ? "" : ":" + std::to_string(index));
}

bool NodeView::OutputUsed(size_t index) const {
  const std::string name = OutputName(index);
  return !name.empty() && context_->IsRead(name);
}

ValueId NodeView::Add(graph::Op op, std::vector<ValueId> inputs) const {
  if (!context_->status().ok()) return kNoValue;
  const std::string suffix = "/" + std::to_string(++inner_count_);
  return context_->graph().AddNode(NodeName() + suffix, std::move(op), std::move(inputs),
                                   OutputName(0) + suffix);
}

ValueId NodeView::AddConstant(const Shape& shape, const std::vector<float>& values) const {
  return AddConstant(Tensor::From<float>(shape, values.data()));
}

ValueId NodeView::AddConstant(StatusOr<Tensor> tensor) const {
  if (!tensor.ok()) context_->Fail(tensor.status());
  if (!context_->status().ok()) return kNoValue;
  const std::string suffix = "/" + std::to_string(++inner_count_);
  return context_->graph().AddConstant(OutputName(0) + suffix, std::move(*tensor));
}

Status NodeView::Output(size_t index, graph::Op op, std::vector<ValueId> inputs) const {
  if (!context_->status().ok()) return context_->status();
  const std::string name = OutputName(index);
  if (name.empty()) {
    return index > 0 ? OkStatus() : Fail(InvalidModel("it has no output"));
  }
  const ValueId value =
      context_->graph().AddNode(NodeName(), std::move(op), std::move(inputs), name);
  return Fail(context_->DefineValue(name, value));
}

void UnknownOps::Add(const NodeRecord& record, const std::string& where) {
  const std::string key = std::string(record.op) + '\n' + where;
  const auto [found, is_new] = index_.try_emplace(key, entries_.size());
  if (is_new) {
    const std::string op = Quote(record.op);
    entries_.push_back({op.substr(1, op.size() - 2), where, Quote(ShownName(record)), 0});
  }
  ++entries_[found->second].count;
}

Status UnknownOps::ToStatus() const {
  constexpr size_t kMaxListed = 100;
  if (entries_.empty()) return OkStatus();
  std::string list;
  for (size_t i = 0; i < entries_.size() && i < kMaxListed; ++i) {
    const Entry& entry = entries_[i];
    list += (i == 0 ? "" : "; ") + entry.op + " (" + entry.where + ", " +
            std::to_string(entry.count) + (entry.count == 1 ? " node, " : " nodes, first ") +
            entry.first_node + ")";
  }
  if (entries_.size() > kMaxListed) {
    list += "; and " + std::to_string(entries_.size() - kMaxListed) + " more";
  }
  return Status(StatusCode::kUnsupported, "operators that are not supported: " + list);
}

}  // namespace minnow::importers
