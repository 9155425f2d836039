// How offsets of a FlatBuffer are followed and checked.
#include "importers/tflite/flatbuffer_reader.h"

#include <cstring>

#include "tensor/load_limits.h"

namespace minnow::importers::tflite {
namespace {

// What reading may cost, in bytes a byte of the file: an honest reader looks at everything a few
// times.
constexpr uint64_t kCostPerByte = 16;
constexpr uint64_t kCostPerTable = 16;

}  // namespace

FlatBuffer::FlatBuffer(Bytes bytes) : bytes_(bytes), budget_(bytes.size * kCostPerByte) {}

template <typename T>
T FlatBuffer::Load(uint64_t position) const {
  T value;
  std::memcpy(&value, bytes_.data + position, sizeof(T));
  return value;
}

bool FlatBuffer::Charge(uint64_t size) {
  if (size > budget_) {
    Fail(InvalidModel("the same bytes are listed again and again"));
    return false;
  }
  budget_ -= size;
  return true;
}

uint64_t FlatBuffer::Follow(uint64_t position) {
  const uint64_t target = position + Load<uint32_t>(position);
  if (target > position && Holds(target, sizeof(uint32_t))) return target;
  Fail(InvalidModel("the offset at byte %llu leads out of the file",
                    static_cast<unsigned long long>(position)));
  return 0;
}

Table FlatBuffer::Root() {
  if (!Holds(0, sizeof(uint32_t))) {
    Fail(InvalidModel("the file has %zu bytes", bytes_.size));
    return Table();
  }
  const uint64_t position = Follow(0);
  return position == 0 ? Table() : TableAt(position, 0);
}

Table FlatBuffer::TableAt(uint64_t position, int depth) {
  const auto broken = [&](const char* what) {
    Fail(
        InvalidModel("the table at byte %llu %s", static_cast<unsigned long long>(position), what));
    return Table();
  };
  if (depth > AllowedNesting(kMaxDepth)) return broken("is nested too deeply");
  if (!Holds(position, sizeof(int32_t))) return broken("is cut off");
  const int64_t vtable = static_cast<int64_t>(position) - Load<int32_t>(position);
  if (vtable < 0 || !Holds(static_cast<uint64_t>(vtable), 4)) return broken("has no vtable");
  Table table;
  table.vtable_ = static_cast<uint64_t>(vtable);
  table.vtable_size_ = Load<uint16_t>(table.vtable_);
  table.size_ = Load<uint16_t>(table.vtable_ + 2);
  if (table.vtable_size_ < 4 || table.vtable_size_ % 2 != 0 ||
      !Holds(table.vtable_, table.vtable_size_)) {
    return broken("has a broken vtable");
  }
  if (table.size_ < 4 || !Holds(position, table.size_)) return broken("is cut off");
  if (!Charge(kCostPerTable)) return Table();
  table.buffer_ = this;
  table.position_ = position;
  table.depth_ = depth;
  return table;
}

uint64_t Table::Field(int field, uint64_t size) const {
  if (!present() || !buffer_->status().ok()) return 0;
  const uint64_t slot = 4 + 2 * static_cast<uint64_t>(field);
  if (slot + 2 > vtable_size_) return 0;
  const uint64_t offset = buffer_->Load<uint16_t>(vtable_ + slot);
  if (offset == 0) return 0;
  if (offset >= 4 && offset + size <= size_) return position_ + offset;
  buffer_->Fail(InvalidModel("field %d of the table at byte %llu lies outside it", field,
                             static_cast<unsigned long long>(position_)));
  return 0;
}

template <typename T>
T Table::Scalar(int field, T otherwise) const {
  const uint64_t position = Field(field, sizeof(T));
  return position == 0 ? otherwise : buffer_->Load<T>(position);
}

bool Table::Vector(int field, uint64_t element_size, uint64_t* position, uint64_t* count) const {
  const uint64_t at = Field(field, sizeof(uint32_t));
  if (at == 0) return false;
  const uint64_t start = buffer_->Follow(at);
  if (start == 0) return false;
  *count = buffer_->Load<uint32_t>(start);
  *position = start + sizeof(uint32_t);
  if (buffer_->Holds(*position, *count * element_size)) return true;
  buffer_->Fail(InvalidModel("the list of %llu elements at byte %llu leads out of the file",
                             static_cast<unsigned long long>(*count),
                             static_cast<unsigned long long>(start)));
  return false;
}

template <typename T>
std::vector<T> Table::List(int field) const {
  uint64_t position = 0, count = 0;
  if (!Vector(field, sizeof(T), &position, &count) || !buffer_->Charge(count * sizeof(T))) {
    return {};
  }
  std::vector<T> values(static_cast<size_t>(count));
  if (count > 0) std::memcpy(values.data(), buffer_->bytes_.data + position, count * sizeof(T));
  return values;
}

uint8_t Table::U8(int field, uint8_t otherwise) const { return Scalar(field, otherwise); }
int8_t Table::S8(int field, int8_t otherwise) const { return Scalar(field, otherwise); }
int32_t Table::S32(int field, int32_t otherwise) const { return Scalar(field, otherwise); }
uint32_t Table::U32(int field, uint32_t otherwise) const { return Scalar(field, otherwise); }
float Table::F32(int field, float otherwise) const { return Scalar(field, otherwise); }
std::vector<int32_t> Table::Ints(int field) const { return List<int32_t>(field); }
std::vector<int64_t> Table::Longs(int field) const { return List<int64_t>(field); }
std::vector<float> Table::Floats(int field) const { return List<float>(field); }

Bytes Table::Blob(int field) const {
  uint64_t position = 0, count = 0;
  if (!Vector(field, 1, &position, &count)) return Bytes();
  return {buffer_->bytes_.data + position, static_cast<size_t>(count)};
}

std::string_view Table::Text(int field) const {
  const Bytes bytes = Blob(field);
  return {reinterpret_cast<const char*>(bytes.data), bytes.size};
}

Table Table::Child(int field) const {
  const uint64_t at = Field(field, sizeof(uint32_t));
  const uint64_t position = at == 0 ? 0 : buffer_->Follow(at);
  return position == 0 ? Table() : buffer_->TableAt(position, depth_ + 1);
}

std::vector<Table> Table::Children(int field) const {
  uint64_t position = 0, count = 0;
  if (!Vector(field, sizeof(uint32_t), &position, &count)) return {};
  std::vector<Table> children;
  for (uint64_t i = 0; i < count && buffer_->status().ok(); ++i) {
    const uint64_t target = buffer_->Follow(position + i * sizeof(uint32_t));
    if (target != 0) children.push_back(buffer_->TableAt(target, depth_ + 1));
  }
  return children;
}

}  // namespace minnow::importers::tflite
