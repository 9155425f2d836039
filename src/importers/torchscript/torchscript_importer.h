// TorchScript files: what torch.jit.save writes of a traced or scripted module. Read without
// libtorch: the zip, its pickles and the subset of Python that its source files are written in.
#ifndef MINNOW_IMPORTERS_TORCHSCRIPT_TORCHSCRIPT_IMPORTER_H_
#define MINNOW_IMPORTERS_TORCHSCRIPT_TORCHSCRIPT_IMPORTER_H_

#include "importers/importer.h"

namespace minnow::importers::torchscript {

bool Sniff(Bytes first);

// The graph of forward(x). The file says no shapes: x is f32 [-1, C, 224, 224] where the first
// weights of the module are a convolution's of C channels, [-1, K] where they are a matrix of K
// columns. Its name is that of forward's parameter; outputs are "output", or "output0", … where
// forward gives several.
StatusOr<graph::Graph> Import(const std::vector<Bytes>& buffers);

}  // namespace minnow::importers::torchscript

#endif  // MINNOW_IMPORTERS_TORCHSCRIPT_TORCHSCRIPT_IMPORTER_H_
