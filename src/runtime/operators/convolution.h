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
// groups == in_c == out_c. Input blocked; no residual.
StatusOr<std::unique_ptr<Operator>> MakeDepthwise(const ConvGeometry& geometry,
                                                  const ConvOperands& operands, Isa isa,
                                                  WeightCache* cache);

// Packed weights and bias of a GEMM over k rows, n columns, weights [n][k].
struct PackedGemm {
  SharedBuffer weights;
  SharedBuffer bias;  // padded to whole blocks
};
// `order`, when given, lists the k index that stands at each place of a row: packed row i is
// weights[n][order[i]].
StatusOr<PackedGemm> PackGemm(const Tensor& weights, const Tensor* bias, int64_t k, int64_t n,
                              Isa isa, const std::vector<int64_t>* order, WeightCache* cache);

}  // namespace minnow::runtime

#endif  // MINNOW_RUNTIME_OPERATORS_CONVOLUTION_H_
