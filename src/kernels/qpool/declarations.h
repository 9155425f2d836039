// The functions of kernels.inc, for the files that define them and the table that lists them.
#ifndef MINNOW_KERNELS_QPOOL_DECLARATIONS_H_
#define MINNOW_KERNELS_QPOOL_DECLARATIONS_H_

#include "base/target_region.h"
#include "kernels/qpool/qpool.h"

namespace minnow::kernels {

#define MINNOW_QPOOL(isa, suffix)                     \
  void qpool_max_##suffix(const QpoolArgs& args);     \
  void qpool_average_##suffix(const QpoolArgs& args); \
  void qpool_mean_##suffix(const QmeanArgs& args);
#include "kernels/qpool/kernels.inc"
#undef MINNOW_QPOOL

}  // namespace minnow::kernels

#endif  // MINNOW_KERNELS_QPOOL_DECLARATIONS_H_
