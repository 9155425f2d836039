// TensorFlow Lite files (.tflite), float and quantised.
#ifndef MINNOW_IMPORTERS_TFLITE_TFLITE_IMPORTER_H_
#define MINNOW_IMPORTERS_TFLITE_TFLITE_IMPORTER_H_

#include <vector>

#include "base/status.h"
#include "graph/graph.h"
#include "importers/importer.h"

namespace minnow::importers::tflite {

bool Sniff(Bytes first);
StatusOr<graph::Graph> Import(const std::vector<Bytes>& buffers);

}  // namespace minnow::importers::tflite

#endif  // MINNOW_IMPORTERS_TFLITE_TFLITE_IMPORTER_H_
