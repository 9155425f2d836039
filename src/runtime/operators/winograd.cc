// 3x3 convolution of stride 1 by Winograd's F(2x2, 3x3): a few rows of tiles at a time are
// transformed, multiplied panel by panel at 16 positions, and transformed back, all in the
// second-level cache.
#include "kernels/winograd/winograd.h"

#include <algorithm>
#include <vector>

#include "runtime/operators/convolution.h"
#include "runtime/operators/gemm_layer.h"

namespace minnow::runtime {
namespace {

using kernels::GemmF32Args;
using kernels::kBlock;
using kernels::kWinogradPositions;

// Tiles a group: enough for the register tiles of the product, and no more transformed inputs than
// leave the second-level cache room for a panel.
constexpr int64_t kTilesAGroup = 56;
constexpr int64_t kMostInputFloats = 192 * 1024;

class Winograd : public Operator {
 public:
  Winograd(const ConvGeometry& geometry, const ConvOperands& operands, SharedBuffer weights,
           SharedBuffer bias, SharedBuffer zeros, Isa isa)
      : g_(geometry),
        operands_(operands),
        weights_(std::move(weights)),
        bias_(std::move(bias)),
        zeros_(std::move(zeros)),
        gemm_(kernels::SelectGemmF32(isa)),
        transforms_(kernels::SelectWinogradF32(isa)),
        panels_(kernels::PanelsFor(gemm_, g_.out_c)),
        tiles_x_((g_.out_w + 1) / 2),
        tiles_y_((g_.out_h + 1) / 2),
        in_blocks_(Blocks(g_.in_c)) {
    const int64_t fitting = kMostInputFloats / (kWinogradPositions * in_blocks_ * kBlock);
    group_rows_ = std::clamp<int64_t>(std::min(kTilesAGroup, fitting) / tiles_x_, 1, tiles_y_);
  }

  Status Run(const RunContext& context) const override {
    ForEachRange(context.team, g_.batch * tiles_y_, [&](int64_t first, int64_t last, int worker) {
      while (first < last) {
        const int64_t row = first % tiles_y_;
        const int64_t rows = std::min({group_rows_, tiles_y_ - row, last - first});
        RunGroup(context, first / tiles_y_, row, rows, context.scratch_of(worker));
        first += rows;
      }
    });
    return OkStatus();
  }

  int64_t macs() const override { return g_.macs(); }
  const char* kernel() const override { return transforms_.name; }
  size_t scratch_bytes() const override {
    return static_cast<size_t>(kWinogradPositions * (in_blocks_ * kBlock + gemm_.wide) *
                               group_rows_ * tiles_x_) *
           sizeof(float);
  }

 private:
  // Rows of tiles [first, first + rows) of one image.
  void RunGroup(const RunContext& context, int64_t image, int64_t first, int64_t rows,
                float* scratch) const {
    const int64_t tiles = rows * tiles_x_;
    float* transformed = scratch;
    float* products = scratch + kWinogradPositions * in_blocks_ * tiles * kBlock;
    TransformInput(context, image, first, rows, transformed);
    int64_t column = 0;
    for (int64_t panel = 0; panel < panels_.count(); ++panel) {
      const bool wide = panel < panels_.wide_count;
      const int64_t width = wide ? gemm_.wide : kBlock;
      Multiply(transformed, tiles, column, width, wide, products);
      TransformOutput(context, image, first, rows, column, width, products);
      column += width;
    }
  }

  void TransformInput(const RunContext& context, int64_t image, int64_t first, int64_t rows,
                      float* out) const {
    const int64_t tiles = rows * tiles_x_;
    const float* input = context.buffer<const float>(operands_.input) +
                         image * in_blocks_ * g_.in_h * g_.in_w * kBlock;
    kernels::WinogradInputF32Args args;
    args.in_width = g_.in_w;
    args.pad_left = g_.pad_left;
    args.tiles = tiles_x_;
    args.position_stride = in_blocks_ * tiles * kBlock;
    for (int64_t block = 0; block < in_blocks_; ++block) {
      const float* plane = input + block * g_.in_h * g_.in_w * kBlock;
      for (int64_t row = 0; row < rows; ++row) {
        const int64_t top = 2 * (first + row) - g_.pad_top;
        for (int64_t r = 0; r < 4; ++r) {
          const int64_t y = top + r;
          args.rows[r] = y >= 0 && y < g_.in_h ? plane + y * g_.in_w * kBlock : nullptr;
        }
        args.out = out + (block * tiles + row * tiles_x_) * kBlock;
        transforms_.input(args);
      }
    }
  }

  // Columns [column, column + width) of the 16 products.
  void Multiply(const float* transformed, int64_t tiles, int64_t column, int64_t width, bool wide,
                float* products) const {
    const int64_t position_floats = Blocks(g_.out_c) * kBlock * g_.in_c;
    GemmF32Args args;
    args.m = tiles;
    args.taps = &kNoTap;
    args.channels = g_.in_c;
    args.a_block_stride = tiles * kBlock;
    args.c_block_stride = tiles * kBlock;
    args.bias = zeros_->as<float>();
    for (int64_t position = 0; position < kWinogradPositions; ++position) {
      args.a = transformed + position * in_blocks_ * tiles * kBlock;
      args.b = weights_->as<float>() + position * position_floats + column * g_.in_c;
      args.c = products + position * width * tiles;
      args.prefetch = position + 1 < kWinogradPositions
                          ? args.b + position_floats
                          : weights_->as<float>() + (column + width) * g_.in_c;
      (wide ? gemm_.wide_panel : gemm_.narrow_panel)(args);
    }
  }

  void TransformOutput(const RunContext& context, int64_t image, int64_t first, int64_t rows,
                       int64_t column, int64_t width, const float* products) const {
    const int64_t tiles = rows * tiles_x_;
    const int64_t plane = g_.out_h * g_.out_w * kBlock;
    float* output = context.buffer<float>(operands_.output);
    const float* residual = context.buffer<const float>(operands_.residual);
    kernels::WinogradOutputF32Args args;
    args.position_stride = width * tiles;
    args.tiles = tiles_x_;
    args.out_width = g_.out_w;
    args.epilogue = operands_.epilogue;
    for (int64_t block = 0; block < width / kBlock; ++block) {
      args.bias = bias_->as<float>() + column + block * kBlock;
      const int64_t at = (image * Blocks(g_.out_c) + column / kBlock + block) * plane;
      for (int64_t row = 0; row < rows; ++row) {
        args.in = products + (block * tiles + row * tiles_x_) * kBlock;
        for (int64_t r = 0; r < 2; ++r) {
          const int64_t y = 2 * (first + row) + r;
          const bool inside = y < g_.out_h;
          const int64_t from = at + y * g_.out_w * kBlock;
          args.rows[r] = inside ? output + from : nullptr;
          args.residual[r] = inside && residual != nullptr ? residual + from : nullptr;
        }
        transforms_.output(args);
      }
    }
  }

  ConvGeometry g_;
  ConvOperands operands_;
  SharedBuffer weights_, bias_, zeros_;
  const kernels::GemmF32Kernel& gemm_;
  const kernels::WinogradF32Kernel& transforms_;
  kernels::GemmPanels panels_;
  int64_t tiles_x_, tiles_y_, in_blocks_;
  int64_t group_rows_ = 1;
};

// Packed [position][panel][in_c][panel width].
void PackWeights(const kernels::GemmF32Kernel& kernel, const ConvGeometry& g, const float* weights,
                 float* packed) {
  const int64_t pairs = g.out_c * g.in_c;
  std::vector<float> transformed(static_cast<size_t>(kWinogradPositions * pairs));
  for (int64_t pair = 0; pair < pairs; ++pair) {
    float positions[kWinogradPositions];
    kernels::TransformWinogradWeights(weights + pair / g.in_c * 9 * g.in_c + pair % g.in_c, g.in_c,
                                      positions);
    for (int p = 0; p < kWinogradPositions; ++p) {
      transformed[static_cast<size_t>(p * pairs + pair)] = positions[p];
    }
  }
  const int64_t size = kernels::PackedGemmF32Size(kernel, g.in_c, g.out_c);
  for (int p = 0; p < kWinogradPositions; ++p) {
    kernels::PackGemmF32(kernel, transformed.data() + p * pairs, g.in_c, g.out_c,
                         packed + p * size);
  }
}

}  // namespace

bool PaysAsWinograd(const ConvGeometry& g) {
  return g.kernel_h == 3 && g.kernel_w == 3 && g.stride_h == 1 && g.stride_w == 1 &&
         g.dilation_h == 1 && g.dilation_w == 1 && g.in_c >= kBlock && g.out_c >= 2 * kBlock &&
         g.out_h >= 4 && g.out_w >= 4 && g.pad_left <= 2 && g.pad_top <= 2;
}

StatusOr<std::unique_ptr<Operator>> MakeWinograd(const ConvGeometry& geometry,
                                                 const ConvOperands& operands, Isa isa,
                                                 WeightCache* cache) {
  const kernels::GemmF32Kernel& kernel = kernels::SelectGemmF32(isa);
  const size_t bytes =
      static_cast<size_t>(kWinogradPositions *
                          kernels::PackedGemmF32Size(kernel, geometry.in_c, geometry.out_c)) *
      sizeof(float);
  StatusOr<SharedBuffer> weights = cache->Get(
      *operands.weights, std::string("winograd/") + kernel.name, bytes, [&](AlignedBuffer* buffer) {
        PackWeights(kernel, geometry, operands.weights->as<float>(), buffer->as<float>());
      });
  if (!weights.ok()) return weights.status();
  StatusOr<SharedBuffer> bias = PadBias(operands.bias, *operands.weights, geometry.out_c, cache);
  if (!bias.ok()) return bias.status();
  StatusOr<SharedBuffer> zeros = PadBias(nullptr, *operands.weights, geometry.out_c, cache);
  if (!zeros.ok()) return zeros.status();
  return std::unique_ptr<Operator>(new Winograd(geometry, operands, *weights, *bias, *zeros, isa));
}

}  // namespace minnow::runtime
