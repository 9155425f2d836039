// libjpeg reports errors by a callback that must not return. Here it jumps back into Guarded, over
// frames of this file and of libjpeg that hold plain data only: whatever owns memory lives in the
// functions that call Guarded.
#include "image/jpeg_file.h"

#include <cstring>
// jpeglib.h comes before it.
#include <jerror.h>

#include "base/aligned_buffer.h"
#include "image/alpha.h"
#include "image/exif.h"
#include "image/limits.h"

namespace minnow::image {
namespace {

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

void PrepareOutput(JpegReader* reader) {
  const bool cmyk =
      reader->info.jpeg_color_space == JCS_CMYK || reader->info.jpeg_color_space == JCS_YCCK;
  reader->info.out_color_space = cmyk ? JCS_CMYK : JCS_RGB;
  reader->info.dct_method = JDCT_ISLOW;
  reader->info.scale_num = 1;
  reader->info.scale_denom = reader->reduction;
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
    const int64_t y = info->output_scanline;
    const bool is_kept = y >= reader->first_row && y < reader->end_row;
    uint8_t* row = reader->spare_row;
    if (is_kept) row = reader->pixels + 3 * (y - reader->first_row) * info->output_width;
    JSAMPROW target = reader->cmyk_row != nullptr ? reader->cmyk_row : row;
    if (jpeg_read_scanlines(info, &target, 1) != 1) ERREXIT(info, JERR_CANT_SUSPEND);
    if (reader->cmyk_row != nullptr && is_kept) {
      CmykToRgb(reader->cmyk_row, info->output_width, info->saw_Adobe_marker != 0, row);
    }
  }
  // Reads on to the end marker: a file without one was cut.
  jpeg_finish_decompress(info);
}

}  // namespace

JpegFile::JpegFile(const uint8_t* bytes, size_t size) {
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

Status JpegFile::Run(void (*step)(JpegReader*)) {
  if (Guarded(&reader_, step)) return OkStatus();
  return Status(reader_.code, reader_.message);
}

Status JpegFile::Open(const DecodeOptions& options) {
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

Status JpegFile::SetReduction(unsigned reduction) {
  reader_.reduction = reduction;
  return Run(PrepareOutput);
}

Status JpegFile::ReadRows(int64_t first_row, int64_t end_row, uint8_t* pixels) {
  reader_.first_row = first_row;
  reader_.end_row = end_row;
  reader_.pixels = pixels;
  const int64_t width = info().output_width;
  const bool is_cmyk = info().out_color_space == JCS_CMYK;
  StatusOr<AlignedBuffer> rows = AlignedBuffer::Allocate(static_cast<size_t>(7 * width));
  if (!rows.ok()) return rows.status();
  reader_.spare_row = rows->as<uint8_t>();
  reader_.cmyk_row = is_cmyk ? rows->as<uint8_t>() + 3 * width : nullptr;
  return Run(image::ReadRows);
}

int JpegFile::Orientation() const {
  for (const jpeg_marker_struct* marker = info().marker_list; marker != nullptr;
       marker = marker->next) {
    const int orientation = ExifOrientation(marker->data, marker->data_length);
    if (orientation != kUpright) return orientation;
  }
  return kUpright;
}

JpegScan JpegFile::Scan() const {
  const jpeg_decompress_struct& header = info();
  JpegScan scan;
  scan.bytes = reader_.bytes;
  scan.size = reader_.size;
  scan.data = static_cast<size_t>(header.src->next_input_byte - reader_.bytes);
  const auto ceil_div = [](int64_t a, int64_t b) { return (a + b - 1) / b; };
  scan.mcus_per_row = ceil_div(header.image_width, int64_t{8} * header.max_h_samp_factor);
  scan.mcu_rows = ceil_div(header.image_height, int64_t{8} * header.max_v_samp_factor);
  // A component alone has MCUs of one block, whatever its factors say.
  const bool is_single_block = header.max_h_samp_factor == 1 && header.max_v_samp_factor == 1;
  const bool is_whole = header.comps_in_scan == header.num_components &&
                        (header.num_components > 1 || is_single_block);
  if (is_whole && !header.progressive_mode && !header.arith_code) {
    scan.restart_interval = header.restart_interval;
  }
  return scan;
}

}  // namespace minnow::image
