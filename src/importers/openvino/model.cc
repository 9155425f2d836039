// From tags to layers, from edges to sources, and an order to build them in.
#include "importers/openvino/model.h"

#include <algorithm>
#include <functional>
#include <queue>
#include <unordered_map>

#include "importers/import_context.h"
#include "importers/numbers.h"
#include "importers/openvino/xml_reader.h"

namespace minnow::importers::openvino {
namespace {

constexpr int64_t kMinVersion = 10;
constexpr int64_t kMaxVersion = 11;
// Of one layer's inputs or outputs: an edge looks for its port among them.
constexpr size_t kMaxPorts = 1024;
// Of a layer: names of its values are made from it.
constexpr size_t kMaxNameLength = 1024;

struct EdgeRecord {
  int64_t from_layer = 0, from_port = 0, to_layer = 0, to_port = 0;
};

Status ReadNumber(const XmlReader& reader, std::string_view name, int64_t* number) {
  const std::string_view text = reader.Attribute(name);
  const std::optional<int64_t> parsed = ParseInt(text);
  if (!parsed) {
    return InvalidModel("<%s>: the attribute %s is %s, a number was expected",
                        std::string(reader.name()).c_str(), std::string(name).c_str(),
                        Quote(text).c_str());
  }
  *number = *parsed;
  return OkStatus();
}

// The <port> children of <input> or <output>.
Status ReadPorts(XmlReader* reader, size_t depth, std::vector<PortRecord>* ports) {
  while (reader->NextChild(depth)) {
    if (reader->name() != "port") continue;
    if (ports->size() == kMaxPorts) return Unsupported("more than %zu ports", kMaxPorts);
    PortRecord port;
    MINNOW_RETURN_IF_ERROR(ReadNumber(*reader, "id", &port.id));
    port.tensor_names = reader->Attribute("names");
    ports->push_back(std::move(port));
  }
  return reader->status();
}

Status ReadLayer(XmlReader* reader, size_t depth, LayerRecord* layer) {
  MINNOW_RETURN_IF_ERROR(ReadNumber(*reader, "id", &layer->id));
  layer->name = reader->Attribute("name");
  layer->type = reader->Attribute("type");
  layer->version = reader->Attribute("version");
  if (layer->type.empty()) return InvalidModel("it has no type");
  if (layer->name.size() > kMaxNameLength) return InvalidModel("the name is too long");
  while (reader->NextChild(depth)) {
    if (reader->name() == "input") {
      MINNOW_RETURN_IF_ERROR(ReadPorts(reader, depth + 1, &layer->inputs));
    } else if (reader->name() == "output") {
      MINNOW_RETURN_IF_ERROR(ReadPorts(reader, depth + 1, &layer->outputs));
    } else if (reader->name() == "data") {
      if (!layer->attributes.empty()) return InvalidModel("it has <data> twice");
      for (const XmlAttribute& attribute : reader->attributes()) {
        layer->attributes.push_back({std::string(attribute.name), attribute.value});
      }
    }
  }
  layer->sources.resize(layer->inputs.size());
  return reader->status();
}

Status ReadLayers(XmlReader* reader, size_t depth, std::vector<LayerRecord>* layers) {
  while (reader->NextChild(depth)) {
    if (reader->name() != "layer") continue;
    LayerRecord layer;
    Status status = ReadLayer(reader, depth + 1, &layer);
    if (!status.ok() && !reader->status().ok()) return status;
    MINNOW_RETURN_IF_ERROR(status.WithContext("layer " + Quote(layer.name)));
    layers->push_back(std::move(layer));
  }
  return reader->status();
}

Status ReadEdges(XmlReader* reader, size_t depth, std::vector<EdgeRecord>* edges) {
  while (reader->NextChild(depth)) {
    if (reader->name() != "edge") continue;
    EdgeRecord edge;
    MINNOW_RETURN_IF_ERROR(ReadNumber(*reader, "from-layer", &edge.from_layer));
    MINNOW_RETURN_IF_ERROR(ReadNumber(*reader, "from-port", &edge.from_port));
    MINNOW_RETURN_IF_ERROR(ReadNumber(*reader, "to-layer", &edge.to_layer));
    MINNOW_RETURN_IF_ERROR(ReadNumber(*reader, "to-port", &edge.to_port));
    edges->push_back(edge);
  }
  return reader->status();
}

std::optional<size_t> FindPort(const std::vector<PortRecord>& ports, int64_t id) {
  const auto found = std::find_if(ports.begin(), ports.end(),
                                  [id](const PortRecord& port) { return port.id == id; });
  if (found == ports.end()) return std::nullopt;
  return static_cast<size_t>(found - ports.begin());
}

Status Connect(const std::vector<EdgeRecord>& edges, std::vector<LayerRecord>* layers) {
  std::unordered_map<int64_t, size_t> by_id;
  for (size_t i = 0; i < layers->size(); ++i) {
    const int64_t id = (*layers)[i].id;
    if (!by_id.try_emplace(id, i).second) {
      return InvalidModel("two layers have the id %lld", static_cast<long long>(id));
    }
  }
  for (const EdgeRecord& edge : edges) {
    const auto from = by_id.find(edge.from_layer), to = by_id.find(edge.to_layer);
    std::optional<size_t> output, input;
    if (from != by_id.end()) output = FindPort((*layers)[from->second].outputs, edge.from_port);
    if (to != by_id.end()) input = FindPort((*layers)[to->second].inputs, edge.to_port);
    if (!output || !input) {
      return InvalidModel(
          "an edge from port %lld of layer %lld to port %lld of layer %lld: there "
          "is no such %s port",
          static_cast<long long>(edge.from_port), static_cast<long long>(edge.from_layer),
          static_cast<long long>(edge.to_port), static_cast<long long>(edge.to_layer),
          output ? "input" : "output");
    }
    std::optional<SourcePort>& source = (*layers)[to->second].sources[*input];
    if (source) {
      return InvalidModel("two edges lead to port %lld of layer %lld",
                          static_cast<long long>(edge.to_port),
                          static_cast<long long>(edge.to_layer));
    }
    source = SourcePort{from->second, *output};
  }
  return OkStatus();
}

// Kahn's algorithm, the first in the file first.
Status FindOrder(ModelRecord* model) {
  const std::vector<LayerRecord>& layers = model->layers;
  std::vector<std::vector<size_t>> readers(layers.size());
  std::vector<size_t> missing(layers.size(), 0);
  for (size_t i = 0; i < layers.size(); ++i) {
    for (const std::optional<SourcePort>& source : layers[i].sources) {
      if (!source) continue;
      readers[source->layer].push_back(i);
      ++missing[i];
    }
  }
  std::priority_queue<size_t, std::vector<size_t>, std::greater<>> ready;
  for (size_t i = 0; i < layers.size(); ++i) {
    if (missing[i] == 0) ready.push(i);
  }
  model->order.reserve(layers.size());
  while (!ready.empty()) {
    const size_t layer = ready.top();
    ready.pop();
    model->order.push_back(layer);
    for (size_t reader : readers[layer]) {
      if (--missing[reader] == 0) ready.push(reader);
    }
  }
  if (model->order.size() == layers.size()) return OkStatus();
  const auto stuck = std::find_if(missing.begin(), missing.end(), [](size_t n) { return n > 0; });
  const LayerRecord& layer = layers[static_cast<size_t>(stuck - missing.begin())];
  return InvalidModel("layer %s waits for its own result", Quote(layer.name).c_str());
}

}  // namespace

const std::string* LayerRecord::Find(std::string_view attribute) const {
  for (const DataAttribute& given : attributes) {
    if (given.name == attribute) return &given.value;
  }
  return nullptr;
}

bool LooksLikeIr(Bytes bytes) {
  XmlReader reader(bytes);
  return reader.NextChild(0) && reader.name() == "net";
}

Status ParseModel(Bytes xml, ModelRecord* model) {
  XmlReader reader(xml);
  if (!reader.NextChild(0)) return reader.status();
  if (reader.name() != "net") return InvalidModel("the root element is not <net>");
  MINNOW_RETURN_IF_ERROR(ReadNumber(reader, "version", &model->version));
  if (model->version < kMinVersion || model->version > kMaxVersion) {
    return Unsupported("IR version %lld is not supported (%lld and %lld are)",
                       static_cast<long long>(model->version), static_cast<long long>(kMinVersion),
                       static_cast<long long>(kMaxVersion));
  }
  std::vector<EdgeRecord> edges;
  while (reader.NextChild(1)) {
    if (reader.name() == "layers") {
      MINNOW_RETURN_IF_ERROR(ReadLayers(&reader, 2, &model->layers));
    } else if (reader.name() == "edges") {
      MINNOW_RETURN_IF_ERROR(ReadEdges(&reader, 2, &edges));
    }
  }
  MINNOW_RETURN_IF_ERROR(reader.Finish());
  MINNOW_RETURN_IF_ERROR(Connect(edges, &model->layers));
  return FindOrder(model);
}

}  // namespace minnow::importers::openvino
