#include "importers/torchscript/call.h"

#include "importers/import_context.h"

namespace minnow::importers::torchscript {

using graph::kNoValue;
using graph::ValueId;
using Kind = Value::Kind;

namespace {

const Value kNone = {};

// A stored tensor of one number, which no operator has changed.
std::optional<Tensor> ScalarTensor(const Value& value, Trace* trace) {
  if (!value.Is(Kind::kTensor)) return std::nullopt;
  const TensorCell& cell = *value.tensor;
  if (cell.stored == nullptr || cell.stored->shape.rank() != 0) return std::nullopt;
  return trace->Stored(cell);
}

std::string Shown(size_t index, std::string_view keyword) {
  return index == kKeywordOnly || !keyword.empty() ? Quote(keyword) : std::to_string(index);
}

}  // namespace

std::optional<int64_t> IntOf(const Value& value, Trace* trace) {
  if (value.Is(Kind::kInt) || value.Is(Kind::kBool)) return value.number;
  const std::optional<Tensor> tensor = ScalarTensor(value, trace);
  if (!tensor) return std::nullopt;
  if (tensor->dtype() == DType::kS64) return *tensor->as<int64_t>();
  if (tensor->dtype() == DType::kS32) return *tensor->as<int32_t>();
  return std::nullopt;
}

std::optional<double> NumberOf(const Value& value, Trace* trace) {
  if (value.Is(Kind::kFloat)) return value.real;
  if (value.Is(Kind::kInt) || value.Is(Kind::kBool)) return static_cast<double>(value.number);
  const std::optional<Tensor> tensor = ScalarTensor(value, trace);
  return tensor ? ScalarOf(*tensor) : std::nullopt;
}

const Value& Call::Argument(size_t index, std::string_view keyword) const {
  if (index < arguments_.size()) return arguments_[index];
  for (const auto& [name, value] : keywords_) {
    if (name == keyword) return value;
  }
  return kNone;
}

bool Call::HasTensor(size_t index) const {
  const Value& value = Argument(index, "");
  if (!value.Is(Kind::kTensor)) return false;
  return value.tensor->stored == nullptr || value.tensor->stored->shape.rank() != 0;
}

Value Call::Wrong(size_t index, std::string_view keyword, const Value& value,
                  const char* expected) const {
  const std::string shown = Shown(index, keyword);
  if (value.Is(Kind::kSymbol)) {
    return Fail(Unsupported("argument %s is not known before run time", shown.c_str()));
  }
  if (value.Is(Kind::kTensor)) {
    return Fail(Unsupported("argument %s is computed by the network; %s is supported",
                            shown.c_str(), expected));
  }
  return Fail(InvalidModel("argument %s is %s, %s was expected", shown.c_str(),
                           KindName(value.kind), expected));
}

ValueId Call::Tensor(size_t index, std::string_view keyword) const {
  const Value& value = Argument(index, keyword);
  if (value.Is(Kind::kTensor)) return trace_->Read(value.tensor);
  Fail(InvalidModel("argument %s is %s, a tensor was expected", Shown(index, keyword).c_str(),
                    KindName(value.kind)));
  return kNoValue;
}

ValueId Call::OptionalTensor(size_t index, std::string_view keyword) const {
  return Has(index, keyword) ? Tensor(index, keyword) : kNoValue;
}

std::vector<ValueId> Call::Tensors(size_t index, std::string_view keyword) const {
  const Value& list = Argument(index, keyword);
  std::vector<ValueId> tensors;
  if (!list.Is(Kind::kList) && !list.Is(Kind::kTuple)) {
    Wrong(index, keyword, list, "a list of tensors");
    return tensors;
  }
  tensors.reserve(list.items->items.size());
  for (const Value& item : list.items->items) {
    if (!item.Is(Kind::kTensor)) {
      Wrong(index, keyword, item, "a list of tensors");
      return tensors;
    }
    tensors.push_back(trace_->Read(item.tensor));
  }
  if (tensors.empty()) Fail(InvalidModel("there is no tensor"));
  return tensors;
}

ValueId Call::Operand(size_t index, std::string_view keyword) const {
  const Value& value = Argument(index, keyword);
  if (value.Is(Kind::kTensor) && HasTensor(index)) return Tensor(index, keyword);
  if (const std::optional<double> number = NumberOf(value, trace_)) {
    return trace_->AddFloats("constant", Shape(), {static_cast<float>(*number)});
  }
  if (value.Is(Kind::kSymbol)) {
    return trace_->Add("float", graph::Cast{DType::kF32}, {static_cast<ValueId>(value.number)});
  }
  Wrong(index, keyword, value, "a number");
  return kNoValue;
}

int64_t Call::Int(size_t index, std::string_view keyword, int64_t otherwise) const {
  return Has(index, keyword) ? RequiredInt(index, keyword) : otherwise;
}

int64_t Call::RequiredInt(size_t index, std::string_view keyword) const {
  const Value& value = Argument(index, keyword);
  if (const std::optional<int64_t> number = IntOf(value, trace_)) return *number;
  Wrong(index, keyword, value, "an integer");
  return 0;
}

double Call::Number(size_t index, std::string_view keyword, double otherwise) const {
  if (!Has(index, keyword)) return otherwise;
  const Value& value = Argument(index, keyword);
  if (const std::optional<double> number = NumberOf(value, trace_)) return *number;
  Wrong(index, keyword, value, "a number");
  return otherwise;
}

bool Call::Bool(size_t index, std::string_view keyword, bool otherwise) const {
  return Int(index, keyword, otherwise ? 1 : 0) != 0;
}

std::string_view Call::Text(size_t index, std::string_view keyword,
                            std::string_view otherwise) const {
  if (!Has(index, keyword)) return otherwise;
  const Value& value = Argument(index, keyword);
  if (value.Is(Kind::kText)) return value.text;
  Wrong(index, keyword, value, "a string");
  return otherwise;
}

std::vector<int64_t> Call::Ints(size_t index, std::string_view keyword) const {
  const Value& value = Argument(index, keyword);
  std::vector<int64_t> ints;
  if (value.Is(Kind::kNone)) return ints;
  if (!value.Is(Kind::kList) && !value.Is(Kind::kTuple)) return {RequiredInt(index, keyword)};
  ints.reserve(value.items->items.size());
  for (const Value& item : value.items->items) {
    const std::optional<int64_t> number = IntOf(item, trace_);
    if (!number) Wrong(index, keyword, item, "a list of integers");
    ints.push_back(number.value_or(0));
  }
  return ints;
}

std::pair<int64_t, int64_t> Call::Pair(size_t index, std::string_view keyword,
                                       int64_t otherwise) const {
  const std::vector<int64_t> ints = Ints(index, keyword);
  if (ints.empty()) return {otherwise, otherwise};
  if (ints.size() <= 2) return {ints[0], ints.back()};
  Fail(Unsupported("argument %s has %zu numbers; 2-dimensional windows are supported",
                   Shown(index, keyword).c_str(), ints.size()));
  return {otherwise, otherwise};
}

int Call::Axis(int64_t axis, int rank) const {
  // A number has axis 0 and -1 for PyTorch.
  const StatusOr<int> normal = NormalizeAxis(axis, rank == 0 ? 1 : rank);
  if (normal.ok()) return *normal;
  Fail(normal.status());
  return 0;
}

}  // namespace minnow::importers::torchscript
