#include "importers/torchscript/zip_archive.h"

#include <zlib.h>

#include "importers/import_context.h"

namespace minnow::importers::torchscript {
namespace {

constexpr uint32_t kLocalHeader = 0x04034b50;
constexpr uint32_t kCentralHeader = 0x02014b50;
constexpr uint32_t kEndOfDirectory = 0x06054b50;
constexpr uint32_t kZip64End = 0x06064b50;
constexpr uint32_t kZip64Locator = 0x07064b50;
constexpr size_t kLocalHeaderSize = 30;
constexpr size_t kCentralHeaderSize = 46;
constexpr size_t kEndSize = 22;
constexpr size_t kZip64EndSize = 56;
constexpr size_t kZip64LocatorSize = 20;
constexpr size_t kMaxComment = 0xffff;
constexpr uint16_t kZip64Extra = 1;
constexpr uint32_t kInZip64 = 0xffffffff;
constexpr uint16_t kEncrypted = 1;
constexpr uint16_t kStored = 0, kDeflated = 8;

// REQUIRES: the bytes are there.
template <typename T>
T Load(Bytes bytes, size_t at) {
  T value = 0;
  for (size_t i = 0; i < sizeof(T); ++i) {
    value = static_cast<T>(value | static_cast<T>(bytes.data[at + i]) << (8 * i));
  }
  return value;
}

// Written so that no sum can overflow.
bool Holds(Bytes bytes, uint64_t at, uint64_t size) {
  return at <= bytes.size && size <= bytes.size - at;
}

}  // namespace

StatusOr<ZipArchive> ZipArchive::Open(Bytes file) {
  ZipArchive archive(file);
  const StatusOr<Directory> directory = archive.FindDirectory();
  if (!directory.ok()) return directory.status();
  if (!Holds(file, directory->at, directory->size) ||
      directory->count > directory->size / kCentralHeaderSize) {
    return InvalidModel("the zip directory lies outside of the file");
  }
  size_t at = static_cast<size_t>(directory->at);
  for (uint64_t i = 0; i < directory->count; ++i) {
    MINNOW_RETURN_IF_ERROR(archive.ReadEntry(&at));
  }
  return archive;
}

StatusOr<ZipArchive::Directory> ZipArchive::FindDirectory() const {
  for (size_t back = kEndSize; back <= kEndSize + kMaxComment && back <= file_.size; ++back) {
    const size_t at = file_.size - back;
    if (Load<uint32_t>(file_, at) != kEndOfDirectory) continue;
    Directory directory = {Load<uint32_t>(file_, at + 16), Load<uint32_t>(file_, at + 12),
                           Load<uint16_t>(file_, at + 10)};
    MINNOW_RETURN_IF_ERROR(ReadZip64Directory(at, &directory));
    return directory;
  }
  return InvalidModel("the zip file has no end, it may have been cut off");
}

// A zip64 end counts where a locator for it stands right before the plain one.
Status ZipArchive::ReadZip64Directory(size_t end_at, Directory* directory) const {
  if (end_at < kZip64LocatorSize) return OkStatus();
  const size_t locator = end_at - kZip64LocatorSize;
  if (Load<uint32_t>(file_, locator) != kZip64Locator) return OkStatus();
  const uint64_t at = Load<uint64_t>(file_, locator + 8);
  if (!Holds(file_, at, kZip64EndSize) ||
      Load<uint32_t>(file_, static_cast<size_t>(at)) != kZip64End) {
    return InvalidModel("the zip64 directory lies outside of the file");
  }
  const size_t end = static_cast<size_t>(at);
  *directory = {Load<uint64_t>(file_, end + 48), Load<uint64_t>(file_, end + 40),
                Load<uint64_t>(file_, end + 32)};
  return OkStatus();
}

Status ZipArchive::ReadEntry(size_t* at) {
  if (!Holds(file_, *at, kCentralHeaderSize) || Load<uint32_t>(file_, *at) != kCentralHeader) {
    return InvalidModel("entry %zu of the zip directory is damaged", names_.size());
  }
  const size_t name_size = Load<uint16_t>(file_, *at + 28);
  const size_t extra_size = Load<uint16_t>(file_, *at + 30);
  const size_t comment_size = Load<uint16_t>(file_, *at + 32);
  const size_t name_at = *at + kCentralHeaderSize;
  if (!Holds(file_, name_at, name_size + extra_size + comment_size)) {
    return InvalidModel("entry %zu of the zip directory is cut off", names_.size());
  }
  Entry entry;
  entry.flags = Load<uint16_t>(file_, *at + 8);
  entry.method = Load<uint16_t>(file_, *at + 10);
  entry.packed_size = Load<uint32_t>(file_, *at + 20);
  entry.size = Load<uint32_t>(file_, *at + 24);
  entry.header_at = Load<uint32_t>(file_, *at + 42);
  MINNOW_RETURN_IF_ERROR(ReadZip64Sizes({file_.data + name_at + name_size, extra_size}, &entry));
  const std::string_view name(reinterpret_cast<const char*>(file_.data) + name_at, name_size);
  if (!entries_.emplace(name, entry).second) {
    return InvalidModel("two entries are named %s", Quote(name).c_str());
  }
  names_.push_back(name);
  *at = name_at + name_size + extra_size + comment_size;
  return OkStatus();
}

// The extra field 1 holds those of the three numbers that do not fit, in this order.
Status ZipArchive::ReadZip64Sizes(Bytes extra, Entry* entry) const {
  for (size_t at = 0; Holds(extra, at, 4);) {
    const uint16_t id = Load<uint16_t>(extra, at);
    const size_t size = Load<uint16_t>(extra, at + 2);
    at += 4;
    if (!Holds(extra, at, size)) break;
    if (id == kZip64Extra) {
      const size_t end = at + size;
      for (uint64_t* number : {&entry->size, &entry->packed_size, &entry->header_at}) {
        if (*number != kInZip64) continue;
        if (end - at < 8) return InvalidModel("a zip64 field is cut off");
        *number = Load<uint64_t>(extra, at);
        at += 8;
      }
      return OkStatus();
    }
    at += size;
  }
  return OkStatus();
}

StatusOr<Bytes> ZipArchive::PackedBytes(const Entry& entry) const {
  if (!Holds(file_, entry.header_at, kLocalHeaderSize) ||
      Load<uint32_t>(file_, static_cast<size_t>(entry.header_at)) != kLocalHeader) {
    return InvalidModel("its header is damaged");
  }
  const size_t header = static_cast<size_t>(entry.header_at);
  const size_t begin = header + kLocalHeaderSize + Load<uint16_t>(file_, header + 26) +
                       Load<uint16_t>(file_, header + 28);
  if (!Holds(file_, begin, entry.packed_size)) return InvalidModel("its bytes are cut off");
  return Bytes{file_.data + begin, static_cast<size_t>(entry.packed_size)};
}

Status ZipArchive::Inflate(Bytes packed, Entry* entry) {
  if (entry->size > kMaxInflatedBytes - inflated_bytes_) {
    return ResourceExhausted("its entries inflate to more than %zu bytes", kMaxInflatedBytes);
  }
  std::vector<uint8_t>& bytes = inflated_.emplace_back(static_cast<size_t>(entry->size));
  inflated_bytes_ += bytes.size();
  z_stream stream = {};
  // Negative: a deflate stream without a header. One byte more than is expected shows a longer one.
  if (inflateInit2(&stream, -MAX_WBITS) != Z_OK) return ResourceExhausted("no memory to inflate");
  uint8_t beyond = 0;
  stream.next_in = const_cast<uint8_t*>(packed.data);
  stream.avail_in = static_cast<uInt>(packed.size);
  stream.next_out = bytes.empty() ? &beyond : bytes.data();
  stream.avail_out = static_cast<uInt>(bytes.empty() ? 1 : bytes.size());
  const int result = inflate(&stream, Z_FINISH);
  const bool whole = result == Z_STREAM_END && stream.total_out == bytes.size();
  inflateEnd(&stream);
  if (!whole) return InvalidModel("its deflated bytes are damaged");
  entry->inflated = {bytes.data(), bytes.size()};
  entry->is_inflated = true;
  return OkStatus();
}

StatusOr<Bytes> ZipArchive::Read(std::string_view name) {
  const auto found = entries_.find(name);
  if (found == entries_.end()) return InvalidModel("there is no entry %s", Quote(name).c_str());
  Entry& entry = found->second;
  if (entry.is_inflated) return entry.inflated;
  const std::string context = "entry " + Quote(name);
  if ((entry.flags & kEncrypted) != 0) return Unsupported("%s is encrypted", context.c_str());
  if (entry.method != kStored && entry.method != kDeflated) {
    return Unsupported("%s is packed by method %d (0 and 8, deflate, are supported)",
                       context.c_str(), entry.method);
  }
  StatusOr<Bytes> packed = PackedBytes(entry);
  if (!packed.ok()) return packed.status().WithContext(context);
  if (entry.method == kStored) {
    if (entry.size != entry.packed_size) return InvalidModel("%s has two sizes", context.c_str());
    return packed;
  }
  if (packed->size > kMaxInflatedBytes) {
    return ResourceExhausted("%s has more than %zu bytes", context.c_str(), kMaxInflatedBytes);
  }
  MINNOW_RETURN_IF_ERROR(Inflate(*packed, &entry).WithContext(context));
  return entry.inflated;
}

}  // namespace minnow::importers::torchscript
