// Pooling on bytes: windows of pixels, and the mean of whole images.
#include <algorithm>

#include "runtime/operators/quantized.h"
#include "runtime/operators/window_rows.h"

namespace minnow::runtime {
namespace {

using kernels::QpoolArgs;

// Channels of a unit of work of a mean: whole cache lines.
constexpr int64_t kChannelsAtATime = 64;

kernels::Requant RequantOf(const graph::ByteParams& params) {
  kernels::Requant requant;
  requant.y_scale = static_cast<double>(params.y.scale);
  requant.zero_point = params.y.zero_point;
  return requant;
}

class Qpool : public Operator {
 public:
  Qpool(const ConvGeometry& geometry, graph::PoolKind kind, const QpoolArgs& args, SlotId input,
        SlotId output, const kernels::QpoolKernel& kernel)
      : g_(geometry),
        args_(args),
        input_(input),
        output_(output),
        kernel_(kernel),
        row_(kind == graph::PoolKind::kMax ? kernel.max_row : kernel.average_row) {}

  Status Run(const RunContext& context) const override {
    ForEachRange(context.team, g_.batch * g_.out_h, [&](int64_t first, int64_t last, int) {
      for (int64_t unit = first; unit < last; ++unit) RunRow(context, unit);
    });
    return OkStatus();
  }
  const char* kernel() const override { return kernel_.name; }

 private:
  void RunRow(const RunContext& context, int64_t unit) const {
    const int64_t pitch = g_.in_w * g_.in_c;
    const uint8_t* in = context.buffer<const uint8_t>(input_) + unit / g_.out_h * g_.in_h * pitch;
    const uint8_t* rows[kMaxWindowRows];
    PointToWindowRows(g_, in, pitch, unit % g_.out_h, rows);
    QpoolArgs args = args_;
    args.rows = rows;
    args.out = context.buffer<uint8_t>(output_) + unit * g_.out_w * g_.out_c;
    row_(args);
  }

  ConvGeometry g_;
  QpoolArgs args_;
  SlotId input_, output_;
  const kernels::QpoolKernel& kernel_;
  void (*row_)(const QpoolArgs&);
};

class ByteMean : public Operator {
 public:
  ByteMean(const ByteMeanShape& shape, const graph::ByteParams& params, SlotId input, SlotId output,
           const kernels::QpoolKernel& kernel)
      : images_(shape.images), input_(input), output_(output), kernel_(kernel) {
    args_.pixels = shape.pixels;
    args_.channels = args_.pixel_stride = shape.channels;
    args_.x_zero = params.x.zero_point;
    args_.requant = RequantOf(params);
    factors_.Apply(static_cast<double>(params.x.scale), shape.pixels, &args_.requant);
  }

  Status Run(const RunContext& context) const override {
    const int64_t channels = args_.channels;
    const int64_t groups = (channels + kChannelsAtATime - 1) / kChannelsAtATime;
    ForEachRange(context.team, images_ * groups, [&](int64_t first, int64_t last, int) {
      while (first < last) {
        const int64_t image = first / groups, group = first % groups;
        const int64_t end = std::min(groups, group + last - first);
        const int64_t channel = group * kChannelsAtATime;
        kernels::QmeanArgs args = args_;
        args.in = context.buffer<const uint8_t>(input_) + image * args_.pixels * channels + channel;
        args.out = context.buffer<uint8_t>(output_) + image * channels + channel;
        args.channels = std::min(end * kChannelsAtATime, channels) - channel;
        kernel_.mean(args);
        first += end - group;
      }
    });
    return OkStatus();
  }
  const char* kernel() const override { return kernel_.name; }

 private:
  int64_t images_;
  kernels::QmeanArgs args_;
  kernels::QaverageFactors factors_;
  SlotId input_, output_;
  const kernels::QpoolKernel& kernel_;
};

}  // namespace

std::unique_ptr<Operator> MakeQpool(const ConvGeometry& geometry, graph::PoolKind kind,
                                    bool count_padding, const graph::ByteParams& params,
                                    SlotId input, SlotId output, Isa isa) {
  QpoolArgs args;
  args.x_zero = params.x.zero_point;
  args.x_scale = static_cast<double>(params.x.scale);
  args.requant = RequantOf(params);
  args.channels = args.pixel_stride = geometry.in_c;
  args.in_width = geometry.in_w;
  args.out_width = geometry.out_w;
  args.kernel_h = geometry.kernel_h;
  args.kernel_w = geometry.kernel_w;
  args.stride = geometry.stride_w;
  args.dilation = geometry.dilation_w;
  args.pad_left = geometry.pad_left;
  args.count_padding = count_padding;
  return std::unique_ptr<Operator>(
      new Qpool(geometry, kind, args, input, output, kernels::SelectQpool(isa)));
}

std::unique_ptr<Operator> MakeByteMean(const ByteMeanShape& shape, const graph::ByteParams& params,
                                       SlotId input, SlotId output, Isa isa) {
  return std::unique_ptr<Operator>(
      new ByteMean(shape, params, input, output, kernels::SelectQpool(isa)));
}

}  // namespace minnow::runtime
