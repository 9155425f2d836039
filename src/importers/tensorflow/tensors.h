// TensorFlow TensorProto to Tensor.
#ifndef MINNOW_IMPORTERS_TENSORFLOW_TENSORS_H_
#define MINNOW_IMPORTERS_TENSORFLOW_TENSORS_H_

#include <optional>

#include "importers/importer.h"
#include "tensor/tensor.h"

namespace minnow::importers::tensorflow {

// DataType of types.proto; nothing for strings, complex, quantised and resource types, bfloat16.
std::optional<DType> ToDType(int64_t data_type);

// Decodes and copies. A list shorter than the shape repeats its last value (an empty one: zero);
// the bytes that adds are taken off `expansion_budget_bytes`, kResourceExhausted below zero.
// kInvalidModel where the data do not fit the shape otherwise.
StatusOr<Tensor> DecodeTensor(Bytes message, int64_t* expansion_budget_bytes);

}  // namespace minnow::importers::tensorflow

#endif  // MINNOW_IMPORTERS_TENSORFLOW_TENSORS_H_
