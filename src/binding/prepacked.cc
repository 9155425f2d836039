#include "binding/prepacked.h"

#if defined(__linux__)
#include <dirent.h>
#include <link.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <utility>

#include "base/hash.h"
#include "binding/prepacked_file.h"
#include "graph/snapshot.h"
#include "tensor/load_limits.h"

// Where this library lies in memory; the linker defines it.
extern "C" const ElfW(Ehdr) __ehdr_start  // NOLINT(bugprone-reserved-identifier)
    __attribute__((visibility("hidden")));
#endif

namespace minnow::binding {

#if !defined(__linux__)

std::optional<Prepacked> Prepacked::Find(const std::string&, const std::vector<std::string>&,
                                         const std::string&, const runtime::CompileOptions&) {
  return std::nullopt;
}
std::shared_ptr<const LoadedModel> Prepacked::Load() const { return nullptr; }
bool Prepacked::Save(LoadedModel*, runtime::CompiledParts*) const { return false; }

#else

namespace {

constexpr char kSuffix[] = ".minnowpack";
// More files than this, and the oldest go.
constexpr size_t kKeptFiles = 16;
constexpr int64_t kSettledSeconds = 2;
// A writer that takes longer than this has died.
constexpr int64_t kAbandonedSeconds = 3600;

// The linker's hash of this library, which changes with every other build; empty where it left
// none.
std::string BuildId() {
  const char* base = reinterpret_cast<const char*>(&__ehdr_start);
  const auto* part = reinterpret_cast<const ElfW(Phdr)*>(base + __ehdr_start.e_phoff);
  for (const auto* end = part + __ehdr_start.e_phnum; part != end; ++part) {
    if (part->p_type != PT_NOTE) continue;
    const char* at = base + part->p_vaddr;
    for (const char* last = at + part->p_memsz; at < last;) {
      const auto* note = reinterpret_cast<const ElfW(Nhdr)*>(at);
      const char* content = at + sizeof(*note) + RoundUp(note->n_namesz, 4);
      if (note->n_type == NT_GNU_BUILD_ID) return {content, note->n_descsz};
      at = content + RoundUp(note->n_descsz, 4);
    }
  }
  return "";
}

// The facts by which a file is known; empty where it is none, or was changed just now.
std::string FactsOf(const std::string& path) {
  char* real = realpath(path.c_str(), nullptr);
  const std::string resolved = real == nullptr ? "" : real;
  std::free(real);
  struct stat facts;
  timespec now;
  if (resolved.empty() || stat(resolved.c_str(), &facts) != 0 || !S_ISREG(facts.st_mode) ||
      clock_gettime(CLOCK_REALTIME, &now) != 0 ||
      now.tv_sec - std::max(facts.st_mtim.tv_sec, facts.st_ctim.tv_sec) <= kSettledSeconds) {
    return "";
  }
  const auto number = [](auto value) { return " " + std::to_string(value); };
  return resolved + number(facts.st_ino) + number(facts.st_size) + number(facts.st_mtim.tv_sec) +
         number(facts.st_mtim.tv_nsec) + number(facts.st_ctim.tv_sec) +
         number(facts.st_ctim.tv_nsec);
}

// Empty where there is none. The lists of members do not compile when one is missing.
std::string IdentityOf(const std::vector<std::string>& paths, const std::string& format,
                       const runtime::CompileOptions& options) {
  const auto& [isa, max_arena_bytes, keep_inputs, in_floats] = options;
  const auto& [rank, elements, nodes, nesting, arena_bytes, milliseconds, folded_work] =
      CurrentLoadLimits();
  const std::string build = BuildId();
  if (build.empty()) return "";
  std::string identity = build + format;
  const auto add = [&](const auto&... members) {
    ((identity += " " + std::to_string(members)), ...);
  };
  add(static_cast<int>(isa), max_arena_bytes, keep_inputs, in_floats);
  add(rank, elements, nodes, nesting, arena_bytes, milliseconds, folded_work);
  for (const std::string& path : paths) {
    const std::string facts = FactsOf(path);
    if (facts.empty()) return "";
    identity += "\n" + facts;
  }
  return identity;
}

// Makes the folder, and those above it, where they are not there; true where it is this user's own.
bool OwnFolder(const std::string& folder) {
  for (size_t end = 1; end <= folder.size(); ++end) {
    if (end == folder.size() || folder[end] == '/') mkdir(folder.substr(0, end).c_str(), 0700);
  }
  struct stat facts;
  return stat(folder.c_str(), &facts) == 0 && S_ISDIR(facts.st_mode) && facts.st_uid == geteuid() &&
         (facts.st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

// Removes what is too much, and what writers that died left behind.
void Tidy(const std::string& folder) {
  DIR* listing = opendir(folder.c_str());
  if (listing == nullptr) return;
  std::vector<std::pair<int64_t, std::string> > kept;
  while (const dirent* entry = readdir(listing)) {
    const std::string name = entry->d_name;
    std::string path = folder;
    path += "/" + name;
    const size_t suffix = name.find(kSuffix);
    struct stat facts;
    if (suffix == std::string::npos || lstat(path.c_str(), &facts) != 0) continue;
    if (suffix + sizeof(kSuffix) - 1 == name.size()) {
      kept.emplace_back(facts.st_mtim.tv_sec, path);
    } else if (time(nullptr) - facts.st_mtim.tv_sec > kAbandonedSeconds) {
      unlink(path.c_str());
    }
  }
  closedir(listing);
  while (kept.size() > kKeptFiles) {
    const auto oldest = std::min_element(kept.begin(), kept.end());
    unlink(oldest->second.c_str());
    std::swap(*oldest, kept.back());
    kept.pop_back();
  }
}

// What is in a file, in both directions.
class Content {
 public:
  // Writes: pieces go to `writer`, the description to stream().
  explicit Content(PrepackedWriter* writer) : writer_(writer) {}
  // Reads.
  explicit Content(std::shared_ptr<PrepackedFile> file)
      : file_(std::move(file)), stream_(file_->description()) {}

  ByteStream& stream() { return stream_; }
  Status Do(const std::string& identity, LoadedModel* model, runtime::CompiledParts* parts);

 private:
  Status DoMemory(const void* data, size_t size, AlignedBuffer* read);
  Status DoTensor(Tensor* tensor);
  Status DoWeights(std::vector<runtime::PackedWeights>* weights);
  size_t IndexOf(uint64_t identity) const;

  PrepackedWriter* writer_ = nullptr;
  std::shared_ptr<PrepackedFile> file_;
  ByteStream stream_;
  std::vector<Tensor> tensors_;  // those so far, each once
};

Status Content::DoMemory(const void* data, size_t size, AlignedBuffer* read) {
  Piece piece;
  if (writer_ != nullptr) piece = writer_->Add(data, size);
  stream_.Do(&piece);
  if (writer_ != nullptr) return OkStatus();
  std::optional<AlignedBuffer> memory = PrepackedFile::Take(file_, piece);
  if (!memory) return InvalidModel("a piece is not in the file");
  *read = std::move(*memory);
  return OkStatus();
}

size_t Content::IndexOf(uint64_t identity) const {
  const auto found = std::find_if(tensors_.begin(), tensors_.end(), [&](const Tensor& tensor) {
    return tensor.identity() == identity;
  });
  return static_cast<size_t>(found - tensors_.begin());
}

// Constants may share their elements, and packed weights are found by who those are.
Status Content::DoTensor(Tensor* tensor) {
  const bool reads = stream_.reads();
  size_t index = reads ? 0 : IndexOf(tensor->identity());
  DType dtype = tensor->dtype();
  Shape shape = tensor->shape();
  stream_.Do(&index);
  stream_.Do(&dtype);
  stream_.Do(&shape);
  if (index < tensors_.size()) {
    if (reads) *tensor = tensors_[index].Reshaped(shape);
    return OkStatus();
  }
  AlignedBuffer memory;
  MINNOW_RETURN_IF_ERROR(DoMemory(reads ? nullptr : tensor->data(), tensor->size_bytes(), &memory));
  if (reads) *tensor = Tensor::Over(dtype, shape, std::move(memory));
  tensors_.push_back(*tensor);
  return OkStatus();
}

Status Content::DoWeights(std::vector<runtime::PackedWeights>* weights) {
  weights->resize(stream_.DoCount(weights->size(), 1));
  for (runtime::PackedWeights& one : *weights) {
    size_t index = stream_.reads() ? 0 : IndexOf(one.identity);
    stream_.Do(&index);
    stream_.Do(&one.shape);
    stream_.Do(&one.form);
    AlignedBuffer memory;
    const bool reads = stream_.reads();
    MINNOW_RETURN_IF_ERROR(
        DoMemory(reads ? nullptr : one.buffer->data(), reads ? 0 : one.buffer->size(), &memory));
    if (!reads) continue;
    if (index < tensors_.size()) one.identity = tensors_[index].identity();
    one.buffer = std::make_shared<const AlignedBuffer>(std::move(memory));
  }
  return OkStatus();
}

Status Content::Do(const std::string& identity, LoadedModel* model, runtime::CompiledParts* parts) {
  std::string described = identity;
  stream_.Do(&described);
  if (described != identity) return InvalidModel("another model");
  stream_.Do(&model->format);
  stream_.Do(&model->output);
  stream_.Do(&parts->imported_text);
  const auto do_tensor = [this](Tensor* tensor) { return DoTensor(tensor); };
  MINNOW_RETURN_IF_ERROR(graph::DoGraph(&parts->graph, do_tensor, &stream_));
  MINNOW_RETURN_IF_ERROR(graph::DoGraph(&parts->specialized, do_tensor, &stream_));
  MINNOW_RETURN_IF_ERROR(DoWeights(&parts->weights));
  if (!stream_.ok() || !stream_.at_end()) return InvalidModel("a description of other size");
  return OkStatus();
}

}  // namespace

std::optional<Prepacked> Prepacked::Find(const std::string& folder,
                                         const std::vector<std::string>& paths,
                                         const std::string& format,
                                         const runtime::CompileOptions& options) {
  Prepacked found;
  found.identity_ = IdentityOf(paths, format, options);
  if (found.identity_.empty() || !OwnFolder(folder)) return std::nullopt;
  char name[33];
  for (uint64_t seed = 0; seed < 2; ++seed) {
    const uint64_t hash = HashBytes(found.identity_.data(), found.identity_.size(), seed);
    std::snprintf(name + 16 * seed, 17, "%016llx", static_cast<unsigned long long>(hash));
  }
  found.folder_ = folder;
  found.file_ = folder + "/" + name + kSuffix;
  found.paths_ = paths;
  found.format_ = format;
  found.options_ = options;
  return found;
}

std::shared_ptr<const LoadedModel> Prepacked::Load() const {
  std::shared_ptr<PrepackedFile> file = PrepackedFile::Open(file_);
  if (file == nullptr) return nullptr;
  auto loaded = std::make_shared<LoadedModel>();
  runtime::CompiledParts parts;
  if (!Content(std::move(file)).Do(identity_, loaded.get(), &parts).ok()) return nullptr;
  StatusOr<std::shared_ptr<const runtime::Model> > model =
      runtime::Model::Restore(std::move(parts), options_);
  if (!model.ok()) return nullptr;
  loaded->Serve(std::move(*model));
  loaded->cache = "read";
  return loaded;
}

bool Prepacked::Save(LoadedModel* model, runtime::CompiledParts* parts) const {
  // What was read between two equal looks at the files is what those looks describe.
  if (IdentityOf(paths_, format_, options_) != identity_) return false;
  PrepackedWriter writer;
  Content content(&writer);
  const bool is_written =
      content.Do(identity_, model, parts).ok() && writer.Write(file_, content.stream().bytes());
  if (is_written) Tidy(folder_);
  return is_written;
}

#endif

}  // namespace minnow::binding
