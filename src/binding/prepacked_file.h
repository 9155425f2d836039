// A file of large pieces and a description of them, checked before it is believed: what the
// prepacked cache keeps a compiled model in. Linux only.
//
//   header | description | pieces, each at a cache line, with room for kernels that read on
#ifndef MINNOW_BINDING_PREPACKED_FILE_H_
#define MINNOW_BINDING_PREPACKED_FILE_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/aligned_buffer.h"
#include "base/byte_stream.h"

namespace minnow::binding {

struct Piece {
  uint64_t offset = 0;  // from the first piece
  uint64_t size = 0;
};

// Mapped: processes share its pages. Whoever cuts off a file that is mapped ends the processes that
// read it; the cache's files are replaced, never changed.
class PrepackedFile {
 public:
  // Null where there is no such file of this user's own, or where any byte of it is not what Write
  // wrote.
  static std::shared_ptr<PrepackedFile> Open(const std::string& path);
  ~PrepackedFile();
  PrepackedFile(const PrepackedFile&) = delete;
  PrepackedFile& operator=(const PrepackedFile&) = delete;

  ByteStream description() const;
  // A piece as memory that keeps `file`; nothing where it does not lie in it.
  static std::optional<AlignedBuffer> Take(const std::shared_ptr<PrepackedFile>& file,
                                           const Piece& piece);

 private:
  PrepackedFile(char* data, size_t size) : data_(data), size_(size) {}

  char* const data_;
  const size_t size_;
};

class PrepackedWriter {
 public:
  // The bytes stay the caller's until Write.
  Piece Add(const void* data, size_t size);
  // Under a name of its own first, then in one step as `path`. False where there is no room or no
  // right to; nothing is left then.
  bool Write(const std::string& path, const std::string& description) const;

 private:
  struct Source {
    const void* data;
    Piece piece;
  };

  std::vector<Source> sources_;
  uint64_t end_ = 0;  // of the pieces
};

}  // namespace minnow::binding

#endif  // MINNOW_BINDING_PREPACKED_FILE_H_
