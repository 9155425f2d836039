// From layers to a graph: names for their values, then parameters, constants and operators in an
// order in which every value is made before it is read, then results.
#include "importers/openvino/openvino_importer.h"

#include <unordered_set>

#include "importers/import_context.h"
#include "importers/numbers.h"
#include "importers/openvino/attributes.h"
#include "importers/openvino/model.h"
#include "importers/openvino/ops.h"
#include "importers/openvino/tensors.h"
#include "tensor/load_limits.h"

namespace minnow::importers::openvino {
namespace {

bool IsParameter(const LayerRecord& layer) { return layer.type == "Parameter"; }
bool IsConstant(const LayerRecord& layer) {
  return layer.type == "Const" || layer.type == "Constant";
}
bool IsResult(const LayerRecord& layer) { return layer.type == "Result"; }

// The graph's names of every layer's outputs: the tensor's first name where the file gives one,
// else the layer's; made unique.
class Names {
 public:
  explicit Names(const ModelRecord& model) {
    for (const LayerRecord& layer : model.layers) {
      outputs_.emplace_back();
      for (size_t i = 0; i < layer.outputs.size(); ++i) {
        const std::vector<std::string_view> given = SplitList(layer.outputs[i].tensor_names);
        std::string name(given.empty() ? "" : given[0]);
        if (name.empty() || used_.count(name) != 0) {
          name = layer.name + (layer.outputs.size() > 1 ? "." + std::to_string(i) : "");
        }
        outputs_.back().push_back(Unused(std::move(name), layer.id));
      }
    }
  }

  const std::string& Of(const SourcePort& port) const { return outputs_[port.layer][port.output]; }
  const std::vector<std::string>& Of(size_t layer) const { return outputs_[layer]; }

  // `name`, or with the layer's id behind it where it is taken or empty.
  std::string Unused(std::string name, int64_t id) {
    while (name.empty() || !used_.insert(name).second) name += "#" + std::to_string(id);
    return name;
  }

 private:
  std::vector<std::vector<std::string>> outputs_;
  std::unordered_set<std::string> used_;
};

// Views of `layer` and `names`.
NodeRecord RecordOf(const LayerRecord& layer, size_t index, const Names& names) {
  NodeRecord record;
  record.name = layer.name;
  record.op = layer.type;
  record.domain = layer.version;
  for (const std::optional<SourcePort>& source : layer.sources) {
    record.inputs.push_back(source ? std::string_view(names.Of(*source)) : std::string_view());
  }
  for (const std::string& name : names.Of(index)) record.outputs.push_back(name);
  for (const DataAttribute& given : layer.attributes) {
    Attribute attribute;
    attribute.name = given.name;
    attribute.kind = Attribute::Kind::kText;
    attribute.text = given.value;
    record.attributes.push_back(std::move(attribute));
  }
  return record;
}

Status CheckOperators(const ModelRecord& model, const Names& names) {
  UnknownOps unknown;
  for (size_t i = 0; i < model.layers.size(); ++i) {
    const LayerRecord& layer = model.layers[i];
    if (IsParameter(layer) || IsConstant(layer) || IsResult(layer)) continue;
    const NodeRecord record = RecordOf(layer, i, names);
    if (FindRow(record) != nullptr) continue;
    const std::string version = Quote(layer.version.empty() ? "no version" : layer.version);
    unknown.Add(record, version.substr(1, version.size() - 2));
  }
  return unknown.ToStatus();
}

Status AddParameter(const LayerRecord& layer, const std::string& name, ImportContext* context) {
  const std::string* type = layer.Find("element_type");
  const std::string* dims = layer.Find("shape");
  if (type == nullptr) return InvalidModel("attribute \"element_type\" is missing");
  const StatusOr<DType> dtype = ToDType(*type);
  if (!dtype.ok()) return dtype.status();
  std::optional<Shape> known;
  if (dims != nullptr && *dims != "...") {
    const StatusOr<Shape> shape = ParseShape(*dims);
    if (!shape.ok()) return shape.status();
    known = *shape;
  }
  return context->DefineValue(name, context->graph().AddInput(name, *dtype, known));
}

Status AddParameters(const ModelRecord& model, const Names& names, ImportContext* context) {
  for (size_t i = 0; i < model.layers.size(); ++i) {
    const LayerRecord& layer = model.layers[i];
    if (!IsParameter(layer)) continue;
    if (layer.outputs.size() != 1) {
      return InvalidModel("input %s has %zu ports", Quote(layer.name).c_str(),
                          layer.outputs.size());
    }
    MINNOW_RETURN_IF_ERROR(
        AddParameter(layer, names.Of(i)[0], context).WithContext("input " + Quote(layer.name)));
  }
  return OkStatus();
}

Status AddConstants(const ModelRecord& model, Bytes bin, const Names& names,
                    ImportContext* context) {
  Weights weights(bin, context->expansion_budget_bytes());
  for (size_t i = 0; i < model.layers.size(); ++i) {
    const LayerRecord& layer = model.layers[i];
    if (!IsConstant(layer)) continue;
    StatusOr<Tensor> tensor = weights.Read(layer);
    if (!tensor.ok()) return tensor.status().WithContext("constant " + Quote(layer.name));
    if (layer.outputs.size() != 1) {
      return InvalidModel("constant %s has %zu ports", Quote(layer.name).c_str(),
                          layer.outputs.size());
    }
    MINNOW_RETURN_IF_ERROR(context->DefineConstant(names.Of(i)[0], std::move(*tensor)));
  }
  return OkStatus();
}

Status AddOperators(const ModelRecord& model, const Names& names, ImportContext* context) {
  for (size_t index : model.order) {
    MINNOW_RETURN_IF_ERROR(CheckLoad(context->graph().node_count()));
    const LayerRecord& layer = model.layers[index];
    if (IsParameter(layer) || IsConstant(layer) || IsResult(layer)) continue;
    const NodeRecord record = RecordOf(layer, index, names);
    const NodeView node(record, context);
    MINNOW_RETURN_IF_ERROR(
        node.Fail(FindRow(record)->import(node, context)).WithContext(Describe(record)));
  }
  return OkStatus();
}

// An output has the name of the value that is given out; the Result's own where that is taken.
Status AddResults(const ModelRecord& model, Names* names, ImportContext* context) {
  std::unordered_set<std::string> given_out;
  for (const LayerRecord& layer : model.layers) {
    if (!IsResult(layer)) continue;
    if (layer.sources.size() != 1 || !layer.sources[0]) {
      return InvalidModel("result %s has no input", Quote(layer.name).c_str());
    }
    std::string name = names->Of(*layer.sources[0]);
    if (!given_out.insert(name).second) {
      const StatusOr<graph::ValueId> value = context->FindValue(name);
      if (!value.ok()) return value.status();
      name = names->Unused(layer.name, layer.id);
      MINNOW_RETURN_IF_ERROR(context->DefineValue(
          name, context->graph().AddNode(name, graph::Identity{}, {*value}, name)));
    }
    MINNOW_RETURN_IF_ERROR(context->AddOutput(name));
  }
  if (given_out.empty()) return InvalidModel("the network has no results");
  return OkStatus();
}

}  // namespace

bool Sniff(Bytes first) { return LooksLikeIr(first); }

StatusOr<graph::Graph> Import(const std::vector<Bytes>& buffers) {
  ModelRecord model;
  MINNOW_RETURN_IF_ERROR(ParseModel(buffers[0], &model));
  Names names(model);
  MINNOW_RETURN_IF_ERROR(CheckOperators(model, names));
  ImportContext context(0);
  for (const LayerRecord& layer : model.layers) {
    for (const std::optional<SourcePort>& source : layer.sources) {
      if (source) context.MarkRead(names.Of(*source));
    }
  }
  MINNOW_RETURN_IF_ERROR(AddParameters(model, names, &context));
  MINNOW_RETURN_IF_ERROR(AddConstants(model, buffers[1], names, &context));
  MINNOW_RETURN_IF_ERROR(AddOperators(model, names, &context));
  MINNOW_RETURN_IF_ERROR(AddResults(model, &names, &context));
  return std::move(context.graph());
}

}  // namespace minnow::importers::openvino
