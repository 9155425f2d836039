// Shape rules as text, so that a test is one line: Infer(op, {F32({1,2}), Ints({3})}) gives
// "f32[1,2]", or the error's code and message.
#ifndef MINNOW_TEST_GRAPH_INFER_TEXT_H_
#define MINNOW_TEST_GRAPH_INFER_TEXT_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "graph/op_rules.h"

namespace minnow::graph {

struct Fact {
  InputFact fact;
  std::vector<int64_t> elements;  // what fact.data points at, where is_list
  bool is_list = false;
};

inline Fact Of(DType dtype, std::optional<Shape> shape) {
  Fact fact;
  fact.fact.present = true;
  fact.fact.dtype = dtype;
  fact.fact.shape = shape;
  return fact;
}
inline Fact F32(Shape shape) { return Of(DType::kF32, shape); }
inline Fact S64(Shape shape) { return Of(DType::kS64, shape); }
inline Fact Bool(Shape shape) { return Of(DType::kBool, shape); }
// f32 of unknown rank.
inline Fact Unranked() { return Of(DType::kF32, std::nullopt); }
inline Fact None() { return Fact(); }
// A constant i64 list.
inline Fact Ints(std::vector<int64_t> values) {
  Fact fact = S64(Shape{static_cast<int64_t>(values.size())});
  fact.elements = std::move(values);
  fact.is_list = true;
  return fact;
}

inline std::string TextOf(const Status& status) {
  return std::string(StatusCodeName(status.code())) + ": " + status.message();
}

inline std::string Infer(const Op& op, const std::vector<Fact>& inputs) {
  std::vector<InputFact> facts;
  for (const Fact& input : inputs) {
    facts.push_back(input.fact);
    if (input.is_list) facts.back().data = input.elements.data();
  }
  OutputFact output;
  const Status status = InferOp(op, facts, &output);
  if (!status.ok()) return TextOf(status);
  return DTypeName(output.dtype) + (output.shape ? output.shape->ToString() : "[*]");
}

}  // namespace minnow::graph

#endif  // MINNOW_TEST_GRAPH_INFER_TEXT_H_
