// libjpeg reports errors by a callback that must not return. Here it jumps back into Guarded, over
// frames of this file and of libjpeg that hold plain data only: whatever owns memory lives in the
// functions that call Guarded.
#include "image/jpeg.h"

#include <algorithm>
#include <csetjmp>
#include <cstdio>
#include <cstring>
// jpeglib.h needs size_t and FILE to be declared before it.
#include <jpeglib.h>
// and this one the other way round
#include <jerror.h>

#include "image/alpha.h"
#include "image/exif.h"
#include "image/limits.h"
#include "image/orient.h"

namespace minnow::image {
namespace {

// A picture is decoded at 1/2, 1/4 or 1/8 if both sides stay at least this many times the target's.
// How far the 224 x 224 tensor then is from that of the full decode, in levels of 255 (largest,
// mean; minnow_bench_image prints them): 7.0, 0.29 for a detailed photograph of 1352 x 900, 2.2,
// 0.12 for a smooth one of 1920 x 1080. With 1 instead of 2: up to 71, 2.1 on the same set of
// pictures.
constexpr int64_t kHeadroom = 2;

struct JpegReader {
  jpeg_decompress_struct info;
  jpeg_error_mgr errors;
  jpeg_progress_mgr progress;
  std::jmp_buf jump;
  StatusCode code;
  char message[JMSG_LENGTH_MAX];
  const uint8_t* bytes;
  size_t size;
  int max_scans;
  int64_t target_width;  // of the stored picture, 0 when unknown
  int64_t target_height;
  uint8_t* pixels;    // RGB, output_height rows
  uint8_t* cmyk_row;  // null when the decoder gives RGB
};

[[noreturn]] void Fail(JpegReader* reader, StatusCode code) {
  reader->code = code;
  std::longjmp(reader->jump, 1);
}

void OnError(j_common_ptr info) {
  auto* reader = static_cast<JpegReader*>(info->client_data);
  info->err->format_message(info, reader->message);
  switch (info->err->msg_code) {
    case JERR_OUT_OF_MEMORY:
      Fail(reader, StatusCode::kResourceExhausted);
    case JERR_ARITH_NOTIMPL:
    case JERR_BAD_PRECISION:
    case JERR_CONVERSION_NOTIMPL:
    case JERR_SOF_UNSUPPORTED:
      Fail(reader, StatusCode::kUnsupported);
    default:
      Fail(reader, StatusCode::kInvalidImage);
  }
}

// libjpeg calls a truncated or damaged picture a warning and makes up the rest. Only remarks that
// do not concern the pixels may pass.
void OnMessage(j_common_ptr info, int level) {
  if (level >= 0) return;
  switch (info->err->msg_code) {
    case JWRN_JFIF_MAJOR:
    case JWRN_ADOBE_XFORM:
      return;
    default:
      OnError(info);
  }
}

void OnOutput(j_common_ptr) {}

void OnProgress(j_common_ptr info) {
  auto* reader = static_cast<JpegReader*>(info->client_data);
  if (reader->info.input_scan_number <= reader->max_scans) return;
  std::snprintf(reader->message, sizeof(reader->message), "more than %d scans", reader->max_scans);
  Fail(reader, StatusCode::kResourceExhausted);
}

// Runs `step`; false when it failed, with code and message set. `step` and what it calls own
// nothing.
bool Guarded(JpegReader* reader, void (*step)(JpegReader*)) {
  if (setjmp(reader->jump) != 0) return false;
  step(reader);
  return true;
}

void ReadHeader(JpegReader* reader) {
  jpeg_create_decompress(&reader->info);
  reader->info.progress = &reader->progress;
  jpeg_mem_src(&reader->info, reader->bytes, static_cast<unsigned long>(reader->size));
  jpeg_save_markers(&reader->info, JPEG_APP0 + 1, 0xffff);
  jpeg_read_header(&reader->info, TRUE);
}

// The largest of 8, 4, 2 that leaves both sides kHeadroom times the target's; else 1. Other
// reductions that libjpeg knows have no vector code.
unsigned Reduction(const JpegReader& reader) {
  if (reader.target_width < 1 || reader.target_height < 1) return 1;
  for (unsigned reduction : {8u, 4u, 2u}) {
    if (static_cast<int64_t>(reader.info.image_width) >=
            kHeadroom * reduction * reader.target_width &&
        static_cast<int64_t>(reader.info.image_height) >=
            kHeadroom * reduction * reader.target_height) {
      return reduction;
    }
  }
  return 1;
}

void PrepareOutput(JpegReader* reader) {
  const bool cmyk =
      reader->info.jpeg_color_space == JCS_CMYK || reader->info.jpeg_color_space == JCS_YCCK;
  reader->info.out_color_space = cmyk ? JCS_CMYK : JCS_RGB;
  reader->info.dct_method = JDCT_ISLOW;
  reader->info.scale_num = 1;
  reader->info.scale_denom = Reduction(*reader);
  jpeg_calc_output_dimensions(&reader->info);
}

// Adobe's programs store ink as 255 - amount and say so by their marker; others store the amount.
void CmykToRgb(const uint8_t* cmyk, int64_t width, bool inverted, uint8_t* rgb) {
  const uint8_t flip = inverted ? 0 : 255;
  for (int64_t x = 0; x < width; ++x) {
    const uint32_t key = cmyk[4 * x + 3] ^ flip;
    for (int c = 0; c < 3; ++c) {
      rgb[3 * x + c] = MulDiv255(static_cast<uint32_t>(cmyk[4 * x + c] ^ flip), key);
    }
  }
}

void ReadRows(JpegReader* reader) {
  jpeg_decompress_struct* info = &reader->info;
  jpeg_start_decompress(info);
  while (info->output_scanline < info->output_height) {
    uint8_t* row = reader->pixels + int64_t{3} * info->output_width * info->output_scanline;
    JSAMPROW target = reader->cmyk_row != nullptr ? reader->cmyk_row : row;
    if (jpeg_read_scanlines(info, &target, 1) != 1) ERREXIT(info, JERR_CANT_SUSPEND);
    if (reader->cmyk_row != nullptr) {
      CmykToRgb(reader->cmyk_row, info->output_width, info->saw_Adobe_marker != 0, row);
    }
  }
  // Reads on to the end marker: a file without one was cut.
  jpeg_finish_decompress(info);
}

// Owns the library's state between the guarded steps.
class JpegFile {
 public:
  JpegFile(const uint8_t* bytes, size_t size) {
    std::memset(&reader_, 0, sizeof(reader_));
    reader_.bytes = bytes;
    reader_.size = size;
    reader_.info.err = jpeg_std_error(&reader_.errors);
    reader_.errors.error_exit = OnError;
    reader_.errors.emit_message = OnMessage;
    reader_.errors.output_message = OnOutput;
    reader_.progress.progress_monitor = OnProgress;
    reader_.info.client_data = &reader_;
  }
  ~JpegFile() { jpeg_destroy_decompress(&reader_.info); }
  JpegFile(const JpegFile&) = delete;
  JpegFile& operator=(const JpegFile&) = delete;

  JpegReader* reader() { return &reader_; }
  const jpeg_decompress_struct& info() const { return reader_.info; }

  Status Run(void (*step)(JpegReader*)) {
    if (Guarded(&reader_, step)) return OkStatus();
    return Status(reader_.code, reader_.message);
  }

  // The header, and whether the picture may and can be what it says.
  Status Open(const DecodeOptions& options) {
    reader_.max_scans = options.max_scans;
    MINNOW_RETURN_IF_ERROR(Run(ReadHeader));
    MINNOW_RETURN_IF_ERROR(CheckLimits(info().image_width, info().image_height, options));
    // Huffman codes spend at least one bit on a block, and a unit of 8 * max_h x 8 * max_v pixels
    // has at least one block: a header without a body must not make us allocate.
    const int64_t unit_width = int64_t{8} * info().max_h_samp_factor;
    const int64_t unit_height = int64_t{8} * info().max_v_samp_factor;
    const int64_t units = ((info().image_width + unit_width - 1) / unit_width) *
                          ((info().image_height + unit_height - 1) / unit_height);
    if (!info().arith_code && units / 8 > static_cast<int64_t>(reader_.size)) {
      return InvalidImage("%zu bytes cannot hold %u x %u pixels", reader_.size, info().image_width,
                          info().image_height);
    }
    switch (info().jpeg_color_space) {
      case JCS_GRAYSCALE:
      case JCS_RGB:
      case JCS_YCbCr:
      case JCS_CMYK:
      case JCS_YCCK:
        return OkStatus();
      default:
        return Unsupported(
            "%d components of no known colour space; supported: grey, YCbCr, RGB, "
            "CMYK, YCCK",
            info().num_components);
    }
  }

  int Orientation() const {
    for (const jpeg_marker_struct* marker = info().marker_list; marker != nullptr;
         marker = marker->next) {
      const int orientation = ExifOrientation(marker->data, marker->data_length);
      if (orientation != kUpright) return orientation;
    }
    return kUpright;
  }

 private:
  JpegReader reader_;
};

}  // namespace

StatusOr<ImageInfo> ReadJpegInfo(const uint8_t* bytes, size_t size, const DecodeOptions& options) {
  JpegFile file(bytes, size);
  MINNOW_RETURN_IF_ERROR(file.Open(options));
  ImageInfo info;
  info.width = file.info().image_width;
  info.height = file.info().image_height;
  if (SwapsSides(file.Orientation())) std::swap(info.width, info.height);
  return info;
}

StatusOr<Image> DecodeJpeg(const uint8_t* bytes, size_t size, const DecodeOptions& options) {
  JpegFile file(bytes, size);
  MINNOW_RETURN_IF_ERROR(file.Open(options));
  const int orientation = file.Orientation();
  JpegReader* reader = file.reader();
  reader->target_width = options.target_width;
  reader->target_height = options.target_height;
  if (SwapsSides(orientation)) std::swap(reader->target_width, reader->target_height);
  MINNOW_RETURN_IF_ERROR(file.Run(PrepareOutput));

  Image image;
  image.width = file.info().output_width;
  image.height = file.info().output_height;
  StatusOr<AlignedBuffer> pixels =
      AlignedBuffer::Allocate(static_cast<size_t>(3 * image.width * image.height));
  if (!pixels.ok()) return pixels.status();
  image.pixels = std::move(*pixels);
  reader->pixels = image.pixels.as<uint8_t>();
  AlignedBuffer cmyk_row;
  if (file.info().out_color_space == JCS_CMYK) {
    StatusOr<AlignedBuffer> row = AlignedBuffer::Allocate(static_cast<size_t>(4 * image.width));
    if (!row.ok()) return row.status();
    cmyk_row = std::move(*row);
    reader->cmyk_row = cmyk_row.as<uint8_t>();
  }
  MINNOW_RETURN_IF_ERROR(file.Run(ReadRows));
  return Orient(std::move(image), orientation);
}

}  // namespace minnow::image
