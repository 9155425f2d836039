#include "binding/model_file.h"

#if !defined(_WIN32)
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#endif

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <utility>

#include "base/thread_pool.h"

namespace minnow::binding {

using importers::FileRange;

#if defined(_WIN32)

ModelFile::~ModelFile() = default;

StatusOr<std::unique_ptr<ModelFile>> ModelFile::Open(const std::string& path, const std::string&) {
  return NotFound("%s is left to Node.js", path.c_str());
}

bool ModelFile::Copy(const uint8_t*, size_t, void*) const { return false; }

#else

namespace {

// What a thread reads at a time: copying from the page cache waits for memory, and two threads wait
// less (14 MB: 1.5 ms alone, 0.9 ms together).
constexpr size_t kPieceBytes = size_t{1} << 20;
// What importers sniff at.
constexpr size_t kFirstBytes = 4096;

bool ReadPiece(int file, void* to, size_t offset, size_t size) {
  auto* at = static_cast<char*>(to);
  while (size > 0) {
    const ssize_t got = pread(file, at, size, static_cast<off_t>(offset));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    at += got;
    offset += static_cast<size_t>(got);
    size -= static_cast<size_t>(got);
  }
  return true;
}

}  // namespace

ModelFile::~ModelFile() { close(file_); }

// Between the ranges that are left.
bool ModelFile::ReadAllBut(const std::vector<FileRange>& left) {
  std::vector<FileRange> pieces;
  const auto add = [&](size_t from, size_t to) {
    for (; from < to; from += kPieceBytes) {
      pieces.push_back({from, std::min(kPieceBytes, to - from)});
    }
  };
  size_t at = 0, bytes = memory_.size();
  for (const FileRange& range : left) {
    add(at, range.offset);
    at = range.offset + range.size;
    bytes -= range.size;
  }
  add(at, memory_.size());
  std::atomic<bool> whole{true};
  Team team(&ThreadPool::Shared(), bytes > kPieceBytes ? ThreadPool::DefaultThreads() : 1);
  team.ParallelFor(static_cast<int64_t>(pieces.size()), [&](int64_t i, int) {
    const FileRange& piece = pieces[static_cast<size_t>(i)];
    if (!ReadPiece(file_, memory_.as<char>() + piece.offset, piece.offset, piece.size)) {
      whole.store(false, std::memory_order_relaxed);
    }
  });
  return whole;
}

Status ModelFile::ReadAll(const std::string& path, const std::string& format) {
  struct stat facts;
  if (fstat(file_, &facts) != 0 || !S_ISREG(facts.st_mode)) {
    return NotFound("%s is no regular file", path.c_str());
  }
  const auto size = static_cast<size_t>(facts.st_size);
  const importers::ReadFile read = [this](size_t offset, size_t count, void* to) {
    return ReadPiece(file_, to, offset, count);
  };
  uint8_t first[kFirstBytes];
  const size_t first_size = std::min(size, kFirstBytes);
  if (!read(0, first_size, first)) return NotFound("%s could not be read", path.c_str());
  payload_ = importers::FindPayload({first, first_size}, format, size, read);
  StatusOr<AlignedBuffer> memory = payload_.empty() ? AlignedBuffer::AllocateUnfilled(size)
                                                    : AlignedBuffer::AllocateSparse(size);
  if (!memory.ok()) return memory.status();
  memory_ = std::move(*memory);
  if (!ReadAllBut(payload_)) return NotFound("%s could not be read to its end", path.c_str());
  return OkStatus();
}

bool ModelFile::Copy(const uint8_t* from, size_t size, void* to) const {
  const auto offset = static_cast<size_t>(from - memory_.as<uint8_t>());
  // The first range that ends behind `offset`.
  const auto range =
      std::upper_bound(payload_.begin(), payload_.end(), offset,
                       [](size_t at, const FileRange& r) { return at < r.offset + r.size; });
  if (range != payload_.end() && range->offset < offset + size) {
    return ReadPiece(file_, to, offset, size);
  }
  std::memcpy(to, from, size);
  return true;
}

StatusOr<std::unique_ptr<ModelFile>> ModelFile::Open(const std::string& path,
                                                     const std::string& format) {
  struct stat facts;
  const bool named = path.find('\0') == std::string::npos && stat(path.c_str(), &facts) == 0;
  // Before it is opened: a pipe's writer would see a reader that leaves.
  if (!named || !S_ISREG(facts.st_mode)) return NotFound("%s is no regular file", path.c_str());
  const int number = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (number < 0) return NotFound("%s cannot be opened", path.c_str());
  std::unique_ptr<ModelFile> file(new ModelFile(number));
  MINNOW_RETURN_IF_ERROR(file->ReadAll(path, format));
  return file;
}

#endif

}  // namespace minnow::binding
