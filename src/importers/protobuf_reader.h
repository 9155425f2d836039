// How the fields of a protobuf message are read: a cursor over the wire format that knows no model.
//
// Written here because the library at hand (Debian's protozero) reports malformed bytes by throwing
// and the engine is built without exceptions. The format: protobuf.dev/programming-guides/encoding.
#ifndef MINNOW_IMPORTERS_PROTOBUF_READER_H_
#define MINNOW_IMPORTERS_PROTOBUF_READER_H_

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "importers/importer.h"

namespace minnow::importers {

enum class WireType : uint8_t { kVarint = 0, kFixed64 = 1, kBytes = 2, kFixed32 = 5 };

// Walks the fields of one message in file order:
//
//   while (reader.Next()) {
//     switch (reader.field()) {
//       case 1: node->name = reader.Text(); break;
//       case 5: MINNOW_RETURN_IF_ERROR(ParseAttribute(reader.Message(), node)); break;
//     }
//   }
//   return reader.status();
//
// Views into the bytes given, which must outlive it and everything it returns. The first error
// sticks: Next() then gives false and the getters give zeros and empty views. Errors are
// kInvalidModel with the offset in the outermost message. Fields that nobody asks for are skipped.
class ProtobufReader {
 public:
  // Message() beyond this depth is an error.
  static constexpr int kMaxDepth = 16;

  explicit ProtobufReader(Bytes message) : ProtobufReader(message, message.data, 0) {}

  // Moves to the next field. False at the end and on an error.
  bool Next();

  // Next() for bytes that may end behind the field's tag and size: how many bytes those take (with
  // the number itself where the field is one), and how many of a length-delimited value follow.
  bool NextHeader(size_t* header_size, size_t* size);

  // The field that Next() moved to. When Next() failed inside a field: that field; 0 where not even
  // the tag could be read.
  uint32_t field() const { return field_; }
  WireType wire_type() const { return wire_type_; }

  // The current field's value. A wire type that does not fit is an error.
  int64_t Int();  // int32, int64, enum, bool; uint64 above 2^63 wraps
  float Float();
  double Double();
  Bytes Blob();
  std::string_view Text();
  ProtobufReader Message();

  // Appends a repeated scalar field's values, packed or one by one.
  void AppendInts(std::vector<int64_t>* values);
  void AppendFloats(std::vector<float>* values);
  void AppendDoubles(std::vector<double>* values);

  const Status& status() const { return status_; }

 private:
  ProtobufReader(Bytes message, const uint8_t* origin, int depth)
      : cursor_(message.data),
        end_(message.size == 0 ? message.data : message.data + message.size),
        origin_(origin),
        depth_(depth) {}

  size_t Left() const { return static_cast<size_t>(end_ - cursor_); }
  bool ReadVarint(uint64_t* value);
  bool ReadTag();
  bool ReadValue();
  bool Expect(WireType wire_type);
  bool Fail(const char* what);
  template <typename T>
  void AppendFixed(WireType wire_type, std::vector<T>* values);

  const uint8_t* cursor_;
  const uint8_t* end_;
  const uint8_t* origin_;
  int depth_;
  uint32_t field_ = 0;
  WireType wire_type_ = WireType::kVarint;
  uint64_t number_ = 0;  // the value of kVarint, kFixed32, kFixed64
  Bytes blob_;           // the value of kBytes
  Status status_;
};

}  // namespace minnow::importers

#endif  // MINNOW_IMPORTERS_PROTOBUF_READER_H_
