// From the bytes of a model file to what JavaScript's Model and MobileNet share.
#include "binding/loaded_model.h"

#include <utility>

#include "base/thread_pool.h"

namespace minnow::binding {

StatusOr<std::shared_ptr<const LoadedModel>> LoadModel(importers::ImportedModel imported,
                                                       const runtime::CompileOptions& options) {
  auto loaded = std::make_shared<LoadedModel>();
  loaded->format = imported.format;
  loaded->output = classify::FindOutputKind(imported.graph);
  StatusOr<std::shared_ptr<const runtime::Model>> model =
      runtime::Model::Compile(std::move(imported.graph), options);
  if (!model.ok()) return model.status().WithContext("load");
  loaded->model = *model;
  loaded->sessions =
      classify::SessionPool::Create(*model, static_cast<size_t>(ThreadPool::DefaultThreads()));
  return std::shared_ptr<const LoadedModel>(std::move(loaded));
}

}  // namespace minnow::binding
