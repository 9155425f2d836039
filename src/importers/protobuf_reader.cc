// The wire format: tags, varints, fixed-size numbers and length-delimited fields, bounds-checked.
#include "importers/protobuf_reader.h"

#include <cstring>
#include <limits>

#include "tensor/load_limits.h"

namespace minnow::importers {

bool ProtobufReader::Fail(const char* what) {
  if (status_.ok()) {
    status_ = InvalidModel("protobuf: %s at byte %zu", what,
                           cursor_ == nullptr ? size_t{0} : static_cast<size_t>(cursor_ - origin_));
  }
  cursor_ = end_;
  number_ = 0;
  blob_ = {};
  return false;
}

bool ProtobufReader::ReadVarint(uint64_t* value) {
  uint64_t result = 0;
  for (int shift = 0; shift < 64; shift += 7) {
    if (cursor_ == end_) return Fail("the bytes end inside a number");
    const uint8_t byte = *cursor_++;
    // The tenth byte has room for one bit.
    if (shift == 63 && byte > 1) return Fail("a number has more than 64 bits");
    result |= static_cast<uint64_t>(byte & 0x7f) << shift;
    if (byte < 0x80) {
      *value = result;
      return true;
    }
  }
  return Fail("a number has more than 64 bits");
}

bool ProtobufReader::ReadTag() {
  field_ = 0;
  uint64_t tag = 0;
  if (!ReadVarint(&tag)) return false;
  if (tag >> 3 == 0 || tag >> 3 > 0x1fffffff) return Fail("a field has an impossible number");
  field_ = static_cast<uint32_t>(tag >> 3);
  wire_type_ = static_cast<WireType>(tag & 7);
  return true;
}

bool ProtobufReader::Next() {
  if (cursor_ == end_ || !status_.ok()) return false;
  return ReadTag() && ReadValue();
}

bool ProtobufReader::NextHeader(size_t* header_size, size_t* size) {
  if (cursor_ == end_ || !status_.ok()) return false;
  const uint8_t* const start = cursor_;
  if (!ReadTag()) return false;
  uint64_t value_size = 0;
  if (wire_type_ == WireType::kBytes ? !ReadVarint(&value_size) : !ReadValue()) return false;
  *header_size = static_cast<size_t>(cursor_ - start);
  *size = static_cast<size_t>(value_size);
  return value_size <= std::numeric_limits<size_t>::max() || Fail("a field is too long");
}

bool ProtobufReader::ReadValue() {
  switch (wire_type_) {
    case WireType::kVarint:
      return ReadVarint(&number_);
    case WireType::kFixed64:
      if (Left() < 8) return Fail("the bytes end inside a 64-bit value");
      std::memcpy(&number_, cursor_, 8);
      cursor_ += 8;
      return true;
    case WireType::kFixed32: {
      if (Left() < 4) return Fail("the bytes end inside a 32-bit value");
      uint32_t value = 0;
      std::memcpy(&value, cursor_, 4);
      number_ = value;
      cursor_ += 4;
      return true;
    }
    case WireType::kBytes: {
      uint64_t size = 0;
      if (!ReadVarint(&size)) return false;
      if (size > Left()) return Fail("a field is longer than what is left");
      blob_ = {cursor_, static_cast<size_t>(size)};
      cursor_ += size;
      return true;
    }
  }
  return Fail("a field has an unknown wire type");
}

bool ProtobufReader::Expect(WireType wire_type) {
  if (!status_.ok()) return false;
  return wire_type_ == wire_type || Fail("a field of the wrong wire type ends");
}

int64_t ProtobufReader::Int() {
  return Expect(WireType::kVarint) ? static_cast<int64_t>(number_) : 0;
}

float ProtobufReader::Float() {
  float value = 0.0f;
  if (!Expect(WireType::kFixed32)) return value;
  const uint32_t bits = static_cast<uint32_t>(number_);
  std::memcpy(&value, &bits, sizeof(value));
  return value;
}

double ProtobufReader::Double() {
  double value = 0.0;
  if (!Expect(WireType::kFixed64)) return value;
  std::memcpy(&value, &number_, sizeof(value));
  return value;
}

Bytes ProtobufReader::Blob() { return Expect(WireType::kBytes) ? blob_ : Bytes{}; }

std::string_view ProtobufReader::Text() {
  const Bytes blob = Blob();
  if (blob.size == 0) return {};
  return {reinterpret_cast<const char*>(blob.data), blob.size};
}

ProtobufReader ProtobufReader::Message() {
  const Bytes blob = Blob();
  ProtobufReader inner(blob, origin_, depth_ + 1);
  if (status_.ok() && inner.depth_ > AllowedNesting(kMaxDepth))
    Fail("messages are nested too deeply");
  inner.status_ = status_;
  return inner;
}

void ProtobufReader::AppendInts(std::vector<int64_t>* values) {
  if (wire_type_ == WireType::kVarint) {
    values->push_back(Int());
    return;
  }
  ProtobufReader packed(Blob(), origin_, depth_);
  while (packed.cursor_ != packed.end_) {
    uint64_t value = 0;
    if (!packed.ReadVarint(&value)) break;
    values->push_back(static_cast<int64_t>(value));
  }
  if (status_.ok() && !packed.status_.ok()) {
    Fail("");
    status_ = packed.status_;
  }
}

template <typename T>
void ProtobufReader::AppendFixed(WireType wire_type, std::vector<T>* values) {
  if (wire_type_ == wire_type) {
    T value;
    std::memcpy(&value, &number_, sizeof(T));  // little-endian, as the wire is
    values->push_back(value);
    return;
  }
  const Bytes packed = Blob();
  if (packed.size % sizeof(T) != 0) {
    Fail("a packed list ends inside a value");
    return;
  }
  if (packed.size == 0) return;
  const size_t first = values->size();
  values->resize(first + packed.size / sizeof(T));
  std::memcpy(values->data() + first, packed.data, packed.size);
}

void ProtobufReader::AppendFloats(std::vector<float>* values) {
  AppendFixed(WireType::kFixed32, values);
}

void ProtobufReader::AppendDoubles(std::vector<double>* values) {
  AppendFixed(WireType::kFixed64, values);
}

}  // namespace minnow::importers
