// Convolutions as executable steps, on the channel-blocked layout.
#ifndef MINNOW_RUNTIME_OPERATORS_CONVOLUTION_H_
#define MINNOW_RUNTIME_OPERATORS_CONVOLUTION_H_

#include <memory>

#include "base/cpu_features.h"
#include "base/status.h"
#include "graph/ops.h"
#include "kernels/epilogue.h"
#include "runtime/layout.h"
#include "runtime/operator.h"
#include "runtime/weight_cache.h"

namespace minnow::runtime {

// Everything about one convolution with its shapes fixed and its padding resolved.
struct ConvGeometry {
  int64_t batch = 0;
  int64_t in_h = 0, in_w = 0, in_c = 0;
  int64_t out_h = 0, out_w = 0, out_c = 0;
  int64_t kernel_h = 1, kernel_w = 1;
  int64_t stride_h = 1, stride_w = 1;
  int64_t dilation_h = 1, dilation_w = 1;
  int64_t pad_top = 0, pad_left = 0, pad_bottom = 0, pad_right = 0;

  bool HasPadding() const {
    return pad_top != 0 || pad_left != 0 || pad_bottom != 0 || pad_right != 0;
  }
  // Of a convolution with groups 1.
  int64_t macs() const { return batch * out_h * out_w * out_c * kernel_h * kernel_w * in_c; }
  bool IsPointwise() const {
    return kernel_h == 1 && kernel_w == 1 && stride_h == 1 && stride_w == 1 && !HasPadding();
  }
};

struct ConvOperands {
  SlotId input = kNoSlot;
  SlotId residual = kNoSlot;        // blocked, the output's shape
  SlotId output = kNoSlot;          // blocked
  const Tensor* weights = nullptr;  // f32 [O][KH][KW][I/groups]
  const Tensor* bias = nullptr;     // f32 [O] or null
  kernels::Epilogue epilogue;
};

kernels::Epilogue ToEpilogue(const graph::Activation& activation);

// 1x1, stride 1, no padding. Input blocked.
StatusOr<std::unique_ptr<Operator>> MakePointwise(const ConvGeometry& geometry,
                                                  const ConvOperands& operands, Isa isa,
                                                  WeightCache* cache);
// Any window, groups 1. The input's layout may be any; row-major and planar ones pay for few
// channels (the first convolution), where the window is read straight from the image.
StatusOr<std::unique_ptr<Operator>> MakeWindowed(const ConvGeometry& geometry,
                                                 const ConvOperands& operands, Layout input_layout,
                                                 Isa isa, WeightCache* cache);
// 3x3, stride 1, groups 1, by Winograd's F(2x2, 3x3), with 16 products for 36; where
// PaysAsWinograd. Sums in another order than MakeWindowed: equal within a few units of the last
// place.
bool PaysAsWinograd(const ConvGeometry& geometry);
StatusOr<std::unique_ptr<Operator>> MakeWinograd(const ConvGeometry& geometry,
                                                 const ConvOperands& operands, Isa isa,
                                                 WeightCache* cache);
// groups == in_c == out_c. Input blocked; no residual.
StatusOr<std::unique_ptr<Operator>> MakeDepthwise(const ConvGeometry& geometry,
                                                  const ConvOperands& operands, Isa isa,
                                                  WeightCache* cache);

// Makes any rows of a convolution's output on demand, one image, for operators that keep only a few
// rows of it at a time.
class ConvRows {
 public:
  virtual ~ConvRows() = default;
  // Output rows [first, first + count) of the image at `input` to c: pixel p of them, channel n at
  // c[(n / 16) * c_block_stride + p * 16 + n % 16].
  virtual void Run(const float* input, int64_t first, int64_t count, float* c,
                   int64_t c_block_stride, float* scratch) const = 0;
  // Floats from one input image to the next, and of scratch for `count` rows.
  virtual int64_t image_stride() const = 0;
  virtual int64_t scratch_floats(int64_t count) const = 0;
  virtual const char* kernel() const = 0;
  // As Operator::reads_exactly.
  virtual bool reads_exactly() const { return false; }
};

StatusOr<std::unique_ptr<ConvRows>> MakePointwiseRows(const ConvGeometry& geometry,
                                                      const ConvOperands& operands, Isa isa,
                                                      WeightCache* cache);
StatusOr<std::unique_ptr<ConvRows>> MakeWindowedRows(const ConvGeometry& geometry,
                                                     const ConvOperands& operands,
                                                     Layout input_layout, Isa isa,
                                                     WeightCache* cache);

// expand (or the first convolution) -> depthwise -> pointwise projection (+ residual), a few output
// rows at a time, so that the wide tensors between them never leave the cache. Sandler et al.,
// "MobileNetV2", 2018, section 5; results equal those of the three operators bit for bit.
struct FusedBlock {
  ConvGeometry expand, depthwise, project;
  ConvOperands expand_operands, depthwise_operands, project_operands;
  Layout input_layout = Layout::kBlocked;
};
StatusOr<std::unique_ptr<Operator>> MakeFusedBlock(const FusedBlock& block, Isa isa,
                                                   WeightCache* cache);

}  // namespace minnow::runtime

#endif  // MINNOW_RUNTIME_OPERATORS_CONVOLUTION_H_
