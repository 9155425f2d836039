// 1x1 convolution: one GEMM an image, pixels x input channels x output channels.
#include <algorithm>

#include "kernels/gemm/gemm.h"
#include "runtime/operators/convolution.h"

namespace minnow::runtime {
namespace {

using kernels::GemmF32Args;
using kernels::GemmF32Kernel;
using kernels::GemmPanels;
using kernels::kBlock;

class Pointwise : public Operator {
 public:
  Pointwise(const ConvGeometry& geometry, const ConvOperands& operands, PackedGemm packed, Isa isa)
      : operands_(operands),
        packed_(std::move(packed)),
        kernel_(kernels::SelectGemmF32(isa)),
        panels_(kernels::PanelsFor(kernel_, geometry.out_c)),
        k_(geometry.in_c),
        n_(geometry.out_c) {
    const int64_t plane = geometry.in_h * geometry.in_w;
    if (plane == 1) {
      // The images of a batch are the rows of one product.
      images_ = 1;
      pixels_ = geometry.batch;
      pixel_stride_ = Blocks(k_) * kBlock;
      out_pixel_stride_ = Blocks(n_) * kBlock;
      block_stride_ = out_block_stride_ = kBlock;
    } else {
      images_ = geometry.batch;
      pixels_ = plane;
      pixel_stride_ = out_pixel_stride_ = kBlock;
      block_stride_ = out_block_stride_ = plane * kBlock;
    }
    tiles_ = (pixels_ + kernel_.mr - 1) / kernel_.mr;
  }

  Status Run(const RunContext& context) const override {
    // Units in the order (image, panel, tile): a range walks whole panels where it can, so that
    // each panel of weights is read once.
    const int64_t per_image = panels_.count() * tiles_;
    ForEachRange(context.team, images_ * per_image, [&](int64_t first, int64_t last, int) {
      while (first < last) {
        const int64_t panel = first / tiles_ % panels_.count();
        const int64_t tile = first % tiles_;
        const int64_t tile_end = std::min(tiles_, tile + last - first);
        RunPanel(context, first / per_image, panel, tile * kernel_.mr,
                 std::min(pixels_, tile_end * kernel_.mr));
        first += tile_end - tile;
      }
    });
    return OkStatus();
  }

  int64_t macs() const override { return images_ * pixels_ * k_ * n_; }
  const char* kernel() const override { return kernel_.name; }

 private:
  void RunPanel(const RunContext& context, int64_t image, int64_t panel, int64_t first_pixel,
                int64_t end_pixel) const {
    const bool wide = panel < panels_.wide_count;
    const int64_t channel =
        wide ? panel * kernel_.wide
             : panels_.wide_count * kernel_.wide + (panel - panels_.wide_count) * kBlock;
    const int64_t width = wide ? kernel_.wide : kBlock;
    const int64_t out_at = image * Blocks(n_) * pixels_ * kBlock +
                           channel / kBlock * out_block_stride_ + first_pixel * out_pixel_stride_;
    static constexpr int64_t kNoTap = 0;
    GemmF32Args args;
    args.m = end_pixel - first_pixel;
    args.a = context.buffer<const float>(operands_.input) + image * Blocks(k_) * pixels_ * kBlock +
             first_pixel * pixel_stride_;
    args.taps = &kNoTap;
    args.channels = k_;
    args.pixel_stride = pixel_stride_;
    args.a_block_stride = block_stride_;
    args.b = packed_.weights->as<float>() + channel * k_;
    args.bias = packed_.bias->as<float>() + channel;
    args.c = context.buffer<float>(operands_.output) + out_at;
    args.c_pixel_stride = out_pixel_stride_;
    args.c_block_stride = out_block_stride_;
    if (operands_.residual != kNoSlot) {
      args.residual = context.buffer<const float>(operands_.residual) + out_at;
    }
    args.epilogue = operands_.epilogue;
    // The next panel; past the last one the prefetches hit lines nobody needs, which is harmless.
    args.prefetch = args.b + width * k_;
    (wide ? kernel_.wide_panel : kernel_.narrow_panel)(args);
  }

  ConvOperands operands_;
  PackedGemm packed_;
  const GemmF32Kernel& kernel_;
  GemmPanels panels_;
  int64_t k_, n_;
  int64_t images_, pixels_, tiles_;
  int64_t pixel_stride_, block_stride_;
  int64_t out_pixel_stride_, out_block_stride_;
};

}  // namespace

kernels::Epilogue ToEpilogue(const graph::Activation& activation) {
  kernels::Epilogue epilogue;
  epilogue.min = activation.min;
  epilogue.max = activation.max;
  epilogue.hard_swish = activation.kind == graph::Activation::Kind::kHardSwish;
  return epilogue;
}

StatusOr<PackedGemm> PackGemm(const Tensor& weights, const Tensor* bias, int64_t k, int64_t n,
                              Isa isa, const std::vector<int64_t>* order, WeightCache* cache) {
  const GemmF32Kernel& kernel = kernels::SelectGemmF32(isa);
  const size_t bytes =
      static_cast<size_t>(kernels::PackedGemmF32Size(kernel, k, n)) * sizeof(float);
  std::vector<float> reordered;
  const std::string form = std::string(kernel.name) + (order == nullptr ? "" : "/reordered");
  StatusOr<SharedBuffer> packed = cache->Get(weights, form, bytes, [&](AlignedBuffer* buffer) {
    const float* source = weights.as<float>();
    if (order != nullptr) {
      reordered.resize(static_cast<size_t>(k * n));
      for (int64_t row = 0; row < n; ++row) {
        for (int64_t i = 0; i < k; ++i) {
          reordered[static_cast<size_t>(row * k + i)] =
              source[row * k + (*order)[static_cast<size_t>(i)]];
        }
      }
      source = reordered.data();
    }
    kernels::PackGemmF32(kernel, source, k, n, buffer->as<float>());
  });
  if (!packed.ok()) return packed.status();
  const size_t bias_bytes = static_cast<size_t>(Blocks(n) * kBlock) * sizeof(float);
  const auto fill_bias = [&](AlignedBuffer* buffer) {
    if (bias != nullptr) std::copy_n(bias->as<float>(), n, buffer->as<float>());
  };
  // Without a bias the weights stand for it as the key.
  StatusOr<SharedBuffer> padded = bias != nullptr
                                      ? cache->Get(*bias, "bias", bias_bytes, fill_bias)
                                      : cache->Get(weights, "no bias", bias_bytes, fill_bias);
  if (!padded.ok()) return padded.status();
  return PackedGemm{*packed, *padded};
}

StatusOr<std::unique_ptr<Operator>> MakePointwise(const ConvGeometry& geometry,
                                                  const ConvOperands& operands, Isa isa,
                                                  WeightCache* cache) {
  StatusOr<PackedGemm> packed = PackGemm(*operands.weights, operands.bias, geometry.in_c,
                                         geometry.out_c, isa, nullptr, cache);
  if (!packed.ok()) return packed.status();
  return std::unique_ptr<Operator>(new Pointwise(geometry, operands, std::move(*packed), isa));
}

}  // namespace minnow::runtime
