// Which Clamps and hard-swishes can what makes their input do before it stores its result?
#include <algorithm>

#include "passes/passes.h"
#include "passes/rewrite.h"

namespace minnow::passes {
namespace {

using graph::Activation;
using graph::Graph;
using graph::NodeId;
using graph::ValueId;

std::optional<Activation> ActivationOf(const graph::Op& op) {
  if (const auto* clamp = std::get_if<graph::Clamp>(&op)) {
    return Activation{Activation::Kind::kClamp, clamp->min, clamp->max};
  }
  const auto* unary = std::get_if<graph::Unary>(&op);
  if (unary == nullptr || unary->kind != graph::UnaryKind::kHardSwish) return std::nullopt;
  Activation activation;
  activation.kind = Activation::Kind::kHardSwish;
  return activation;
}

// clamp(clamp(x, a.min, a.max), b.min, b.max) is one clamp whose bounds are a's, clamped by b.
Activation Clamped(const Activation& a, const Activation& b) {
  const auto clamp = [&b](float x) { return std::min(std::max(x, b.min), b.max); };
  return {Activation::Kind::kClamp, clamp(a.min), clamp(a.max)};
}

// `first` and then `second` as one activation, where there is one.
std::optional<Activation> Compose(const Activation& first, const Activation& second) {
  if (first.IsNone()) return second;
  if (first.kind == Activation::Kind::kClamp && second.kind == Activation::Kind::kClamp) {
    return Clamped(first, second);
  }
  return std::nullopt;
}

// Arithmetic whose kernels have an epilogue.
bool HasEpilogue(graph::BinaryKind kind) {
  return kind == graph::BinaryKind::kAdd || kind == graph::BinaryKind::kSub ||
         kind == graph::BinaryKind::kMul;
}

// The activation of an operator that has one, else null.
Activation* EpilogueOf(graph::Op* op) {
  if (auto* conv = std::get_if<graph::Conv2D>(op)) return &conv->activation;
  if (auto* product = std::get_if<graph::FullyConnected>(op)) return &product->activation;
  auto* binary = std::get_if<graph::Binary>(op);
  return binary != nullptr && HasEpilogue(binary->kind) ? &binary->activation : nullptr;
}

Status FuseNode(Graph* graph, NodeId id) {
  const std::optional<Activation> activation = ActivationOf(graph->node(id).op);
  const ValueId x = graph->node(id).inputs[0];
  if (!activation || graph->ProducerOf(x) == nullptr || !HasOneReader(*graph, x) ||
      graph->value(x).dtype != DType::kF32) {
    return OkStatus();
  }
  graph::Op& producer = graph->node(graph->value(x).producer).op;
  std::optional<Activation> whole;
  if (Activation* epilogue = EpilogueOf(&producer)) {
    whole = Compose(*epilogue, *activation);
    if (whole) *epilogue = *whole;
  } else if (auto* clamp = std::get_if<graph::Clamp>(&producer)) {
    whole = Compose({Activation::Kind::kClamp, clamp->min, clamp->max}, *activation);
    if (whole && whole->kind != Activation::Kind::kClamp) whole.reset();
    if (whole) *clamp = graph::Clamp{whole->min, whole->max};
  }
  if (whole) ReplaceNode(graph, id, x);
  return OkStatus();
}

}  // namespace

Status FuseActivation(Graph* graph) {
  return ForEachNode(graph, [graph](NodeId id) { return FuseNode(graph, id); });
}

}  // namespace minnow::passes
