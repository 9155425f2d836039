// Element types of an IR, and its constants: ranges of the .bin.
#ifndef MINNOW_IMPORTERS_OPENVINO_TENSORS_H_
#define MINNOW_IMPORTERS_OPENVINO_TENSORS_H_

#include <cstdint>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "importers/openvino/model.h"
#include "tensor/tensor.h"

namespace minnow::importers::openvino {

// Every float is f32 here: f16, bf16 and f64 say how a file is stored. kUnsupported for types of
// less than a byte, strings, and what is no type.
StatusOr<DType> ToDType(std::string_view element_type);

// `text` as in "1,3,?,1..8"; open dims are kUnknownDim.
StatusOr<Shape> ParseShape(std::string_view text);

// Copies constants out of one .bin, which outlives it. Equal ranges share their elements.
class Weights {
 public:
  // `expansion_budget_bytes` is what may be copied beyond one copy of each byte, where the ranges
  // of constants overlap.
  Weights(Bytes bin, int64_t* expansion_budget_bytes)
      : bin_(bin), free_bytes_(bin.size), expansion_budget_bytes_(expansion_budget_bytes) {}

  // The tensor of a Const layer.
  StatusOr<Tensor> Read(const LayerRecord& layer);

 private:
  struct Stored {
    std::string_view element_type;
    Tensor tensor;
  };

  Status Charge(size_t bytes);

  const Bytes bin_;
  size_t free_bytes_;  // each byte of the file once
  int64_t* expansion_budget_bytes_;
  std::unordered_map<uint64_t, std::vector<Stored>> stored_;  // by offset
};

}  // namespace minnow::importers::openvino

#endif  // MINNOW_IMPORTERS_OPENVINO_TENSORS_H_
