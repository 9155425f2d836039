// Walks ModelProto.graph.initializer.raw_data by the sizes of the fields alone.
#include "importers/onnx/payload.h"

#include <algorithm>
#include <utility>

#include "importers/protobuf_reader.h"

namespace minnow::importers::onnx {
namespace {

// Fields whose messages are walked into, and the field whose bytes are looked for.
constexpr uint32_t kPath[] = {7, 5, 9};
constexpr size_t kLevels = sizeof(kPath) / sizeof(kPath[0]);
// A tag and a size, or a tag and a number, of ten bytes each.
constexpr size_t kHeaderBytes = 20;
constexpr size_t kWindowBytes = 4096;
// A file of more fields than any network has is left to Import and its limits.
constexpr int kMostFields = 1'000'000;

class Walk {
 public:
  Walk(size_t file_size, const ReadFile& read) : file_size_(file_size), read_(read) {}

  // Fields of the message [at, end). False where it is malformed or cannot be read.
  bool Message(size_t at, size_t end, size_t level) {
    while (at < end) {
      const Bytes header = Look(at, std::min(kHeaderBytes, end - at));
      if (header.size == 0 || ++fields_ > kMostFields) return false;
      ProtobufReader reader(header);
      size_t header_size = 0, size = 0;
      if (!reader.NextHeader(&header_size, &size) || header_size > end - at) return false;
      at += header_size;
      if (size > end - at) return false;
      if (reader.wire_type() == WireType::kBytes && reader.field() == kPath[level]) {
        if (level + 1 < kLevels) {
          if (!Message(at, at + size, level + 1)) return false;
        } else if (size >= kPayloadBytes) {
          ranges_.push_back({at, size});
        }
      }
      at += size;
    }
    return true;
  }

  std::vector<FileRange> ranges() { return std::move(ranges_); }

 private:
  // Some bytes of the file; none where they cannot be read.
  Bytes Look(size_t at, size_t size) {
    if (at < window_at_ || at + size > window_at_ + window_size_) {
      window_at_ = at;
      window_size_ = std::min(kWindowBytes, file_size_ - at);
      if (!read_(at, window_size_, window_)) window_size_ = 0;
    }
    if (window_size_ == 0) return {};
    return {window_ + (at - window_at_), size};
  }

  const size_t file_size_;
  const ReadFile& read_;
  int fields_ = 0;
  size_t window_at_ = 0;
  size_t window_size_ = 0;
  uint8_t window_[kWindowBytes];
  std::vector<FileRange> ranges_;
};

}  // namespace

std::vector<FileRange> FindPayload(size_t file_size, const ReadFile& read) {
  Walk walk(file_size, read);
  if (!walk.Message(0, file_size, 0)) return {};
  return walk.ranges();
}

}  // namespace minnow::importers::onnx
