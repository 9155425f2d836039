// TIFF 6.0, section 2: byte order, 42, offset of the first directory; a directory is a count and
// 12-byte entries of tag, type, count, value.
#include "image/exif.h"

#include <cstring>

namespace minnow::image {
namespace {

constexpr uint32_t kOrientationTag = 0x0112;
constexpr uint32_t kShort = 3;
constexpr size_t kEntryBytes = 12;

// Reads within the block only: what lies outside is 0 and makes `ok` false.
struct TiffReader {
  const uint8_t* bytes;
  size_t size;
  bool big_endian = false;
  bool ok = true;

  uint32_t Read(size_t offset, size_t count) {
    if (offset > size || count > size - offset) {
      ok = false;
      return 0;
    }
    uint32_t value = 0;
    for (size_t i = 0; i < count; ++i) {
      value = value << 8 | bytes[offset + (big_endian ? i : count - 1 - i)];
    }
    return value;
  }
};

}  // namespace

int TiffOrientation(const uint8_t* bytes, size_t size) {
  TiffReader tiff{bytes, size};
  if (size < 8 || bytes[0] != bytes[1] || (bytes[0] != 'I' && bytes[0] != 'M')) return kUpright;
  tiff.big_endian = bytes[0] == 'M';
  if (tiff.Read(2, 2) != 42) return kUpright;
  const size_t directory = tiff.Read(4, 4);
  const size_t entries = tiff.Read(directory, 2);
  for (size_t i = 0; i < entries && tiff.ok; ++i) {
    const size_t entry = directory + 2 + i * kEntryBytes;
    if (tiff.Read(entry, 2) != kOrientationTag) continue;
    const bool one_short = tiff.Read(entry + 2, 2) == kShort && tiff.Read(entry + 4, 4) == 1;
    const uint32_t value = tiff.Read(entry + 8, 2);
    return one_short && value >= 1 && value <= 8 ? static_cast<int>(value) : kUpright;
  }
  return kUpright;
}

int ExifOrientation(const uint8_t* segment, size_t size) {
  constexpr char kExif[6] = {'E', 'x', 'i', 'f', 0, 0};
  if (size < sizeof(kExif) || std::memcmp(segment, kExif, sizeof(kExif)) != 0) return kUpright;
  return TiffOrientation(segment + sizeof(kExif), size - sizeof(kExif));
}

}  // namespace minnow::image
