#include "importers/torchscript/unpickler.h"

#include <cstring>

#include "importers/import_context.h"

namespace minnow::importers::torchscript {
namespace {

using Kind = Value::Kind;

constexpr size_t kMaxStack = size_t{1} << 18;
// Each tensor keeps its own copy: a pickle of few bytes must not make many long ones.
constexpr size_t kMaxStorageName = 100;

// Functions whose result is their first argument: they only add a type or a wrapper.
constexpr std::string_view kWrappers[] = {
    "torch.jit._pickle.build_intlist",    "torch.jit._pickle.build_doublelist",
    "torch.jit._pickle.build_boollist",   "torch.jit._pickle.build_tensorlist",
    "torch.jit._pickle.restore_type_tag", "torch._utils._rebuild_parameter",
};

bool IsWrapper(std::string_view name) {
  for (std::string_view wrapper : kWrappers) {
    if (wrapper == name) return true;
  }
  return false;
}

StatusOr<std::vector<int64_t>> IntsOf(const Value& value) {
  if (!value.Is(Kind::kTuple) && !value.Is(Kind::kList)) {
    return InvalidModel("a tensor's shape is %s", KindName(value.kind));
  }
  std::vector<int64_t> ints;
  ints.reserve(value.items->items.size());
  for (const Value& item : value.items->items) {
    if (!item.Is(Kind::kInt)) return InvalidModel("a dimension is %s", KindName(item.kind));
    ints.push_back(item.number);
  }
  return ints;
}

}  // namespace

StatusOr<Value> Unpickler::Load() {
  bool stop = false;
  while (!stop) {
    const size_t at = at_;
    const StatusOr<uint64_t> opcode = TakeNumber(1);
    if (!opcode.ok()) return opcode.status();
    MINNOW_RETURN_IF_ERROR(
        Step(static_cast<uint8_t>(*opcode), &stop).WithContext("offset " + std::to_string(at)));
  }
  return Pop();
}

Status Unpickler::Step(uint8_t opcode, bool* stop) {
  switch (opcode) {
    case 0x80: {  // PROTO
      const StatusOr<uint64_t> version = TakeNumber(1);
      if (!version.ok()) return version.status();
      if (*version > 2) return Unsupported("protocol %d", static_cast<int>(*version));
      return OkStatus();
    }
    case '.':
      *stop = true;
      return OkStatus();
    case 'N':
      return Push(Value());
    case 0x88:
    case 0x89:
      return Push(MakeBool(opcode == 0x88));
    case 'c': {  // GLOBAL: two lines, module and name
      const StatusOr<std::string_view> module = TakeLine();
      if (!module.ok()) return module.status();
      const StatusOr<std::string_view> name = TakeLine();
      if (!name.ok()) return name.status();
      return Push(MakeName(heap_->Keep(std::string(*module) + "." + std::string(*name))));
    }
    case 'X':  // BINUNICODE
    case 'T':  // BINSTRING
      return TakeText(4);
    case 'U':  // SHORT_BINSTRING
      return TakeText(1);
    case 'J':
    case 'K':
    case 'M':
    case 'G':
    case 0x8a:
      return StepNumber(opcode);
    default:
      return StepStack(opcode);
  }
}

Status Unpickler::StepNumber(uint8_t opcode) {
  const size_t size = opcode == 'J' ? 4 : opcode == 'M' ? 2 : opcode == 'G' ? 8 : 1;
  if (opcode == 'G') {  // BINFLOAT: big-endian
    const StatusOr<Bytes> bytes = Take(size);
    if (!bytes.ok()) return bytes.status();
    uint64_t bits = 0;
    for (size_t i = 0; i < size; ++i) bits = bits << 8 | bytes->data[i];
    double real = 0.0;
    std::memcpy(&real, &bits, sizeof(real));
    return Push(MakeFloat(real));
  }
  StatusOr<uint64_t> number = TakeNumber(size);
  if (!number.ok()) return number.status();
  if (opcode == 'J') return Push(MakeInt(static_cast<int32_t>(*number)));
  if (opcode != 0x8a) return Push(MakeInt(static_cast<int64_t>(*number)));
  // LONG1: its length, then a signed little-endian number
  const size_t length = static_cast<size_t>(*number);
  if (length > 8) return Unsupported("an integer of %zu bytes", length);
  number = TakeNumber(length);
  if (!number.ok()) return number.status();
  uint64_t bits = *number;
  if (length > 0 && length < 8 && (bits >> (8 * length - 1) & 1) != 0) bits |= ~0ULL << 8 * length;
  return Push(MakeInt(static_cast<int64_t>(bits)));
}

Status Unpickler::StepStack(uint8_t opcode) {
  switch (opcode) {
    case '(':
      if (marks_.size() >= kMaxStack) return ResourceExhausted("more than %zu marks", kMaxStack);
      marks_.push_back(stack_.size());
      return OkStatus();
    case '0':
      return Pop().status();
    case '1':
      return PopMarked().status();
    case ')':
      return Push(heap_->MakeTuple({}));
    case ']':
      return Push(heap_->MakeList({}));
    case '}': {
      std::vector<Value> none;
      return Push(heap_->MakeItems(Kind::kDict, &none));
    }
    case 0x85:
    case 0x86:
    case 0x87:
      return PushTuple(opcode - size_t{0x84});
    case 't':
    case 'e':
    case 'u': {
      const StatusOr<std::vector<Value>> items = PopMarked();
      if (!items.ok()) return items.status();
      if (opcode == 'e') return Append(*items);
      if (opcode == 'u') return SetItems(*items);
      return Push(heap_->MakeTuple(*items));
    }
    case 'a': {
      const StatusOr<Value> item = Pop();
      return item.ok() ? Append({*item}) : item.status();
    }
    case 's': {
      const StatusOr<Value> value = Pop(), key = Pop();
      if (!value.ok() || !key.ok()) return InvalidModel("the stack is empty");
      return SetItems({*key, *value});
    }
    case 'q':
    case 'r':
    case 'h':
    case 'j': {
      const StatusOr<uint64_t> index = TakeNumber(opcode == 'q' || opcode == 'h' ? 1 : 4);
      if (!index.ok()) return index.status();
      return opcode == 'q' || opcode == 'r' ? PutMemo(*index) : PushMemo(*index);
    }
    case 'R':
      return Reduce();
    case 0x81:
      return NewObject();
    case 'b':
      return Build();
    case 'Q': {  // BINPERSID: the only things outside of the pickle are storages
      StatusOr<Value> id = Pop();
      if (!id.ok()) return id.status();
      if (!id->Is(Kind::kTuple)) return InvalidModel("a storage is %s", KindName(id->kind));
      id->kind = Kind::kStorage;
      return Push(*id);
    }
    default:
      return Unsupported("the instruction 0x%02x is not known", opcode);
  }
}

StatusOr<Bytes> Unpickler::Take(size_t count) {
  if (count > bytes_.size - at_) return InvalidModel("it ends at offset %zu", bytes_.size);
  at_ += count;
  return Bytes{bytes_.data + at_ - count, count};
}

StatusOr<uint64_t> Unpickler::TakeNumber(size_t size) {
  const StatusOr<Bytes> bytes = Take(size);
  if (!bytes.ok()) return bytes.status();
  uint64_t number = 0;
  for (size_t i = 0; i < size; ++i) number |= static_cast<uint64_t>(bytes->data[i]) << (8 * i);
  return number;
}

StatusOr<std::string_view> Unpickler::TakeLine() {
  const size_t begin = at_;
  while (at_ < bytes_.size && bytes_.data[at_] != '\n') ++at_;
  if (at_ == bytes_.size) return InvalidModel("a line has no end");
  const std::string_view line(reinterpret_cast<const char*>(bytes_.data) + begin, at_ - begin);
  ++at_;
  return line;
}

Status Unpickler::TakeText(size_t length_bytes) {
  const StatusOr<uint64_t> length = TakeNumber(length_bytes);
  if (!length.ok()) return length.status();
  const StatusOr<Bytes> text = Take(static_cast<size_t>(*length));
  if (!text.ok()) return text.status();
  return Push(MakeText({reinterpret_cast<const char*>(text->data), text->size}));
}

Status Unpickler::Push(const Value& value) {
  if (stack_.size() >= kMaxStack) return ResourceExhausted("a stack of more than %zu", kMaxStack);
  stack_.push_back(value);
  return heap_->Charge(1);
}

StatusOr<Value> Unpickler::Pop() {
  if (stack_.empty() || (!marks_.empty() && marks_.back() == stack_.size())) {
    return InvalidModel("the stack is empty");
  }
  const Value value = stack_.back();
  stack_.pop_back();
  return value;
}

StatusOr<std::vector<Value>> Unpickler::PopMarked() {
  if (marks_.empty()) return InvalidModel("there is no mark");
  const auto begin = stack_.begin() + static_cast<std::ptrdiff_t>(marks_.back());
  marks_.pop_back();
  std::vector<Value> items(begin, stack_.end());
  stack_.erase(begin, stack_.end());
  return items;
}

Status Unpickler::PushTuple(size_t count) {
  std::vector<Value> items(count);
  for (size_t i = count; i > 0; --i) {
    const StatusOr<Value> item = Pop();
    if (!item.ok()) return item.status();
    items[i - 1] = *item;
  }
  return Push(heap_->MakeTuple(std::move(items)));
}

Status Unpickler::Append(const std::vector<Value>& items) {
  if (stack_.empty() || !stack_.back().Is(Kind::kList)) return InvalidModel("there is no list");
  std::vector<Value>& list = stack_.back().items->items;
  list.insert(list.end(), items.begin(), items.end());
  return heap_->Charge(static_cast<int64_t>(items.size()));
}

Status Unpickler::SetItems(const std::vector<Value>& pairs) {
  if (stack_.empty() || !stack_.back().Is(Kind::kDict) || pairs.size() % 2 != 0) {
    return InvalidModel("there is no dict");
  }
  std::vector<Value>& items = stack_.back().items->items;
  items.insert(items.end(), pairs.begin(), pairs.end());
  return heap_->Charge(static_cast<int64_t>(pairs.size()));
}

Status Unpickler::Reduce() {
  const StatusOr<Value> arguments = Pop(), function = Pop();
  if (!arguments.ok() || !function.ok()) return InvalidModel("the stack is empty");
  if (!function->Is(Kind::kName) || !arguments->Is(Kind::kTuple)) {
    return InvalidModel("%s is called", KindName(function->kind));
  }
  const std::vector<Value>& list = arguments->items->items;
  const std::string_view name = function->text;
  if (name == "collections.OrderedDict" && list.empty()) {
    std::vector<Value> none;
    return Push(heap_->MakeItems(Kind::kDict, &none));
  }
  if (IsWrapper(name) && !list.empty()) return Push(list[0]);
  if (name == "torch._utils._rebuild_tensor_v2") {
    const StatusOr<Value> tensor = RebuildTensor(list);
    return tensor.ok() ? Push(*tensor) : tensor.status();
  }
  return Unsupported("%s is not supported in a pickle", Quote(name).c_str());
}

// (storage, offset, shape, strides, …); a storage is ("storage", type, name, device, elements).
StatusOr<Value> Unpickler::RebuildTensor(const std::vector<Value>& arguments) {
  if (arguments.size() < 4 || !arguments[0].Is(Kind::kStorage) || !arguments[1].Is(Kind::kInt)) {
    return InvalidModel("a tensor is not described by its storage, offset, shape and strides");
  }
  const std::vector<Value>& storage = arguments[0].items->items;
  if (storage.size() < 3 || !storage[1].Is(Kind::kName) || !storage[2].Is(Kind::kText) ||
      storage[2].text.size() > kMaxStorageName) {
    return InvalidModel("a storage has no type or no short name");
  }
  const StatusOr<std::vector<int64_t>> dims = IntsOf(arguments[2]), strides = IntsOf(arguments[3]);
  if (!dims.ok()) return dims.status();
  if (!strides.ok()) return strides.status();
  const StatusOr<Shape> shape = Shape::Make(dims->data(), dims->size());
  if (!shape.ok()) return InvalidModel("%s", shape.status().message().c_str());
  const std::string_view entry = heap_->Keep(folder_ + std::string(storage[2].text));
  StoredTensor tensor = {storage[1].text, entry, arguments[1].number, *shape, *strides};
  if (!shape->IsStatic() || strides->size() != dims->size() || tensor.offset < 0) {
    return InvalidModel("a tensor has the shape %s, %zu strides and the offset %lld",
                        shape->ToString().c_str(), strides->size(),
                        static_cast<long long>(tensor.offset));
  }
  return heap_->MakeTensor(std::move(tensor));
}

Status Unpickler::NewObject() {
  const StatusOr<Value> arguments = Pop(), type = Pop();
  if (!arguments.ok() || !type.ok()) return InvalidModel("the stack is empty");
  if (!type->Is(Kind::kName)) return InvalidModel("an object is made of %s", KindName(type->kind));
  return Push(heap_->MakeObject(type->text));
}

Status Unpickler::Build() {
  const StatusOr<Value> state = Pop();
  if (!state.ok()) return state.status();
  if (stack_.empty() || !stack_.back().Is(Kind::kObject)) return InvalidModel("there is no object");
  Object* object = stack_.back().object;
  if (!state->Is(Kind::kDict)) {
    return Unsupported("%s restores itself with __setstate__", Quote(object->class_name).c_str());
  }
  const std::vector<Value>& items = state->items->items;
  MINNOW_RETURN_IF_ERROR(heap_->Charge(static_cast<int64_t>(items.size())));
  object->attributes.reserve(object->attributes.size() + items.size() / 2);
  for (size_t i = 0; i + 1 < items.size(); i += 2) {
    if (!items[i].Is(Kind::kText)) return InvalidModel("an attribute's name is no string");
    object->attributes.emplace_back(items[i].text, items[i + 1]);
  }
  return OkStatus();
}

Status Unpickler::PushMemo(uint64_t index) {
  const auto found = memo_.find(index);
  if (found == memo_.end())
    return InvalidModel("nothing is kept as %llu", static_cast<unsigned long long>(index));
  return Push(found->second);
}

Status Unpickler::PutMemo(uint64_t index) {
  if (stack_.empty()) return InvalidModel("the stack is empty");
  memo_[index] = stack_.back();
  return heap_->Charge(1);
}

}  // namespace minnow::importers::torchscript
