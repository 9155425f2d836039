#include "image/jpeg.h"

#include <algorithm>
#include <atomic>
#include <utility>
#include <vector>

#include "base/thread_pool.h"
#include "image/exif.h"
#include "image/jpeg_file.h"
#include "image/jpeg_strips.h"
#include "image/orient.h"

namespace minnow::image {
namespace {

// A picture is decoded at 1/2, 1/4 or 1/8 if both sides stay at least this many times the target's.
// How far the 224 x 224 tensor then is from that of the full decode, in levels of 255 (largest,
// mean; minnow_bench_image prints them): 7.0, 0.29 for a detailed photograph of 1352 x 900, 2.2,
// 0.12 for a smooth one of 1920 x 1080. With 1 instead of 2: up to 71, 2.1 on the same set of
// pictures.
constexpr int64_t kHeadroom = 2;

// The largest of 8, 4, 2 that leaves both sides of the stored picture kHeadroom times the target's;
// else 1. Other reductions that libjpeg knows have no vector code.
unsigned Reduction(const JpegFile& file, int64_t target_width, int64_t target_height) {
  if (target_width < 1 || target_height < 1) return 1;
  for (unsigned reduction : {8u, 4u, 2u}) {
    if (int64_t{file.info().image_width} >= kHeadroom * reduction * target_width &&
        int64_t{file.info().image_height} >= kHeadroom * reduction * target_height) {
      return reduction;
    }
  }
  return 1;
}

// Decodes strip i of `strips` into its rows of the picture.
Status DecodeStrip(const JpegFile& file, const JpegScan& scan, const std::vector<JpegStrip>& strips,
                   size_t i, const DecodeOptions& options, uint8_t* pixels) {
  const JpegStrip& strip = strips[i];
  const int64_t mcu_height = int64_t{8} * file.info().max_v_samp_factor;
  const int64_t end = std::min(strip.end_row * mcu_height, int64_t{file.info().image_height});
  StatusOr<AlignedBuffer> bytes = StripFile(scan, strip, end - strip.first_row * mcu_height);
  if (!bytes.ok()) return bytes.status();
  JpegFile part(bytes->as<uint8_t>(), bytes->size());
  MINNOW_RETURN_IF_ERROR(part.Open(options));
  const unsigned reduction = file.info().scale_denom;
  MINNOW_RETURN_IF_ERROR(part.SetReduction(reduction));
  // From where two strips overlap, the upper half comes from the one above: chroma is smoothed
  // with the row of MCUs above and below.
  const int64_t rows_per_mcu = mcu_height / reduction;
  const auto first_kept = [&](size_t index) {
    return index == 0 ? 0 : strips[index].first_row * rows_per_mcu + rows_per_mcu / 2;
  };
  const int64_t above = strip.first_row * rows_per_mcu;
  const int64_t first = first_kept(i);
  const int64_t last =
      i + 1 < strips.size() ? first_kept(i + 1) : int64_t{file.info().output_height};
  if (above + part.info().output_height < last) return InvalidImage("a strip ends early");
  return part.ReadRows(first - above, last - above, pixels + 3 * first * file.info().output_width);
}

// Decodes strips beside each other, if the file can be cut and there are threads. False: nothing
// of use is in `pixels`; how the file is bad, if it is, is for ReadRows to say.
bool DecodeByStrips(const JpegFile& file, const DecodeOptions& options, uint8_t* pixels) {
  const JpegScan scan = file.Scan();
  const int64_t area = int64_t{file.info().image_width} * file.info().image_height;
  const int threads = options.threads > 0 ? options.threads : ThreadPool::DefaultThreads();
  const int64_t most = std::min<int64_t>(threads, area / options.min_pixels_per_thread);
  if (scan.restart_interval == 0 || most < 2) return false;
  Team team(&ThreadPool::Shared(), static_cast<int>(most));
  if (team.size() < 2) return false;
  const std::vector<JpegStrip> strips = CutAtRestarts(scan, team.size());
  if (strips.empty()) return false;
  std::atomic<bool> is_good{true};
  team.ParallelFor(static_cast<int64_t>(strips.size()), [&](int64_t i, int) {
    const Status status = DecodeStrip(file, scan, strips, static_cast<size_t>(i), options, pixels);
    if (!status.ok()) is_good.store(false, std::memory_order_relaxed);
  });
  return is_good.load(std::memory_order_relaxed);
}

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
  int64_t target_width = options.target_width;
  int64_t target_height = options.target_height;
  if (SwapsSides(orientation)) std::swap(target_width, target_height);
  MINNOW_RETURN_IF_ERROR(file.SetReduction(Reduction(file, target_width, target_height)));

  Image image;
  image.width = file.info().output_width;
  image.height = file.info().output_height;
  StatusOr<AlignedBuffer> pixels =
      AlignedBuffer::AllocateUnfilled(static_cast<size_t>(3 * image.width * image.height));
  if (!pixels.ok()) return pixels.status();
  image.pixels = std::move(*pixels);
  auto* rows = image.pixels.as<uint8_t>();
  if (!DecodeByStrips(file, options, rows)) {
    MINNOW_RETURN_IF_ERROR(file.ReadRows(0, image.height, rows));
  }
  return Orient(std::move(image), orientation);
}

}  // namespace minnow::image
