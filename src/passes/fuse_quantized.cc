// Which operators between Dequantize and Quantize can work on the integers themselves?
//
// Products (Conv2D, FullyConnected, Gemm, MatMul) and sums become QConv2D, QFullyConnected and
// QBinary; operators that only move or compare elements stay what they are and read the integers.
// What finds no partner here stays in real numbers, which is slower and as right.
#include <cmath>
#include <utility>

#include "passes/passes.h"
#include "passes/rewrite.h"

namespace minnow::passes {
namespace {

using graph::Graph;
using graph::kNoValue;
using graph::Node;
using graph::NodeId;
using graph::ValueId;

// Products that an s32 holds the sum of: the shape rules' limit.
constexpr int64_t kMaxTerms = 32768;
// A bias is written with the product of two scales, rounded.
constexpr double kBiasScaleTolerance = 1e-6;

bool IsByte(DType dtype) { return dtype == DType::kU8 || dtype == DType::kS8; }

// A value that a Dequantize makes, or a Quantize is to make: its integers and what they stand for.
struct Integers {
  ValueId value = kNoValue;
  DType dtype = DType::kU8;
  Quantization quantization;

  bool IsPerTensor() const { return quantization.scales.size() == 1; }
  // REQUIRES: IsPerTensor().
  QuantParams params() const { return {quantization.scales[0], quantization.zero_points[0]}; }
};

std::optional<std::vector<int32_t>> ZeroPoints(const Tensor& tensor) {
  std::vector<int32_t> values;
  for (int64_t i = 0; i < tensor.ElementCount(); ++i) {
    switch (tensor.dtype()) {
      case DType::kU8:
        values.push_back(tensor.as<uint8_t>()[i]);
        break;
      case DType::kS8:
        values.push_back(tensor.as<int8_t>()[i]);
        break;
      case DType::kS32:
        values.push_back(tensor.as<int32_t>()[i]);
        break;
      default:
        return std::nullopt;
    }
  }
  return values;
}

// The constant scale and zero point inputs of a Quantize or Dequantize.
std::optional<Quantization> ConstantQuantization(const Graph& graph, const Node& node,
                                                 int64_t axis) {
  const Tensor* scales = graph.ConstantOf(InputOf(node, 1));
  if (scales == nullptr || scales->ElementCount() == 0) return std::nullopt;
  Quantization q;
  q.axis = static_cast<int>(axis);
  for (int64_t i = 0; i < scales->ElementCount(); ++i) {
    const float scale = scales->as<float>()[i];
    if (!std::isfinite(scale) || scale <= 0.0f) return std::nullopt;
    q.scales.push_back(scale);
  }
  q.zero_points.assign(q.scales.size(), 0);
  if (InputOf(node, 2) == kNoValue) return q;
  const Tensor* zeros = graph.ConstantOf(InputOf(node, 2));
  std::optional<std::vector<int32_t>> values;
  if (zeros != nullptr) values = ZeroPoints(*zeros);
  if (!values || values->empty()) return std::nullopt;
  if (values->size() == 1) values->assign(q.scales.size(), values->front());
  if (values->size() != q.scales.size()) return std::nullopt;
  q.zero_points = std::move(*values);
  return q;
}

std::optional<Integers> IntegersOf(const Graph& graph, ValueId real) {
  const auto* dequantize = ProducerAs<graph::Dequantize>(graph, real);
  if (dequantize == nullptr) return std::nullopt;
  const Node& node = *graph.ProducerOf(real);
  std::optional<Quantization> q = ConstantQuantization(graph, node, dequantize->axis);
  if (!q) return std::nullopt;
  return Integers{node.inputs[0], graph.value(node.inputs[0]).dtype, std::move(*q)};
}

// Bytes with one scale.
std::optional<Integers> ActivationsOf(const Graph& graph, ValueId real) {
  std::optional<Integers> integers = IntegersOf(graph, real);
  if (integers && integers->IsPerTensor() && IsByte(integers->dtype)) return integers;
  return std::nullopt;
}

// What stands before a Quantize: an operator, and the clamp behind it.
struct Pattern {
  NodeId quantize = graph::kNoNode;
  Integers y;  // value is kNoValue
  Node node;   // a copy: fusing adds nodes
  graph::Activation activation;
  bool has_clamp = false;
};

std::optional<Pattern> PatternOf(const Graph& graph, NodeId id) {
  const auto* quantize = std::get_if<graph::Quantize>(&graph.node(id).op);
  if (quantize == nullptr) return std::nullopt;
  Pattern pattern;
  pattern.quantize = id;
  pattern.y.dtype = graph.value(graph.node(id).outputs[0]).dtype;
  std::optional<Quantization> q = ConstantQuantization(graph, graph.node(id), quantize->axis);
  if (!q || q->scales.size() != 1 || !IsByte(pattern.y.dtype)) return std::nullopt;
  pattern.y.quantization = std::move(*q);
  ValueId real = graph.node(id).inputs[0];
  if (const auto* clamp = ProducerAs<graph::Clamp>(graph, real)) {
    if (!HasOneReader(graph, real)) return std::nullopt;
    pattern.activation = {graph::Activation::Kind::kClamp, clamp->min, clamp->max};
    pattern.has_clamp = true;
    real = graph.ProducerOf(real)->inputs[0];
  }
  const Node* producer = graph.ProducerOf(real);
  if (producer == nullptr) return std::nullopt;
  // A Dequantize may have other readers: it is not taken away, only passed by.
  if (!HasOneReader(graph, real) && !std::holds_alternative<graph::Dequantize>(producer->op)) {
    return std::nullopt;
  }
  pattern.node = *producer;
  return pattern;
}

// The operator's own activation, or the clamp behind it; nothing where there are both.
std::optional<graph::Activation> ActivationOf(const Pattern& pattern,
                                              const graph::Activation& own) {
  if (!pattern.has_clamp) return own;
  if (own.IsNone()) return pattern.activation;
  return std::nullopt;
}

void Replace(Graph* graph, const Pattern& pattern, graph::Op op, std::vector<ValueId> inputs) {
  const ValueId old = graph->node(pattern.quantize).outputs[0];
  const std::string name = graph->value(old).name + "/integers";
  const std::optional<Quantization> quantization = graph->value(old).quantization;
  const std::optional<Shape> shape = graph->value(old).shape;
  const ValueId fused = graph->AddNode(pattern.node.name, std::move(op), std::move(inputs), name);
  graph->value(fused).dtype = pattern.y.dtype;
  graph->value(fused).shape = shape;
  graph->value(fused).quantization = quantization;
  ReplaceNode(graph, pattern.quantize, fused);
}

// --- Products -----------------------------------------------------------------------------------

struct Product {
  graph::ProductQuantization quantization;
  std::vector<ValueId> inputs;
};

// x · w + bias, with one weight scale or one for each of `channels` along `channel_axis`.
std::optional<Product> ProductOf(const Graph& graph, const Pattern& pattern, int64_t channels,
                                 int channel_axis) {
  const std::optional<Integers> x = ActivationsOf(graph, pattern.node.inputs[0]);
  const std::optional<Integers> w = IntegersOf(graph, pattern.node.inputs[1]);
  if (!x || !w || !IsByte(w->dtype) || channels <= 0) return std::nullopt;
  const Tensor* weights = graph.ConstantOf(w->value);
  if (weights == nullptr || weights->ElementCount() / channels > kMaxTerms) return std::nullopt;
  const Quantization& q = w->quantization;
  if (!w->IsPerTensor()) {
    const StatusOr<int> axis = NormalizeAxis(q.axis, weights->shape().rank());
    if (!axis.ok() || *axis != channel_axis) return std::nullopt;
    if (static_cast<int64_t>(q.scales.size()) != channels) return std::nullopt;
  }
  for (int32_t zero : q.zero_points) {
    if (zero != q.zero_points[0]) return std::nullopt;
  }
  Product product;
  product.quantization = {x->params(), pattern.y.params(), q.scales, q.zero_points[0],
                          pattern.y.dtype};
  product.inputs = {x->value, w->value};
  if (InputOf(pattern.node, 2) == kNoValue) return product;
  const std::optional<Integers> bias = IntegersOf(graph, pattern.node.inputs[2]);
  if (!bias || bias->dtype != DType::kS32) return std::nullopt;
  const std::optional<Shape>& bias_shape = graph.value(bias->value).shape;
  if (!bias_shape || bias_shape->rank() != 1 || (*bias_shape)[0] != channels) return std::nullopt;
  const auto count = static_cast<size_t>(channels);
  for (size_t i = 0; i < count; ++i) {
    const auto at = [i](const auto& list) { return list[list.size() == 1 ? 0 : i]; };
    const double scale = static_cast<double>(x->params().scale) * static_cast<double>(at(q.scales));
    const double given = static_cast<double>(at(bias->quantization.scales));
    if (at(bias->quantization.zero_points) != 0) return std::nullopt;
    if (std::fabs(given - scale) > kBiasScaleTolerance * scale) return std::nullopt;
  }
  product.inputs.push_back(bias->value);
  return product;
}

bool FuseConv(Graph* graph, const Pattern& pattern, const graph::Conv2D& conv) {
  const std::optional<graph::Activation> activation = ActivationOf(pattern, conv.activation);
  const std::optional<Shape>& weights = graph->value(pattern.node.inputs[1]).shape;
  if (!activation || !weights || weights->rank() != 4) return false;
  if (InputOf(pattern.node, 3) != kNoValue) return false;
  int axis = 0;  // kOHWI, kOIHW
  int64_t channels = (*weights)[0];
  if (conv.weight_layout == graph::WeightLayout::kHWIO) {
    axis = 3;
    channels = (*weights)[3];
  } else if (conv.weight_layout == graph::WeightLayout::kHWCM) {
    axis = -1;
    channels = (*weights)[2] * (*weights)[3];
  }
  std::optional<Product> product = ProductOf(*graph, pattern, channels, axis);
  if (!product) return false;
  graph::QConv2D fused{conv, std::move(product->quantization)};
  fused.conv.activation = *activation;
  Replace(graph, pattern, std::move(fused), std::move(product->inputs));
  return true;
}

// y = x · w (w [K, N]) or x · wᵀ (w [N, K]).
StatusOr<bool> FuseMatrix(Graph* graph, const Pattern& pattern, const graph::Activation& own,
                          bool is_transposed) {
  const std::optional<graph::Activation> activation = ActivationOf(pattern, own);
  const std::optional<Shape>& x = graph->value(pattern.node.inputs[0]).shape;
  const std::optional<Shape>& weights = graph->value(pattern.node.inputs[1]).shape;
  if (!activation || !x || x->rank() < 2 || !weights || weights->rank() != 2) return false;
  const int axis = is_transposed ? 0 : 1;
  std::optional<Product> product = ProductOf(*graph, pattern, (*weights)[axis], axis);
  if (!product) return false;
  if (!is_transposed) {
    const ValueId old = product->inputs[1];
    StatusOr<Tensor> moved = EvaluateOne(graph::Transpose{{1, 0}}, {*graph->ConstantOf(old)});
    if (!moved.ok()) return moved.status();
    const std::string name = graph->value(old).name + "/transposed";
    product->inputs[1] = graph->AddConstant(name, std::move(*moved));
  }
  graph::QFullyConnected fused{{*activation}, std::move(product->quantization)};
  Replace(graph, pattern, std::move(fused), std::move(product->inputs));
  return true;
}

StatusOr<bool> FuseGemm(Graph* graph, const Pattern& pattern, const graph::Gemm& gemm) {
  if (gemm.alpha != 1.0f || gemm.beta != 1.0f || gemm.transpose_a) return false;
  return FuseMatrix(graph, pattern, {}, gemm.transpose_b);
}

// --- The others ---------------------------------------------------------------------------------

bool FuseBinary(Graph* graph, const Pattern& pattern, const graph::Binary& binary) {
  const std::optional<graph::Activation> activation = ActivationOf(pattern, binary.activation);
  const std::optional<Integers> a = ActivationsOf(*graph, pattern.node.inputs[0]);
  const std::optional<Integers> b = ActivationsOf(*graph, pattern.node.inputs[1]);
  if (!activation || !a || !b) return false;
  if (binary.kind != graph::BinaryKind::kAdd && binary.kind != graph::BinaryKind::kSub &&
      binary.kind != graph::BinaryKind::kMul) {
    return false;
  }
  graph::QBinary fused{binary, a->params(), b->params(), pattern.y.params(), pattern.y.dtype};
  fused.binary.activation = *activation;
  Replace(graph, pattern, fused, {a->value, b->value});
  return true;
}

// How many of the first inputs hold the elements that the operator moves; 0: it does more than
// that.
size_t MovedInputs(const Node& node) {
  using namespace graph;  // NOLINT: names of ops
  if (const auto* pool = std::get_if<Pool2D>(&node.op)) return pool->kind == PoolKind::kMax;
  if (std::holds_alternative<Concat>(node.op)) return node.inputs.size();
  const bool moves =
      std::holds_alternative<Reshape>(node.op) || std::holds_alternative<Squeeze>(node.op) ||
      std::holds_alternative<Unsqueeze>(node.op) || std::holds_alternative<Flatten>(node.op) ||
      std::holds_alternative<Transpose>(node.op) || std::holds_alternative<Gather>(node.op) ||
      std::holds_alternative<Slice>(node.op) || std::holds_alternative<StridedSlice>(node.op) ||
      std::holds_alternative<Identity>(node.op);
  return moves ? 1 : 0;
}

bool FuseMovement(Graph* graph, const Pattern& pattern) {
  const size_t moved = MovedInputs(pattern.node);
  if (moved == 0 || pattern.has_clamp) return false;
  std::vector<ValueId> inputs = pattern.node.inputs;
  for (size_t i = 0; i < moved; ++i) {
    const std::optional<Integers> x = ActivationsOf(*graph, inputs[i]);
    if (!x || x->dtype != pattern.y.dtype || !(x->params() == pattern.y.params())) return false;
    inputs[i] = x->value;
  }
  Replace(graph, pattern, pattern.node.op, std::move(inputs));
  return true;
}

// Quantize(Dequantize(x)) with the same scale is x.
bool FuseRoundTrip(Graph* graph, const Pattern& pattern) {
  const ValueId real = graph->node(pattern.quantize).inputs[0];
  const std::optional<Integers> x = ActivationsOf(*graph, real);
  if (!x || x->dtype != pattern.y.dtype || !(x->params() == pattern.y.params())) return false;
  ReplaceNode(graph, pattern.quantize, x->value);
  return true;
}

StatusOr<bool> Fuse(Graph* graph, const Pattern& pattern) {
  const graph::Op& op = pattern.node.op;
  if (const auto* conv = std::get_if<graph::Conv2D>(&op)) return FuseConv(graph, pattern, *conv);
  if (const auto* product = std::get_if<graph::FullyConnected>(&op)) {
    return FuseMatrix(graph, pattern, product->activation, true);
  }
  if (const auto* gemm = std::get_if<graph::Gemm>(&op)) return FuseGemm(graph, pattern, *gemm);
  if (const auto* product = std::get_if<graph::MatMul>(&op)) {
    if (product->transpose_a) return false;
    return FuseMatrix(graph, pattern, {}, product->transpose_b);
  }
  if (const auto* binary = std::get_if<graph::Binary>(&op)) {
    return FuseBinary(graph, pattern, *binary);
  }
  if (std::holds_alternative<graph::Dequantize>(op)) return FuseRoundTrip(graph, pattern);
  return FuseMovement(graph, pattern);
}

}  // namespace

Status FuseQuantized(Graph* graph) {
  return ForEachNode(graph, [graph](NodeId id) {
    const std::optional<Pattern> pattern = PatternOf(*graph, id);
    if (!pattern) return OkStatus();
    return Fuse(graph, *pattern).status();
  });
}

}  // namespace minnow::passes
