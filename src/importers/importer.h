// From the bytes of a model file to a graph. One folder a format, one row a format in importers.cc.
#ifndef MINNOW_IMPORTERS_IMPORTER_H_
#define MINNOW_IMPORTERS_IMPORTER_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/status.h"
#include "graph/graph.h"

namespace minnow::importers {

// Bytes of a file that are not in memory yet.
class Payload {
 public:
  virtual ~Payload() = default;
  // Copies bytes of the file, given as pointers to where they would be, from memory or from the
  // file. False where they cannot be read. Thread safe.
  virtual bool Copy(const uint8_t* from, size_t size, void* to) const = 0;
};

struct Bytes {
  const uint8_t* data = nullptr;
  size_t size = 0;
  // Of a whole file whose importer finds payload: what its ranges hold is only had by Copy. Null:
  // all bytes are there.
  const Payload* payload = nullptr;
};

struct FileRange {
  size_t offset = 0;
  size_t size = 0;
};
// Reads some bytes of a file. False where they cannot be had.
using ReadFile = std::function<bool(size_t offset, size_t size, void* to)>;

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
  // The parts of a file that `import` copies and does not look at, rising. Null: none.
  std::vector<FileRange> (*find_payload)(size_t file_size, const ReadFile& read);
};

struct ImportedModel {
  graph::Graph graph;
  const char* format = "";
};

// Formats this build has, best sniff first.
const std::vector<Importer>& Importers();

// What of a file ImportModel takes by Bytes::payload; `first` are its first bytes.
std::vector<FileRange> FindPayload(Bytes first, const std::string& format, size_t file_size,
                                   const ReadFile& read);

// `format` is an importer's name, or empty to sniff. kNotFound where payload cannot be read. The
// graph is validated and its shapes
// inferred.
StatusOr<ImportedModel> ImportModel(const std::vector<Bytes>& buffers, const std::string& format);

}  // namespace minnow::importers

#endif  // MINNOW_IMPORTERS_IMPORTER_H_
