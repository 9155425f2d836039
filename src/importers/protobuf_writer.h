// How the fields of a protobuf message are written: the counterpart of protobuf_reader.h.
#ifndef MINNOW_IMPORTERS_PROTOBUF_WRITER_H_
#define MINNOW_IMPORTERS_PROTOBUF_WRITER_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "importers/protobuf_reader.h"

namespace minnow::importers {

// One message, its fields in the order of the calls. A nested message is written on its own first:
//
//   ProtobufWriter dim;
//   dim.Int(1, 224);
//   shape.Message(1, dim);
class ProtobufWriter {
 public:
  void Int(uint32_t field, int64_t value);  // int32, int64, enum, bool
  void Float(uint32_t field, float value);
  void Blob(uint32_t field, const void* data, size_t size);
  void Text(uint32_t field, std::string_view text) { Blob(field, text.data(), text.size()); }
  void Message(uint32_t field, const ProtobufWriter& message) { Text(field, message.bytes_); }
  // Repeated fields, packed.
  void Ints(uint32_t field, const std::vector<int64_t>& values);
  void Floats(uint32_t field, const std::vector<float>& values);

  const std::string& bytes() const { return bytes_; }

 private:
  void Varint(uint64_t value);
  void Tag(uint32_t field, WireType type);
  void Bits(float value);

  std::string bytes_;
};

}  // namespace minnow::importers

#endif  // MINNOW_IMPORTERS_PROTOBUF_WRITER_H_
