// Convolution with a window, as an implicit GEMM: the taps of the window are offsets into the
// input, so that no patch matrix is built. Where there is padding, the rows that a group of output
// rows needs are copied, with their borders, to a scratch that stays in the cache.
#include <algorithm>
#include <cstring>

#include "runtime/operators/convolution.h"
#include "runtime/operators/gemm_layer.h"

namespace minnow::runtime {
namespace {

using kernels::GemmF32Args;
using kernels::kBlock;

// Rows are copied for as many output rows at a time as keep the copy below this: it shares the
// first two cache levels with a panel of weights.
constexpr int64_t kScratchFloats = 48 * 1024 / sizeof(float);

// How the three input layouts are read. A "plane" is what holds consecutive columns of one row: a
// block of 16 channels, all channels of a row-major image, or one channel of a planar one.
struct InputView {
  int64_t planes = 1;        // a row of the image has so many
  int64_t column = 1;        // floats from one column to the next within a plane
  int64_t row_stride = 0;    // floats from one row to the next in the tensor
  int64_t plane_stride = 0;  // floats from one plane to the next in the tensor
  int64_t image_stride = 0;
};

InputView ViewInput(const ConvGeometry& g, Layout layout) {
  const int64_t pixels = g.in_h * g.in_w;
  switch (layout) {
    case Layout::kBlocked:
      return {Blocks(g.in_c), kBlock, g.in_w * kBlock, pixels * kBlock,
              Blocks(g.in_c) * pixels * kBlock};
    case Layout::kPlanar:
      return {g.in_c, 1, g.in_w, pixels, g.in_c * pixels};
    case Layout::kRowMajor:
    case Layout::kBiased:
      break;
  }
  return {1, g.in_c, g.in_w * g.in_c, 0, g.in_c * pixels};
}

class WindowedRows : public ConvRows {
 public:
  WindowedRows(const ConvGeometry& geometry, Layout layout, GemmLayer layer)
      : g_(geometry),
        layer_(std::move(layer)),
        view_(ViewInput(geometry, layout)),
        copies_(geometry.HasPadding()) {
    // In the scratch a row holds its planes one after the other.
    const int64_t padded_width = g_.in_w + g_.pad_left + g_.pad_right;
    plane_pitch_ = copies_ ? padded_width * view_.column : view_.plane_stride;
    row_pitch_ = copies_ ? plane_pitch_ * view_.planes : view_.row_stride;
    MakeTaps(layout);
    // Row-major and planar taps run along the row: their elements follow one another.
    block_stride_ = layout == Layout::kBlocked ? plane_pitch_ : kBlock;
  }

  void Run(const float* input, int64_t first, int64_t count, float* c, int64_t c_block_stride,
           float* scratch) const override {
    RunWithResidual(input, first, count, c, nullptr, c_block_stride, scratch);
  }

  // The residual, when not null, lies as C does.
  void RunWithResidual(const float* input, int64_t first, int64_t count, float* c,
                       const float* residual, int64_t c_block_stride, float* scratch) const {
    const float* a = input + first * g_.stride_h * row_pitch_;
    if (copies_) {
      CopyRows(input, first, InputRows(count), scratch);
      a = scratch;
    }
    GemmF32Args args;
    args.m = g_.out_w;
    args.taps = taps_.data();
    args.tap_count = static_cast<int64_t>(taps_.size());
    args.pixel_stride = g_.stride_w * view_.column;
    args.a_block_stride = block_stride_;
    args.c_block_stride = c_block_stride;
    for (int64_t panel = 0; panel < layer_.panel_count(); ++panel) {
      for (int64_t row = 0; row < count; ++row) {
        const int64_t down = row * g_.out_w * kBlock;
        args.a = a + row * g_.stride_h * row_pitch_;
        args.c = c + down;
        args.residual = residual == nullptr ? nullptr : residual + down;
        layer_.RunPanel(panel, args);
      }
    }
  }

  int64_t image_stride() const override { return view_.image_stride; }
  int64_t scratch_floats(int64_t count) const override {
    return copies_ ? InputRows(count) * row_pitch_ : 0;
  }
  const char* kernel() const override { return layer_.kernel().name; }
  bool reads_exactly() const override { return true; }

  // Output rows that fit the scratch target at a time.
  int64_t RowsAtATime() const {
    if (!copies_) return g_.out_h;
    const int64_t fitting = kScratchFloats / row_pitch_ - (g_.kernel_h - 1) * g_.dilation_h;
    return std::clamp<int64_t>((fitting - 1) / g_.stride_h + 1, 1, g_.out_h);
  }

 private:
  int64_t InputRows(int64_t out_rows) const {
    return (out_rows - 1) * g_.stride_h + (g_.kernel_h - 1) * g_.dilation_h + 1;
  }

  void MakeTaps(Layout layout) {
    const int64_t down = g_.dilation_h * row_pitch_;
    for (int64_t ky = 0; ky < g_.kernel_h; ++ky) {
      if (layout == Layout::kBlocked) {
        for (int64_t kx = 0; kx < g_.kernel_w; ++kx) {
          taps_.push_back(ky * down + kx * g_.dilation_w * view_.column);
        }
      } else if (layout == Layout::kPlanar) {
        for (int64_t plane = 0; plane < view_.planes; ++plane) {
          taps_.push_back(ky * down + plane * plane_pitch_);
        }
      } else {
        taps_.push_back(ky * down);
      }
    }
  }

  // Copies `rows` input rows from that of output row `first_row` on, zeros where they leave the
  // image.
  void CopyRows(const float* image, int64_t first_row, int64_t rows, float* scratch) const {
    const int64_t top = first_row * g_.stride_h - g_.pad_top;
    const auto left = static_cast<size_t>(g_.pad_left * view_.column);
    const auto middle = static_cast<size_t>(g_.in_w * view_.column);
    const auto right = static_cast<size_t>(g_.pad_right * view_.column);
    for (int64_t row = 0; row < rows; ++row) {
      const int64_t y = top + row;
      const bool inside = y >= 0 && y < g_.in_h;
      for (int64_t plane = 0; plane < view_.planes; ++plane) {
        float* out = scratch + row * row_pitch_ + plane * plane_pitch_;
        if (!inside) {
          std::memset(out, 0, (left + middle + right) * sizeof(float));
          continue;
        }
        std::memset(out, 0, left * sizeof(float));
        std::memcpy(out + left, image + y * view_.row_stride + plane * view_.plane_stride,
                    middle * sizeof(float));
        std::memset(out + left + middle, 0, right * sizeof(float));
      }
    }
  }

  ConvGeometry g_;
  GemmLayer layer_;
  InputView view_;
  bool copies_;
  int64_t plane_pitch_ = 0, row_pitch_ = 0, block_stride_ = 0;
  std::vector<int64_t> taps_;
};

class Windowed : public Operator {
 public:
  Windowed(const ConvGeometry& geometry, const ConvOperands& operands, WindowedRows rows)
      : g_(geometry), operands_(operands), rows_(std::move(rows)) {
    // Eight groups at least, so that a few threads find work.
    group_rows_ = std::min(rows_.RowsAtATime(), std::max<int64_t>(1, (g_.out_h + 7) / 8));
    groups_ = (g_.out_h + group_rows_ - 1) / group_rows_;
  }

  Status Run(const RunContext& context) const override {
    const int64_t plane = g_.out_h * g_.out_w * kBlock;
    ForEachRange(context.team, g_.batch * groups_, [&](int64_t first, int64_t last, int worker) {
      for (int64_t unit = first; unit < last; ++unit) {
        const int64_t image = unit / groups_;
        const int64_t row = unit % groups_ * group_rows_;
        const int64_t at = image * Blocks(g_.out_c) * plane + row * g_.out_w * kBlock;
        const float* residual = context.buffer<const float>(operands_.residual);
        rows_.RunWithResidual(
            context.buffer<const float>(operands_.input) + image * rows_.image_stride(), row,
            std::min(group_rows_, g_.out_h - row), context.buffer<float>(operands_.output) + at,
            residual == nullptr ? nullptr : residual + at, plane, context.scratch_of(worker));
      }
    });
    return OkStatus();
  }

  int64_t macs() const override { return g_.macs(); }
  const char* kernel() const override { return rows_.kernel(); }
  bool reads_exactly() const override {
    return operands_.residual == kNoSlot && rows_.reads_exactly();
  }
  size_t scratch_bytes() const override {
    return static_cast<size_t>(rows_.scratch_floats(group_rows_)) * sizeof(float);
  }

 private:
  ConvGeometry g_;
  ConvOperands operands_;
  WindowedRows rows_;
  int64_t group_rows_ = 0, groups_ = 0;
};

StatusOr<WindowedRows> MakeRows(const ConvGeometry& g, const ConvOperands& operands, Layout layout,
                                Isa isa, WeightCache* cache) {
  std::vector<int64_t> order;
  if (layout == Layout::kPlanar) {
    // Weights are (ky, kx, c); a planar tap is (ky, c) and runs along kx.
    for (int64_t ky = 0; ky < g.kernel_h; ++ky) {
      for (int64_t c = 0; c < g.in_c; ++c) {
        for (int64_t kx = 0; kx < g.kernel_w; ++kx) {
          order.push_back((ky * g.kernel_w + kx) * g.in_c + c);
        }
      }
    }
  }
  StatusOr<GemmLayer> layer =
      GemmLayer::Make(*operands.weights, operands.bias, g.kernel_h * g.kernel_w * g.in_c, g.out_c,
                      operands.epilogue, isa, order.empty() ? nullptr : &order, cache);
  if (!layer.ok()) return layer.status();
  return WindowedRows(g, layout, std::move(*layer));
}

}  // namespace

StatusOr<std::unique_ptr<Operator>> MakeWindowed(const ConvGeometry& geometry,
                                                 const ConvOperands& operands, Layout input_layout,
                                                 Isa isa, WeightCache* cache) {
  StatusOr<WindowedRows> rows = MakeRows(geometry, operands, input_layout, isa, cache);
  if (!rows.ok()) return rows.status();
  return std::unique_ptr<Operator>(new Windowed(geometry, operands, std::move(*rows)));
}

StatusOr<std::unique_ptr<ConvRows>> MakeWindowedRows(const ConvGeometry& geometry,
                                                     const ConvOperands& operands,
                                                     Layout input_layout, Isa isa,
                                                     WeightCache* cache) {
  StatusOr<WindowedRows> rows = MakeRows(geometry, operands, input_layout, isa, cache);
  if (!rows.ok()) return rows.status();
  return std::unique_ptr<ConvRows>(new WindowedRows(std::move(*rows)));
}

}  // namespace minnow::runtime
