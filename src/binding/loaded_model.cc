// From the bytes of a model file to what JavaScript's Model and MobileNet share.
#include "binding/loaded_model.h"

#include <utility>

#include "base/thread_pool.h"

namespace minnow::binding {

StatusOr<std::shared_ptr<LoadedModel>> LoadModel(importers::ImportedModel imported,
                                                 const runtime::CompileOptions& options,
                                                 runtime::CompiledParts* parts) {
  auto loaded = std::make_shared<LoadedModel>();
  loaded->format = imported.format;
  loaded->output = classify::FindOutputKind(imported.graph);
  StatusOr<std::shared_ptr<const runtime::Model>> model =
      runtime::Model::Compile(std::move(imported.graph), options, parts);
  if (!model.ok()) return model.status().WithContext("load");
  loaded->Serve(std::move(*model));
  return loaded;
}

void LoadedModel::Serve(std::shared_ptr<const runtime::Model> compiled) {
  model = compiled;
  sessions = classify::SessionPool::Create(std::move(compiled),
                                           static_cast<size_t>(ThreadPool::DefaultThreads()));
}

}  // namespace minnow::binding
