// Where a model comes from, and everything that is done with it until it can run.
#ifndef MINNOW_BINDING_MODEL_SOURCE_H_
#define MINNOW_BINDING_MODEL_SOURCE_H_

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/aligned_buffer.h"
#include "base/status.h"
#include "binding/loaded_model.h"
#include "binding/model_file.h"
#include "binding/prepacked.h"
#include "tensor/load_limits.h"

namespace minnow::binding {

class ModelSource {
 public:
  // The files of the model, in the order of the format.
  void AddPath(std::string path);
  // Borrowed until KeepBytes or Load.
  void AddBytes(const importers::Bytes& bytes);
  // Copies what is borrowed. kResourceExhausted without memory.
  Status KeepBytes();

  // Once, on any thread. kNotFound where a file cannot be read: lib then reads it Node's way.
  StatusOr<std::shared_ptr<const LoadedModel>> Load();

  std::string format;  // empty: by the first bytes
  runtime::CompileOptions options;
  LoadLimits limits;
  std::string cache_folder;  // of prepacked models; empty: none. Only for models of paths alone

 private:
  struct Part {
    std::string path;  // empty: bytes
    importers::Bytes bytes;
    AlignedBuffer memory;             // of bytes that are kept
    std::unique_ptr<ModelFile> file;  // of a path, while it is imported
  };
  StatusOr<importers::ImportedModel> Import();
  std::optional<Prepacked> FindPrepacked() const;

  std::vector<Part> parts_;
};

}  // namespace minnow::binding

#endif  // MINNOW_BINDING_MODEL_SOURCE_H_
