// One JPEG in libjpeg-turbo's hands: its header, then its rows.
#ifndef MINNOW_IMAGE_JPEG_FILE_H_
#define MINNOW_IMAGE_JPEG_FILE_H_

#include <csetjmp>
#include <cstddef>
#include <cstdint>
#include <cstdio>
// jpeglib.h needs size_t and FILE to be declared before it.
#include <jpeglib.h>

#include "base/status.h"
#include "image/decode.h"
#include "image/jpeg_strips.h"

namespace minnow::image {

// Plain data: errors jump over the frames that use it.
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
  unsigned reduction;  // 1, 2, 4 or 8
  int64_t first_row;   // of the rows of pixels that are kept
  int64_t end_row;
  uint8_t* pixels;     // RGB, the rows that are kept
  uint8_t* spare_row;  // RGB: where the others go
  uint8_t* cmyk_row;   // null when the decoder gives RGB
};

// Owns the library's state. Each step after the one before it, and none after one that failed.
class JpegFile {
 public:
  JpegFile(const uint8_t* bytes, size_t size);
  ~JpegFile() { jpeg_destroy_decompress(&reader_.info); }
  JpegFile(const JpegFile&) = delete;
  JpegFile& operator=(const JpegFile&) = delete;

  // The header, and whether the picture may and can be what it says.
  Status Open(const DecodeOptions& options);
  // Makes a side a `reduction`th of what it is: 1, 2, 4 or 8. Its output_width and output_height
  // are known then.
  Status SetReduction(unsigned reduction);
  // Decodes all, and keeps rows [first_row, end_row): 3 * output_width bytes each go to `pixels`.
  Status ReadRows(int64_t first_row, int64_t end_row, uint8_t* pixels);

  // Once open:
  const jpeg_decompress_struct& info() const { return reader_.info; }
  int Orientation() const;  // of EXIF, 1 to 8
  // Its scan, if there is but one, with Huffman codes; without restarts else.
  JpegScan Scan() const;

 private:
  Status Run(void (*step)(JpegReader*));

  JpegReader reader_;
};

}  // namespace minnow::image

#endif  // MINNOW_IMAGE_JPEG_FILE_H_
