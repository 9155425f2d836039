// libpng reports errors by a callback that must not return. Here it jumps back into Guarded, over
// frames of this file and of libpng that hold plain data only: whatever owns memory lives in the
// functions that call Guarded.
#include "image/png.h"

#include <png.h>

#include <algorithm>
#include <csetjmp>
#include <cstdio>
#include <cstring>

#include "image/alpha.h"
#include "image/exif.h"
#include "image/limits.h"
#include "image/orient.h"

namespace minnow::image {
namespace {

// What libpng may allocate for one chunk besides the pixels, and how many chunks it may keep.
constexpr png_alloc_size_t kChunkBytes = 8'000'000;
constexpr png_uint_32 kChunkCount = 64;
// Deflate makes at most this many bytes out of one (258 bytes from two bits).
constexpr int64_t kMostBytesPerByte = 1032;

struct PngReader {
  png_structp png;
  png_infop info;
  std::jmp_buf jump;
  StatusCode code;
  char message[256];
  const uint8_t* bytes;
  size_t size;
  size_t offset;
  int passes;
  int channels;     // 3 or 4, after the transformations
  uint8_t* pixels;  // RGB
  uint8_t* rgba;    // null for 3 channels; one row, or all rows of an interlaced picture
  uint8_t background[3];
};

void OnError(png_structp png, png_const_charp message) {
  auto* reader = static_cast<PngReader*>(png_get_error_ptr(png));
  std::snprintf(reader->message, sizeof(reader->message), "%s", message);
  reader->code = std::strcmp(message, "Out of memory") == 0 ? StatusCode::kResourceExhausted
                                                            : StatusCode::kInvalidImage;
  std::longjmp(reader->jump, 1);
}

// libpng keeps warnings for what does not change the pixels: ancillary chunks and spare bytes.
void OnWarning(png_structp, png_const_charp) {}

void OnRead(png_structp png, png_bytep data, size_t count) {
  auto* reader = static_cast<PngReader*>(png_get_io_ptr(png));
  if (count > reader->size - reader->offset) png_error(png, "premature end of PNG file");
  std::memcpy(data, reader->bytes + reader->offset, count);
  reader->offset += count;
}

// Runs `step`; false when it failed, with code and message set. `step` and what it calls own
// nothing.
bool Guarded(PngReader* reader, void (*step)(PngReader*)) {
  if (setjmp(reader->jump) != 0) return false;
  step(reader);
  return true;
}

void ReadHeader(PngReader* reader) {
  reader->png = png_create_read_struct(PNG_LIBPNG_VER_STRING, reader, OnError, OnWarning);
  if (reader->png != nullptr) reader->info = png_create_info_struct(reader->png);
  if (reader->info == nullptr) {
    std::snprintf(reader->message, sizeof(reader->message), "libpng cannot be set up");
    reader->code = StatusCode::kResourceExhausted;
    std::longjmp(reader->jump, 1);
  }
  png_structp png = reader->png;
  png_set_read_fn(png, reader, OnRead);
  // The sides are held against our own limits, which say so in our own words.
  png_set_user_limits(png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
  png_set_chunk_malloc_max(png, kChunkBytes);
  png_set_chunk_cache_max(png, kChunkCount);
  // Text, profiles and other chunks that do not count here are passed over unread, all but eXIf.
  png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_NEVER, nullptr, -1);
  png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_AS_DEFAULT,
                              reinterpret_cast<png_const_bytep>("eXIf"), 1);
  png_read_info(png, reader->info);
}

void PrepareOutput(PngReader* reader) {
  png_structp png = reader->png;
  png_set_expand(png);  // palettes, fewer than 8 bits, tRNS
  png_set_scale_16(png);
  png_set_gray_to_rgb(png);
  reader->passes = png_set_interlace_handling(png);
  png_read_update_info(png, reader->info);
  reader->channels = png_get_channels(png, reader->info);
  const size_t row_bytes = png_get_rowbytes(png, reader->info);
  const size_t width = png_get_image_width(png, reader->info);
  if (reader->channels < 3 || row_bytes != width * static_cast<size_t>(reader->channels)) {
    png_error(png, "unexpected row format");
  }
}

void ReadRows(PngReader* reader) {
  const int64_t width = png_get_image_width(reader->png, reader->info);
  const int64_t height = png_get_image_height(reader->png, reader->info);
  const bool whole = reader->passes > 1;
  for (int pass = 0; pass < reader->passes; ++pass) {
    for (int64_t y = 0; y < height; ++y) {
      uint8_t* rgb = reader->pixels + 3 * width * y;
      if (reader->rgba == nullptr) {
        png_read_row(reader->png, rgb, nullptr);
        continue;
      }
      uint8_t* rgba = reader->rgba + (whole ? 4 * width * y : 0);
      png_read_row(reader->png, rgba, nullptr);
      if (pass + 1 == reader->passes) ComposeRow(rgba, width, reader->background, rgb);
    }
  }
  // Reads on to IEND: a file without it was cut.
  png_read_end(reader->png, nullptr);
}

// Whether the headers of the chunks, each of which leads to the next, are more than `most`.
bool HasMoreChunks(const uint8_t* bytes, size_t size, int most) {
  constexpr size_t kMagicBytes = 8, kAroundData = 12;
  size_t at = kMagicBytes;
  for (int count = 0; count <= most; ++count) {
    if (at > size || size - at < kAroundData) return false;
    const size_t length = png_get_uint_32(bytes + at);
    if (length > size - at - kAroundData) return false;
    at += length + kAroundData;
  }
  return true;
}

// Owns the library's state between the guarded steps.
class PngFile {
 public:
  PngFile(const uint8_t* bytes, size_t size) {
    std::memset(&reader_, 0, sizeof(reader_));
    reader_.bytes = bytes;
    reader_.size = size;
  }
  ~PngFile() { png_destroy_read_struct(&reader_.png, &reader_.info, nullptr); }
  PngFile(const PngFile&) = delete;
  PngFile& operator=(const PngFile&) = delete;

  PngReader* reader() { return &reader_; }
  int64_t width() const { return png_get_image_width(reader_.png, reader_.info); }
  int64_t height() const { return png_get_image_height(reader_.png, reader_.info); }

  Status Run(void (*step)(PngReader*)) {
    if (Guarded(&reader_, step)) return OkStatus();
    return Status(reader_.code, reader_.message);
  }

  // The header, and whether the picture may and can be what it says.
  Status Open(const DecodeOptions& options) {
    if (HasMoreChunks(reader_.bytes, reader_.size, options.max_chunks)) {
      return ResourceExhausted("more than %d chunks", options.max_chunks);
    }
    MINNOW_RETURN_IF_ERROR(Run(ReadHeader));
    MINNOW_RETURN_IF_ERROR(CheckLimits(width(), height(), options));
    const int64_t bits = int64_t{png_get_bit_depth(reader_.png, reader_.info)} *
                         png_get_channels(reader_.png, reader_.info);
    if (width() * height() * bits / 8 / kMostBytesPerByte > static_cast<int64_t>(reader_.size)) {
      return InvalidImage("%zu bytes cannot hold %lld x %lld pixels", reader_.size,
                          static_cast<long long>(width()), static_cast<long long>(height()));
    }
    return OkStatus();
  }

  int Orientation() const {
    png_uint_32 exif_bytes = 0;
    png_bytep exif = nullptr;
    if (png_get_eXIf_1(reader_.png, reader_.info, &exif_bytes, &exif) == 0) return kUpright;
    return TiffOrientation(exif, exif_bytes);
  }

 private:
  PngReader reader_;
};

}  // namespace

StatusOr<ImageInfo> ReadPngInfo(const uint8_t* bytes, size_t size, const DecodeOptions& options) {
  PngFile file(bytes, size);
  MINNOW_RETURN_IF_ERROR(file.Open(options));
  ImageInfo info;
  info.width = file.width();
  info.height = file.height();
  if (SwapsSides(file.Orientation())) std::swap(info.width, info.height);
  return info;
}

StatusOr<Image> DecodePng(const uint8_t* bytes, size_t size, const DecodeOptions& options) {
  PngFile file(bytes, size);
  MINNOW_RETURN_IF_ERROR(file.Open(options));
  const int orientation = file.Orientation();
  MINNOW_RETURN_IF_ERROR(file.Run(PrepareOutput));

  PngReader* reader = file.reader();
  std::copy(options.background, options.background + 3, reader->background);
  Image image;
  image.width = file.width();
  image.height = file.height();
  StatusOr<AlignedBuffer> pixels =
      AlignedBuffer::Allocate(static_cast<size_t>(3 * image.width * image.height));
  if (!pixels.ok()) return pixels.status();
  image.pixels = std::move(*pixels);
  reader->pixels = image.pixels.as<uint8_t>();
  AlignedBuffer rgba;
  if (reader->channels == 4) {
    const int64_t rows = reader->passes > 1 ? image.height : 1;
    StatusOr<AlignedBuffer> buffer =
        AlignedBuffer::Allocate(static_cast<size_t>(4 * image.width * rows));
    if (!buffer.ok()) return buffer.status();
    rgba = std::move(*buffer);
    reader->rgba = rgba.as<uint8_t>();
  }
  MINNOW_RETURN_IF_ERROR(file.Run(ReadRows));
  return Orient(std::move(image), orientation);
}

}  // namespace minnow::image
