// Mutates a PNG chunk by chunk, pixels before they are deflated, and makes the checksums right:
// libpng looks at nothing behind a wrong one.
#include <zlib.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <random>
#include <string>
#include <vector>

extern "C" size_t LLVMFuzzerMutate(uint8_t* data, size_t size, size_t max_size);

namespace {

constexpr size_t kMagicBytes = 8;
constexpr size_t kMaxPixelBytes = 1 << 16;

struct Chunk {
  std::string type;
  std::string data;
};

std::string BigEndian(uint64_t value) {
  std::string bytes(4, '\0');
  for (int i = 3; i >= 0; --i, value >>= 8)
    bytes[static_cast<size_t>(i)] = static_cast<char>(value);
  return bytes;
}

std::vector<Chunk> Parse(const std::string& file) {
  std::vector<Chunk> chunks;
  for (size_t at = kMagicBytes; at + 12 <= file.size();) {
    size_t length = 0;
    for (size_t i = 0; i < 4; ++i) length = length << 8 | static_cast<uint8_t>(file[at + i]);
    length = std::min(length, file.size() - at - 12);
    chunks.push_back({file.substr(at + 4, 4), file.substr(at + 8, length)});
    at += length + 12;
  }
  return chunks;
}

std::string Serialize(const std::string& magic, const std::vector<Chunk>& chunks) {
  std::string file = magic;
  for (const Chunk& chunk : chunks) {
    const std::string body = chunk.type + chunk.data;
    const auto* bytes = reinterpret_cast<const Bytef*>(body.data());
    file += BigEndian(chunk.data.size()) + body;
    file += BigEndian(crc32(0, bytes, static_cast<uInt>(body.size())));
  }
  return file;
}

void Mutate(std::string* bytes) {
  const size_t size = bytes->size();
  bytes->resize(size + size / 4 + 16);
  bytes->resize(LLVMFuzzerMutate(reinterpret_cast<uint8_t*>(bytes->data()), size, bytes->size()));
}

// The rows of an IDAT that is whole; false for any other.
bool MutateRows(std::string* data) {
  std::string rows(kMaxPixelBytes, '\0');
  uLongf size = rows.size();
  if (uncompress(reinterpret_cast<Bytef*>(rows.data()), &size,
                 reinterpret_cast<const Bytef*>(data->data()), data->size()) != Z_OK) {
    return false;
  }
  rows.resize(size);
  Mutate(&rows);
  std::string packed(compressBound(rows.size()), '\0');
  uLongf packed_size = packed.size();
  compress(reinterpret_cast<Bytef*>(packed.data()), &packed_size,
           reinterpret_cast<const Bytef*>(rows.data()), rows.size());
  packed.resize(packed_size);
  *data = packed;
  return true;
}

void MutateChunks(std::vector<Chunk>* chunks, unsigned seed) {
  std::mt19937 random(seed);
  const auto pick = [&random](size_t count) { return random() % count; };
  Chunk& chunk = (*chunks)[pick(chunks->size())];
  const auto other = chunks->begin() + static_cast<std::ptrdiff_t>(pick(chunks->size()));
  const char* const types[] = {"PLTE", "tRNS", "eXIf", "gAMA", "iCCP", "tEXt", "IDAT", "sBIT"};
  switch (pick(8)) {
    case 0:
      chunks->insert(other, Chunk(chunk));
      break;
    case 1:
      chunks->erase(other);
      break;
    case 2:
      std::swap(chunk, *other);
      break;
    case 3:
      chunk.type = types[pick(std::size(types))];
      break;
    default:
      if (chunk.type != "IDAT" || pick(4) == 0 || !MutateRows(&chunk.data)) Mutate(&chunk.data);
  }
}

}  // namespace

extern "C" size_t LLVMFuzzerCustomMutator(uint8_t* data, size_t size, size_t max_size,
                                          unsigned seed) {
  const std::string file(reinterpret_cast<const char*>(data), size);
  std::vector<Chunk> chunks = Parse(file);
  if (seed % 8 == 0 || chunks.empty()) return LLVMFuzzerMutate(data, size, max_size);
  MutateChunks(&chunks, seed);
  const std::string out = Serialize(file.substr(0, kMagicBytes), chunks);
  if (out.size() > max_size) return LLVMFuzzerMutate(data, size, max_size);
  std::memcpy(data, out.data(), out.size());
  return out.size();
}
