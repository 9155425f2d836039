// Depthwise convolution: row by row, block by block.
#include <algorithm>

#include "runtime/operators/depthwise_layer.h"
#include "runtime/operators/gemm_layer.h"

namespace minnow::runtime {
namespace {

using kernels::kBlock;

class Depthwise : public Operator {
 public:
  Depthwise(const ConvOperands& operands, DepthwiseLayer layer)
      : operands_(operands), layer_(std::move(layer)) {}

  Status Run(const RunContext& context) const override {
    const ConvGeometry& g = layer_.geometry();
    // Units are rows in the order (image, block, row).
    ForEachRange(context.team, g.batch * Blocks(g.out_c) * g.out_h,
                 [&](int64_t first, int64_t last, int) {
                   while (first < last) {
                     const int64_t row = first % g.out_h;
                     const int64_t row_end = std::min(g.out_h, row + last - first);
                     RunRows(context, first / g.out_h, row, row_end);
                     first += row_end - row;
                   }
                 });
    return OkStatus();
  }

  int64_t macs() const override { return layer_.macs(); }
  const char* kernel() const override { return layer_.kernel(); }

 private:
  // `plane` counts (image, block).
  void RunRows(const RunContext& context, int64_t plane, int64_t first, int64_t last) const {
    const ConvGeometry& g = layer_.geometry();
    const float* in =
        context.buffer<const float>(operands_.input) + plane * g.in_h * g.in_w * kBlock;
    float* out =
        context.buffer<float>(operands_.output) + (plane * g.out_h + first) * g.out_w * kBlock;
    layer_.Run(
        plane % Blocks(g.out_c), first, last, [&](int64_t y) { return in + y * g.in_w * kBlock; },
        out);
  }

  ConvOperands operands_;
  DepthwiseLayer layer_;
};

}  // namespace

StatusOr<DepthwiseLayer> DepthwiseLayer::Make(const ConvGeometry& geometry,
                                              const ConvOperands& operands, Isa isa,
                                              WeightCache* cache) {
  DepthwiseLayer layer;
  layer.g_ = geometry;
  layer.epilogue_ = operands.epilogue;
  layer.kernel_ = &kernels::SelectDwconvF32(isa);
  const int64_t taps = geometry.kernel_h * geometry.kernel_w, channels = geometry.out_c;
  const size_t bytes = static_cast<size_t>(Blocks(channels) * kBlock * taps) * sizeof(float);
  StatusOr<SharedBuffer> weights =
      cache->Get(*operands.weights, "dwconv_f32", bytes, [&](AlignedBuffer* buffer) {
        const float* source = operands.weights->as<float>();
        float* out = buffer->as<float>();
        for (int64_t c = 0; c < channels; ++c) {
          for (int64_t t = 0; t < taps; ++t) {
            out[(c / kBlock * taps + t) * kBlock + c % kBlock] = source[c * taps + t];
          }
        }
      });
  if (!weights.ok()) return weights.status();
  layer.weights_ = *weights;
  StatusOr<SharedBuffer> bias = PadBias(operands.bias, *operands.weights, channels, cache);
  if (!bias.ok()) return bias.status();
  layer.bias_ = *bias;
  return layer;
}

void DepthwiseLayer::RunRows(int64_t block, int64_t count, const float* const* rows,
                             float* out) const {
  kernels::DwconvF32Args args;
  args.rows = rows;
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
  args.weights = weights_->as<float>() + block * g_.kernel_h * g_.kernel_w * kBlock;
  args.bias = bias_->as<float>() + block * kBlock;
  args.out = out;
  args.epilogue = epilogue_;
  kernel_->run(args);
}

StatusOr<std::unique_ptr<Operator>> MakeDepthwise(const ConvGeometry& geometry,
                                                  const ConvOperands& operands, Isa isa,
                                                  WeightCache* cache) {
  StatusOr<DepthwiseLayer> layer = DepthwiseLayer::Make(geometry, operands, isa, cache);
  if (!layer.ok()) return layer.status();
  return std::unique_ptr<Operator>(new Depthwise(operands, std::move(*layer)));
}

}  // namespace minnow::runtime
