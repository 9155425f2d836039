#include "importers/torchscript/value.h"

namespace minnow::importers::torchscript {

const char* KindName(Value::Kind kind) {
  switch (kind) {
    case Value::Kind::kNone:
      return "None";
    case Value::Kind::kBool:
      return "a bool";
    case Value::Kind::kInt:
      return "an integer";
    case Value::Kind::kFloat:
      return "a float";
    case Value::Kind::kText:
      return "a string";
    case Value::Kind::kList:
      return "a list";
    case Value::Kind::kTuple:
      return "a tuple";
    case Value::Kind::kDict:
      return "a dict";
    case Value::Kind::kObject:
      return "an object";
    case Value::Kind::kTensor:
      return "a tensor";
    case Value::Kind::kSymbol:
      return "an integer that is not known before run time";
    case Value::Kind::kName:
      return "a function or class";
    case Value::Kind::kStorage:
      return "a storage";
  }
  return "?";
}

Value MakeBool(bool boolean) {
  Value value;
  value.kind = Value::Kind::kBool;
  value.number = boolean ? 1 : 0;
  return value;
}

Value MakeInt(int64_t number) {
  Value value;
  value.kind = Value::Kind::kInt;
  value.number = number;
  return value;
}

Value MakeFloat(double real) {
  Value value;
  value.kind = Value::Kind::kFloat;
  value.real = real;
  return value;
}

Value MakeText(std::string_view text) {
  Value value;
  value.kind = Value::Kind::kText;
  value.text = text;
  return value;
}

Value MakeName(std::string_view name) {
  Value value;
  value.kind = Value::Kind::kName;
  value.text = name;
  return value;
}

Value MakeSymbol(graph::ValueId id, bool is_batch) {
  Value value;
  value.kind = Value::Kind::kSymbol;
  value.number = id;
  value.is_batch = is_batch;
  return value;
}

const Value* Object::Find(std::string_view name) const {
  for (const auto& [key, value] : attributes) {
    if (key == name) return &value;
  }
  return nullptr;
}

void Object::Set(std::string_view name, const Value& value) {
  for (auto& [key, held] : attributes) {
    if (key == name) {
      held = value;
      return;
    }
  }
  attributes.emplace_back(name, value);
}

Status Heap::Charge(int64_t count) {
  if (count > kMaxElements - elements_) {
    return ResourceExhausted("the program makes more than %lld values",
                             static_cast<long long>(kMaxElements));
  }
  elements_ += count;
  return OkStatus();
}

Value Heap::MakeItems(Value::Kind kind, std::vector<Value>* items) {
  Value value;
  value.kind = kind;
  value.items = &sequences_.emplace_back(Sequence{std::move(*items)});
  return value;
}

Value Heap::MakeObject(std::string_view class_name) {
  Value value;
  value.kind = Value::Kind::kObject;
  value.object = &objects_.emplace_back();
  value.object->class_name = class_name;
  return value;
}

Value Heap::MakeTensor(graph::ValueId id) {
  Value value;
  value.kind = Value::Kind::kTensor;
  value.tensor = &tensors_.emplace_back();
  value.tensor->value = id;
  return value;
}

Value Heap::MakeTensor(StoredTensor stored) {
  Value value = MakeTensor(graph::kNoValue);
  value.tensor->stored = &stored_.emplace_back(std::move(stored));
  return value;
}

std::string_view Heap::Keep(std::string text) { return texts_.emplace_back(std::move(text)); }

}  // namespace minnow::importers::torchscript
