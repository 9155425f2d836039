// Convolutions and fully connected layers on bytes, as (implicit) GEMMs over row-major pixels.
//
// A window's taps are offsets into the image: with columns side by side, one tap is a whole row of
// the window (of one plane, where the image is planar). Where there is padding, the rows that a
// group of output rows needs are copied, with borders of zero points, to a scratch that stays in
// the cache.
#include <algorithm>
#include <cstring>

#include "runtime/operators/quantized.h"

namespace minnow::runtime {
namespace {

using kernels::QgemmArgs;

// Bytes of A that are multiplied with all panels in turn: half of the first cache level.
constexpr int64_t kChunkBytes = 24 * 1024;
// Bytes of input rows that are copied at a time.
constexpr int64_t kCopyBytes = 32 * 1024;
// Rows of a chunk are multiples of this, which tiles of 6, 8, 12 and 16 rows divide.
constexpr int64_t kRowsOfUnit = 48;
// With fewer rows than this, threads share the columns instead.
constexpr int64_t kFewRows = 16;

constexpr int64_t kNoTap = 0;

// Pixels one after the other: a 1x1 convolution, or the rows of a matrix.
class Matrix : public Operator {
 public:
  Matrix(int64_t rows, QgemmLayer layer, SlotId input, SlotId output)
      : rows_(rows),
        chunk_(std::max<int64_t>(1, kChunkBytes / layer.channels() / kRowsOfUnit) * kRowsOfUnit),
        layer_(std::move(layer)),
        input_(input),
        output_(output) {}

  Status Run(const RunContext& context) const override {
    if (rows_ < kFewRows) {
      ForEachRange(context.team, layer_.panel_count(),
                   [&](int64_t first, int64_t last, int worker) {
                     layer_.Begin();
                     RunChunk(context, 0, rows_, first, last, worker);
                     layer_.End();
                   });
      return OkStatus();
    }
    const int64_t ranges = std::min<int64_t>(context.team->size(), rows_ / kFewRows);
    context.team->ParallelFor(ranges, [&](int64_t range, int worker) {
      layer_.Begin();
      const int64_t first = rows_ * range / ranges, end = rows_ * (range + 1) / ranges;
      for (int64_t row = first; row < end;) {
        // No chunk is left with only a few rows.
        const int64_t next = end - row < chunk_ + kFewRows ? end : row + chunk_;
        RunChunk(context, row, next, 0, layer_.panel_count(), worker);
        row = next;
      }
      layer_.End();
    });
    return OkStatus();
  }

  int64_t macs() const override { return rows_ * layer_.channels() * layer_.n(); }
  const char* kernel() const override { return layer_.kernel().name; }
  size_t scratch_bytes() const override {
    return static_cast<size_t>(std::min(chunk_ + kFewRows, rows_)) * sizeof(int32_t);
  }

 private:
  void RunChunk(const RunContext& context, int64_t row, int64_t end, int64_t first_panel,
                int64_t last_panel, int worker) const {
    QgemmArgs args;
    args.m = end - row;
    args.a = context.buffer<const uint8_t>(input_) + row * layer_.channels();
    args.taps = &kNoTap;
    args.pixel_stride = layer_.channels();
    args.c = context.buffer<uint8_t>(output_) + row * layer_.n();
    args.c_pixel_stride = layer_.n();
    if (layer_.has_row_offsets()) {
      auto* offsets = reinterpret_cast<int32_t*>(context.scratch_of(worker));
      layer_.RowOffsets(args, offsets);
      args.row_offsets = offsets;
    }
    for (int64_t panel = first_panel; panel < last_panel; ++panel) layer_.RunPanel(panel, args);
  }

  int64_t rows_, chunk_;
  QgemmLayer layer_;
  SlotId input_, output_;
};

class Windowed : public Operator {
 public:
  Windowed(const ConvGeometry& geometry, bool is_planar, QgemmLayer layer, SlotId input,
           SlotId output)
      : g_(geometry),
        layer_(std::move(layer)),
        input_(input),
        output_(output),
        planes_(is_planar ? geometry.in_c : 1),
        column_(is_planar ? 1 : geometry.in_c) {
    // In the scratch a row holds its planes one after the other.
    const int64_t width = (g_.in_w + g_.pad_left + g_.pad_right) * column_;
    const int64_t plane = g_.HasPadding() ? width : g_.in_h * g_.in_w;
    pitch_ = g_.HasPadding() ? width * planes_ : g_.in_w * column_;
    const QconvTaps taps = TapsOf(g_, is_planar);
    taps_.reserve(taps.rows.size());
    for (size_t i = 0; i < taps.rows.size(); ++i) {
      taps_.push_back(taps.rows[i] * pitch_ + taps.columns[i] * column_ + taps.planes[i] * plane);
    }
    // Eight groups at least, so that a few threads find work.
    const int64_t fitting = kCopyBytes / std::max<int64_t>(1, pitch_) - InputRows(1);
    group_ = std::clamp<int64_t>(fitting / g_.stride_h + 1, 1, (g_.out_h + 7) / 8);
    groups_ = (g_.out_h + group_ - 1) / group_;
  }

  Status Run(const RunContext& context) const override {
    ForEachRange(context.team, g_.batch * groups_, [&](int64_t first, int64_t last, int worker) {
      layer_.Begin();
      for (int64_t unit = first; unit < last; ++unit) {
        const int64_t row = unit % groups_ * group_;
        RunGroup(context, unit / groups_, row, std::min(group_, g_.out_h - row), worker);
      }
      layer_.End();
    });
    return OkStatus();
  }

  int64_t macs() const override { return g_.macs(); }
  const char* kernel() const override { return layer_.kernel().name; }
  size_t scratch_bytes() const override { return OffsetBytes() + CopyBytes() + kExtraBytes; }

 private:
  int64_t InputRows(int64_t out_rows) const {
    return (out_rows - 1) * g_.stride_h + (g_.kernel_h - 1) * g_.dilation_h + 1;
  }
  size_t OffsetBytes() const {
    if (!layer_.has_row_offsets()) return 0;
    return RoundUp(static_cast<size_t>(group_ * g_.out_w) * sizeof(int32_t), kAlignment);
  }
  size_t CopyBytes() const {
    return g_.HasPadding() ? static_cast<size_t>(InputRows(group_) * pitch_) : 0;
  }

  void RunGroup(const RunContext& context, int64_t image, int64_t first, int64_t count,
                int worker) const {
    const uint8_t* a = context.buffer<const uint8_t>(input_) + image * g_.in_h * g_.in_w * g_.in_c;
    auto* scratch = reinterpret_cast<uint8_t*>(context.scratch_of(worker));
    if (g_.HasPadding()) {
      CopyRows(a, first * g_.stride_h - g_.pad_top, InputRows(count), scratch + OffsetBytes());
      a = scratch + OffsetBytes();
    } else {
      a += first * g_.stride_h * pitch_;
    }
    uint8_t* c =
        context.buffer<uint8_t>(output_) + (image * g_.out_h + first) * g_.out_w * layer_.n();
    auto* offsets = layer_.has_row_offsets() ? reinterpret_cast<int32_t*>(scratch) : nullptr;
    for (int64_t row = 0; row < count && offsets != nullptr; ++row) {
      layer_.RowOffsets(ArgsOf(a, c, nullptr, row), offsets + row * g_.out_w);
    }
    for (int64_t panel = 0; panel < layer_.panel_count(); ++panel) {
      for (int64_t row = 0; row < count; ++row) {
        layer_.RunPanel(panel, ArgsOf(a, c, offsets, row));
      }
    }
  }

  QgemmArgs ArgsOf(const uint8_t* a, uint8_t* c, const int32_t* offsets, int64_t row) const {
    QgemmArgs args;
    args.m = g_.out_w;
    args.a = a + row * g_.stride_h * pitch_;
    args.taps = taps_.data();
    args.pixel_stride = g_.stride_w * column_;
    args.c = c + row * g_.out_w * layer_.n();
    args.c_pixel_stride = layer_.n();
    if (offsets != nullptr) args.row_offsets = offsets + row * g_.out_w;
    return args;
  }

  // `rows` input rows from row `top` on, zero points where they leave the image.
  void CopyRows(const uint8_t* image, int64_t top, int64_t rows, uint8_t* out) const {
    const auto left = static_cast<size_t>(g_.pad_left * column_);
    const auto middle = static_cast<size_t>(g_.in_w * column_);
    const auto right = static_cast<size_t>(g_.pad_right * column_);
    for (int64_t y = top; y < top + rows; ++y) {
      if (y < 0 || y >= g_.in_h) {
        std::memset(out, layer_.x_zero(), static_cast<size_t>(pitch_));
        out += pitch_;
        continue;
      }
      for (int64_t plane = 0; plane < planes_; ++plane) {
        std::memset(out, layer_.x_zero(), left);
        std::memcpy(out + left, image + (plane * g_.in_h + y) * g_.in_w * column_, middle);
        std::memset(out + left + middle, layer_.x_zero(), right);
        out += left + middle + right;
      }
    }
  }

  ConvGeometry g_;
  QgemmLayer layer_;
  SlotId input_, output_;
  int64_t planes_, column_;  // of a row; bytes from one column to the next
  int64_t pitch_ = 0, group_ = 1, groups_ = 1;
  std::vector<int64_t> taps_;
};

}  // namespace

QconvTaps TapsOf(const ConvGeometry& g, bool is_planar) {
  QconvTaps taps;
  const bool whole_rows = g.dilation_w == 1 || g.kernel_w == 1;
  const int64_t columns = whole_rows ? g.kernel_w : 1, channels = is_planar ? 1 : g.in_c;
  for (int64_t ky = 0; ky < g.kernel_h; ++ky) {
    for (int64_t plane = 0; plane < (is_planar ? g.in_c : 1); ++plane) {
      for (int64_t kx = 0; kx < g.kernel_w; kx += columns) {
        taps.rows.push_back(ky * g.dilation_h);
        taps.planes.push_back(plane);
        taps.columns.push_back(kx * g.dilation_w);
        for (int64_t k = 0; k < columns * channels; ++k) {
          const int64_t column = kx + k / channels, channel = is_planar ? plane : k % channels;
          taps.order.push_back((ky * g.kernel_w + column) * g.in_c + channel);
        }
      }
    }
  }
  return taps;
}

std::unique_ptr<Operator> MakeQconv(const ConvGeometry& geometry, bool is_planar, QgemmLayer layer,
                                    SlotId input, SlotId output) {
  if (geometry.IsPointwise() && !is_planar) {
    const int64_t pixels = geometry.batch * geometry.in_h * geometry.in_w;
    return std::unique_ptr<Operator>(new Matrix(pixels, std::move(layer), input, output));
  }
  return std::unique_ptr<Operator>(
      new Windowed(geometry, is_planar, std::move(layer), input, output));
}

std::unique_ptr<Operator> MakeQfullyConnected(int64_t rows, QgemmLayer layer, SlotId input,
                                              SlotId output) {
  return std::unique_ptr<Operator>(new Matrix(rows, std::move(layer), input, output));
}

}  // namespace minnow::runtime
