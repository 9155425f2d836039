// Cuts a JPEG at its restart markers into strips that can be decoded beside each other.
//
// Decoding starts afresh behind each restart marker (ITU-T T.81, E.2.4), so whole rows of MCUs
// (8 or 16 rows of pixels each) with the file's tables in front are a file of their own. Cameras
// and programs for photographs write a marker a row; most other files have none.
#ifndef MINNOW_IMAGE_JPEG_STRIPS_H_
#define MINNOW_IMAGE_JPEG_STRIPS_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/aligned_buffer.h"
#include "base/status.h"

namespace minnow::image {

// A JPEG of one scan with Huffman codes.
struct JpegScan {
  const uint8_t* bytes = nullptr;
  size_t size = 0;
  size_t data = 0;               // where the codes begin: behind the header of the scan
  int64_t mcus_per_row = 0;      // >= 1
  int64_t mcu_rows = 0;          // >= 1
  int64_t restart_interval = 0;  // MCUs between two markers; 0: there are none
};

// Rows of MCUs [first_row, end_row) lie in bytes [begin, end) of the file. `first_row` of the next
// strip is below `end_row`: how chroma is smoothed between two rows shows only when both are there.
struct JpegStrip {
  int64_t first_row = 0;
  int64_t end_row = 0;
  size_t begin = 0;
  size_t end = 0;
};

// About `count` strips of equal height, from the top; none where the markers are too far apart, not
// where they should be or not in order, or where anything but the end of the file follows the scan.
std::vector<JpegStrip> CutAtRestarts(const JpegScan& scan, int64_t count);

// A strip as a file of its own, `height` pixels high. kInvalidImage: the header has no frame, or
// more than one; kResourceExhausted.
StatusOr<AlignedBuffer> StripFile(const JpegScan& scan, const JpegStrip& strip, int64_t height);

}  // namespace minnow::image

#endif  // MINNOW_IMAGE_JPEG_STRIPS_H_
