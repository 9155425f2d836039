// Indices as data: read, checked, turned into offsets. Internal to interpreter/.
#ifndef MINNOW_INTERPRETER_INDICES_H_
#define MINNOW_INTERPRETER_INDICES_H_

#include "base/status.h"
#include "tensor/tensor.h"

namespace minnow::interpreter {

// Element `i` of an i32 or i64 tensor.
inline int64_t IndexAt(const TensorView& indices, int64_t i) {
  return indices.dtype == DType::kS32 ? indices.as<int32_t>()[i] : indices.as<int64_t>()[i];
}

// `given` in a dimension of `dim` elements, counted from the end where it is negative.
// kInvalidArgument outside.
inline Status ResolveIndex(int64_t given, int64_t dim, int64_t* index) {
  *index = given < 0 ? given + dim : given;
  if (*index >= 0 && *index < dim) return OkStatus();
  return InvalidArgument("index %lld is outside a dimension of %lld", static_cast<long long>(given),
                         static_cast<long long>(dim));
}

}  // namespace minnow::interpreter

#endif  // MINNOW_INTERPRETER_INDICES_H_
