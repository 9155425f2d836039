// Fully connected layer: a GEMM whose pixels are the rows of a plain matrix.
#include <algorithm>

#include "runtime/operators/gemm_layer.h"
#include "runtime/operators/operators.h"

namespace minnow::runtime {
namespace {

using kernels::GemmF32Args;
using kernels::kBlock;

class FullyConnected : public Operator {
 public:
  FullyConnected(int64_t rows, SlotId input, SlotId output, GemmLayer layer)
      : rows_(rows), input_(input), output_(output), layer_(std::move(layer)) {}

  Status Run(const RunContext& context) const override {
    ForEachRange(context.team, layer_.panel_count(), [&](int64_t first, int64_t last, int worker) {
      for (int64_t panel = first; panel < last; ++panel) RunPanel(context, panel, worker);
    });
    return OkStatus();
  }

  int64_t macs() const override { return rows_ * layer_.k() * layer_.n(); }
  const char* kernel() const override { return layer_.kernel().name; }
  size_t scratch_bytes() const override {
    return static_cast<size_t>(kRowsAtATime * layer_.kernel().wide) * sizeof(float);
  }

 private:
  static constexpr int64_t kRowsAtATime = 16;

  void RunPanel(const RunContext& context, int64_t panel, int worker) const {
    const int64_t column = layer_.FirstColumn(panel);
    const int64_t width = layer_.Width(panel);
    float* out = context.buffer<float>(output_);
    GemmF32Args args;
    args.m = rows_;
    args.a = context.buffer<const float>(input_);
    args.taps = &kNoTap;
    args.pixel_stride = layer_.k();
    args.a_block_stride = kBlock;
    args.c_block_stride = kBlock;
    if (column + width <= layer_.n()) {
      args.c = out;
      args.c_pixel_stride = layer_.n();
      layer_.RunPanel(panel, args);
      return;
    }
    // The last columns would be written past a row's end: take the detour over the scratch.
    float* detour = context.scratch_of(worker);
    args.c = detour - column;
    args.c_pixel_stride = width;
    for (int64_t row = 0; row < rows_; row += kRowsAtATime) {
      args.m = std::min(kRowsAtATime, rows_ - row);
      layer_.RunPanel(panel, args);
      for (int64_t i = 0; i < args.m; ++i) {
        std::copy_n(detour + i * width, layer_.n() - column, out + (row + i) * layer_.n() + column);
      }
      args.a += kRowsAtATime * layer_.k();
    }
  }

  int64_t rows_;
  SlotId input_, output_;
  GemmLayer layer_;
};

}  // namespace

StatusOr<std::unique_ptr<Operator>> MakeFullyConnected(int64_t rows, int64_t k, int64_t n,
                                                       SlotId input, SlotId output,
                                                       const Tensor& weights, const Tensor* bias,
                                                       const kernels::Epilogue& epilogue, Isa isa,
                                                       WeightCache* cache) {
  StatusOr<GemmLayer> layer = GemmLayer::Make(weights, bias, k, n, epilogue, isa, nullptr, cache);
  if (!layer.ok()) return layer.status();
  return std::unique_ptr<Operator>(new FullyConnected(rows, input, output, std::move(*layer)));
}

}  // namespace minnow::runtime
