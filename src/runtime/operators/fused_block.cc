// A block of wide -> depthwise -> narrow in row tiles. The wide tensor exists only as a ring of
// rows, the depthwise result only as the rows of one tile; both stay in the second-level cache.
#include <algorithm>

#include "runtime/operators/depthwise_layer.h"
#include "runtime/operators/gemm_layer.h"

namespace minnow::runtime {
namespace {

using kernels::GemmF32Args;
using kernels::kBlock;

// Output rows a tile. Taller tiles read the projection's weights less often, lower ones keep the
// ring small; 1, 2 and 4 differ by less than 2 %.
constexpr int64_t kTileRows = 4;

class Fused : public Operator {
 public:
  Fused(const FusedBlock& block, std::unique_ptr<ConvRows> expand, DepthwiseLayer depthwise,
        GemmLayer project)
      : input_(block.expand_operands.input),
        residual_(block.project_operands.residual),
        output_(block.project_operands.output),
        expand_macs_(block.expand.macs()),
        expand_(std::move(expand)),
        depthwise_(std::move(depthwise)),
        project_(std::move(project)) {
    const ConvGeometry& g = depthwise_.geometry();
    tile_rows_ = std::min(kTileRows, g.out_h);
    blocks_ = Blocks(g.out_c);
    slots_ = (tile_rows_ - 1) * g.stride_h + (g.kernel_h - 1) * g.dilation_h + 1;
    row_ = g.in_w * kBlock;
    ring_floats_ = blocks_ * slots_ * row_;
    tile_floats_ = blocks_ * tile_rows_ * g.out_w * kBlock;
  }

  Status Run(const RunContext& context) const override {
    const ConvGeometry& g = depthwise_.geometry();
    // Units are output rows. A thread takes adjoining ones, so that the halo is computed twice only
    // where threads meet.
    ForEachRange(context.team, g.batch * g.out_h, [&](int64_t first, int64_t last, int worker) {
      while (first < last) {
        const int64_t row = first % g.out_h;
        const int64_t row_end = std::min(g.out_h, row + last - first);
        RunRows(context, first / g.out_h, row, row_end, context.scratch_of(worker));
        first += row_end - row;
      }
    });
    return OkStatus();
  }

  int64_t macs() const override {
    const ConvGeometry& g = depthwise_.geometry();
    return expand_macs_ + depthwise_.macs() +
           g.batch * g.out_h * g.out_w * project_.k() * project_.n();
  }
  const char* kernel() const override { return project_.kernel().name; }
  bool reads_exactly() const override { return residual_ == kNoSlot && expand_->reads_exactly(); }
  size_t scratch_bytes() const override {
    return static_cast<size_t>(ring_floats_ + tile_floats_ + expand_->scratch_floats(slots_)) *
           sizeof(float);
  }

 private:
  // Output rows [first, last) of one image.
  void RunRows(const RunContext& context, int64_t image, int64_t first, int64_t last,
               float* scratch) const {
    const ConvGeometry& g = depthwise_.geometry();
    float* ring = scratch;
    float* tile = ring + ring_floats_;
    float* expand_scratch = tile + tile_floats_;
    const float* input = context.buffer<const float>(input_) + image * expand_->image_stride();
    int64_t made = std::max<int64_t>(0, first * g.stride_h - g.pad_top);
    for (int64_t row = first; row < last; row += tile_rows_) {
      const int64_t rows = std::min(tile_rows_, last - row);
      const int64_t needed = std::min(
          g.in_h, (row + rows - 1) * g.stride_h - g.pad_top + (g.kernel_h - 1) * g.dilation_h + 1);
      while (made < needed) {
        // Up to where the ring wraps: consecutive slots are consecutive pixels.
        const int64_t slot = made % slots_;
        const int64_t count = std::min(needed - made, slots_ - slot);
        expand_->Run(input, made, count, ring + slot * row_, slots_ * row_, expand_scratch);
        made += count;
      }
      RunDepthwise(ring, row, rows, tile);
      RunProject(context, image, row, rows, tile);
    }
  }

  void RunDepthwise(const float* ring, int64_t first, int64_t count, float* tile) const {
    const int64_t out_row = depthwise_.geometry().out_w * kBlock;
    for (int64_t block = 0; block < blocks_; ++block) {
      const float* slots = ring + block * slots_ * row_;
      depthwise_.Run(
          block, first, first + count, [&](int64_t y) { return slots + y % slots_ * row_; },
          tile + block * count * out_row);
    }
  }

  void RunProject(const RunContext& context, int64_t image, int64_t first, int64_t count,
                  const float* tile) const {
    const ConvGeometry& g = depthwise_.geometry();
    const int64_t plane = g.out_h * g.out_w * kBlock;
    const int64_t at = image * Blocks(project_.n()) * plane + first * g.out_w * kBlock;
    const float* residual = context.buffer<const float>(residual_);
    GemmF32Args args;
    args.m = count * g.out_w;
    args.a = tile;
    args.taps = &kNoTap;
    args.a_block_stride = count * g.out_w * kBlock;
    args.c = context.buffer<float>(output_) + at;
    args.c_block_stride = plane;
    args.residual = residual == nullptr ? nullptr : residual + at;
    project_.Run(args);
  }

  SlotId input_, residual_, output_;
  int64_t expand_macs_;
  std::unique_ptr<ConvRows> expand_;
  DepthwiseLayer depthwise_;
  GemmLayer project_;
  int64_t tile_rows_ = 0, blocks_ = 0, slots_ = 0, row_ = 0;
  int64_t ring_floats_ = 0, tile_floats_ = 0;
};

}  // namespace

StatusOr<std::unique_ptr<Operator>> MakeFusedBlock(const FusedBlock& block, Isa isa,
                                                   WeightCache* cache) {
  StatusOr<std::unique_ptr<ConvRows>> expand =
      block.expand.IsPointwise()
          ? MakePointwiseRows(block.expand, block.expand_operands, isa, cache)
          : MakeWindowedRows(block.expand, block.expand_operands, block.input_layout, isa, cache);
  if (!expand.ok()) return expand.status();
  StatusOr<DepthwiseLayer> depthwise =
      DepthwiseLayer::Make(block.depthwise, block.depthwise_operands, isa, cache);
  if (!depthwise.ok()) return depthwise.status();
  const ConvOperands& operands = block.project_operands;
  StatusOr<GemmLayer> project =
      GemmLayer::Make(*operands.weights, operands.bias, block.project.in_c, block.project.out_c,
                      operands.epilogue, isa, nullptr, cache);
  if (!project.ok()) return project.status();
  return std::unique_ptr<Operator>(
      new Fused(block, std::move(*expand), std::move(*depthwise), std::move(*project)));
}

}  // namespace minnow::runtime
