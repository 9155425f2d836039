// The constants of a product of integers as the kernels want them: packed weights, and for each
// output channel a bias with the zero points folded in and the factors to requantise by.
//
//   sum of (x - zx) (w - zw) + bias  =  sum of x (w - zw)  +  (bias - zx * sum of (w - zw))
//
// Weights are packed as w - zw where the kernel holds such numbers. Where they would need nine bits
// they are packed as w - o, and the rest, (o - zw) * sum of x, is added for each row of A.
#ifndef MINNOW_RUNTIME_OPERATORS_QLAYER_H_
#define MINNOW_RUNTIME_OPERATORS_QLAYER_H_

#include <optional>
#include <vector>

#include "base/cpu_features.h"
#include "base/status.h"
#include "kernels/qdwconv/qdwconv.h"
#include "kernels/qgemm/qgemm.h"
#include "runtime/weight_cache.h"
#include "tensor/tensor.h"

namespace minnow::runtime {

// Zero points are those of the bytes as they lie; min and max bound the output's.
struct QuantizedProduct {
  const Tensor* weights = nullptr;  // u8 or i8 [channels][terms]
  const Tensor* bias = nullptr;     // i32 [channels] or null
  int64_t channels = 0;
  const std::vector<float>* weight_scales = nullptr;  // one, or one a channel
  int32_t weight_zero_point = 0;
  float x_scale = 1.0f, y_scale = 1.0f;
  int32_t x_zero = 0, y_zero = 0;
  int32_t min = 0, max = 255;

  int64_t terms() const { return channels == 0 ? 0 : weights->ElementCount() / channels; }
};

// Biases and factors of every output channel.
class QuantizedColumns {
 public:
  // `place[i]` is the channel that stands at place i of the register order. Nothing when sums could
  // leave 32 bits, or a factor is too odd for the kernels.
  static StatusOr<std::optional<QuantizedColumns>> Make(const QuantizedProduct& product,
                                                        const std::vector<int64_t>& place);

  const int32_t* bias() const { return bias_->as<int32_t>(); }
  // Of the columns from `first` on, which is the first of a panel or block.
  kernels::Requant RequantFrom(int64_t first) const;

 private:
  SharedBuffer bias_, multipliers_, scales_;
  kernels::Requant requant_;
};

class QgemmLayer {
 public:
  // For calls of at least `rows` rows. The weights of a channel are packed as `taps` taps, element
  // order[i] at place i; empty: as they are.
  static StatusOr<std::optional<QgemmLayer>> Make(const QuantizedProduct& product, int64_t taps,
                                                  const std::vector<int64_t>& order, int64_t rows,
                                                  Isa isa, WeightCache* cache);

  int64_t panel_count() const { return kernels::QgemmPanelCount(*kernel_, n_); }
  // Around all panels that a thread runs in a row.
  void Begin() const {
    if (kernel_->begin != nullptr) kernel_->begin();
  }
  void End() const {
    if (kernel_->end != nullptr) kernel_->end();
  }
  // One panel of columns. `args` says where A, the row offsets and column 0 of C are; the rest is
  // filled in here.
  void RunPanel(int64_t panel, kernels::QgemmArgs args) const;
  // Fills offsets[args.m]. REQUIRES: has_row_offsets().
  void RowOffsets(kernels::QgemmArgs args, int32_t* offsets) const;
  bool has_row_offsets() const { return row_factor_ != 0; }

  int64_t n() const { return n_; }
  int64_t taps() const { return taps_; }
  int64_t channels() const { return channels_; }
  uint8_t x_zero() const { return x_zero_; }
  const kernels::QgemmKernel& kernel() const { return *kernel_; }

 private:
  QgemmLayer() = default;

  const kernels::QgemmKernel* kernel_ = nullptr;
  int64_t n_ = 0, taps_ = 0, channels_ = 0;
  int32_t row_factor_ = 0;
  uint8_t x_zero_ = 0;
  SharedBuffer weights_;
  QuantizedColumns columns_;
};

class QdwconvLayer {
 public:
  static StatusOr<std::optional<QdwconvLayer>> Make(const QuantizedProduct& product,
                                                    int64_t kernel_h, int64_t kernel_w, Isa isa,
                                                    WeightCache* cache);

  // `args` says where rows, padding and output are; the rest is filled in here.
  void Run(kernels::QdwconvArgs args) const;
  uint8_t x_zero() const { return x_zero_; }
  const kernels::QdwconvKernel& kernel() const { return *kernel_; }

 private:
  QdwconvLayer() = default;

  const kernels::QdwconvKernel* kernel_ = nullptr;
  int64_t planes_ = 1;
  uint8_t x_zero_ = 0;
  SharedBuffer weights_;
  QuantizedColumns columns_;
};

}  // namespace minnow::runtime

#endif  // MINNOW_RUNTIME_OPERATORS_QLAYER_H_
