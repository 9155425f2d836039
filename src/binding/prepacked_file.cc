#include "binding/prepacked_file.h"

#if defined(__linux__)

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <utility>

#include "base/hash.h"
#include "base/thread_pool.h"

namespace minnow::binding {
namespace {

constexpr uint64_t kMagic = 0x6b70776f6e6e696d;  // "minnowpk"

struct Header {
  uint64_t magic;
  uint64_t hash;  // of all that follows this member
  uint64_t file_size;
  uint64_t description_size;  // it follows the header
};
constexpr size_t kHashedFrom = offsetof(Header, file_size);

uint64_t FirstPiece(uint64_t description_size) {
  return RoundUp(sizeof(Header) + description_size, kAlignment);
}

uint64_t RoomFor(uint64_t size) { return RoundUp(size + kExtraBytes, kAlignment); }

// By all threads: each hashes blocks of the file, and the hash of the hashes is the file's.
uint64_t HashFile(const char* data, size_t size) {
  constexpr size_t kBlockBytes = size_t{512} << 10;
  std::vector<uint64_t> hashes((size + kBlockBytes - 1) / kBlockBytes);
  Team team(&ThreadPool::Shared(), hashes.size() > 1 ? ThreadPool::DefaultThreads() : 1);
  team.ParallelFor(static_cast<int64_t>(hashes.size()), [&](int64_t i, int) {
    const size_t from = i == 0 ? kHashedFrom : static_cast<size_t>(i) * kBlockBytes;
    const size_t to = std::min(size, (static_cast<size_t>(i) + 1) * kBlockBytes);
    hashes[static_cast<size_t>(i)] = HashBytes(data + from, to - from);
  });
  return HashBytes(hashes.data(), hashes.size() * sizeof(uint64_t));
}

bool WriteAll(int file, const char* from, size_t size) {
  while (size > 0) {
    const ssize_t wrote = write(file, from, size);
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote <= 0) return false;
    from += wrote;
    size -= static_cast<size_t>(wrote);
  }
  return true;
}

}  // namespace

PrepackedFile::~PrepackedFile() { munmap(data_, size_); }

std::shared_ptr<PrepackedFile> PrepackedFile::Open(const std::string& path) {
  const int number = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  if (number < 0) return nullptr;
  struct stat facts;
  const bool is_own = fstat(number, &facts) == 0 && S_ISREG(facts.st_mode) &&
                      facts.st_uid == geteuid() && (facts.st_mode & (S_IWGRP | S_IWOTH)) == 0 &&
                      facts.st_size >= static_cast<off_t>(sizeof(Header));
  const size_t size = is_own ? static_cast<size_t>(facts.st_size) : 0;
  void* mapped =
      is_own ? mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE, number, 0) : MAP_FAILED;
  close(number);
  if (mapped == MAP_FAILED) return nullptr;
  std::shared_ptr<PrepackedFile> file(new PrepackedFile(static_cast<char*>(mapped), size));
  Header header;
  std::memcpy(&header, mapped, sizeof(header));
  const bool is_whole = header.magic == kMagic && header.file_size == size &&
                        header.description_size <= size - sizeof(Header) &&
                        header.hash == HashFile(file->data_, size);
  return is_whole ? file : nullptr;
}

ByteStream PrepackedFile::description() const {
  Header header;
  std::memcpy(&header, data_, sizeof(header));
  return {data_ + sizeof(Header), header.description_size};
}

std::optional<AlignedBuffer> PrepackedFile::Take(const std::shared_ptr<PrepackedFile>& file,
                                                 const Piece& piece) {
  Header header;
  std::memcpy(&header, file->data_, sizeof(header));
  const uint64_t first = FirstPiece(header.description_size);
  const uint64_t room = first > file->size_ ? 0 : file->size_ - first;
  if (piece.offset % kAlignment != 0 || piece.offset > room || piece.size > room ||
      RoomFor(piece.size) > room - piece.offset) {
    return std::nullopt;
  }
  return AlignedBuffer::Within(file->data_ + first + piece.offset, piece.size, file);
}

Piece PrepackedWriter::Add(const void* data, size_t size) {
  const Piece piece = {end_, size};
  end_ += RoomFor(size);
  sources_.push_back({data, piece});
  return piece;
}

bool PrepackedWriter::Write(const std::string& path, const std::string& description) const {
  const uint64_t first = FirstPiece(description.size());
  StatusOr<AlignedBuffer> content = AlignedBuffer::Allocate(first + end_);
  if (!content.ok()) return false;
  char* data = content->as<char>();
  for (const Source& source : sources_) {
    if (source.piece.size == 0) continue;
    std::memcpy(data + first + source.piece.offset, source.data, source.piece.size);
  }
  std::copy_n(description.data(), description.size(), data + sizeof(Header));
  Header header = {};
  header.magic = kMagic;
  header.file_size = content->size();
  header.description_size = description.size();
  std::memcpy(data, &header, sizeof(header));
  header.hash = HashFile(data, content->size());
  std::memcpy(data, &header, sizeof(header));

  static std::atomic<unsigned> count{0};
  char suffix[48];
  std::snprintf(suffix, sizeof(suffix), ".%ld.%u.tmp", static_cast<long>(getpid()), ++count);
  const std::string temporary = path + suffix;
  const int file =
      open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (file < 0) return false;
  bool is_whole = WriteAll(file, data, content->size());
  // Some file systems say only now that there was no room.
  is_whole = close(file) == 0 && is_whole && rename(temporary.c_str(), path.c_str()) == 0;
  if (!is_whole) unlink(temporary.c_str());
  return is_whole;
}

}  // namespace minnow::binding

#endif  // defined(__linux__)
