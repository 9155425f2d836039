// Depthwise convolution: row by row, block by block.
#include <algorithm>

#include "kernels/dwconv/dwconv.h"
#include "runtime/operators/convolution.h"

namespace minnow::runtime {
namespace {

using kernels::DwconvF32Args;
using kernels::kBlock;

// Rows of a kernel: what fits the array of row pointers on the stack.
constexpr int64_t kMaxKernelRows = 64;

class Depthwise : public Operator {
 public:
  Depthwise(const ConvGeometry& geometry, const ConvOperands& operands, SharedBuffer weights,
            SharedBuffer bias, Isa isa)
      : g_(geometry),
        operands_(operands),
        weights_(std::move(weights)),
        bias_(std::move(bias)),
        kernel_(kernels::SelectDwconvF32(isa)) {}

  Status Run(const RunContext& context) const override {
    // Units are rows in the order (image, block, row).
    ForEachRange(context.team, g_.batch * Blocks(g_.out_c) * g_.out_h,
                 [&](int64_t first, int64_t last, int) {
                   for (int64_t unit = first; unit < last; ++unit) {
                     RunRow(context, unit / g_.out_h, unit % g_.out_h);
                   }
                 });
    return OkStatus();
  }

  int64_t macs() const override {
    return g_.batch * g_.out_h * g_.out_w * g_.out_c * g_.kernel_h * g_.kernel_w;
  }
  const char* kernel() const override { return kernel_.name; }

 private:
  // `plane` counts (image, block).
  void RunRow(const RunContext& context, int64_t plane, int64_t row) const {
    const float* in =
        context.buffer<const float>(operands_.input) + plane * g_.in_h * g_.in_w * kBlock;
    const float* rows[kMaxKernelRows];
    for (int64_t ky = 0; ky < g_.kernel_h; ++ky) {
      const int64_t y = row * g_.stride_h + ky * g_.dilation_h - g_.pad_top;
      rows[ky] = y >= 0 && y < g_.in_h ? in + y * g_.in_w * kBlock : nullptr;
    }
    const int64_t block = plane % Blocks(g_.out_c);
    DwconvF32Args args;
    args.rows = rows;
    args.in_width = g_.in_w;
    args.out_width = g_.out_w;
    args.kernel_h = g_.kernel_h;
    args.kernel_w = g_.kernel_w;
    args.stride = g_.stride_w;
    args.dilation = g_.dilation_w;
    args.pad_left = g_.pad_left;
    args.weights = weights_->as<float>() + block * g_.kernel_h * g_.kernel_w * kBlock;
    args.bias = bias_->as<float>() + block * kBlock;
    args.out =
        context.buffer<float>(operands_.output) + (plane * g_.out_h + row) * g_.out_w * kBlock;
    args.epilogue = operands_.epilogue;
    kernel_.row(args);
  }

  ConvGeometry g_;
  ConvOperands operands_;
  SharedBuffer weights_;
  SharedBuffer bias_;
  const kernels::DwconvF32Kernel& kernel_;
};

}  // namespace

StatusOr<std::unique_ptr<Operator>> MakeDepthwise(const ConvGeometry& geometry,
                                                  const ConvOperands& operands, Isa isa,
                                                  WeightCache* cache) {
  const ConvGeometry& g = geometry;
  if (g.kernel_h > kMaxKernelRows) {
    return Unsupported("a depthwise kernel of %lld rows; supported: up to %lld",
                       static_cast<long long>(g.kernel_h), static_cast<long long>(kMaxKernelRows));
  }
  const int64_t taps = g.kernel_h * g.kernel_w;
  const int64_t lanes = Blocks(g.out_c) * kBlock;
  StatusOr<SharedBuffer> weights =
      cache->Get(*operands.weights, "dwconv_f32", static_cast<size_t>(lanes * taps) * sizeof(float),
                 [&](AlignedBuffer* buffer) {
                   const float* source = operands.weights->as<float>();
                   float* out = buffer->as<float>();
                   for (int64_t c = 0; c < g.out_c; ++c) {
                     for (int64_t t = 0; t < taps; ++t) {
                       out[(c / kBlock * taps + t) * kBlock + c % kBlock] = source[c * taps + t];
                     }
                   }
                 });
  if (!weights.ok()) return weights.status();
  const auto fill_bias = [&](AlignedBuffer* buffer) {
    if (operands.bias != nullptr) {
      std::copy_n(operands.bias->as<float>(), g.out_c, buffer->as<float>());
    }
  };
  const size_t bias_bytes = static_cast<size_t>(lanes) * sizeof(float);
  StatusOr<SharedBuffer> bias =
      operands.bias != nullptr ? cache->Get(*operands.bias, "bias", bias_bytes, fill_bias)
                               : cache->Get(*operands.weights, "no bias", bias_bytes, fill_bias);
  if (!bias.ok()) return bias.status();
  return std::unique_ptr<Operator>(new Depthwise(geometry, operands, *weights, *bias, isa));
}

}  // namespace minnow::runtime
