// The wire format: protobuf.dev/programming-guides/encoding.
#include "importers/protobuf_writer.h"

#include <cstring>

namespace minnow::importers {

void ProtobufWriter::Varint(uint64_t value) {
  for (; value >= 0x80; value >>= 7) bytes_.push_back(static_cast<char>((value & 0x7F) | 0x80));
  bytes_.push_back(static_cast<char>(value));
}

void ProtobufWriter::Tag(uint32_t field, WireType type) {
  Varint((uint64_t{field} << 3) | static_cast<uint64_t>(type));
}

void ProtobufWriter::Bits(float value) {
  uint32_t bits = 0;
  std::memcpy(&bits, &value, sizeof bits);
  for (int shift = 0; shift < 32; shift += 8) {
    bytes_.push_back(static_cast<char>((bits >> shift) & 0xFF));
  }
}

void ProtobufWriter::Int(uint32_t field, int64_t value) {
  Tag(field, WireType::kVarint);
  Varint(static_cast<uint64_t>(value));
}

void ProtobufWriter::Float(uint32_t field, float value) {
  Tag(field, WireType::kFixed32);
  Bits(value);
}

void ProtobufWriter::Blob(uint32_t field, const void* data, size_t size) {
  Tag(field, WireType::kBytes);
  Varint(size);
  bytes_.append(static_cast<const char*>(data), size);
}

void ProtobufWriter::Ints(uint32_t field, const std::vector<int64_t>& values) {
  ProtobufWriter packed;
  for (const int64_t value : values) packed.Varint(static_cast<uint64_t>(value));
  Message(field, packed);
}

void ProtobufWriter::Floats(uint32_t field, const std::vector<float>& values) {
  ProtobufWriter packed;
  for (const float value : values) packed.Bits(value);
  Message(field, packed);
}

}  // namespace minnow::importers
