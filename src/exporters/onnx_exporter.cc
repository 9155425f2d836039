#include "exporters/onnx_exporter.h"

#include "exporters/onnx_builder.h"
#include "exporters/onnx_forms.h"
#include "exporters/onnx_ops.h"
#include "passes/rewrite.h"

namespace minnow::exporters {
namespace {

// The first opset with HardSwish.
constexpr int64_t kOpset = 14;

}  // namespace

StatusOr<std::string> ExportOnnx(const graph::Graph& graph) {
  const StatusOr<std::vector<graph::NodeId>> order = graph.TopologicalOrder();
  if (!order.ok()) return order.status();
  OnnxBuilder builder;
  OnnxForms forms(graph, &builder);
  OnnxOps ops(graph, &builder, &forms);
  for (const graph::NodeId id : *order) {
    const graph::Node& node = graph.node(id);
    if (forms.IsWrittenLate(node.outputs[0])) continue;
    const Status status = ops.WriteNode(node);
    if (!status.ok()) return status.WithContext(passes::NodeContext(node)).WithContext("export");
  }
  MINNOW_RETURN_IF_ERROR(forms.WriteOutputs());
  return builder.Finish(kOpset);
}

}  // namespace minnow::exporters
