// 1x1 convolution: one GEMM an image, pixels x input channels x output channels.
#include <algorithm>

#include "runtime/operators/convolution.h"
#include "runtime/operators/gemm_layer.h"

namespace minnow::runtime {
namespace {

using kernels::GemmF32Args;
using kernels::kBlock;

StatusOr<GemmLayer> MakeLayer(const ConvGeometry& g, const ConvOperands& operands, Isa isa,
                              WeightCache* cache) {
  return GemmLayer::Make(*operands.weights, operands.bias, g.in_c, g.out_c, operands.epilogue, isa,
                         nullptr, cache);
}

class Pointwise : public Operator {
 public:
  Pointwise(const ConvGeometry& geometry, const ConvOperands& operands, GemmLayer layer)
      : operands_(operands), layer_(std::move(layer)) {
    const int64_t plane = geometry.in_h * geometry.in_w;
    if (plane == 1) {
      // The images of a batch are the rows of one product.
      images_ = 1;
      pixels_ = geometry.batch;
      pixel_stride_ = Blocks(layer_.k()) * kBlock;
      out_pixel_stride_ = Blocks(layer_.n()) * kBlock;
      block_stride_ = kBlock;
    } else {
      images_ = geometry.batch;
      pixels_ = plane;
      pixel_stride_ = out_pixel_stride_ = kBlock;
      block_stride_ = plane * kBlock;
    }
    tiles_ = (pixels_ + layer_.kernel().mr - 1) / layer_.kernel().mr;
  }

  Status Run(const RunContext& context) const override {
    // Units in the order (image, panel, tile): a range walks whole panels where it can, so that
    // each panel of weights is read once.
    const int64_t per_image = layer_.panel_count() * tiles_;
    ForEachRange(context.team, images_ * per_image, [&](int64_t first, int64_t last, int) {
      const int64_t begin = first;
      while (first < last) {
        const int64_t tile = first % tiles_;
        const int64_t tile_end = std::min(tiles_, tile + last - first);
        RunTiles(context, first / per_image, first / tiles_ % layer_.panel_count(), tile, tile_end,
                 first - begin < tiles_);
        first += tile_end - tile;
      }
    });
    return OkStatus();
  }

  int64_t macs() const override { return images_ * pixels_ * layer_.k() * layer_.n(); }
  const char* kernel() const override { return layer_.kernel().name; }

 private:
  void RunTiles(const RunContext& context, int64_t image, int64_t panel, int64_t tile,
                int64_t tile_end, bool first_reader) const {
    const int64_t first = tile * layer_.kernel().mr;
    const int64_t out_at =
        image * Blocks(layer_.n()) * pixels_ * kBlock + first * out_pixel_stride_;
    GemmF32Args args;
    args.m = std::min(pixels_, tile_end * layer_.kernel().mr) - first;
    args.a = context.buffer<const float>(operands_.input) +
             image * Blocks(layer_.k()) * pixels_ * kBlock + first * pixel_stride_;
    args.taps = &kNoTap;
    args.pixel_stride = pixel_stride_;
    args.a_block_stride = block_stride_;
    args.c = context.buffer<float>(operands_.output) + out_at;
    args.c_pixel_stride = out_pixel_stride_;
    args.c_block_stride = block_stride_;
    if (operands_.residual != kNoSlot) {
      args.residual = context.buffer<const float>(operands_.residual) + out_at;
    }
    args.a_is_cold = first_reader;
    layer_.RunPanel(panel, args);
  }

  ConvOperands operands_;
  GemmLayer layer_;
  int64_t images_, pixels_, tiles_;
  int64_t pixel_stride_, out_pixel_stride_, block_stride_;
};

class PointwiseRows : public ConvRows {
 public:
  PointwiseRows(const ConvGeometry& geometry, GemmLayer layer)
      : width_(geometry.in_w), plane_(geometry.in_h * geometry.in_w), layer_(std::move(layer)) {}

  void Run(const float* input, int64_t first, int64_t count, float* c, int64_t c_block_stride,
           float*) const override {
    GemmF32Args args;
    args.m = count * width_;
    args.a = input + first * width_ * kBlock;
    args.taps = &kNoTap;
    args.a_block_stride = plane_ * kBlock;
    args.c = c;
    args.c_block_stride = c_block_stride;
    layer_.Run(args);
  }
  int64_t image_stride() const override { return Blocks(layer_.k()) * plane_ * kBlock; }
  int64_t scratch_floats(int64_t) const override { return 0; }
  const char* kernel() const override { return layer_.kernel().name; }

 private:
  int64_t width_, plane_;
  GemmLayer layer_;
};

}  // namespace

kernels::Epilogue ToEpilogue(const graph::Activation& activation) {
  kernels::Epilogue epilogue;
  epilogue.min = activation.min;
  epilogue.max = activation.max;
  epilogue.hard_swish = activation.kind == graph::Activation::Kind::kHardSwish;
  return epilogue;
}

StatusOr<std::unique_ptr<Operator>> MakePointwise(const ConvGeometry& geometry,
                                                  const ConvOperands& operands, Isa isa,
                                                  WeightCache* cache) {
  StatusOr<GemmLayer> layer = MakeLayer(geometry, operands, isa, cache);
  if (!layer.ok()) return layer.status();
  return std::unique_ptr<Operator>(new Pointwise(geometry, operands, std::move(*layer)));
}

StatusOr<std::unique_ptr<ConvRows>> MakePointwiseRows(const ConvGeometry& geometry,
                                                      const ConvOperands& operands, Isa isa,
                                                      WeightCache* cache) {
  StatusOr<GemmLayer> layer = MakeLayer(geometry, operands, isa, cache);
  if (!layer.ok()) return layer.status();
  return std::unique_ptr<ConvRows>(new PointwiseRows(geometry, std::move(*layer)));
}

}  // namespace minnow::runtime
