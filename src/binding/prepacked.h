// Compiled models on disk: the next process that loads the same file maps what this one packed.
#ifndef MINNOW_BINDING_PREPACKED_H_
#define MINNOW_BINDING_PREPACKED_H_

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "binding/loaded_model.h"

namespace minnow::binding {

// Where a model's prepacked file is, and what must be true of it. A model is known by its files:
// path, inode, size and the times of their last change (the inode's too, which no program can set),
// and only once they have been left alone for two seconds, so that a change within one tick of the
// file system's clock is seen. Beside them: the build of minnow, the options of the compiler, the
// limits in force and the format asked for. A miss costs a load as without the cache, and the time
// to write.
class Prepacked {
 public:
  // Nothing where there can be no such file: a folder that another user may write or that cannot be
  // made, files just changed or not there, a system other than Linux.
  static std::optional<Prepacked> Find(const std::string& folder,
                                       const std::vector<std::string>& paths,
                                       const std::string& format,
                                       const runtime::CompileOptions& options);

  // Null where there is none, or one that is damaged or of other things.
  std::shared_ptr<const LoadedModel> Load() const;
  // Whether it was written; not where the model's files have changed since Find. Changes nothing.
  bool Save(LoadedModel* model, runtime::CompiledParts* parts) const;

 private:
  std::string folder_;
  std::string file_;
  std::string identity_;
  std::vector<std::string> paths_;
  std::string format_;
  runtime::CompileOptions options_;
};

}  // namespace minnow::binding

#endif  // MINNOW_BINDING_PREPACKED_H_
