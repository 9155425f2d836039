#include "image/jpeg_strips.h"

#include <algorithm>
#include <cstring>
#include <numeric>

namespace minnow::image {
namespace {

// The second bytes of markers (ITU-T T.81, table B.1).
constexpr uint8_t kBaseline = 0xc0;
constexpr uint8_t kExtended = 0xc1;
constexpr uint8_t kFirstRestart = 0xd0;  // to 0xd7, in turn
constexpr int64_t kRestarts = 8;
constexpr uint8_t kStart = 0xd8;
constexpr uint8_t kEnd = 0xd9;

// A frame header: marker, length, precision, and the height at this offset.
constexpr size_t kHeightOffset = 5;

// What an MCU takes besides reading its codes, in bytes of them.
constexpr int64_t kMcuCost = 24;

// More markers than any encoder writes are not worth a list.
constexpr int64_t kMaxIntervals = 100'000;

// Where each interval's codes end, at a marker: of the restart that comes in turn, after the last
// one the end of the image. Empty if it is not so.
std::vector<size_t> IntervalEnds(const JpegScan& scan, int64_t intervals) {
  std::vector<size_t> ends;
  const uint8_t* const end = scan.bytes + scan.size;
  const uint8_t* at = scan.bytes + scan.data;
  while ((at = static_cast<const uint8_t*>(std::memchr(at, 0xff, static_cast<size_t>(end - at)))) !=
             nullptr &&
         at + 1 < end) {
    const uint8_t marker = at[1];
    if (marker == 0xff) {  // a fill byte
      at += 1;
    } else if (marker == 0) {  // the code's own 0xff
      at += 2;
    } else {
      const auto index = static_cast<int64_t>(ends.size());
      ends.push_back(static_cast<size_t>(at - scan.bytes));
      const bool is_last = index + 1 == intervals;
      if (marker != (is_last ? kEnd : kFirstRestart + index % kRestarts)) return {};
      if (is_last) return ends;
      at += 2;
    }
  }
  return {};
}

// Where the frame header is; 0 if there is none, several, or no orderly list of segments.
size_t FindFrame(const JpegScan& scan) {
  size_t frame = 0;
  size_t at = 2;
  while (at + 4 <= scan.data) {
    if (scan.bytes[at] != 0xff) return 0;
    const uint8_t marker = scan.bytes[at + 1];
    if (marker == 0xff) {
      at += 1;
      continue;
    }
    // Of markers without a segment only that of the start may come here, and it has been.
    if (marker == 0 || marker == 1 || (marker >= kFirstRestart && marker <= kStart)) return 0;
    const size_t length = scan.bytes[at + 2] * size_t{256} + scan.bytes[at + 3];
    if (length < 2 || length > scan.data - at - 2) return 0;
    if (marker == kBaseline || marker == kExtended) {
      if (frame != 0 || length < kHeightOffset) return 0;
      frame = at;
    }
    at += 2 + length;
  }
  return at == scan.data ? frame : 0;
}

}  // namespace

std::vector<JpegStrip> CutAtRestarts(const JpegScan& scan, int64_t count) {
  if (scan.restart_interval < 1 || count < 2) return {};
  // Rows after which an interval ends, and those after which the next one counts from 0 again.
  const int64_t whole = scan.restart_interval / std::gcd(scan.restart_interval, scan.mcus_per_row);
  const int64_t turn = kRestarts * scan.restart_interval;
  const int64_t unit = turn / std::gcd(turn, scan.mcus_per_row);
  const int64_t mcus = scan.mcus_per_row * scan.mcu_rows;
  const int64_t intervals = (mcus + scan.restart_interval - 1) / scan.restart_interval;
  if (unit >= scan.mcu_rows || intervals > kMaxIntervals) return {};
  const std::vector<size_t> ends = IntervalEnds(scan, intervals);
  if (ends.empty()) return {};

  const auto begin_of = [&](int64_t row) {
    const int64_t interval = row * scan.mcus_per_row / scan.restart_interval;
    return interval == 0 ? scan.data : ends[static_cast<size_t>(interval - 1)] + 2;
  };
  // What all rows above one cost, in bytes of codes.
  const auto cost_above = [&](int64_t row) {
    return static_cast<int64_t>(begin_of(row) - scan.data) + row * scan.mcus_per_row * kMcuCost;
  };
  const int64_t cost = static_cast<int64_t>(ends.back() - scan.data) + mcus * kMcuCost;
  std::vector<int64_t> starts = {0};
  for (int64_t row = unit; row < scan.mcu_rows; row += unit) {
    const auto cuts = static_cast<int64_t>(starts.size());
    // The nearest row to cut i of `count`: the first one that is less than half a unit above it.
    const int64_t half = (cost_above(row) - cost_above(row - unit)) / 2;
    if (cuts < count && cost_above(row) + half >= cost * cuts / count) starts.push_back(row);
  }
  if (starts.size() < 2) return {};
  std::vector<JpegStrip> strips;
  for (size_t i = 0; i < starts.size(); ++i) {
    JpegStrip strip;
    strip.first_row = starts[i];
    strip.end_row = scan.mcu_rows;
    if (i + 1 < starts.size()) strip.end_row = std::min(starts[i + 1] + whole, scan.mcu_rows);
    strip.begin = begin_of(strip.first_row);
    const int64_t last = (strip.end_row * scan.mcus_per_row - 1) / scan.restart_interval;
    strip.end = ends[static_cast<size_t>(last)];
    strips.push_back(strip);
  }
  return strips;
}

StatusOr<AlignedBuffer> StripFile(const JpegScan& scan, const JpegStrip& strip, int64_t height) {
  const size_t frame = FindFrame(scan);
  if (frame == 0) return InvalidImage("no frame header");
  const size_t codes = strip.end - strip.begin;
  StatusOr<AlignedBuffer> file = AlignedBuffer::AllocateUnfilled(scan.data + codes + 2);
  if (!file.ok()) return file.status();
  auto* bytes = file->as<uint8_t>();
  std::memcpy(bytes, scan.bytes, scan.data);
  bytes[frame + kHeightOffset] = static_cast<uint8_t>(height >> 8);
  bytes[frame + kHeightOffset + 1] = static_cast<uint8_t>(height);
  std::memcpy(bytes + scan.data, scan.bytes + strip.begin, codes);
  bytes[scan.data + codes] = 0xff;
  bytes[scan.data + codes + 1] = kEnd;
  return file;
}

}  // namespace minnow::image
