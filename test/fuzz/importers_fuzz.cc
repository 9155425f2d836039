// Can bytes that claim to be a model make the importers, the passes or the compiler misbehave?
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "importers/importer.h"
#include "runtime/model.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  for (const minnow::importers::Importer& importer : minnow::importers::Importers()) {
    const std::vector<minnow::importers::Bytes> buffers(importer.buffer_count, {bytes, size});
    auto imported = minnow::importers::ImportModel(buffers, importer.name);
    if (!imported.ok()) continue;
    minnow::runtime::CompileOptions options;
    options.max_arena_bytes = size_t{1} << 26;
    (void)minnow::runtime::Model::Compile(std::move(imported->graph), options).ok();
  }
  return 0;
}
