// Pooling over windows, and the mean of whole planes.
#include "kernels/pool/pool.h"

#include <algorithm>

#include "runtime/operators/operators.h"
#include "runtime/operators/window_rows.h"

namespace minnow::runtime {
namespace {

using kernels::kBlock;
using kernels::PoolF32Args;

class Pool : public Operator {
 public:
  Pool(const ConvGeometry& geometry, graph::PoolKind kind, bool count_padding, SlotId input,
       SlotId output, Isa isa)
      : g_(geometry),
        count_padding_(count_padding),
        input_(input),
        output_(output),
        kernel_(kernels::SelectPoolF32(isa)),
        row_(kind == graph::PoolKind::kMax ? kernel_.max_row : kernel_.average_row) {}

  Status Run(const RunContext& context) const override {
    ForEachRange(context.team, g_.batch * Blocks(g_.out_c) * g_.out_h,
                 [&](int64_t first, int64_t last, int) {
                   for (int64_t unit = first; unit < last; ++unit) {
                     RunRow(context, unit / g_.out_h, unit % g_.out_h);
                   }
                 });
    return OkStatus();
  }
  const char* kernel() const override { return kernel_.name; }

 private:
  void RunRow(const RunContext& context, int64_t plane, int64_t row) const {
    const float* in = context.buffer<const float>(input_) + plane * g_.in_h * g_.in_w * kBlock;
    const float* rows[kMaxWindowRows];
    PointToWindowRows(g_, in, g_.in_w * kBlock, row, rows);
    PoolF32Args args;
    args.rows = rows;
    args.in_width = g_.in_w;
    args.out_width = g_.out_w;
    args.kernel_h = g_.kernel_h;
    args.kernel_w = g_.kernel_w;
    args.stride = g_.stride_w;
    args.dilation = g_.dilation_w;
    args.pad_left = g_.pad_left;
    args.count_padding = count_padding_;
    args.out = context.buffer<float>(output_) + (plane * g_.out_h + row) * g_.out_w * kBlock;
    row_(args);
  }

  ConvGeometry g_;
  bool count_padding_;
  SlotId input_, output_;
  const kernels::PoolF32Kernel& kernel_;
  void (*row_)(const PoolF32Args&);
};

class GlobalMean : public Operator {
 public:
  GlobalMean(const Shape& shape, SlotId input, SlotId output, Layout output_layout, Isa isa)
      : images_(shape[0]),
        pixels_(shape[1] * shape[2]),
        channels_(shape[3]),
        input_(input),
        output_(output),
        row_major_(output_layout == Layout::kRowMajor),
        kernel_(kernels::SelectPoolF32(isa)) {}

  Status Run(const RunContext& context) const override {
    const int64_t blocks = Blocks(channels_);
    ForEachRange(context.team, images_ * blocks, [&](int64_t first, int64_t last, int) {
      for (int64_t unit = first; unit < last; ++unit) {
        const float* in = context.buffer<const float>(input_) + unit * pixels_ * kBlock;
        float* out = context.buffer<float>(output_);
        if (!row_major_) {
          kernel_.mean(in, pixels_, out + unit * kBlock);
          continue;
        }
        const int64_t channel = unit % blocks * kBlock;
        float mean[kBlock];
        kernel_.mean(in, pixels_, mean);
        std::copy_n(mean, std::min<int64_t>(kBlock, channels_ - channel),
                    out + unit / blocks * channels_ + channel);
      }
    });
    return OkStatus();
  }
  const char* kernel() const override { return kernel_.name; }

 private:
  int64_t images_, pixels_, channels_;
  SlotId input_, output_;
  bool row_major_;
  const kernels::PoolF32Kernel& kernel_;
};

}  // namespace

std::unique_ptr<Operator> MakePool(const ConvGeometry& geometry, graph::PoolKind kind,
                                   bool count_padding, SlotId input, SlotId output, Isa isa) {
  if (geometry.kernel_h > kMaxWindowRows) return nullptr;
  return std::unique_ptr<Operator>(new Pool(geometry, kind, count_padding, input, output, isa));
}

std::unique_ptr<Operator> MakeGlobalMean(const Shape& shape, SlotId input, SlotId output,
                                         Layout output_layout, Isa isa) {
  return std::unique_ptr<Operator>(new GlobalMean(shape, input, output, output_layout, isa));
}

}  // namespace minnow::runtime
