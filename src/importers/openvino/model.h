// What the .xml of an OpenVINO IR holds: layers, and edges between their ports.
#ifndef MINNOW_IMPORTERS_OPENVINO_MODEL_H_
#define MINNOW_IMPORTERS_OPENVINO_MODEL_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "importers/importer.h"

namespace minnow::importers::openvino {

struct DataAttribute {
  std::string name, value;
};

struct PortRecord {
  int64_t id = 0;
  std::string tensor_names;  // outputs only: a list with commas, may be empty
};

// Where an edge begins.
struct SourcePort {
  size_t layer = 0;   // index in ModelRecord::layers
  size_t output = 0;  // index in LayerRecord::outputs
};

struct LayerRecord {
  int64_t id = 0;
  std::string name, type;
  std::string version;  // "opset1", …; "extension" or a name of their own for others
  std::vector<DataAttribute> attributes;
  std::vector<PortRecord> inputs, outputs;
  // By input; nothing where no edge ends.
  std::vector<std::optional<SourcePort>> sources;

  // The value of an attribute, or null.
  const std::string* Find(std::string_view attribute) const;
};

struct ModelRecord {
  int64_t version = 0;              // of the IR: 10 or 11
  std::vector<LayerRecord> layers;  // in file order
  // Indices of layers, those that others read first; otherwise in file order.
  std::vector<size_t> order;
};

// Whether the first element is <net>.
bool LooksLikeIr(Bytes bytes);

// kInvalidModel for malformed XML, edges that lead nowhere, and cycles; kUnsupported for other
// versions. What the layers mean is not looked at.
Status ParseModel(Bytes xml, ModelRecord* model);

}  // namespace minnow::importers::openvino

#endif  // MINNOW_IMPORTERS_OPENVINO_MODEL_H_
