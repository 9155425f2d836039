// Which bytes of the .bin a constant is, and what they mean.
#include "importers/openvino/tensors.h"

#include <algorithm>
#include <cstring>

#include "importers/import_context.h"
#include "importers/numbers.h"
#include "tensor/half.h"

namespace minnow::importers::openvino {
namespace {

enum class Coding : uint8_t { kPlain, kF16, kBf16, kF64 };

struct TypeRow {
  std::string_view name;
  DType dtype;
  size_t stored_bytes;
  Coding coding;
};

constexpr TypeRow kTypes[] = {
    {"f32", DType::kF32, 4, Coding::kPlain},      {"f16", DType::kF32, 2, Coding::kF16},
    {"bf16", DType::kF32, 2, Coding::kBf16},      {"f64", DType::kF32, 8, Coding::kF64},
    {"i8", DType::kS8, 1, Coding::kPlain},        {"u8", DType::kU8, 1, Coding::kPlain},
    {"i16", DType::kS16, 2, Coding::kPlain},      {"u16", DType::kU16, 2, Coding::kPlain},
    {"i32", DType::kS32, 4, Coding::kPlain},      {"u32", DType::kU32, 4, Coding::kPlain},
    {"i64", DType::kS64, 8, Coding::kPlain},      {"u64", DType::kU64, 8, Coding::kPlain},
    {"boolean", DType::kBool, 1, Coding::kPlain},
};

const TypeRow* FindType(std::string_view name) {
  for (const TypeRow& row : kTypes) {
    if (row.name == name) return &row;
  }
  return nullptr;
}

Status UnknownType(std::string_view name) {
  return Unsupported("element type %s is not supported", Quote(name).c_str());
}

template <typename From, typename Convert>
void ConvertAll(const uint8_t* from, Tensor* to, Convert convert) {
  float* values = to->mutable_as<float>();
  for (int64_t i = 0; i < to->ElementCount(); ++i) {
    From stored;
    std::memcpy(&stored, from + static_cast<size_t>(i) * sizeof(From), sizeof(From));
    values[i] = convert(stored);
  }
}

void Decode(const uint8_t* from, const TypeRow& type, Tensor* to) {
  switch (type.coding) {
    case Coding::kPlain:
      std::memcpy(to->mutable_data(), from, to->size_bytes());
      break;
    case Coding::kF16:
      ConvertAll<uint16_t>(from, to, FloatOfHalf);
      break;
    case Coding::kBf16:
      ConvertAll<uint16_t>(
          from, to, [](uint16_t high) { return FloatOfBits(static_cast<uint32_t>(high) << 16); });
      break;
    case Coding::kF64:
      ConvertAll<double>(from, to, [](double value) { return static_cast<float>(value); });
      break;
  }
  if (to->dtype() != DType::kBool) return;
  auto* bytes = to->mutable_as<uint8_t>();
  for (int64_t i = 0; i < to->ElementCount(); ++i) bytes[i] = bytes[i] != 0;
}

StatusOr<uint64_t> ReadUnsigned(const LayerRecord& layer, const char* name) {
  const std::string* text = layer.Find(name);
  const std::optional<int64_t> number = text == nullptr ? std::nullopt : ParseInt(*text);
  if (number && *number >= 0) return static_cast<uint64_t>(*number);
  return InvalidModel("attribute \"%s\" is %s, a number was expected", name,
                      text == nullptr ? "missing" : Quote(*text).c_str());
}

}  // namespace

StatusOr<DType> ToDType(std::string_view element_type) {
  const TypeRow* row = FindType(element_type);
  if (row == nullptr) return UnknownType(element_type);
  return row->dtype;
}

StatusOr<Shape> ParseShape(std::string_view text) {
  std::vector<int64_t> dims;
  for (std::string_view part : SplitList(text)) {
    const std::optional<int64_t> dim = ParseDim(part);
    if (!dim) return InvalidModel("the shape %s", Quote(text).c_str());
    dims.push_back(*dim);
  }
  StatusOr<Shape> shape = Shape::Make(dims.data(), dims.size());
  if (!shape.ok()) return InvalidModel("%s", shape.status().message().c_str());
  return shape;
}

StatusOr<Tensor> Weights::Read(const LayerRecord& layer) {
  const std::string* type_name = layer.Find("element_type");
  if (type_name == nullptr) return InvalidModel("attribute \"element_type\" is missing");
  const TypeRow* type = FindType(*type_name);
  if (type == nullptr) return UnknownType(*type_name);
  const std::string* shape_text = layer.Find("shape");
  const StatusOr<Shape> shape = ParseShape(shape_text == nullptr ? "" : *shape_text);
  if (!shape.ok()) return shape.status();
  if (!shape->IsStatic()) return InvalidModel("a dimension of a constant is open");
  const StatusOr<uint64_t> offset = ReadUnsigned(layer, "offset");
  if (!offset.ok()) return offset.status();
  const StatusOr<uint64_t> size = ReadUnsigned(layer, "size");
  if (!size.ok()) return size.status();
  const uint64_t needed = static_cast<uint64_t>(shape->ElementCount()) * type->stored_bytes;
  // An empty list may still have a byte to itself.
  if (*size != needed && needed != 0) {
    return InvalidModel("the shape %s of %s needs %llu bytes, size is %llu",
                        shape->ToString().c_str(), type_name->c_str(),
                        static_cast<unsigned long long>(needed),
                        static_cast<unsigned long long>(*size));
  }
  if (needed > bin_.size || *offset > bin_.size - needed) {
    return InvalidModel("it lies at %llu to %llu of a .bin of %zu bytes",
                        static_cast<unsigned long long>(*offset),
                        static_cast<unsigned long long>(*offset) + needed, bin_.size);
  }
  std::vector<Stored>& same_offset = stored_[*offset];
  for (const Stored& other : same_offset) {
    if (other.element_type == type->name && other.tensor.ElementCount() == shape->ElementCount()) {
      return other.tensor.Reshaped(*shape);
    }
  }
  MINNOW_RETURN_IF_ERROR(Charge(needed));
  StatusOr<Tensor> tensor = Tensor::Allocate(type->dtype, *shape);
  if (!tensor.ok()) return tensor;
  if (needed > 0) Decode(bin_.data + *offset, *type, &*tensor);
  same_offset.push_back({type->name, *tensor});
  return tensor;
}

Status Weights::Charge(size_t bytes) {
  const size_t from_file = std::min(bytes, free_bytes_);
  free_bytes_ -= from_file;
  const auto rest = static_cast<int64_t>(bytes - from_file);
  if (rest > *expansion_budget_bytes_) {
    return Unsupported("the constants need far more memory than the .bin has bytes");
  }
  *expansion_budget_bytes_ -= rest;
  return OkStatus();
}

}  // namespace minnow::importers::openvino
