// The order of the passes, and the driver that checks the graph after each.
#include "passes/pipeline.h"

#include <unordered_set>
#include <utility>

#include "base/memory_reserve.h"
#include "graph/infer_shapes.h"
#include "graph/validate.h"
#include "passes/passes.h"
#include "passes/rewrite.h"

namespace minnow::passes {
namespace {

using graph::Graph;
using graph::NodeId;
using graph::ValueId;

// What every pass may rely on: no unused nodes, inferred shapes, the graph's invariants. A release
// build checks these at the end only: after each pass it would be a tenth of the time to load.
Status Settle(Graph* graph) {
  graph->RemoveUnused();
  MINNOW_RETURN_IF_ERROR(graph::InferShapes(graph));
  MINNOW_RETURN_IF_ERROR(graph::CheckLimits(*graph));
#if defined(NDEBUG)
  return OkStatus();
#else
  return graph::Validate(*graph);
#endif
}

bool ReadsWeights(const graph::Op& op) {
  return std::holds_alternative<graph::Conv2D>(op) || std::holds_alternative<graph::MatMul>(op) ||
         std::holds_alternative<graph::Gemm>(op) ||
         std::holds_alternative<graph::FullyConnected>(op) ||
         std::holds_alternative<graph::QConv2D>(op) ||
         std::holds_alternative<graph::QFullyConnected>(op);
}

// What the constants take, those of products once for each that reads them: each makes its own
// weights of them.
size_t ConstantBytes(const Graph& graph) {
  std::vector<bool> counted(static_cast<size_t>(graph.value_count()), false);
  size_t bytes = 0;
  for (NodeId id = 0; id < graph.node_count(); ++id) {
    const graph::Node& node = graph.node(id);
    if (node.dead) continue;
    const bool copies = ReadsWeights(node.op);
    for (ValueId input : node.inputs) {
      if (!graph.IsConstant(input) || (!copies && counted[static_cast<size_t>(input)])) continue;
      counted[static_cast<size_t>(input)] = true;
      bytes += graph.ConstantOf(input)->size_bytes();
    }
  }
  return bytes;
}

// How far passes may let constants grow: a small file can ask for the same large weights many
// times. Integers that become floats take four times their bytes.
size_t MaxConstantBytes(const Graph& graph) {
  constexpr size_t kMaxGrowth = 6;
  constexpr size_t kFreeBytes = size_t{128} << 20;
  std::unordered_set<const void*> counted;  // constants may share their elements
  size_t bytes = 0;
  for (ValueId id = 0; id < graph.value_count(); ++id) {
    const Tensor* constant = graph.ConstantOf(id);
    if (constant == nullptr || !counted.insert(constant->data()).second) continue;
    bytes += constant->size_bytes();
  }
  return kFreeBytes + kMaxGrowth * bytes;
}

// The originals of rewritten weights would double the memory of a model.
void ReleaseUnusedConstants(Graph* graph) {
  const std::vector<int> uses = graph->UseCounts();
  for (ValueId id = 0; id < graph->value_count(); ++id) {
    if (uses[static_cast<size_t>(id)] == 0) graph->value(id).constant.reset();
  }
}

Status RunPass(const Pass& pass, size_t max_constant_bytes, Graph* graph) {
  Status status = pass.run(graph);
  if (status.ok()) status = Settle(graph);
  if (status.ok()) status = MemoryReserve::Check();
  ReleaseUnusedConstants(graph);
  const size_t bytes = status.ok() ? ConstantBytes(*graph) : 0;
  if (bytes > max_constant_bytes) {
    status = ResourceExhausted("the constants grow to %zu MiB, %zu MiB are allowed", bytes >> 20,
                               max_constant_bytes >> 20);
  }
  return status.ok() ? status : status.WithContext(std::string("pass ") + pass.name);
}

Status CheckFits(const graph::Value& input, const Shape& shape) {
  bool fits = shape.IsStatic();
  if (fits && input.shape) {
    fits = input.shape->rank() == shape.rank();
    for (int axis = 0; fits && axis < shape.rank(); ++axis) {
      const int64_t declared = (*input.shape)[axis];
      fits = declared == kUnknownDim || declared == shape[axis];
    }
  }
  if (fits) return OkStatus();
  return InvalidArgument("input \"%s\": the shape %s does not fit the declared %s",
                         input.name.c_str(), shape.ToString().c_str(),
                         input.shape ? input.shape->ToString().c_str() : "static shape");
}

// The first node with an output of unknown shape, or kNoNode.
NodeId FindUnknownShape(const Graph& graph) {
  for (NodeId id = 0; id < graph.node_count(); ++id) {
    if (graph.node(id).dead) continue;
    for (ValueId output : graph.node(id).outputs) {
      const std::optional<Shape>& shape = graph.value(output).shape;
      if (!shape || !shape->IsStatic()) return id;
    }
  }
  return graph::kNoNode;
}

// Shape arithmetic turns constant from the inputs on, one Reshape further each round.
Status FoldAllShapes(Graph* graph) {
  const size_t max_bytes = MaxConstantBytes(*graph);
  for (int live = -1; FindUnknownShape(*graph) != graph::kNoNode;) {
    MINNOW_RETURN_IF_ERROR(RunPass({"fold_shapes", FoldShapes}, max_bytes, graph));
    MINNOW_RETURN_IF_ERROR(RunPass({"fold_constants", FoldConstants}, max_bytes, graph));
    StatusOr<std::vector<NodeId>> order = graph->TopologicalOrder();
    if (!order.ok()) return order.status();
    if (static_cast<int>(order->size()) == live) return OkStatus();
    live = static_cast<int>(order->size());
  }
  return OkStatus();
}

}  // namespace

const std::vector<Pass>& Pipeline() {
  static const std::vector<Pass> kPipeline = {
      // First what the importers' formats left behind, so that constants are seen as such.
      {"remove_identity", RemoveIdentity},
      // While quantised weights are still integers.
      {"fuse_quantized", FuseQuantized},
      {"fold_constants", FoldConstants},
      {"fold_shapes", FoldShapes},
      {"fold_constants", FoldConstants},
      {"inline_attributes", InlineAttributes},
      // Before transposes must find a way past the pieces, and fold_scale takes some of them away.
      {"fuse_hard_swish", FuseHardSwish},
      // Then one layout, so that every later pass is written for channels last alone.
      {"to_nhwc", ToNhwc},
      {"sink_transposes", SinkTransposes},
      {"hoist_transposes", HoistTransposes},
      {"fold_constants", FoldConstants},
      {"lower_views", LowerViews},
      {"remove_identity", RemoveIdentity},
      // Then few kinds of operators.
      {"lower_gemm", LowerGemm},
      {"permute_flattened_weights", PermuteFlattenedWeights},
      {"lower_global_pool", LowerGlobalPool},
      {"fuse_pad", FusePad},
      {"fold_batch_norm", FoldBatchNorm},
      {"fold_scale", FoldScale},
      // Last the epilogues, inside out: what is folded into weights stands before the activation,
      // and an activation on the convolution's side of an Add forbids the residual.
      {"fuse_activation", FuseActivation},
      {"fuse_residual_add", FuseResidualAdd},
  };
  return kPipeline;
}

Status Optimize(Graph* graph) {
  MINNOW_RETURN_IF_ERROR(Settle(graph));
  const size_t max_bytes = MaxConstantBytes(*graph);
  for (const Pass& pass : Pipeline()) MINNOW_RETURN_IF_ERROR(RunPass(pass, max_bytes, graph));
  return graph::Validate(*graph);
}

Status Specialize(Graph* graph, const std::vector<Shape>& input_shapes) {
  if (input_shapes.size() != graph->inputs().size()) {
    return InvalidArgument("%zu input shapes given, the model has %zu inputs", input_shapes.size(),
                           graph->inputs().size());
  }
  for (size_t i = 0; i < input_shapes.size(); ++i) {
    MINNOW_RETURN_IF_ERROR(CheckFits(graph->value(graph->inputs()[i]), input_shapes[i]));
  }
  for (size_t i = 0; i < input_shapes.size(); ++i) {
    graph->value(graph->inputs()[i]).shape = input_shapes[i];
  }
  MINNOW_RETURN_IF_ERROR(Settle(graph));
  MINNOW_RETURN_IF_ERROR(FoldAllShapes(graph));
  // Ranks and dimensions that were not known before may let a pass do more.
  return Optimize(graph);
}

}  // namespace minnow::passes
