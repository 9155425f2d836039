// Which average pools cover the whole image with one window? They are Reduce mean over height and
// width.
#include "graph/infer_shapes.h"
#include "passes/passes.h"
#include "passes/rewrite.h"

namespace minnow::passes {
namespace {

using graph::Graph;
using graph::Node;
using graph::NodeId;

// One window over all pixels of this side and none of the padding.
bool CoversSide(int64_t input, int64_t kernel, int64_t stride, int64_t dilation,
                graph::PadMode mode, int64_t begin, int64_t end, bool ceil_mode) {
  if (input == kUnknownDim || input != kernel || (dilation != 1 && kernel != 1)) return false;
  const StatusOr<graph::Window> window =
      graph::ResolveWindow(input, kernel, stride, dilation, mode, begin, end, ceil_mode);
  return window.ok() && window->output == 1 && window->pad_begin == 0 && window->pad_end == 0;
}

bool CoversImage(const Graph& graph, const Node& node) {
  const auto* op = std::get_if<graph::Pool2D>(&node.op);
  if (op == nullptr || op->kind != graph::PoolKind::kAverage) return false;
  const std::optional<Shape>& shape = graph.value(node.inputs[0]).shape;
  if (op->layout != graph::DataLayout::kNHWC || !shape || shape->rank() != 4) return false;
  const graph::Padding& pad = op->padding;
  return CoversSide((*shape)[1], op->kernel_h, op->stride_h, op->dilation_h, pad.mode, pad.top,
                    pad.bottom, op->ceil_mode) &&
         CoversSide((*shape)[2], op->kernel_w, op->stride_w, op->dilation_w, pad.mode, pad.left,
                    pad.right, op->ceil_mode);
}

}  // namespace

Status LowerGlobalPool(Graph* graph) {
  return ForEachNode(graph, [graph](NodeId id) {
    if (CoversImage(*graph, graph->node(id))) {
      const auto bytes = std::get<graph::Pool2D>(graph->node(id).op).bytes;
      graph->node(id).op = graph::Reduce{graph::ReduceKind::kMean, {1, 2}, true, bytes};
    }
    return OkStatus();
  });
}

}  // namespace minnow::passes
