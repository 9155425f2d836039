// Which Pads over height and width can a convolution or pool do itself?
//
// A convolution pads with 0, so the Pad must too. An average that counts padding pads with 0. A
// maximum leaves padding out, as -infinity would; after a Pad by 0 that is the same only where the
// input is never negative. All of them only where each window reaches a real pixel, as a pool must
// and fast convolutions expect.
#include <limits>

#include "passes/passes.h"
#include "passes/rewrite.h"

namespace minnow::passes {
namespace {

using graph::Graph;
using graph::NodeId;
using graph::Padding;
using graph::PadMode;
using graph::ValueId;

struct ImagePad {
  ValueId source;
  Padding pads;  // explicit
  float value;
};

// The Pad that makes `id`: constants over the two middle axes of [N,H,W,C].
std::optional<ImagePad> MatchPad(const Graph& graph, ValueId id) {
  const auto* op = ProducerAs<graph::Pad>(graph, id);
  if (op == nullptr || graph.ProducerOf(id)->inputs.size() != 1) return std::nullopt;
  if (op->fill != graph::PadFill::kConstant || op->pads.size() != 8) return std::nullopt;
  const std::vector<int64_t>& pads = op->pads;
  for (int64_t pad : pads) {
    if (pad < 0) return std::nullopt;  // a crop
  }
  if (pads[0] != 0 || pads[3] != 0 || pads[4] != 0 || pads[7] != 0) return std::nullopt;
  return ImagePad{graph.ProducerOf(id)->inputs[0],
                  {PadMode::kExplicit, pads[1], pads[2], pads[5], pads[6]},
                  op->value};
}

bool IsZero(const Padding& padding) {
  return padding.mode == PadMode::kValid ||
         (padding.mode == PadMode::kExplicit && padding.top == 0 && padding.left == 0 &&
          padding.bottom == 0 && padding.right == 0);
}

// Pixels that a window spans.
struct Span {
  int64_t height, width;
};

// Both paddings as one. SAME depends on the padded size and stays behind its Pad.
std::optional<Padding> Sum(const Padding& a, const Padding& b, const Span& window) {
  if (b.mode != PadMode::kExplicit && b.mode != PadMode::kValid) return std::nullopt;
  Padding sum = a;
  if (b.mode == PadMode::kExplicit) {
    sum = {PadMode::kExplicit, a.top + b.top, a.left + b.left, a.bottom + b.bottom,
           a.right + b.right};
  }
  const bool reaches_pixels = sum.top < window.height && sum.bottom < window.height &&
                              sum.left < window.width && sum.right < window.width;
  return reaches_pixels ? std::optional<Padding>(sum) : std::nullopt;
}

bool IsNeverNegative(const Graph& graph, ValueId id) {
  if (const auto* clamp = ProducerAs<graph::Clamp>(graph, id)) return clamp->min >= 0.0f;
  const auto* conv = ProducerAs<graph::Conv2D>(graph, id);
  return conv != nullptr && conv->activation.kind == graph::Activation::Kind::kClamp &&
         conv->activation.min >= 0.0f;
}

bool IsMaximumKept(const Graph& graph, const ImagePad& pad, const graph::Pool2D& op) {
  if (pad.value <= std::numeric_limits<float>::lowest()) return true;
  const Padding& sides = pad.pads;
  const bool windows_hold_pixels = op.dilation_h == 1 && op.dilation_w == 1 && IsZero(op.padding) &&
                                   !op.ceil_mode && sides.top < op.kernel_h &&
                                   sides.bottom < op.kernel_h && sides.left < op.kernel_w &&
                                   sides.right < op.kernel_w;
  return pad.value == 0.0f && windows_hold_pixels && IsNeverNegative(graph, pad.source);
}

bool IsAverageKept(const ImagePad& pad, const graph::Pool2D& op) {
  return pad.value == 0.0f && !op.ceil_mode && (op.count_include_pad || IsZero(op.padding));
}

// `conv` is that of the node `id`, `zero` the element that it pads with.
void FuseIntoConv(Graph* graph, NodeId id, graph::Conv2D* conv, float zero) {
  const std::optional<ImagePad> pad = MatchPad(*graph, graph->node(id).inputs[0]);
  graph::Conv2D& op = *conv;
  const std::optional<Shape>& weights = graph->value(graph->node(id).inputs[1]).shape;
  if (!pad || pad->value != zero || op.layout != graph::DataLayout::kNHWC || !weights ||
      op.weight_layout != graph::WeightLayout::kOHWI || !weights->IsStatic()) {
    return;
  }
  const Span window = {op.dilation_h * ((*weights)[1] - 1) + 1,
                       op.dilation_w * ((*weights)[2] - 1) + 1};
  const std::optional<Padding> sum = Sum(pad->pads, op.padding, window);
  if (!sum) return;
  op.padding = *sum;
  graph->node(id).inputs[0] = pad->source;
}

void FuseIntoPool(Graph* graph, NodeId id) {
  const std::optional<ImagePad> pad = MatchPad(*graph, graph->node(id).inputs[0]);
  auto& op = std::get<graph::Pool2D>(graph->node(id).op);
  if (!pad || op.layout != graph::DataLayout::kNHWC || op.bytes) return;
  const bool is_average = op.kind == graph::PoolKind::kAverage;
  if (is_average ? !IsAverageKept(*pad, op) : !IsMaximumKept(*graph, *pad, op)) return;
  const Span window = {op.dilation_h * (op.kernel_h - 1) + 1,
                       op.dilation_w * (op.kernel_w - 1) + 1};
  const std::optional<Padding> sum = Sum(pad->pads, op.padding, window);
  if (!sum) return;
  op.padding = *sum;
  op.count_include_pad = op.count_include_pad || is_average;
  graph->node(id).inputs[0] = pad->source;
}

}  // namespace

Status FusePad(Graph* graph) {
  return ForEachNode(graph, [graph](NodeId id) {
    graph::Op& op = graph->node(id).op;
    if (auto* conv = std::get_if<graph::Conv2D>(&op)) FuseIntoConv(graph, id, conv, 0.0f);
    if (auto* conv = std::get_if<graph::QConv2D>(&op)) {
      const auto zero = static_cast<float>(conv->quantization.x.zero_point);
      FuseIntoConv(graph, id, &conv->conv, zero);
    }
    if (std::holds_alternative<graph::Pool2D>(op)) FuseIntoPool(graph, id);
    return OkStatus();
  });
}

}  // namespace minnow::passes
