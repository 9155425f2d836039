// Reads FlatBuffers that nobody has verified: every offset is checked where it is followed.
//
// https://flatbuffers.dev/internals: a table starts with the distance back to its vtable, which
// lists where each field lies; tables, vectors and strings are reached by unsigned distances.
#ifndef MINNOW_IMPORTERS_TFLITE_FLATBUFFER_READER_H_
#define MINNOW_IMPORTERS_TFLITE_FLATBUFFER_READER_H_

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "importers/importer.h"

namespace minnow::importers::tflite {

class Table;

// The bytes, and the first thing that was wrong with them. Getters give their fallback after an
// error, so that a reader looks at status() once, at its end.
class FlatBuffer {
 public:
  // Tables inside tables.
  static constexpr int kMaxDepth = 64;

  // `bytes` outlive this, and this its tables.
  explicit FlatBuffer(Bytes bytes);
  FlatBuffer(const FlatBuffer&) = delete;
  FlatBuffer& operator=(const FlatBuffer&) = delete;

  // The table that the first offset leads to.
  Table Root();
  const Status& status() const { return status_; }

 private:
  friend class Table;

  template <typename T>
  T Load(uint64_t position) const;
  bool Holds(uint64_t position, uint64_t size) const {
    return position <= bytes_.size && size <= bytes_.size - position;
  }
  // 0 after an error.
  uint64_t Follow(uint64_t position);
  Table TableAt(uint64_t position, int depth);
  // Many offsets may lead to the same list: reading stops when it has cost too much.
  bool Charge(uint64_t size);
  void Fail(Status status) {
    if (status_.ok()) status_ = std::move(status);
  }

  Bytes bytes_;
  uint64_t budget_;
  Status status_;
};

// A table, or an absent one, whose getters give their fallbacks. Fields are numbered in the order
// of the schema.
class Table {
 public:
  Table() = default;
  bool present() const { return buffer_ != nullptr; }

  bool Bool(int field, bool otherwise) const { return U8(field, otherwise ? 1 : 0) != 0; }
  uint8_t U8(int field, uint8_t otherwise) const;
  int8_t S8(int field, int8_t otherwise) const;
  int32_t S32(int field, int32_t otherwise) const;
  uint32_t U32(int field, uint32_t otherwise) const;
  float F32(int field, float otherwise) const;
  // Empty where the field is absent.
  std::string_view Text(int field) const;
  Bytes Blob(int field) const;
  std::vector<int32_t> Ints(int field) const;
  std::vector<int64_t> Longs(int field) const;
  std::vector<float> Floats(int field) const;
  Table Child(int field) const;
  std::vector<Table> Children(int field) const;

 private:
  friend class FlatBuffer;

  template <typename T>
  T Scalar(int field, T otherwise) const;
  template <typename T>
  std::vector<T> List(int field) const;
  // Where the field's `size` bytes lie; 0 where it is absent.
  uint64_t Field(int field, uint64_t size) const;
  // A vector's elements; false where it is absent or broken.
  bool Vector(int field, uint64_t element_size, uint64_t* position, uint64_t* count) const;

  FlatBuffer* buffer_ = nullptr;
  uint64_t position_ = 0;
  uint64_t vtable_ = 0;
  uint16_t vtable_size_ = 0;
  uint16_t size_ = 0;
  int depth_ = 0;
};

}  // namespace minnow::importers::tflite

#endif  // MINNOW_IMPORTERS_TFLITE_FLATBUFFER_READER_H_
