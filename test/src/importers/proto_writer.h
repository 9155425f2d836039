// A protobuf writer for tests: enough to make small models, and malformed ones.
#ifndef MINNOW_TEST_IMPORTERS_PROTO_WRITER_H_
#define MINNOW_TEST_IMPORTERS_PROTO_WRITER_H_

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace minnow::importers {

class ProtoWriter {
 public:
  ProtoWriter& Varint(uint64_t value) {
    for (; value >= 0x80; value >>= 7) bytes_ += static_cast<char>(value | 0x80);
    bytes_ += static_cast<char>(value);
    return *this;
  }
  ProtoWriter& Tag(uint32_t field, int wire_type) {
    return Varint(uint64_t{field} << 3 | static_cast<uint64_t>(wire_type));
  }
  ProtoWriter& Int(uint32_t field, int64_t value) {
    return Tag(field, 0).Varint(static_cast<uint64_t>(value));
  }
  ProtoWriter& Float(uint32_t field, float value) { return Tag(field, 5).Raw(&value, 4); }
  ProtoWriter& Double(uint32_t field, double value) { return Tag(field, 1).Raw(&value, 8); }
  ProtoWriter& Text(uint32_t field, std::string_view text) {
    return Tag(field, 2).Varint(text.size()).Raw(text.data(), text.size());
  }
  ProtoWriter& Message(uint32_t field, const ProtoWriter& message) {
    return Text(field, message.bytes_);
  }
  ProtoWriter& PackedInts(uint32_t field, const std::vector<int64_t>& values) {
    ProtoWriter packed;
    for (int64_t value : values) packed.Varint(static_cast<uint64_t>(value));
    return Message(field, packed);
  }
  ProtoWriter& PackedFloats(uint32_t field, const std::vector<float>& values) {
    return Text(field, {reinterpret_cast<const char*>(values.data()), 4 * values.size()});
  }
  ProtoWriter& Raw(const void* data, size_t size) {
    bytes_.append(static_cast<const char*>(data), size);
    return *this;
  }
  const std::string& bytes() const { return bytes_; }

 private:
  std::string bytes_;
};

}  // namespace minnow::importers

#endif  // MINNOW_TEST_IMPORTERS_PROTO_WRITER_H_
