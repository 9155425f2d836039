// ONNX, opsets 1 to 21 of the standard domain.
#ifndef MINNOW_IMPORTERS_ONNX_ONNX_IMPORTER_H_
#define MINNOW_IMPORTERS_ONNX_ONNX_IMPORTER_H_

#include "importers/importer.h"

namespace minnow::importers::onnx {

// The two functions of an Importer row.
bool Sniff(Bytes first);
StatusOr<graph::Graph> Import(const std::vector<Bytes>& buffers);

}  // namespace minnow::importers::onnx

#endif  // MINNOW_IMPORTERS_ONNX_ONNX_IMPORTER_H_
