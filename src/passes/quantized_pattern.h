// What stands between Dequantize and Quantize, for the passes that look for integers there.
#ifndef MINNOW_PASSES_QUANTIZED_PATTERN_H_
#define MINNOW_PASSES_QUANTIZED_PATTERN_H_

#include <optional>
#include <vector>

#include "base/status.h"
#include "graph/graph.h"
#include "tensor/quantization.h"

namespace minnow::passes {

inline bool IsByte(DType dtype) { return dtype == DType::kU8 || dtype == DType::kS8; }

// A value that a Dequantize makes, or a Quantize is to make: its integers and what they stand for.
struct Integers {
  graph::ValueId value = graph::kNoValue;
  DType dtype = DType::kU8;
  Quantization quantization;

  bool IsPerTensor() const { return quantization.scales.size() == 1; }
  // REQUIRES: IsPerTensor().
  QuantParams params() const { return {quantization.scales[0], quantization.zero_points[0]}; }
};

// The integers behind a real value that a Dequantize by constants makes.
std::optional<Integers> IntegersOf(const graph::Graph& graph, graph::ValueId real);
// The same for bytes with one scale.
std::optional<Integers> ActivationsOf(const graph::Graph& graph, graph::ValueId real);
// What the Quantize `id` gives: bytes with one scale, or nothing. `value` is kNoValue.
std::optional<Integers> QuantizedBy(const graph::Graph& graph, graph::NodeId id);

// What stands before a Quantize: an operator, and the clamp behind it.
struct Pattern {
  graph::NodeId quantize = graph::kNoNode;
  Integers y;        // value is kNoValue
  graph::Node node;  // a copy: fusing adds nodes
  graph::Activation activation;
  bool has_clamp = false;
};

std::optional<Pattern> PatternOf(const graph::Graph& graph, graph::NodeId id);

// The operator's own activation, or the clamp behind it; nothing where there are both.
std::optional<graph::Activation> ActivationOf(const Pattern& pattern, const graph::Activation& own);

// What reads the Quantize `id` reads `op(inputs)` instead, whose node is called `name`.
void ReplaceQuantize(graph::Graph* graph, graph::NodeId id, const std::string& name, graph::Op op,
                     std::vector<graph::ValueId> inputs);

// Fuses what works on bytes by itself: movements, functions of one element, means, softmax.
// fuse_bytes.cc
StatusOr<bool> FuseOnBytes(graph::Graph* graph, const Pattern& pattern);
StatusOr<bool> FuseByteMap(graph::Graph* graph, graph::NodeId quantize);

}  // namespace minnow::passes

#endif  // MINNOW_PASSES_QUANTIZED_PATTERN_H_
