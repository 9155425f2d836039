// From the bytes of a model file to what JavaScript's Model and MobileNet share.
#ifndef MINNOW_BINDING_LOADED_MODEL_H_
#define MINNOW_BINDING_LOADED_MODEL_H_

#include <memory>
#include <string>
#include <vector>

#include "base/status.h"
#include "classify/output_kind.h"
#include "classify/session_pool.h"
#include "importers/importer.h"
#include "runtime/model.h"

namespace minnow::binding {

// Immutable once it is served, and thread safe; jobs in flight hold it while the JavaScript object
// is closed.
struct LoadedModel {
  std::shared_ptr<const runtime::Model> model;
  std::shared_ptr<classify::SessionPool> sessions;
  std::string format;
  classify::OutputKind output = classify::OutputKind::kLogits;
  // What the prepacked cache did: "none", "read", "written".
  const char* cache = "none";

  // Sets the model and its sessions.
  void Serve(std::shared_ptr<const runtime::Model> compiled);
};

// `parts`: see runtime::Model::Compile.
StatusOr<std::shared_ptr<LoadedModel>> LoadModel(importers::ImportedModel imported,
                                                 const runtime::CompileOptions& options,
                                                 runtime::CompiledParts* parts);

}  // namespace minnow::binding

#endif  // MINNOW_BINDING_LOADED_MODEL_H_
