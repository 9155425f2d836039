// The weights of one depthwise convolution, packed, and one of its rows.
#ifndef MINNOW_RUNTIME_OPERATORS_DEPTHWISE_LAYER_H_
#define MINNOW_RUNTIME_OPERATORS_DEPTHWISE_LAYER_H_

#include "kernels/dwconv/dwconv.h"
#include "runtime/operators/convolution.h"
#include "runtime/weight_cache.h"

namespace minnow::runtime {

// Rows of a window: what fits an array of row pointers on the stack.
inline constexpr int64_t kMaxKernelRows = 64;

class DepthwiseLayer {
 public:
  // REQUIRES: groups == in_c == out_c, kernel_h <= kMaxKernelRows.
  static StatusOr<DepthwiseLayer> Make(const ConvGeometry& geometry, const ConvOperands& operands,
                                       Isa isa, WeightCache* cache);

  // One output row of a block of 16 channels. rows[ky]: pixel 0 of the input row under tap ky, null
  // where that is padding.
  void RunRow(int64_t block, const float* const* rows, float* out) const;

  const ConvGeometry& geometry() const { return g_; }
  const char* kernel() const { return kernel_->name; }
  int64_t macs() const {
    return g_.batch * g_.out_h * g_.out_w * g_.out_c * g_.kernel_h * g_.kernel_w;
  }

 private:
  DepthwiseLayer() = default;

  ConvGeometry g_;
  SharedBuffer weights_;
  SharedBuffer bias_;
  kernels::Epilogue epilogue_;
  const kernels::DwconvF32Kernel* kernel_ = nullptr;
};

}  // namespace minnow::runtime

#endif  // MINNOW_RUNTIME_OPERATORS_DEPTHWISE_LAYER_H_
