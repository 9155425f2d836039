// What a TensorFlow GraphDef holds, as views into its bytes. Field numbers: tensorflow/core/
// framework/{graph,node_def,attr_value,tensor_shape}.proto.
#ifndef MINNOW_IMPORTERS_TENSORFLOW_GRAPH_DEF_H_
#define MINNOW_IMPORTERS_TENSORFLOW_GRAPH_DEF_H_

#include <optional>
#include <vector>

#include "importers/importer.h"
#include "importers/node_view.h"

namespace minnow::importers::tensorflow {

// Nodes in file order; NodeRecord::inputs are as the file has them ("conv", "split:1", "^assert").
// Attributes: bool, int and type are kInt; a list is kInts (bool and type too) or kFloats, an empty
// one kInts.
Status ParseGraphDef(Bytes bytes, std::vector<NodeRecord>* nodes);

// A TensorShapeProto. Nothing where it says that the rank is unknown; unknown dims are kUnknownDim.
StatusOr<std::optional<Shape>> ParseShape(Bytes message);

}  // namespace minnow::importers::tensorflow

#endif  // MINNOW_IMPORTERS_TENSORFLOW_GRAPH_DEF_H_
