// From a .tflite file to a graph: inputs, operators in file order, outputs of its first subgraph.
#include "importers/tflite/tflite_importer.h"

#include <cstring>

#include "importers/import_context.h"
#include "importers/node_view.h"
#include "importers/tflite/ops.h"
#include "tensor/load_limits.h"

namespace minnow::importers::tflite {
namespace {

constexpr char kIdentifier[] = "TFL3";
constexpr size_t kIdentifierAt = 4;

// Constants are copied once each, but several may lie in the same bytes.
constexpr size_t kConstantCopies = 8;

std::string FirstOutputName(const ModelRecord& model, const OperatorRecord& record) {
  if (record.outputs.empty()) return "";
  return std::string(model.tensors[static_cast<size_t>(record.outputs[0])].name);
}

Status CheckOperators(const ModelRecord& model) {
  UnknownOps unknown;
  for (const OperatorRecord& record : model.operators) {
    if (FindRow(record.code) != nullptr) continue;
    const std::string op = OperatorName(record), name = FirstOutputName(model, record);
    NodeRecord node;
    node.op = op;
    node.name = name;
    unknown.Add(node, record.custom_name.empty() ? "TensorFlow Lite" : "custom");
  }
  return unknown.ToStatus();
}

Status AddOperators(const ModelRecord& model, ImportState* import) {
  for (size_t i = 0; i < model.operators.size(); ++i) {
    MINNOW_RETURN_IF_ERROR(CheckLoad(import->graph().node_count()));
    const OperatorRecord& record = model.operators[i];
    const std::string name = FirstOutputName(model, record);
    const Node node(record, name, import);
    MINNOW_RETURN_IF_ERROR(node.Fail(FindRow(record.code)->import(node))
                               .WithContext("operator " + std::to_string(i) + " " + Quote(name) +
                                            " (" + OperatorName(record) + ")"));
  }
  return OkStatus();
}

}  // namespace

bool Sniff(Bytes first) {
  return first.size >= kIdentifierAt + 4 &&
         std::memcmp(first.data + kIdentifierAt, kIdentifier, 4) == 0;
}

StatusOr<graph::Graph> Import(const std::vector<Bytes>& buffers) {
  if (!Sniff(buffers[0])) return InvalidModel("it has no identifier %s", kIdentifier);
  FlatBuffer buffer(buffers[0]);
  ModelRecord model;
  MINNOW_RETURN_IF_ERROR(ReadModel(&buffer, &model));
  MINNOW_RETURN_IF_ERROR(CheckOperators(model));
  ImportState import(model, buffers[0].size * kConstantCopies);
  for (int32_t index : model.inputs) {
    MINNOW_RETURN_IF_ERROR(
        import.AddInput(index).WithContext("input " + Quote(import.tensor(index).name)));
  }
  MINNOW_RETURN_IF_ERROR(AddOperators(model, &import));
  MINNOW_RETURN_IF_ERROR(buffer.status());
  if (model.outputs.empty()) return InvalidModel("the graph has no outputs");
  for (int32_t index : model.outputs) MINNOW_RETURN_IF_ERROR(import.AddOutput(index));
  return std::move(import.graph());
}

}  // namespace minnow::importers::tflite
