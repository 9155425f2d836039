// Picking rows from a family's table: best first, the portable row last.
#ifndef MINNOW_KERNELS_TABLE_H_
#define MINNOW_KERNELS_TABLE_H_

#include <cstddef>

#include "base/cpu_features.h"

namespace minnow::kernels {

// The first row at or below `isa`. The last row is portable, so there is one.
template <typename Row, size_t kCount>
const Row& Select(const Row (&rows)[kCount], Isa isa) {
  size_t first = 0;
  while (first + 1 < kCount && rows[first].isa > isa) ++first;
  return rows[first];
}

// The rows that this machine can run.
template <typename Row, size_t kCount>
const Row* Supported(const Row (&rows)[kCount], size_t* count) {
  const Row* first = &Select(rows, DetectedIsa());
  *count = static_cast<size_t>(rows + kCount - first);
  return first;
}

}  // namespace minnow::kernels

#endif  // MINNOW_KERNELS_TABLE_H_
