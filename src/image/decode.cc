#include "image/decode.h"

#include <cstring>

#include "image/jpeg.h"
#include "image/png.h"

namespace minnow::image {
namespace {

// A format is a row: how its files begin, and who reads them.
struct Decoder {
  const char* name;
  const char* magic;
  size_t magic_size;
  StatusOr<ImageInfo> (*read_info)(const uint8_t*, size_t, const DecodeOptions&);
  StatusOr<Image> (*decode)(const uint8_t*, size_t, const DecodeOptions&);
};

constexpr Decoder kDecoders[] = {
    {"jpeg", "\xff\xd8\xff", 3, ReadJpegInfo, DecodeJpeg},
    {"png", "\x89PNG\r\n\x1a\n", 8, ReadPngInfo, DecodePng},
};

StatusOr<const Decoder*> FindDecoder(const uint8_t* bytes, size_t size) {
  if (bytes == nullptr || size == 0) return InvalidImage("no bytes");
  for (const Decoder& decoder : kDecoders) {
    if (size >= decoder.magic_size && std::memcmp(bytes, decoder.magic, decoder.magic_size) == 0) {
      return &decoder;
    }
  }
  uint8_t head[4] = {};
  std::memcpy(head, bytes, size < sizeof(head) ? size : sizeof(head));
  return InvalidImage("%zu bytes that begin with %02x %02x %02x %02x are neither JPEG nor PNG",
                      size, head[0], head[1], head[2], head[3]);
}

}  // namespace

StatusOr<ImageInfo> ReadInfo(const uint8_t* bytes, size_t size, const DecodeOptions& options) {
  StatusOr<const Decoder*> decoder = FindDecoder(bytes, size);
  if (!decoder.ok()) return decoder.status().WithContext("decode");
  StatusOr<ImageInfo> info = (*decoder)->read_info(bytes, size, options);
  if (!info.ok()) return info.status().WithContext((*decoder)->name).WithContext("decode");
  info->format = (*decoder)->name;
  return info;
}

StatusOr<Image> Decode(const uint8_t* bytes, size_t size, const DecodeOptions& options) {
  StatusOr<const Decoder*> decoder = FindDecoder(bytes, size);
  if (!decoder.ok()) return decoder.status().WithContext("decode");
  StatusOr<Image> image = (*decoder)->decode(bytes, size, options);
  if (!image.ok()) return image.status().WithContext((*decoder)->name).WithContext("decode");
  return image;
}

}  // namespace minnow::image
