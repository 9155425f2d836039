// The functions of kernels.inc, for the files that define them and the table that lists them.
#ifndef MINNOW_KERNELS_QGEMM_DECLARATIONS_H_
#define MINNOW_KERNELS_QGEMM_DECLARATIONS_H_

#include "base/target_region.h"
#include "kernels/qgemm/qgemm.h"

namespace minnow::kernels {

// Of 1 to 4 vectors; a row defines as many as its widest panel has.
#define MINNOW_QGEMM(isa, suffix, form, min_rows, lanes, max_vectors, depth, row_sums, begin, end) \
  template <int NV>                                                                                \
  void qgemm_##suffix(const QgemmArgs& args);
#include "kernels/qgemm/kernels.inc"
#undef MINNOW_QGEMM
void qgemm_row_sums_avx512vnni(const QgemmArgs& args, int32_t factor, int32_t* sums);
void qgemm_begin_amx();
void qgemm_end_amx();

}  // namespace minnow::kernels

#endif  // MINNOW_KERNELS_QGEMM_DECLARATIONS_H_
