// Whether a network's first output is already a probability, or a logit.
#include "classify/output_kind.h"

#include <variant>

namespace minnow::classify {
namespace {

bool OnlyMovesValues(const graph::Op& op) {
  return std::holds_alternative<graph::Reshape>(op) || std::holds_alternative<graph::Squeeze>(op) ||
         std::holds_alternative<graph::Unsqueeze>(op) ||
         std::holds_alternative<graph::Flatten>(op) ||
         std::holds_alternative<graph::Transpose>(op) ||
         std::holds_alternative<graph::Identity>(op) || std::holds_alternative<graph::Cast>(op) ||
         std::holds_alternative<graph::Quantize>(op) ||
         std::holds_alternative<graph::Dequantize>(op);
}

}  // namespace

const char* OutputKindName(OutputKind kind) {
  return kind == OutputKind::kProbabilities ? "probabilities" : "logits";
}

OutputKind FindOutputKind(const graph::Graph& graph) {
  if (graph.outputs().empty()) return OutputKind::kLogits;
  const graph::Node* node = graph.ProducerOf(graph.outputs()[0]);
  while (node != nullptr && OnlyMovesValues(node->op) && !node->inputs.empty()) {
    node = graph.ProducerOf(node->inputs[0]);
  }
  if (node == nullptr) return OutputKind::kLogits;
  const auto* softmax = std::get_if<graph::Softmax>(&node->op);
  return softmax != nullptr && !softmax->log ? OutputKind::kProbabilities : OutputKind::kLogits;
}

}  // namespace minnow::classify
