// The weights of one matrix product, packed, with the loop over their panels.
#ifndef MINNOW_RUNTIME_OPERATORS_GEMM_LAYER_H_
#define MINNOW_RUNTIME_OPERATORS_GEMM_LAYER_H_

#include <vector>

#include "base/cpu_features.h"
#include "base/status.h"
#include "kernels/gemm/gemm.h"
#include "runtime/weight_cache.h"
#include "tensor/tensor.h"

namespace minnow::runtime {

class GemmLayer {
 public:
  // `weights` f32 [n][k], `bias` f32 [n] or null. `order`, when given, lists which k stands at each
  // place of a packed row: packed[i] = weights[n][order[i]].
  static StatusOr<GemmLayer> Make(const Tensor& weights, const Tensor* bias, int64_t k, int64_t n,
                                  const kernels::Epilogue& epilogue, Isa isa,
                                  const std::vector<int64_t>* order, WeightCache* cache);

  // One panel of columns. `args` says where A lies and where column 0 of C and of the residual are;
  // weights, bias, epilogue and prefetch are filled in here.
  void RunPanel(int64_t panel, kernels::GemmF32Args args) const;
  void Run(const kernels::GemmF32Args& args) const {
    for (int64_t panel = 0; panel < panel_count(); ++panel) RunPanel(panel, args);
  }

  int64_t k() const { return k_; }
  int64_t n() const { return n_; }
  int64_t panel_count() const { return panels_.count(); }
  // First column of a panel, and how many it has (the last panel may reach beyond n).
  int64_t FirstColumn(int64_t panel) const;
  int64_t Width(int64_t panel) const;
  const kernels::GemmF32Kernel& kernel() const { return *kernel_; }

 private:
  GemmLayer() = default;

  SharedBuffer weights_;
  SharedBuffer bias_;  // padded to whole blocks
  int64_t k_ = 0, n_ = 0;
  kernels::Epilogue epilogue_;
  const kernels::GemmF32Kernel* kernel_ = nullptr;
  kernels::GemmPanels panels_;
};

// The bias of a layer padded to whole blocks of channels, zeros without one. `weights` is its key
// in the cache then.
StatusOr<SharedBuffer> PadBias(const Tensor* bias, const Tensor& weights, int64_t n,
                               WeightCache* cache);

// The one tap of products without a window.
inline constexpr int64_t kNoTap = 0;

}  // namespace minnow::runtime

#endif  // MINNOW_RUNTIME_OPERATORS_GEMM_LAYER_H_
