// The tensors of a TorchScript archive: strided views of little-endian storages, one entry each.
#ifndef MINNOW_IMPORTERS_TORCHSCRIPT_WEIGHTS_H_
#define MINNOW_IMPORTERS_TORCHSCRIPT_WEIGHTS_H_

#include "importers/torchscript/value.h"
#include "importers/torchscript/zip_archive.h"
#include "tensor/tensor.h"

namespace minnow::importers::torchscript {

// A copy of the elements in row-major order. Takes its bytes from `*budget_bytes`: several tensors
// may lie in one storage. kInvalidModel where the storage does not hold them.
StatusOr<Tensor> ReadTensor(const StoredTensor& stored, ZipArchive* archive, int64_t* budget_bytes);

}  // namespace minnow::importers::torchscript

#endif  // MINNOW_IMPORTERS_TORCHSCRIPT_WEIGHTS_H_
