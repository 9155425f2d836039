// Operators that work on bytes by themselves: those that only move or compare elements stay what
// they are; functions of one element become a table; means, averages and softmax take the scales
// with them.
#include <algorithm>
#include <cmath>
#include <utility>

#include "passes/quantized_pattern.h"
#include "passes/rewrite.h"

namespace minnow::passes {
namespace {

using graph::Graph;
using graph::kNoValue;
using graph::Node;
using graph::NodeId;
using graph::ValueId;

constexpr int kBytes = 256;

bool IsSame(const Integers& x, const Integers& y) {
  return x.dtype == y.dtype && x.params() == y.params();
}

// --- Tables -------------------------------------------------------------------------------------

// Scale and zero point as the inputs of a Quantize or Dequantize.
StatusOr<std::vector<Tensor>> ParamTensors(const Integers& integers) {
  const QuantParams params = integers.params();
  StatusOr<Tensor> scale = Tensor::From(Shape{}, &params.scale);
  if (!scale.ok()) return scale.status();
  StatusOr<Tensor> zero = Tensor::Allocate(integers.dtype, Shape{});
  if (!zero.ok()) return zero.status();
  *zero->mutable_as<uint8_t>() = static_cast<uint8_t>(params.zero_point);
  return std::vector<Tensor>{std::move(*scale), std::move(*zero)};
}

// The number that each byte stands for.
StatusOr<Tensor> NumbersOf(const Integers& x) {
  StatusOr<std::vector<Tensor>> params = ParamTensors(x);
  if (!params.ok()) return params.status();
  StatusOr<Tensor> bytes = Tensor::Allocate(x.dtype, Shape{kBytes});
  if (!bytes.ok()) return bytes;
  for (int i = 0; i < kBytes; ++i) bytes->mutable_as<uint8_t>()[i] = static_cast<uint8_t>(i);
  return EvaluateOne(graph::Dequantize{}, {std::move(*bytes), (*params)[0], (*params)[1]});
}

StatusOr<graph::ByteMap> MapTo(const Tensor& numbers, const Integers& y) {
  StatusOr<std::vector<Tensor>> params = ParamTensors(y);
  if (!params.ok()) return params.status();
  const StatusOr<Tensor> bytes =
      EvaluateOne(graph::Quantize{}, {numbers, (*params)[0], (*params)[1]});
  if (!bytes.ok()) return bytes.status();
  graph::ByteMap map;
  map.dtype = y.dtype;
  std::copy_n(bytes->as<uint8_t>(), kBytes, map.table.begin());
  return map;
}

// The input that the function of one element reads, or nothing when it is no such function.
std::optional<size_t> ElementInput(const Graph& graph, const Node& node) {
  if (std::holds_alternative<graph::Unary>(node.op)) return 0;
  if (std::holds_alternative<graph::Clamp>(node.op)) return 0;
  if (!std::holds_alternative<graph::Binary>(node.op)) return std::nullopt;
  for (const size_t i : {size_t{0}, size_t{1}}) {
    const Tensor* constant = graph.ConstantOf(node.inputs[1 - i]);
    if (constant != nullptr && constant->ElementCount() == 1 && !graph.IsConstant(node.inputs[i])) {
      return i;
    }
  }
  return std::nullopt;
}

// Nodes from a dequantised value (exclusive) to `real`, in the order in which they run.
struct Chain {
  Integers x;
  std::vector<NodeId> nodes;
};

std::optional<Chain> ChainTo(const Graph& graph, ValueId real) {
  Chain chain;
  while (true) {
    if (std::optional<Integers> x = ActivationsOf(graph, real)) {
      chain.x = std::move(*x);
      std::reverse(chain.nodes.begin(), chain.nodes.end());
      return chain;
    }
    const Node* node = graph.ProducerOf(real);
    if (node == nullptr || !HasOneReader(graph, real)) return std::nullopt;
    const std::optional<size_t> input = ElementInput(graph, *node);
    if (!input) return std::nullopt;
    chain.nodes.push_back(graph.value(real).producer);
    real = node->inputs[*input];
  }
}

StatusOr<Tensor> Apply(const Graph& graph, const Node& node, const Tensor& x) {
  std::vector<Tensor> inputs;
  const size_t element = *ElementInput(graph, node);
  for (size_t i = 0; i < node.inputs.size(); ++i) {
    inputs.push_back(i == element ? x : *graph.ConstantOf(node.inputs[i]));
  }
  StatusOr<Tensor> y = EvaluateOne(node.op, inputs);
  if (!y.ok()) return y;
  return y->Reshaped(Shape{kBytes});
}

// --- Movements ----------------------------------------------------------------------------------

// How many of the first inputs hold the elements that the operator moves or compares; 0: it does
// more than that.
size_t MovedInputs(const Node& node) {
  using namespace graph;  // NOLINT: names of ops
  if (const auto* pool = std::get_if<Pool2D>(&node.op)) return pool->kind == PoolKind::kMax;
  if (const auto* reduce = std::get_if<Reduce>(&node.op)) {
    return reduce->kind == ReduceKind::kMax || reduce->kind == ReduceKind::kMin;
  }
  if (std::holds_alternative<Concat>(node.op)) return node.inputs.size();
  const bool moves =
      std::holds_alternative<Reshape>(node.op) || std::holds_alternative<Squeeze>(node.op) ||
      std::holds_alternative<Unsqueeze>(node.op) || std::holds_alternative<Flatten>(node.op) ||
      std::holds_alternative<Transpose>(node.op) || std::holds_alternative<Gather>(node.op) ||
      std::holds_alternative<Slice>(node.op) || std::holds_alternative<StridedSlice>(node.op) ||
      std::holds_alternative<Identity>(node.op);
  return moves ? 1 : 0;
}

StatusOr<bool> FuseMovement(Graph* graph, const Pattern& pattern) {
  const size_t moved = MovedInputs(pattern.node);
  if (moved == 0) return false;
  std::vector<Integers> integers;
  for (size_t i = 0; i < moved; ++i) {
    std::optional<Integers> x = ActivationsOf(*graph, pattern.node.inputs[i]);
    if (!x) return false;
    integers.push_back(std::move(*x));
  }
  std::vector<ValueId> inputs = pattern.node.inputs;
  for (size_t i = 0; i < moved; ++i) {
    inputs[i] = integers[i].value;
    if (IsSame(integers[i], pattern.y)) continue;
    const StatusOr<Tensor> numbers = NumbersOf(integers[i]);
    if (!numbers.ok()) return numbers.status();
    const StatusOr<graph::ByteMap> map = MapTo(*numbers, pattern.y);
    if (!map.ok()) return map.status();
    const std::optional<Shape> shape = graph->value(inputs[i]).shape;
    inputs[i] = Derive(graph, inputs[i], *map, "/rescaled");
    graph->value(inputs[i]).dtype = pattern.y.dtype;
    graph->value(inputs[i]).shape = shape;
  }
  ReplaceQuantize(graph, pattern.quantize, pattern.node.name, pattern.node.op, std::move(inputs));
  return true;
}

// Fills with the byte that stands for the number.
bool FusePad(Graph* graph, const Pattern& pattern, graph::Pad op) {
  const std::optional<Integers> x = ActivationsOf(*graph, pattern.node.inputs[0]);
  if (!x || !IsSame(*x, pattern.y)) return false;
  if (const ValueId fill = InputOf(pattern.node, 2); fill != kNoValue) {
    const std::optional<double> value = ConstantScalar(*graph, fill);
    if (!value) return false;
    op.value = static_cast<float>(*value);
  }
  const QuantParams params = x->params();
  const int low = x->dtype == DType::kU8 ? 0 : -128;
  const double steps = std::nearbyint(static_cast<double>(op.value / params.scale));
  op.value = static_cast<float>(
      std::clamp(steps + params.zero_point, static_cast<double>(low), low + 255.0));
  std::vector<ValueId> inputs = {x->value};
  if (const ValueId pads = InputOf(pattern.node, 1); pads != kNoValue) inputs.push_back(pads);
  ReplaceQuantize(graph, pattern.quantize, pattern.node.name, op, std::move(inputs));
  return true;
}

// --- Operators with scales ----------------------------------------------------------------------

template <typename Op>
bool FuseWithScales(Graph* graph, const Pattern& pattern, Op op) {
  const std::optional<Integers> x = ActivationsOf(*graph, pattern.node.inputs[0]);
  if (!x) return false;
  op.bytes = graph::ByteParams{x->params(), pattern.y.params(), pattern.y.dtype};
  std::vector<ValueId> inputs = pattern.node.inputs;
  inputs[0] = x->value;
  ReplaceQuantize(graph, pattern.quantize, pattern.node.name, std::move(op), std::move(inputs));
  return true;
}

}  // namespace

StatusOr<bool> FuseOnBytes(Graph* graph, const Pattern& pattern) {
  if (pattern.has_clamp) return false;
  const graph::Op& op = pattern.node.op;
  if (const auto* pad = std::get_if<graph::Pad>(&op)) return FusePad(graph, pattern, *pad);
  if (const auto* softmax = std::get_if<graph::Softmax>(&op)) {
    return FuseWithScales(graph, pattern, *softmax);
  }
  const auto* pool = std::get_if<graph::Pool2D>(&op);
  if (pool != nullptr && pool->kind == graph::PoolKind::kAverage) {
    return FuseWithScales(graph, pattern, *pool);
  }
  const auto* reduce = std::get_if<graph::Reduce>(&op);
  if (reduce != nullptr &&
      (reduce->kind == graph::ReduceKind::kMean || reduce->kind == graph::ReduceKind::kSum)) {
    return FuseWithScales(graph, pattern, *reduce);
  }
  return FuseMovement(graph, pattern);
}

StatusOr<bool> FuseByteMap(Graph* graph, NodeId quantize) {
  const std::optional<Integers> y = QuantizedBy(*graph, quantize);
  if (!y) return false;
  const std::optional<Chain> chain = ChainTo(*graph, graph->node(quantize).inputs[0]);
  if (!chain) return false;
  if (chain->nodes.empty() && IsSame(chain->x, *y)) {
    ReplaceNode(graph, quantize, chain->x.value);
    return true;
  }
  StatusOr<Tensor> numbers = NumbersOf(chain->x);
  for (const NodeId id : chain->nodes) {
    if (!numbers.ok()) return numbers.status();
    numbers = Apply(*graph, graph->node(id), *numbers);
  }
  if (!numbers.ok()) return numbers.status();
  const StatusOr<graph::ByteMap> map = MapTo(*numbers, *y);
  if (!map.ok()) return map.status();
  const NodeId named = chain->nodes.empty() ? quantize : chain->nodes.back();
  const std::string name = graph->node(named).name;
  ReplaceQuantize(graph, quantize, name, *map, {chain->x.value});
  return true;
}

}  // namespace minnow::passes
