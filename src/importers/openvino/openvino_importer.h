// OpenVINO IR, versions 10 and 11: an .xml with the layers and a .bin with the constants.
#ifndef MINNOW_IMPORTERS_OPENVINO_OPENVINO_IMPORTER_H_
#define MINNOW_IMPORTERS_OPENVINO_OPENVINO_IMPORTER_H_

#include <vector>

#include "importers/importer.h"

namespace minnow::importers::openvino {

bool Sniff(Bytes first);
// `buffers` are the .xml and the .bin.
StatusOr<graph::Graph> Import(const std::vector<Bytes>& buffers);

}  // namespace minnow::importers::openvino

#endif  // MINNOW_IMPORTERS_OPENVINO_OPENVINO_IMPORTER_H_
