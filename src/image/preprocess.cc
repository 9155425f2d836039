#include "image/preprocess.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "base/cpu_features.h"
#include "image/alpha.h"
#include "image/resize.h"

namespace minnow::image {
namespace {

// The side of the crop as a part of the shorter side: 224 of 256.
constexpr double kCropFraction = 0.875;

Status CheckArguments(const ImageView& view, const PreprocessSpec& spec, const void* out) {
  if (view.pixels == nullptr || out == nullptr) {
    return InvalidArgument("preprocess: no pixels to read or no place to write to");
  }
  if (view.width < 1 || view.height < 1 || spec.width < 1 || spec.height < 1) {
    return InvalidArgument("preprocess: cannot resize %lld x %lld to %lld x %lld; sides start at 1",
                           static_cast<long long>(view.width), static_cast<long long>(view.height),
                           static_cast<long long>(spec.width), static_cast<long long>(spec.height));
  }
  if (view.channels != 1 && view.channels != 3 && view.channels != 4) {
    return InvalidArgument("preprocess: %d channels; supported: 1 (grey), 3 (RGB), 4 (RGBA)",
                           view.channels);
  }
  // 16: bytes of a channel's share in the tables of a resize, the largest thing that is computed.
  int64_t source = 0, target = 0;
  if (__builtin_mul_overflow(view.width, view.height, &source) ||
      __builtin_mul_overflow(source, int64_t{4} * 16, &source) ||
      __builtin_mul_overflow(spec.width, spec.height, &target) ||
      __builtin_mul_overflow(target, int64_t{3} * 16, &target)) {
    return InvalidArgument("preprocess: the number of pixels overflows");
  }
  return OkStatus();
}

Status CheckNormalisation(const PreprocessSpec& spec) {
  if (!std::isfinite(spec.scale)) return InvalidArgument("preprocess: scale is not finite");
  for (int c = 0; c < 3; ++c) {
    if (!std::isfinite(spec.mean[c]) || !std::isfinite(spec.std[c]) || spec.std[c] == 0.0f) {
      return InvalidArgument(
          "preprocess: channel %d has mean %g and std %g; both must be finite, std not 0", c,
          static_cast<double>(spec.mean[c]), static_cast<double>(spec.std[c]));
    }
  }
  return OkStatus();
}

Rectangle CropOf(const ImageView& view, ResizeMode mode) {
  const auto width = static_cast<double>(view.width);
  const auto height = static_cast<double>(view.height);
  if (mode == ResizeMode::kStretch) return {0, 0, width, height};
  const double side = kCropFraction * std::min(width, height);
  return {(width - side) / 2, (height - side) / 2, side, side};
}

// Gives rows of RGB bytes out of any view, each with as many readable bytes as the resizer reads.
class RgbRows {
 public:
  static StatusOr<RgbRows> Create(const ImageView& view, const PreprocessSpec& spec,
                                  int64_t bytes_read) {
    RgbRows rows;
    rows.view_ = view;
    std::copy(spec.background, spec.background + 3, rows.background_);
    // The rows before this one have enough pixels behind them to be read where they are.
    const int64_t row_bytes = 3 * view.width;
    const int64_t copied = (std::max(bytes_read, row_bytes) - 1) / row_bytes;
    rows.first_copied_ = view.channels == 3 ? view.height - copied : 0;
    const int64_t scratch_bytes = std::max(bytes_read, row_bytes);
    StatusOr<AlignedBuffer> scratch = AlignedBuffer::Allocate(static_cast<size_t>(scratch_bytes));
    if (!scratch.ok()) return scratch.status().WithContext("preprocess");
    rows.scratch_ = std::move(*scratch);
    return rows;
  }

  const uint8_t* Row(int64_t y) {
    const uint8_t* source = view_.pixels + y * view_.width * view_.channels;
    if (y < first_copied_) return source;
    uint8_t* row = scratch_.as<uint8_t>();
    switch (view_.channels) {
      case 1:
        for (int64_t x = 0; x < view_.width; ++x) {
          row[3 * x] = row[3 * x + 1] = row[3 * x + 2] = source[x];
        }
        break;
      case 3:
        std::memcpy(row, source, static_cast<size_t>(3 * view_.width));
        break;
      default:
        ComposeRow(source, view_.width, background_, row);
    }
    return row;
  }

 private:
  RgbRows() = default;

  ImageView view_;
  uint8_t background_[3] = {};
  int64_t first_copied_ = 0;
  AlignedBuffer scratch_;
};

// Calls emit(row) for every row of the output, from the top.
template <typename Emit>
Status ForEachOutputRow(const ImageView& view, const PreprocessSpec& spec,
                        const kernels::ResizeKernels& kernels, const Emit& emit) {
  ResizeSpec resize;
  resize.source_width = view.width;
  resize.source_height = view.height;
  resize.crop = CropOf(view, spec.resize);
  resize.width = spec.width;
  resize.height = spec.height;
  resize.planar = spec.layout == TensorLayout::kNCHW;
  resize.bgr = spec.order == ChannelOrder::kBGR;
  StatusOr<RowResizer> resizer = RowResizer::Create(resize, kernels);
  if (!resizer.ok()) return resizer.status().WithContext("preprocess");
  StatusOr<RgbRows> rows = RgbRows::Create(view, spec, resizer->bytes_read());
  if (!rows.ok()) return rows.status();
  OutputRow output;
  for (int64_t y = resizer->first_row(); y < resizer->end_row(); ++y) {
    resizer->Push(rows->Row(y));
    while (resizer->Next(&output)) emit(output);
  }
  return OkStatus();
}

// Calls write(from, count, to): which stretches of an output row go where. A row of NHWC is one
// stretch; of NCHW, three.
template <typename Write>
void ForEachStretch(const OutputRow& row, const PreprocessSpec& spec, const Write& write) {
  if (spec.layout == TensorLayout::kNHWC) {
    write(int64_t{0}, 3 * spec.width, row.y * 3 * spec.width);
    return;
  }
  for (int64_t c = 0; c < 3; ++c) {
    write(c * spec.width, spec.width, (c * spec.height + row.y) * spec.width);
  }
}

// (pixel * scale - mean) / std as pixel * a + b, for each position of a row of the output.
StatusOr<AlignedBuffer> NormalisationRows(const PreprocessSpec& spec) {
  const int64_t count = 3 * spec.width;
  StatusOr<AlignedBuffer> buffer =
      AlignedBuffer::Allocate(static_cast<size_t>(2 * count) * sizeof(float));
  if (!buffer.ok()) return buffer.status().WithContext("preprocess");
  auto* a = buffer->as<float>();
  for (int64_t i = 0; i < count; ++i) {
    const int64_t c = spec.layout == TensorLayout::kNHWC ? i % 3 : i / spec.width;
    a[i] = static_cast<float>(static_cast<double>(spec.scale) / static_cast<double>(spec.std[c]));
    a[count + i] =
        static_cast<float>(-static_cast<double>(spec.mean[c]) / static_cast<double>(spec.std[c]));
  }
  return buffer;
}

}  // namespace

Status Preprocess(const ImageView& view, const PreprocessSpec& spec, float* out) {
  MINNOW_RETURN_IF_ERROR(CheckArguments(view, spec, out));
  MINNOW_RETURN_IF_ERROR(CheckNormalisation(spec));
  StatusOr<AlignedBuffer> normalisation = NormalisationRows(spec);
  if (!normalisation.ok()) return normalisation.status();
  const auto* scale = normalisation->as<float>();
  const float* offset = scale + 3 * spec.width;
  const kernels::ResizeKernels& kernels = kernels::SelectResize(DefaultIsa());
  return ForEachOutputRow(view, spec, kernels, [&](const OutputRow& row) {
    ForEachStretch(row, spec, [&](int64_t from, int64_t count, int64_t to) {
      kernels.blend(row.taps, row.rows, row.weights, from, count, scale, offset, out + to);
    });
  });
}

Status PreprocessToBytes(const ImageView& view, const PreprocessSpec& spec, uint8_t* out) {
  MINNOW_RETURN_IF_ERROR(CheckArguments(view, spec, out));
  const kernels::ResizeKernels& kernels = kernels::SelectResize(DefaultIsa());
  return ForEachOutputRow(view, spec, kernels, [&](const OutputRow& row) {
    ForEachStretch(row, spec, [&](int64_t from, int64_t count, int64_t to) {
      kernels.blend_to_bytes(row.taps, row.rows, row.weights, from, count, out + to);
    });
  });
}

DecodeOptions DecodeOptionsFor(const PreprocessSpec& spec) {
  DecodeOptions options;
  const double part = spec.resize == ResizeMode::kCenterCrop ? kCropFraction : 1.0;
  options.target_width = std::llround(static_cast<double>(spec.width) / part);
  options.target_height = std::llround(static_cast<double>(spec.height) / part);
  std::copy(spec.background, spec.background + 3, options.background);
  return options;
}

ImageView ViewOf(const Image& image) {
  return {image.width, image.height, 3, image.pixels.as<uint8_t>()};
}

}  // namespace minnow::image
