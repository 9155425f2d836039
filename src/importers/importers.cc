// Which formats there are, which one a file is in, and what holds for every imported graph.
#include "graph/infer_shapes.h"
#include "graph/validate.h"
#include "importers/import_context.h"
#include "importers/importer.h"
#include "importers/onnx/onnx_importer.h"
#include "importers/onnx/payload.h"
#include "importers/openvino/openvino_importer.h"
#include "importers/tensorflow/tensorflow_importer.h"
#include "importers/tflite/tflite_importer.h"
#include "importers/torchscript/torchscript_importer.h"
#include "tensor/load_limits.h"

namespace minnow::importers {
namespace {

const Importer* Sniffed(Bytes first) {
  for (const Importer& importer : Importers()) {
    if (importer.sniff(first)) return &importer;
  }
  return nullptr;
}

const Importer* Named(const std::string& format) {
  for (const Importer& importer : Importers()) {
    if (format == importer.name) return &importer;
  }
  return nullptr;
}

std::string FormatNames() {
  std::string names;
  for (const Importer& importer : Importers()) {
    names += (names.empty() ? "" : ", ") + std::string(importer.name);
  }
  return names;
}

// Whatever a later stage finds wrong in a graph that came from a file is the file's fault.
Status BlameModel(const Status& status) {
  const bool blames_others =
      status.code() == StatusCode::kInternal || status.code() == StatusCode::kInvalidArgument;
  return blames_others ? Status(StatusCode::kInvalidModel, status.message()) : status;
}

StatusOr<graph::Graph> ImportChecked(const Importer& importer, const std::vector<Bytes>& buffers) {
  if (buffers.size() != importer.buffer_count) {
    return InvalidArgument("a model is %zu files, %zu were given", importer.buffer_count,
                           buffers.size());
  }
  StatusOr<graph::Graph> graph = importer.import(buffers);
  if (!graph.ok()) return BlameModel(graph.status());
  MINNOW_RETURN_IF_ERROR(CheckLoad(graph->node_count()));
  MINNOW_RETURN_IF_ERROR(BlameModel(graph::Validate(*graph)));
  MINNOW_RETURN_IF_ERROR(BlameModel(graph::InferShapes(&*graph)));
  MINNOW_RETURN_IF_ERROR(BlameModel(graph::CheckLimits(*graph)));
  return graph;
}

}  // namespace

const std::vector<Importer>& Importers() {
  static const std::vector<Importer>* const importers = new std::vector<Importer>{
      {"tflite", 1, tflite::Sniff, tflite::Import, nullptr},
      {"openvino", 2, openvino::Sniff, openvino::Import, nullptr},
      {"onnx", 1, onnx::Sniff, onnx::Import, onnx::FindPayload},
      {"pytorch", 1, torchscript::Sniff, torchscript::Import, nullptr},
      {"tensorflow", 1, tensorflow::Sniff, tensorflow::Import, nullptr},
  };
  return *importers;
}

std::vector<FileRange> FindPayload(Bytes first, const std::string& format, size_t file_size,
                                   const ReadFile& read) {
  const Importer* importer = format.empty() ? Sniffed(first) : Named(format);
  if (importer == nullptr || importer->find_payload == nullptr) return {};
  return importer->find_payload(file_size, read);
}

StatusOr<ImportedModel> ImportModel(const std::vector<Bytes>& buffers, const std::string& format) {
  const LoadScope scope(CurrentLoadLimits());
  if (buffers.empty()) return InvalidArgument("load: no file was given");
  const Importer* importer = format.empty() ? Sniffed(buffers[0]) : Named(format);
  if (importer == nullptr && !format.empty()) {
    return InvalidArgument("load: the format %s is not known (%s are)", Quote(format).c_str(),
                           FormatNames().c_str());
  }
  if (importer == nullptr) {
    return InvalidModel("load: the bytes are in none of the formats %s", FormatNames().c_str());
  }
  StatusOr<graph::Graph> graph = ImportChecked(*importer, buffers);
  if (!graph.ok()) return graph.status().WithContext(std::string("load: ") + importer->name);
  return ImportedModel{std::move(*graph), importer->name};
}

}  // namespace minnow::importers
