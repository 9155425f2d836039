// What a .tflite file says, as plain records: operator codes, tensors and operators of its first
// subgraph. Views into the file's bytes.
#ifndef MINNOW_IMPORTERS_TFLITE_MODEL_H_
#define MINNOW_IMPORTERS_TFLITE_MODEL_H_

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "importers/tflite/flatbuffer_reader.h"
#include "tensor/dtype.h"
#include "tensor/quantization.h"
#include "tensor/shape.h"
#include "tensor/tensor.h"

namespace minnow::importers::tflite {

struct TensorRecord {
  std::string_view name;
  int type = 0;
  std::optional<DType> dtype;  // absent: a type that no operator here takes
  std::vector<int32_t> dims;   // -1 where the file leaves it open
  bool is_constant = false;
  Bytes data;
  std::optional<Quantization> quantization;
  bool is_custom_quantized = false;
};

struct OperatorRecord {
  int32_t code = 0;
  std::string_view custom_name;  // of a custom operator
  std::vector<int32_t> inputs;   // -1 where an optional one is absent
  std::vector<int32_t> outputs;
  Table options;
};

struct ModelRecord {
  std::vector<TensorRecord> tensors;
  std::vector<OperatorRecord> operators;
  std::vector<int32_t> inputs, outputs;
};

// `buffer` outlives the record. All tensor indices are in range, or -1 among operator inputs.
Status ReadModel(FlatBuffer* buffer, ModelRecord* model);

// The element type that TensorType `type` names, where minnow has it.
std::optional<DType> ToDType(int type);

// tensors.cc
// The dims as a shape. kInvalidModel where it is none.
StatusOr<Shape> ShapeOf(const TensorRecord& record);
// A constant's elements. REQUIRES: record.is_constant.
StatusOr<Tensor> CopyConstant(const TensorRecord& record);
// kInvalidModel where scales and zero points fit neither each other nor the tensor.
Status CheckQuantization(const TensorRecord& record);
// Weights [1, H, W, O] of a depthwise convolution as [O, H, W, 1].
StatusOr<Tensor> DepthwiseToOhwi(const Tensor& weights);

}  // namespace minnow::importers::tflite

#endif  // MINNOW_IMPORTERS_TFLITE_MODEL_H_
