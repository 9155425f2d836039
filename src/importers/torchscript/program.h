// The source files of an archive: classes and functions by their full names, parsed when they are
// first asked for.
#ifndef MINNOW_IMPORTERS_TORCHSCRIPT_PROGRAM_H_
#define MINNOW_IMPORTERS_TORCHSCRIPT_PROGRAM_H_

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/status.h"
#include "importers/torchscript/syntax.h"
#include "importers/torchscript/value.h"
#include "importers/torchscript/zip_archive.h"

namespace minnow::importers::torchscript {

// Lives for one import; what it returns lives as long.
class Program {
 public:
  // Source files lie in the archive's folder `folder`, which ends with a slash.
  Program(ZipArchive* archive, std::string folder, Heap* heap)
      : archive_(archive), folder_(std::move(folder)), heap_(heap) {}

  // "__torch__.torch.nn.modules.conv.Conv2d". kInvalidModel where there is none.
  StatusOr<const ClassDefinition*> FindClass(std::string_view name);
  // "__torch__.torch.nn.functional.relu". Null where the file has no such function.
  StatusOr<const Function*> FindFunction(std::string_view name);

 private:
  StatusOr<const SourceFile*> FileOf(std::string_view name);

  ZipArchive* archive_;
  const std::string folder_;
  Heap* heap_;
  std::unordered_map<std::string, std::unique_ptr<SourceFile>> files_;
};

}  // namespace minnow::importers::torchscript

#endif  // MINNOW_IMPORTERS_TORCHSCRIPT_PROGRAM_H_
