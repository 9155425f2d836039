// Evaluating an op as text, so that a test is one line: Eval(op, {F32({2}, {1, 2})}) gives
// "f32[2] 1 2" (six digits a number), or the error's code and message.
#ifndef MINNOW_TEST_INTERPRETER_EVAL_TEXT_H_
#define MINNOW_TEST_INTERPRETER_EVAL_TEXT_H_

#include <cstdio>
#include <cstring>
#include <string>
#include <vector>

#include "interpreter/interpreter.h"

namespace minnow::interpreter {

// An input; absent when default-constructed.
struct Operand {
  Tensor tensor;
  bool present = false;
};

template <typename T>
Operand Typed(DType dtype, Shape shape, const std::vector<T>& values) {
  Operand operand;
  operand.tensor = *Tensor::Allocate(dtype, shape);
  operand.present = true;
  // A wrong count must not pass unseen.
  if (static_cast<int64_t>(values.size()) != shape.ElementCount()) return Operand();
  if (!values.empty()) {
    std::memcpy(operand.tensor.mutable_data(), values.data(), values.size() * sizeof(T));
  }
  return operand;
}

inline Operand F32(Shape shape, std::vector<float> values) {
  return Typed(DType::kF32, shape, values);
}
inline Operand F64(Shape shape, std::vector<double> values) {
  return Typed(DType::kF64, shape, values);
}
inline Operand F16(Shape shape, std::vector<uint16_t> bits) {
  return Typed(DType::kF16, shape, bits);
}
inline Operand S8(Shape shape, std::vector<int8_t> values) {
  return Typed(DType::kS8, shape, values);
}
inline Operand U8(Shape shape, std::vector<uint8_t> values) {
  return Typed(DType::kU8, shape, values);
}
inline Operand S32(Shape shape, std::vector<int32_t> values) {
  return Typed(DType::kS32, shape, values);
}
inline Operand S64(Shape shape, std::vector<int64_t> values) {
  return Typed(DType::kS64, shape, values);
}
inline Operand U64(Shape shape, std::vector<uint64_t> values) {
  return Typed(DType::kU64, shape, values);
}
inline Operand Bool(Shape shape, std::vector<uint8_t> values) {
  return Typed(DType::kBool, shape, values);
}
inline Operand None() { return Operand(); }
// first, first + 1, …
inline Operand Iota(Shape shape, float first = 0.0f) {
  std::vector<float> values(static_cast<size_t>(shape.ElementCount()));
  for (size_t i = 0; i < values.size(); ++i) values[i] = first + static_cast<float>(i);
  return F32(shape, values);
}

inline std::string ElementText(const Tensor& tensor, int64_t i) {
  char text[40];
  switch (tensor.dtype()) {
    case DType::kF32:
      std::snprintf(text, sizeof(text), "%g", static_cast<double>(tensor.as<float>()[i]));
      return text;
    case DType::kF64:
      std::snprintf(text, sizeof(text), "%g", tensor.as<double>()[i]);
      return text;
    case DType::kF16:
      std::snprintf(text, sizeof(text), "%04x", tensor.as<uint16_t>()[i]);
      return text;
    case DType::kU8:
    case DType::kBool:
      return std::to_string(tensor.as<uint8_t>()[i]);
    case DType::kS8:
      return std::to_string(tensor.as<int8_t>()[i]);
    case DType::kU16:
      return std::to_string(tensor.as<uint16_t>()[i]);
    case DType::kS16:
      return std::to_string(tensor.as<int16_t>()[i]);
    case DType::kS32:
      return std::to_string(tensor.as<int32_t>()[i]);
    case DType::kU32:
      return std::to_string(tensor.as<uint32_t>()[i]);
    case DType::kS64:
      return std::to_string(tensor.as<int64_t>()[i]);
    case DType::kU64:
      return std::to_string(tensor.as<uint64_t>()[i]);
  }
  return "?";
}

inline std::string TextOf(const Tensor& tensor) {
  std::string text = DTypeName(tensor.dtype()) + tensor.shape().ToString();
  for (int64_t i = 0; i < tensor.ElementCount(); ++i) text += " " + ElementText(tensor, i);
  return text;
}

inline std::string TextOf(const Status& status) {
  return std::string(StatusCodeName(status.code())) + ": " + status.message();
}

inline StatusOr<Tensor> EvalTensor(const graph::Op& op, const std::vector<Operand>& operands) {
  std::vector<TensorView> inputs;
  for (const Operand& operand : operands) {
    inputs.push_back(operand.present ? operand.tensor.view() : TensorView());
  }
  StatusOr<std::vector<Tensor>> outputs = AllocateOutputs(op, inputs);
  if (!outputs.ok()) return outputs.status();
  const Status status = Evaluate(op, inputs, {(*outputs)[0].mutable_view()});
  if (!status.ok()) return status;
  return (*outputs)[0];
}

inline std::string Eval(const graph::Op& op, const std::vector<Operand>& operands) {
  const StatusOr<Tensor> output = EvalTensor(op, operands);
  return output.ok() ? TextOf(*output) : TextOf(output.status());
}

}  // namespace minnow::interpreter

#endif  // MINNOW_TEST_INTERPRETER_EVAL_TEXT_H_
