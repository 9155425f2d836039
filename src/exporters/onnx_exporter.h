// A graph as the bytes of an ONNX file.
#ifndef MINNOW_EXPORTERS_ONNX_EXPORTER_H_
#define MINNOW_EXPORTERS_ONNX_EXPORTER_H_

#include <string>

#include "base/status.h"
#include "graph/graph.h"

namespace minnow::exporters {

// `graph` has valid shapes (passes::Optimize leaves it so); Quantize and Dequantize become
// QuantizeLinear and DequantizeLinear. Inputs and outputs keep names and layouts; images in between
// are channels first, as ONNX has them. kUnsupported names a node that ONNX opset 14 has no form of
// or that this does not know.
StatusOr<std::string> ExportOnnx(const graph::Graph& graph);

}  // namespace minnow::exporters

#endif  // MINNOW_EXPORTERS_ONNX_EXPORTER_H_
