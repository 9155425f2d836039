#include "quantize/plan.h"

#include <numeric>
#include <utility>

#include "passes/rewrite.h"

namespace minnow::quantize {
namespace {

using graph::Graph;
using graph::kNoValue;
using graph::Node;
using graph::NodeId;
using graph::ValueId;

// Products that an s32 holds the sum of: the integer ops' limit.
constexpr int64_t kMaxTerms = 32768;

// A real value that is computed in a run.
bool IsActivation(const Graph& graph, ValueId id) {
  return id != kNoValue && !graph.IsConstant(id) && graph.value(id).dtype == DType::kF32;
}

bool IsByteFunction(graph::UnaryKind kind) {
  using graph::UnaryKind;
  return kind == UnaryKind::kSigmoid || kind == UnaryKind::kTanh || kind == UnaryKind::kHardSwish ||
         kind == UnaryKind::kHardSigmoid || kind == UnaryKind::kLeakyRelu ||
         kind == UnaryKind::kElu || kind == UnaryKind::kGelu || kind == UnaryKind::kSoftplus;
}

bool Computes(const Graph& graph, const Node& node) {
  if (IsProduct(graph, node)) return true;
  if (const auto* binary = std::get_if<graph::Binary>(&node.op)) {
    const bool arithmetic = binary->kind == graph::BinaryKind::kAdd ||
                            binary->kind == graph::BinaryKind::kSub ||
                            binary->kind == graph::BinaryKind::kMul;
    return arithmetic && IsActivation(graph, node.inputs[0]) && IsActivation(graph, node.inputs[1]);
  }
  if (const auto* unary = std::get_if<graph::Unary>(&node.op)) return IsByteFunction(unary->kind);
  if (const auto* pool = std::get_if<graph::Pool2D>(&node.op)) {
    return pool->kind == graph::PoolKind::kAverage;
  }
  if (const auto* reduce = std::get_if<graph::Reduce>(&node.op)) {
    return reduce->kind == graph::ReduceKind::kMean && node.inputs.size() == 1;
  }
  return std::holds_alternative<graph::Clamp>(node.op);
}

// How many of the first inputs hold the elements that the operator moves; 0: it does more.
size_t MovedInputs(const Graph& graph, const Node& node) {
  using namespace graph;  // NOLINT: names of ops
  if (!IsActivation(graph, node.outputs[0])) return 0;
  if (const auto* pool = std::get_if<Pool2D>(&node.op)) return pool->kind == PoolKind::kMax ? 1 : 0;
  if (std::holds_alternative<Concat>(node.op)) {
    for (const ValueId id : node.inputs) {
      if (!IsActivation(graph, id)) return 0;
    }
    return node.inputs.size();
  }
  const bool moves =
      std::holds_alternative<Reshape>(node.op) || std::holds_alternative<Squeeze>(node.op) ||
      std::holds_alternative<Unsqueeze>(node.op) || std::holds_alternative<Flatten>(node.op) ||
      std::holds_alternative<Transpose>(node.op) || std::holds_alternative<Gather>(node.op) ||
      std::holds_alternative<Slice>(node.op) || std::holds_alternative<Identity>(node.op);
  return moves && IsActivation(graph, node.inputs[0]) ? 1 : 0;
}

// Sets of values that are merged one by one.
class Groups {
 public:
  explicit Groups(int count) : parent_(static_cast<size_t>(count)) {
    std::iota(parent_.begin(), parent_.end(), 0);
  }
  int Find(int id) {
    int root = id;
    while (parent_[static_cast<size_t>(root)] != root) root = parent_[static_cast<size_t>(root)];
    while (id != root) id = std::exchange(parent_[static_cast<size_t>(id)], root);
    return root;
  }
  void Merge(int a, int b) { parent_[static_cast<size_t>(Find(a))] = Find(b); }

 private:
  std::vector<int> parent_;
};

void CopyFacts(Graph* graph, ValueId from, ValueId to) {
  graph->value(to).dtype = graph->value(from).dtype;
  graph->value(to).shape = graph->value(from).shape;
}

// `activation` behind the node that makes `value`.
void AppendActivation(Graph* graph, ValueId value, const graph::Activation& activation) {
  if (activation.IsNone()) return;
  graph::Op op = graph::Clamp{activation.min, activation.max};
  if (activation.kind == graph::Activation::Kind::kHardSwish) {
    op = graph::Unary{graph::UnaryKind::kHardSwish, 0.0f, 0.0f};
  }
  CopyFacts(graph, value, passes::InsertAfter(graph, value, std::move(op), "/activation"));
}

void SplitResidual(Graph* graph, NodeId id) {
  const ValueId residual = passes::InputOf(graph->node(id), 3);
  if (residual == kNoValue) return;
  graph::Activation& own = std::get<graph::Conv2D>(graph->node(id).op).activation;
  const graph::Activation activation = std::exchange(own, {});
  const bool is_clamp = activation.kind == graph::Activation::Kind::kClamp;
  const graph::Binary add{graph::BinaryKind::kAdd, is_clamp ? activation : graph::Activation()};
  graph->node(id).inputs.resize(3);
  const ValueId output = graph->node(id).outputs[0];
  const ValueId sum = passes::InsertAfter(graph, output, add, "/sum");
  CopyFacts(graph, output, sum);
  graph->node(graph->value(sum).producer).inputs.push_back(residual);
  if (!is_clamp) AppendActivation(graph, sum, activation);
}

graph::Activation* ActivationOf(Node* node) {
  if (auto* conv = std::get_if<graph::Conv2D>(&node->op)) return &conv->activation;
  if (auto* product = std::get_if<graph::FullyConnected>(&node->op)) return &product->activation;
  if (auto* binary = std::get_if<graph::Binary>(&node->op)) return &binary->activation;
  return nullptr;
}

}  // namespace

Status SplitFusedOps(Graph* graph) {
  return passes::ForEachNode(graph, [graph](NodeId id) {
    if (std::holds_alternative<graph::Conv2D>(graph->node(id).op)) SplitResidual(graph, id);
    graph::Activation* own = ActivationOf(&graph->node(id));
    if (own == nullptr || own->kind == graph::Activation::Kind::kClamp) return OkStatus();
    const graph::Activation activation = std::exchange(*own, {});
    AppendActivation(graph, graph->node(id).outputs[0], activation);
    return OkStatus();
  });
}

bool IsProduct(const Graph& graph, const Node& node) {
  const auto* conv = std::get_if<graph::Conv2D>(&node.op);
  if (conv == nullptr && !std::holds_alternative<graph::FullyConnected>(node.op)) return false;
  if (conv != nullptr && (conv->layout != graph::DataLayout::kNHWC ||
                          conv->weight_layout != graph::WeightLayout::kOHWI)) {
    return false;
  }
  if (!IsActivation(graph, node.inputs[0]) || passes::InputOf(node, 3) != kNoValue) return false;
  const Tensor* weights = graph.ConstantOf(node.inputs[1]);
  const ValueId bias = passes::InputOf(node, 2);
  if (weights == nullptr || weights->dtype() != DType::kF32 || weights->ElementCount() == 0) {
    return false;
  }
  if (conv == nullptr && graph.value(node.inputs[0]).shape &&
      graph.value(node.inputs[0]).shape->rank() != 2) {
    return false;
  }
  if (bias != kNoValue && !graph.IsConstant(bias)) return false;
  return weights->ElementCount() / weights->shape()[0] <= kMaxTerms;
}

QuantPlan PlanQuantization(const Graph& graph) {
  QuantPlan plan;
  Groups groups(graph.value_count());
  std::vector<bool> touched(static_cast<size_t>(graph.value_count()), false);
  for (NodeId id = 0; id < graph.node_count(); ++id) {
    const Node& node = graph.node(id);
    if (node.dead) continue;
    const size_t moved = MovedInputs(graph, node);
    for (size_t i = 0; i < moved; ++i) groups.Merge(node.inputs[i], node.outputs[0]);
    if (!Computes(graph, node)) {
      if (moved == 0) plan.real_nodes.push_back(id);
      continue;
    }
    touched[static_cast<size_t>(node.outputs[0])] = true;
    touched[static_cast<size_t>(node.inputs[0])] = true;
    if (std::holds_alternative<graph::Binary>(node.op)) {
      touched[static_cast<size_t>(node.inputs[1])] = true;
    }
  }
  std::vector<int> number(touched.size(), -1);
  for (ValueId id = 0; id < graph.value_count(); ++id) {
    int& group = number[static_cast<size_t>(groups.Find(id))];
    if (touched[static_cast<size_t>(id)] && group < 0) group = plan.groups++;
  }
  for (ValueId id = 0; id < graph.value_count(); ++id) {
    plan.group_of.push_back(number[static_cast<size_t>(groups.Find(id))]);
  }
  return plan;
}

}  // namespace minnow::quantize
