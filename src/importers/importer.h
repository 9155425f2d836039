// From the bytes of a model file to a graph. One folder a format, one row a format in importers.cc.
#ifndef MINNOW_IMPORTERS_IMPORTER_H_
#define MINNOW_IMPORTERS_IMPORTER_H_

#include <cstdint>
#include <string>
#include <vector>

#include "base/status.h"
#include "graph/graph.h"

namespace minnow::importers {

struct Bytes {
  const uint8_t* data = nullptr;
  size_t size = 0;
};

struct Importer {
  // "onnx", "tensorflow", …: what `format` options and messages say.
  const char* name;
  // Files that make up one model (OpenVINO: xml and bin).
  size_t buffer_count;
  // Whether the first bytes look like this format. Never fails, reads only what is there.
  bool (*sniff)(Bytes first);
  // Bytes are not kept; weights are copied. kInvalidModel for malformed bytes, kUnsupported with
  // every unknown operator in one message.
  StatusOr<graph::Graph> (*import)(const std::vector<Bytes>& buffers);
};

struct ImportedModel {
  graph::Graph graph;
  const char* format = "";
};

// Formats this build has, best sniff first.
const std::vector<Importer>& Importers();

// `format` is an importer's name, or empty to sniff. The graph is validated and its shapes
// inferred.
StatusOr<ImportedModel> ImportModel(const std::vector<Bytes>& buffers, const std::string& format);

}  // namespace minnow::importers

#endif  // MINNOW_IMPORTERS_IMPORTER_H_
