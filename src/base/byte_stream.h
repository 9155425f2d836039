// Values as bytes, for the same build of this program to read again: in its own byte order and
// layout. One function describes both ways, so that they cannot come apart:
//
//   void DoSize(Size* size, ByteStream* stream) {
//     stream->Do(&size->width);
//     stream->Do(&size->name);
//   }
#ifndef MINNOW_BASE_BYTE_STREAM_H_
#define MINNOW_BASE_BYTE_STREAM_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <type_traits>
#include <vector>

namespace minnow {

class ByteStream {
 public:
  // Writes: appends to bytes().
  ByteStream() = default;
  // Reads. `data` must stay live while this is used.
  ByteStream(const void* data, size_t size)
      : reads_(true), at_(static_cast<const char*>(data)), left_(size) {}

  bool reads() const { return reads_; }
  const std::string& bytes() const { return bytes_; }
  // Reading: beyond the end everything is zero and empty, and ok() false.
  bool ok() const { return ok_; }
  bool at_end() const { return left_ == 0; }

  void DoBytes(void* data, size_t size);
  // How many things follow, of `bytes_each` at least: reading, never more than there can be.
  size_t DoCount(size_t count, size_t bytes_each);

  template <typename T>
  void Do(T* value) {
    static_assert(std::is_trivially_copyable_v<T>, "its members one by one");
    DoBytes(value, sizeof(T));
  }
  void Do(std::string* text) {
    text->resize(DoCount(text->size(), 1));
    DoBytes(text->data(), text->size());
  }
  template <typename T>
  void Do(std::vector<T>* list) {
    static_assert(std::is_trivially_copyable_v<T>, "its elements one by one");
    list->resize(DoCount(list->size(), sizeof(T)));
    DoBytes(list->data(), list->size() * sizeof(T));
  }

 private:
  std::string bytes_;
  bool reads_ = false;
  const char* at_ = nullptr;
  size_t left_ = 0;
  bool ok_ = true;
};

}  // namespace minnow

#endif  // MINNOW_BASE_BYTE_STREAM_H_
