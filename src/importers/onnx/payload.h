// Where the large weights lie in an ONNX file, found without reading them.
#ifndef MINNOW_IMPORTERS_ONNX_PAYLOAD_H_
#define MINNOW_IMPORTERS_ONNX_PAYLOAD_H_

#include <vector>

#include "importers/importer.h"

namespace minnow::importers::onnx {

// Raw data of initializers, from kPayloadBytes on, in file order. Empty for what is malformed: that
// is for Import to say.
std::vector<FileRange> FindPayload(size_t file_size, const ReadFile& read);

inline constexpr size_t kPayloadBytes = 64 * 1024;

}  // namespace minnow::importers::onnx

#endif  // MINNOW_IMPORTERS_ONNX_PAYLOAD_H_
