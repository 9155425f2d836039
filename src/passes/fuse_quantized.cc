// Which operators between Dequantize and Quantize can work on the integers themselves?
//
// Products (Conv2D, FullyConnected, Gemm, MatMul) and sums become QConv2D, QFullyConnected and
// QBinary here; fuse_bytes.cc does what works on bytes by itself. What finds no partner stays in
// real numbers, which is slower and as right.
#include <cmath>
#include <utility>

#include "passes/passes.h"
#include "passes/quantized_pattern.h"
#include "passes/rewrite.h"

namespace minnow::passes {
namespace {

using graph::Graph;
using graph::kNoValue;
using graph::NodeId;
using graph::ValueId;

// Products that an s32 holds the sum of: the shape rules' limit.
constexpr int64_t kMaxTerms = 32768;
// A bias is written with the product of two scales, rounded.
constexpr double kBiasScaleTolerance = 1e-6;

void Replace(Graph* graph, const Pattern& pattern, graph::Op op, std::vector<ValueId> inputs) {
  ReplaceQuantize(graph, pattern.quantize, pattern.node.name, std::move(op), std::move(inputs));
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
  return FuseOnBytes(graph, pattern);
}

}  // namespace

Status FuseQuantized(Graph* graph) {
  return ForEachNode(graph, [graph](NodeId id) {
    if (const std::optional<Pattern> pattern = PatternOf(*graph, id)) {
      const StatusOr<bool> fused = Fuse(graph, *pattern);
      if (!fused.ok() || *fused) return fused.status();
    }
    return FuseByteMap(graph, id).status();
  });
}

}  // namespace minnow::passes
