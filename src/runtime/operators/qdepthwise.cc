// Depthwise convolution on bytes. A worker's rows are one call: kernels take a block of channels
// after the other, and setting one up costs as much as two or three of its outputs.
#include <algorithm>
#include <cstring>

#include "runtime/operators/quantized.h"

namespace minnow::runtime {
namespace {

using kernels::QdwconvArgs;

class Depthwise : public Operator {
 public:
  Depthwise(const ConvGeometry& geometry, QdwconvLayer layer, SharedBuffer zero_row, SlotId input,
            SlotId output)
      : g_(geometry),
        layer_(std::move(layer)),
        zero_row_(std::move(zero_row)),
        input_(input),
        output_(output) {}

  Status Run(const RunContext& context) const override {
    ForEachRange(context.team, g_.batch * g_.out_h, [&](int64_t first, int64_t last, int worker) {
      while (first < last) {
        const int64_t rows = std::min(last - first, g_.out_h - first % g_.out_h);
        RunRows(context, first, rows, worker);
        first += rows;
      }
    });
    return OkStatus();
  }

  int64_t macs() const override {
    return g_.batch * g_.out_h * g_.out_w * g_.out_c * g_.kernel_h * g_.kernel_w;
  }
  const char* kernel() const override { return layer_.kernel().name; }
  size_t scratch_bytes() const override {
    return static_cast<size_t>(InputRows(g_.out_h)) * sizeof(const uint8_t*);
  }

 private:
  int64_t InputRows(int64_t out_rows) const {
    return (out_rows - 1) * g_.stride_h + (g_.kernel_h - 1) * g_.dilation_h + 1;
  }

  void RunRows(const RunContext& context, int64_t unit, int64_t count, int worker) const {
    const int64_t pitch = g_.in_w * g_.in_c;
    const uint8_t* in = context.buffer<const uint8_t>(input_) + unit / g_.out_h * g_.in_h * pitch;
    const int64_t top = unit % g_.out_h * g_.stride_h - g_.pad_top;
    auto* rows = reinterpret_cast<const uint8_t**>(context.scratch_of(worker));
    for (int64_t i = 0; i < InputRows(count); ++i) {
      const int64_t y = top + i;
      rows[i] = y >= 0 && y < g_.in_h ? in + y * pitch : zero_row_->as<uint8_t>();
    }
    QdwconvArgs args;
    args.rows = rows;
    args.zero = zero_row_->as<uint8_t>();
    args.channels = g_.in_c;
    args.in_width = g_.in_w;
    args.out_width = g_.out_w;
    args.out_rows = count;
    args.kernel_h = g_.kernel_h;
    args.kernel_w = g_.kernel_w;
    args.stride_h = g_.stride_h;
    args.stride_w = g_.stride_w;
    args.dilation_h = g_.dilation_h;
    args.dilation_w = g_.dilation_w;
    args.pad_left = g_.pad_left;
    args.out = context.buffer<uint8_t>(output_) + unit * g_.out_w * g_.out_c;
    layer_.Run(args);
  }

  ConvGeometry g_;
  QdwconvLayer layer_;
  SharedBuffer zero_row_;
  SlotId input_, output_;
};

}  // namespace

StatusOr<std::unique_ptr<Operator>> MakeQdepthwise(const ConvGeometry& geometry, QdwconvLayer layer,
                                                   SlotId input, SlotId output) {
  const auto bytes = static_cast<size_t>(geometry.in_w * geometry.in_c);
  StatusOr<AlignedBuffer> row = AlignedBuffer::Allocate(bytes);
  if (!row.ok()) return row.status();
  std::memset(row->data(), layer.x_zero(), bytes);
  auto shared = std::make_shared<const AlignedBuffer>(std::move(*row));
  return std::unique_ptr<Operator>(
      new Depthwise(geometry, std::move(layer), std::move(shared), input, output));
}

}  // namespace minnow::runtime
