#include "binding/model_source.h"

#include <cstring>
#include <utility>

namespace minnow::binding {

void ModelSource::AddPath(std::string path) { parts_.push_back({std::move(path), {}, {}, {}}); }

void ModelSource::AddBytes(const importers::Bytes& bytes) { parts_.push_back({"", bytes, {}, {}}); }

Status ModelSource::KeepBytes() {
  for (Part& part : parts_) {
    if (!part.path.empty()) continue;
    StatusOr<AlignedBuffer> copy = AlignedBuffer::AllocateUnfilled(part.bytes.size);
    if (!copy.ok()) return copy.status().WithContext("load");
    if (part.bytes.size != 0) std::memcpy(copy->data(), part.bytes.data, part.bytes.size);
    part.memory = std::move(*copy);
    part.bytes.data = part.memory.as<uint8_t>();
  }
  return OkStatus();
}

StatusOr<importers::ImportedModel> ModelSource::Import() {
  std::vector<importers::Bytes> files;
  for (Part& part : parts_) {
    if (!part.path.empty()) {
      StatusOr<std::unique_ptr<ModelFile>> file = ModelFile::Open(part.path, format);
      if (!file.ok()) return file.status().WithContext("load");
      part.file = std::move(*file);
      part.bytes = part.file->bytes();
    }
    files.push_back(part.bytes);
  }
  return importers::ImportModel(files, format);
}

std::optional<Prepacked> ModelSource::FindPrepacked() const {
  std::vector<std::string> paths;
  for (const Part& part : parts_) {
    if (part.path.empty()) return std::nullopt;
    paths.push_back(part.path);
  }
  if (cache_folder.empty()) return std::nullopt;
  return Prepacked::Find(cache_folder, paths, format, options);
}

StatusOr<std::shared_ptr<const LoadedModel>> ModelSource::Load() {
  const LoadScope scope(limits);
  const std::optional<Prepacked> prepacked = FindPrepacked();
  if (prepacked) {
    if (std::shared_ptr<const LoadedModel> found = prepacked->Load()) return found;
  }
  StatusOr<importers::ImportedModel> imported = Import();
  // The graph has its own weights: the files need not be there while those are packed.
  parts_.clear();
  if (!imported.ok()) return imported.status();
  runtime::CompiledParts parts;
  StatusOr<std::shared_ptr<LoadedModel>> loaded =
      LoadModel(std::move(*imported), options, prepacked ? &parts : nullptr);
  if (!loaded.ok()) return loaded.status();
  if (prepacked && prepacked->Save(loaded->get(), &parts)) (*loaded)->cache = "written";
  return std::shared_ptr<const LoadedModel>(std::move(*loaded));
}

}  // namespace minnow::binding
