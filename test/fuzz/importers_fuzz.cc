// Can any bytes make an importer crash, read out of bounds, hang or leak? Every importer gets them,
// whatever they look like.
#include <cstddef>
#include <cstdint>

#include "graph/print.h"
#include "importers/importer.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  for (const minnow::importers::Importer& importer : minnow::importers::Importers()) {
    const std::vector<minnow::importers::Bytes> buffers(importer.buffer_count, {data, size});
    const auto model = minnow::importers::ImportModel(buffers, importer.name);
    if (model.ok() && minnow::graph::Print(model->graph).empty()) __builtin_trap();
  }
  return 0;
}
