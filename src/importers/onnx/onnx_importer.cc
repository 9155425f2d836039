// From a ModelProto to a graph: initializers, inputs, nodes in file order, outputs.
#include "importers/onnx/onnx_importer.h"

#include "importers/import_context.h"
#include "importers/onnx/model_proto.h"
#include "importers/onnx/ops.h"
#include "importers/onnx/tensors.h"
#include "importers/protobuf_reader.h"
#include "tensor/load_limits.h"

namespace minnow::importers::onnx {
namespace {

constexpr int64_t kMinOpset = 1;
constexpr int64_t kMaxOpset = 21;

Status FindOpset(const ModelProto& model, int64_t* version) {
  for (const OpsetImport& opset : model.opsets) {
    if (IsStandardDomain(opset.domain)) *version = opset.version;
  }
  if (*version == 0) return InvalidModel("it imports no version of the standard operators");
  if (*version < kMinOpset || *version > kMaxOpset) {
    return Unsupported("opset %lld is not supported (%lld to %lld are)",
                       static_cast<long long>(*version), static_cast<long long>(kMinOpset),
                       static_cast<long long>(kMaxOpset));
  }
  return OkStatus();
}

Status CheckOperators(const ModelProto& model) {
  UnknownOps unknown;
  for (const NodeRecord& node : model.nodes) {
    if (IsStandardDomain(node.domain) && FindRow(node.op) != nullptr) continue;
    int64_t version = 0;
    for (const OpsetImport& opset : model.opsets) {
      if (opset.domain == node.domain ||
          (IsStandardDomain(opset.domain) && IsStandardDomain(node.domain))) {
        version = opset.version;
      }
    }
    const std::string domain = Quote(node.domain.empty() ? "ai.onnx" : node.domain);
    unknown.Add(node, domain.substr(1, domain.size() - 2) + " " + std::to_string(version));
  }
  return unknown.ToStatus();
}

Status AddInitializers(const ModelProto& model, const Payload* payload, ImportContext* context) {
  if (model.has_sparse_initializers) return Unsupported("sparse initializers are not supported");
  RawCopies copies(payload);
  for (const Bytes& message : model.initializers) {
    StatusOr<NamedTensor> tensor = DecodeTensor(message, &copies);
    if (!tensor.ok()) return tensor.status();
    MINNOW_RETURN_IF_ERROR(context->DefineConstant(tensor->name, std::move(tensor->tensor)));
  }
  return copies.CopyAll();
}

Status AddInput(const ValueInfo& info, ImportContext* context) {
  if (!info.is_tensor) return Unsupported("only tensors are supported");
  const std::optional<DType> dtype = ToDType(info.elem_type);
  if (!dtype) {
    return Unsupported("element type %lld is not supported",
                       static_cast<long long>(info.elem_type));
  }
  std::optional<Shape> shape;
  if (info.dims) {
    StatusOr<Shape> made = Shape::Make(info.dims->data(), info.dims->size());
    if (!made.ok()) return InvalidModel("%s", made.status().message().c_str());
    shape = *made;
  }
  return context->DefineValue(info.name,
                              context->graph().AddInput(std::string(info.name), *dtype, shape));
}

Status AddInputs(const ModelProto& model, ImportContext* context) {
  std::unordered_set<std::string_view> seen;
  for (const ValueInfo& info : model.inputs) {
    if (!seen.insert(info.name).second) {
      return InvalidModel("two inputs are named %s", Quote(info.name).c_str());
    }
    // Before IR version 4 every initializer is listed as an input too; it is a default value then.
    if (context->FindConstant(info.name) != nullptr) continue;
    MINNOW_RETURN_IF_ERROR(AddInput(info, context).WithContext("input " + Quote(info.name)));
  }
  return OkStatus();
}

Status AddNodes(const ModelProto& model, ImportContext* context) {
  for (const NodeRecord& record : model.nodes) {
    MINNOW_RETURN_IF_ERROR(CheckLoad(context->graph().node_count()));
    const NodeView node(record, context);
    MINNOW_RETURN_IF_ERROR(
        node.Fail(FindRow(record.op)->import(node, context)).WithContext(Describe(record)));
  }
  return OkStatus();
}

}  // namespace

// ModelProto begins with its ir_version, a number. A TensorFlow SavedModel does as well, but it
// has neither a graph (7) nor an opset (8).
bool Sniff(Bytes first) {
  ProtobufReader reader(first);
  bool has_version = false;
  for (int i = 0; i < 64; ++i) {
    const bool whole = reader.Next();
    const uint32_t field = whole || !reader.status().ok() ? reader.field() : 0;
    if (field == 1) {
      if (reader.wire_type() != WireType::kVarint) return false;
      has_version = true;
    } else if (field == 7 || field == 8) {
      return has_version && reader.wire_type() == WireType::kBytes;
    }
    if (!whole) return false;
  }
  return false;
}

StatusOr<graph::Graph> Import(const std::vector<Bytes>& buffers) {
  ModelProto model;
  MINNOW_RETURN_IF_ERROR(ParseModel(buffers[0], &model));
  if (!model.has_graph) return InvalidModel("it has no graph");
  int64_t opset = 0;
  MINNOW_RETURN_IF_ERROR(FindOpset(model, &opset));
  MINNOW_RETURN_IF_ERROR(CheckOperators(model));

  ImportContext context(opset);
  for (const NodeRecord& node : model.nodes) {
    for (std::string_view name : node.inputs) context.MarkRead(name);
  }
  for (const ValueInfo& output : model.outputs) context.MarkRead(output.name);
  MINNOW_RETURN_IF_ERROR(AddInitializers(model, buffers[0].payload, &context));
  MINNOW_RETURN_IF_ERROR(AddInputs(model, &context));
  MINNOW_RETURN_IF_ERROR(AddNodes(model, &context));
  if (model.outputs.empty()) return InvalidModel("the graph has no outputs");
  for (const ValueInfo& output : model.outputs) {
    MINNOW_RETURN_IF_ERROR(context.AddOutput(output.name));
  }
  return std::move(context.graph());
}

}  // namespace minnow::importers::onnx
