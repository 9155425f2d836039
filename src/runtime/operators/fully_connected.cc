// Fully connected layer: a GEMM whose pixels are the rows of a plain matrix.
#include <algorithm>

#include "kernels/gemm/gemm.h"
#include "runtime/operators/operators.h"

namespace minnow::runtime {
namespace {

using kernels::GemmF32Args;
using kernels::kBlock;

class FullyConnected : public Operator {
 public:
  FullyConnected(int64_t rows, int64_t k, int64_t n, SlotId input, SlotId output, PackedGemm packed,
                 const kernels::Epilogue& epilogue, Isa isa)
      : rows_(rows),
        k_(k),
        n_(n),
        input_(input),
        output_(output),
        packed_(std::move(packed)),
        epilogue_(epilogue),
        kernel_(kernels::SelectGemmF32(isa)),
        panels_(kernels::PanelsFor(kernel_, n)) {}

  Status Run(const RunContext& context) const override {
    ForEachRange(context.team, panels_.count(), [&](int64_t first, int64_t last, int worker) {
      for (int64_t panel = first; panel < last; ++panel) RunPanel(context, panel, worker);
    });
    return OkStatus();
  }

  int64_t macs() const override { return rows_ * k_ * n_; }
  const char* kernel() const override { return kernel_.name; }
  size_t scratch_bytes() const override {
    return static_cast<size_t>(kRowsAtATime * kernel_.wide) * sizeof(float);
  }

 private:
  static constexpr int64_t kRowsAtATime = 16;

  void RunPanel(const RunContext& context, int64_t panel, int worker) const {
    const bool wide = panel < panels_.wide_count;
    const int64_t width = wide ? kernel_.wide : kBlock;
    const int64_t channel =
        wide ? panel * kernel_.wide
             : panels_.wide_count * kernel_.wide + (panel - panels_.wide_count) * kBlock;
    const auto function = wide ? kernel_.wide_panel : kernel_.narrow_panel;
    static constexpr int64_t kNoTap = 0;
    GemmF32Args args;
    args.m = rows_;
    args.a = context.buffer<const float>(input_);
    args.taps = &kNoTap;
    args.channels = k_;
    args.pixel_stride = k_;
    args.a_block_stride = kBlock;
    args.b = packed_.weights->as<float>() + channel * k_;
    args.bias = packed_.bias->as<float>() + channel;
    args.epilogue = epilogue_;
    args.c_block_stride = kBlock;
    float* out = context.buffer<float>(output_) + channel;
    if (channel + width <= n_) {
      args.c = out;
      args.c_pixel_stride = n_;
      function(args);
      return;
    }
    // The last columns would be written past a row's end: take the detour over the scratch.
    args.c = context.scratch_of(worker);
    args.c_pixel_stride = width;
    for (int64_t row = 0; row < rows_; row += kRowsAtATime) {
      args.m = std::min(kRowsAtATime, rows_ - row);
      function(args);
      for (int64_t i = 0; i < args.m; ++i) {
        std::copy_n(args.c + i * width, n_ - channel, out + (row + i) * n_);
      }
      args.a += kRowsAtATime * k_;
    }
  }

  int64_t rows_, k_, n_;
  SlotId input_, output_;
  PackedGemm packed_;
  kernels::Epilogue epilogue_;
  const kernels::GemmF32Kernel& kernel_;
  kernels::GemmPanels panels_;
};

}  // namespace

StatusOr<std::unique_ptr<Operator>> MakeFullyConnected(int64_t rows, int64_t k, int64_t n,
                                                       SlotId input, SlotId output,
                                                       const Tensor& weights, const Tensor* bias,
                                                       const kernels::Epilogue& epilogue, Isa isa,
                                                       WeightCache* cache) {
  StatusOr<PackedGemm> packed = PackGemm(weights, bias, k, n, isa, nullptr, cache);
  if (!packed.ok()) return packed.status();
  return std::unique_ptr<Operator>(
      new FullyConnected(rows, k, n, input, output, std::move(*packed), epilogue, isa));
}

}  // namespace minnow::runtime
