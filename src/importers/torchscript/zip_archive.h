// What lies in a zip file: its entries by name, stored or deflated, also beyond 4 GB (zip64).
//
// Format: pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT. Only what the central directory
// lists counts. Checksums are not compared: what is read is checked for its meaning afterwards.
#ifndef MINNOW_IMPORTERS_TORCHSCRIPT_ZIP_ARCHIVE_H_
#define MINNOW_IMPORTERS_TORCHSCRIPT_ZIP_ARCHIVE_H_

#include <deque>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/status.h"
#include "importers/importer.h"

namespace minnow::importers::torchscript {

// Views into the file's bytes, which must outlive it. Entries that are read keep their inflated
// bytes here, each once.
class ZipArchive {
 public:
  // All that is ever inflated from one file. Weights are stored, only source text is deflated.
  static constexpr size_t kMaxInflatedBytes = size_t{64} << 20;

  // kInvalidModel where the directory does not lie inside the file.
  static StatusOr<ZipArchive> Open(Bytes file);

  bool Has(std::string_view name) const { return entries_.count(name) != 0; }
  // The bytes of an entry, valid as long as the archive. kInvalidModel where there is none of that
  // name or where it is damaged, kUnsupported where it is encrypted or packed otherwise.
  StatusOr<Bytes> Read(std::string_view name);

  // Names in the order of the directory.
  const std::vector<std::string_view>& names() const { return names_; }

 private:
  struct Entry {
    uint16_t flags = 0;
    uint16_t method = 0;
    uint64_t packed_size = 0;
    uint64_t size = 0;
    uint64_t header_at = 0;
    Bytes inflated;
    bool is_inflated = false;
  };
  struct Directory {
    uint64_t at = 0;
    uint64_t size = 0;
    uint64_t count = 0;
  };

  explicit ZipArchive(Bytes file) : file_(file) {}
  StatusOr<Directory> FindDirectory() const;
  Status ReadZip64Directory(size_t end_at, Directory* directory) const;
  // Takes one entry at `*at` and moves behind it.
  Status ReadEntry(size_t* at);
  Status ReadZip64Sizes(Bytes extra, Entry* entry) const;
  StatusOr<Bytes> PackedBytes(const Entry& entry) const;
  Status Inflate(Bytes packed, Entry* entry);

  Bytes file_;
  std::vector<std::string_view> names_;
  std::unordered_map<std::string_view, Entry> entries_;
  std::deque<std::vector<uint8_t>> inflated_;
  size_t inflated_bytes_ = 0;
};

}  // namespace minnow::importers::torchscript

#endif  // MINNOW_IMPORTERS_TORCHSCRIPT_ZIP_ARCHIVE_H_
