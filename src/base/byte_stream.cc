#include "base/byte_stream.h"

#include <cstring>

namespace minnow {

void ByteStream::DoBytes(void* data, size_t size) {
  if (!reads_) {
    bytes_.append(static_cast<const char*>(data), size);
    return;
  }
  ok_ = ok_ && size <= left_;
  if (size == 0) return;
  if (!ok_) {
    std::memset(data, 0, size);
    return;
  }
  std::memcpy(data, at_, size);
  at_ += size;
  left_ -= size;
}

size_t ByteStream::DoCount(size_t count, size_t bytes_each) {
  Do(&count);
  if (!reads_ || count <= left_ / bytes_each) return count;
  ok_ = false;
  return 0;
}

}  // namespace minnow
