#include "importers/torchscript/program.h"

#include <algorithm>

#include "importers/import_context.h"
#include "importers/torchscript/parser.h"

namespace minnow::importers::torchscript {
namespace {

std::string_view LastPart(std::string_view name) {
  return name.substr(std::min(name.rfind('.') + 1, name.size()));
}

}  // namespace

// What "__torch__.a.b.C" names is in the file __torch__/a/b.py.
StatusOr<const SourceFile*> Program::FileOf(std::string_view name) {
  const size_t dot = name.rfind('.');
  if (dot == std::string_view::npos) return InvalidModel("%s has no file", Quote(name).c_str());
  std::string path(name.substr(0, dot));
  std::replace(path.begin(), path.end(), '.', '/');
  std::string entry = folder_ + path + ".py";
  const auto found = files_.find(entry);
  if (found != files_.end()) return found->second.get();
  const StatusOr<Bytes> bytes = archive_->Read(entry);
  if (!bytes.ok()) return bytes.status().WithContext(Quote(name));
  auto file = std::make_unique<SourceFile>();
  file->name = "code/" + path + ".py";
  const std::string_view text(reinterpret_cast<const char*>(bytes->data), bytes->size);
  MINNOW_RETURN_IF_ERROR(ParseSource(text, heap_, file.get()));
  return files_.emplace(std::move(entry), std::move(file)).first->second.get();
}

StatusOr<const ClassDefinition*> Program::FindClass(std::string_view name) {
  const StatusOr<const SourceFile*> file = FileOf(name);
  if (!file.ok()) return file.status();
  const auto found = (*file)->classes.find(LastPart(name));
  if (found == (*file)->classes.end()) {
    return InvalidModel("there is no class %s", Quote(name).c_str());
  }
  return &found->second;
}

StatusOr<const Function*> Program::FindFunction(std::string_view name) {
  const StatusOr<const SourceFile*> file = FileOf(name);
  if (!file.ok()) return file.status();
  const auto found = (*file)->functions.find(LastPart(name));
  return found == (*file)->functions.end() ? nullptr : found->second;
}

}  // namespace minnow::importers::torchscript
