// The weights of one depthwise convolution, packed, and runs of its rows.
#ifndef MINNOW_RUNTIME_OPERATORS_DEPTHWISE_LAYER_H_
#define MINNOW_RUNTIME_OPERATORS_DEPTHWISE_LAYER_H_

#include <algorithm>

#include "kernels/dwconv/dwconv.h"
#include "runtime/operators/convolution.h"
#include "runtime/weight_cache.h"

namespace minnow::runtime {

// Row pointers of one call, on the stack; a window has at most half as many rows.
inline constexpr int64_t kMaxRows = 128;
inline constexpr int64_t kMaxKernelRows = kMaxRows / 2;

class DepthwiseLayer {
 public:
  // REQUIRES: groups == in_c == out_c, (kernel_h - 1) * dilation_h < kMaxKernelRows.
  static StatusOr<DepthwiseLayer> Make(const ConvGeometry& geometry, const ConvOperands& operands,
                                       Isa isa, WeightCache* cache);

  // Output rows [first, last) of a block of 16 channels, to out[last - first][out_w][16]. row_at(y)
  // is pixel 0 of input row y, 0 <= y < in_h.
  template <typename RowAt>
  void Run(int64_t block, int64_t first, int64_t last, const RowAt& row_at, float* out) const {
    const float* rows[kMaxRows];
    const int64_t at_a_time = std::max<int64_t>(1, (kMaxRows - WindowRows()) / g_.stride_h + 1);
    for (; first < last; first += at_a_time) {
      const int64_t count = std::min(at_a_time, last - first);
      const int64_t top = first * g_.stride_h - g_.pad_top;
      const int64_t needed = (count - 1) * g_.stride_h + WindowRows();
      for (int64_t i = 0; i < needed; ++i) {
        const int64_t y = top + i;
        rows[i] = y >= 0 && y < g_.in_h ? row_at(y) : nullptr;
      }
      RunRows(block, count, rows, out);
      out += count * g_.out_w * kernels::kBlock;
    }
  }

  const ConvGeometry& geometry() const { return g_; }
  const char* kernel() const { return kernel_->name; }
  int64_t macs() const {
    return g_.batch * g_.out_h * g_.out_w * g_.out_c * g_.kernel_h * g_.kernel_w;
  }

 private:
  DepthwiseLayer() = default;

  // Input rows under one window, gaps of a dilation included.
  int64_t WindowRows() const { return (g_.kernel_h - 1) * g_.dilation_h + 1; }
  void RunRows(int64_t block, int64_t count, const float* const* rows, float* out) const;

  ConvGeometry g_;
  SharedBuffer weights_;
  SharedBuffer bias_;
  kernels::Epilogue epilogue_;
  const kernels::DwconvF32Kernel* kernel_ = nullptr;
};

}  // namespace minnow::runtime

#endif  // MINNOW_RUNTIME_OPERATORS_DEPTHWISE_LAYER_H_
