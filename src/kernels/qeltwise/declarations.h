// The functions of kernels.inc, for the files that define them and the table that lists them.
#ifndef MINNOW_KERNELS_QELTWISE_DECLARATIONS_H_
#define MINNOW_KERNELS_QELTWISE_DECLARATIONS_H_

#include "base/target_region.h"
#include "kernels/qeltwise/qeltwise.h"

namespace minnow::kernels {

#define MINNOW_QELTWISE(isa, suffix, map)                                                 \
  void qeltwise_binary_##suffix(const QbinaryArgs& args);                                 \
  void qeltwise_factors_##suffix(const QbinaryArgs& args, const QproductFactors& factors, \
                                 float* out);                                             \
  void qeltwise_quantize_##suffix(const QuantizeArgs& args);                              \
  void qeltwise_dequantize_##suffix(const DequantizeArgs& args);                          \
  void qeltwise_map_##map(const QmapArgs& args);
#include "kernels/qeltwise/kernels.inc"
#undef MINNOW_QELTWISE

}  // namespace minnow::kernels

#endif  // MINNOW_KERNELS_QELTWISE_DECLARATIONS_H_
