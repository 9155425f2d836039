// TensorFlow frozen GraphDefs: constants instead of variables, inference only.
#ifndef MINNOW_IMPORTERS_TENSORFLOW_TENSORFLOW_IMPORTER_H_
#define MINNOW_IMPORTERS_TENSORFLOW_TENSORFLOW_IMPORTER_H_

#include "importers/importer.h"

namespace minnow::importers::tensorflow {

// The two functions of an Importer row. The file does not say what is given out: outputs are the
// nodes that nobody reads. What none of them needs (Assert and its inputs, unread constants and
// placeholders) is left out.
bool Sniff(Bytes first);
StatusOr<graph::Graph> Import(const std::vector<Bytes>& buffers);

}  // namespace minnow::importers::tensorflow

#endif  // MINNOW_IMPORTERS_TENSORFLOW_TENSORFLOW_IMPORTER_H_
