// Convolution with a window, as an implicit GEMM: the taps of the window are offsets into the
// input, so that no patch matrix is built. Where there is padding, the rows that a group of output
// rows needs are copied, with their borders, to a scratch that stays in the cache.
#include <algorithm>
#include <cstring>

#include "kernels/gemm/gemm.h"
#include "runtime/operators/convolution.h"

namespace minnow::runtime {
namespace {

using kernels::GemmF32Args;
using kernels::GemmF32Kernel;
using kernels::GemmPanels;
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
      break;
  }
  return {1, g.in_c, g.in_w * g.in_c, 0, g.in_c * pixels};
}

class Windowed : public Operator {
 public:
  Windowed(const ConvGeometry& geometry, const ConvOperands& operands, Layout layout,
           PackedGemm packed, Isa isa)
      : g_(geometry),
        operands_(operands),
        packed_(std::move(packed)),
        kernel_(kernels::SelectGemmF32(isa)),
        panels_(kernels::PanelsFor(kernel_, geometry.out_c)),
        view_(ViewInput(geometry, layout)),
        copies_(geometry.HasPadding()) {
    padded_width_ = g_.in_w + g_.pad_left + g_.pad_right;
    // In the scratch a row holds its planes one after the other.
    plane_pitch_ = copies_ ? padded_width_ * view_.column : view_.plane_stride;
    row_pitch_ = copies_ ? plane_pitch_ * view_.planes : view_.row_stride;
    group_rows_ = g_.out_h;
    if (copies_) {
      const int64_t fitting = kScratchFloats / row_pitch_ - (g_.kernel_h - 1) * g_.dilation_h;
      group_rows_ = std::clamp<int64_t>((fitting - 1) / g_.stride_h + 1, 1, g_.out_h);
    }
    // Eight groups at least, so that a few threads find work.
    group_rows_ = std::min(group_rows_, std::max<int64_t>(1, (g_.out_h + 7) / 8));
    groups_ = (g_.out_h + group_rows_ - 1) / group_rows_;
    MakeTaps(layout);
  }

  Status Run(const RunContext& context) const override {
    ForEachRange(context.team, g_.batch * groups_, [&](int64_t first, int64_t last, int worker) {
      for (int64_t unit = first; unit < last; ++unit) {
        RunGroup(context, unit / groups_, unit % groups_ * group_rows_, worker);
      }
    });
    return OkStatus();
  }

  int64_t macs() const override {
    return g_.batch * g_.out_h * g_.out_w * g_.out_c * g_.kernel_h * g_.kernel_w * g_.in_c;
  }
  const char* kernel() const override { return kernel_.name; }
  size_t scratch_bytes() const override {
    return copies_ ? static_cast<size_t>(InputRows(group_rows_) * row_pitch_) * sizeof(float) : 0;
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
    k_ = g_.kernel_h * g_.kernel_w * g_.in_c;
    channels_ = k_ / static_cast<int64_t>(taps_.size());
    // Row-major and planar taps run along the row: their elements follow one another.
    block_stride_ = layout == Layout::kBlocked ? plane_pitch_ : kBlock;
  }

  // Copies the input rows of output rows from `first_row` on, zeros where they leave the image.
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

  void RunGroup(const RunContext& context, int64_t image, int64_t first_row, int worker) const {
    const int64_t rows = std::min(group_rows_, g_.out_h - first_row);
    const float* a = context.buffer<const float>(operands_.input) + image * view_.image_stride;
    if (copies_) {
      float* scratch = context.scratch_of(worker);
      CopyRows(a, first_row, InputRows(rows), scratch);
      a = scratch;
    } else {
      a += first_row * g_.stride_h * row_pitch_;
    }
    for (int64_t panel = 0; panel < panels_.count(); ++panel) {
      const bool wide = panel < panels_.wide_count;
      const int64_t channel =
          wide ? panel * kernel_.wide
               : panels_.wide_count * kernel_.wide + (panel - panels_.wide_count) * kBlock;
      RunPanel(context, image, first_row, rows, a, channel, wide);
    }
  }

  void RunPanel(const RunContext& context, int64_t image, int64_t first_row, int64_t rows,
                const float* a, int64_t channel, bool wide) const {
    const int64_t plane = g_.out_h * g_.out_w;
    const int64_t out_at =
        ((image * Blocks(g_.out_c) + channel / kBlock) * plane + first_row * g_.out_w) * kBlock;
    GemmF32Args args;
    args.m = g_.out_w;
    args.taps = taps_.data();
    args.tap_count = static_cast<int64_t>(taps_.size());
    args.channels = channels_;
    args.pixel_stride = g_.stride_w * view_.column;
    args.a_block_stride = block_stride_;
    args.b = packed_.weights->as<float>() + channel * k_;
    args.bias = packed_.bias->as<float>() + channel;
    args.c_block_stride = plane * kBlock;
    args.epilogue = operands_.epilogue;
    float* c = context.buffer<float>(operands_.output) + out_at;
    const float* residual = context.buffer<const float>(operands_.residual);
    for (int64_t row = 0; row < rows; ++row) {
      const int64_t down = row * g_.out_w * kBlock;
      args.a = a + row * g_.stride_h * row_pitch_;
      args.c = c + down;
      args.residual = residual == nullptr ? nullptr : residual + out_at + down;
      (wide ? kernel_.wide_panel : kernel_.narrow_panel)(args);
    }
  }

  ConvGeometry g_;
  ConvOperands operands_;
  PackedGemm packed_;
  const GemmF32Kernel& kernel_;
  GemmPanels panels_;
  InputView view_;
  bool copies_;
  int64_t padded_width_ = 0, plane_pitch_ = 0, row_pitch_ = 0;
  int64_t group_rows_ = 0, groups_ = 0;
  std::vector<int64_t> taps_;
  int64_t k_ = 0, channels_ = 0, block_stride_ = 0;
};

}  // namespace

StatusOr<std::unique_ptr<Operator>> MakeWindowed(const ConvGeometry& geometry,
                                                 const ConvOperands& operands, Layout input_layout,
                                                 Isa isa, WeightCache* cache) {
  const ConvGeometry& g = geometry;
  const int64_t k = g.kernel_h * g.kernel_w * g.in_c;
  std::vector<int64_t> order;
  if (input_layout == Layout::kPlanar) {
    // Weights are (ky, kx, c); a planar tap is (ky, c) and runs along kx.
    for (int64_t ky = 0; ky < g.kernel_h; ++ky) {
      for (int64_t c = 0; c < g.in_c; ++c) {
        for (int64_t kx = 0; kx < g.kernel_w; ++kx) {
          order.push_back((ky * g.kernel_w + kx) * g.in_c + c);
        }
      }
    }
  }
  StatusOr<PackedGemm> packed = PackGemm(*operands.weights, operands.bias, k, g.out_c, isa,
                                         order.empty() ? nullptr : &order, cache);
  if (!packed.ok()) return packed.status();
  return std::unique_ptr<Operator>(
      new Windowed(geometry, operands, input_layout, std::move(*packed), isa));
}

}  // namespace minnow::runtime
