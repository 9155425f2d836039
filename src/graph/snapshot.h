// A graph as bytes, for the same build of minnow to read again.
#ifndef MINNOW_GRAPH_SNAPSHOT_H_
#define MINNOW_GRAPH_SNAPSHOT_H_

#include <functional>

#include "base/byte_stream.h"
#include "base/status.h"
#include "graph/graph.h"

namespace minnow::graph {

// Constants are kept elsewhere: writing, it notes which this is; reading, it sets it.
using DoTensor = std::function<Status(Tensor*)>;

// Reads or writes, as the stream does; what is read replaces `graph`. All is taken as it is: it
// must read what it wrote. kInvalidModel where the bytes end early.
Status DoGraph(Graph* graph, const DoTensor& do_tensor, ByteStream* stream);

}  // namespace minnow::graph

#endif  // MINNOW_GRAPH_SNAPSHOT_H_
