// What a hostile model file is put through: import, compile, one run, all within small limits.
#ifndef MINNOW_TEST_RUNTIME_USE_MODEL_H_
#define MINNOW_TEST_RUNTIME_USE_MODEL_H_

#include <sys/resource.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "importers/importer.h"
#include "runtime/session.h"
#include "tensor/load_limits.h"

namespace minnow::runtime {

inline constexpr int64_t kMaxInputBytes = 1 << 20;

inline Status RunOnce(const std::shared_ptr<const Model>& model) {
  StatusOr<std::unique_ptr<Session>> session = Session::Create(model);
  if (!session.ok()) return session.status();
  for (size_t i = 0; i < model->inputs().size(); ++i) {
    const MutableTensorView input = (*session)->input(i);
    if (static_cast<int64_t>(input.size_bytes()) > kMaxInputBytes) return OkStatus();
    std::fill_n(static_cast<uint8_t*>(input.data), input.size_bytes(), uint8_t{1});
  }
  RunOptions options;
  options.threads = 1;
  return (*session)->Run(options);
}

// Null where the file cannot be imported or compiled; `status` then says why.
inline std::shared_ptr<const Model> LoadModel(const std::vector<importers::Bytes>& files,
                                              const char* format, const LoadLimits& limits,
                                              Status* status) {
  const LoadScope scope(limits);
  StatusOr<importers::ImportedModel> imported = importers::ImportModel(files, format);
  *status = imported.status();
  if (!imported.ok()) return nullptr;
  StatusOr<std::shared_ptr<const Model>> model = Model::Compile(std::move(imported->graph), {});
  *status = model.status();
  return model.ok() ? *model : nullptr;
}

inline bool IsOfFile(StatusCode code) {
  return code == StatusCode::kInvalidModel || code == StatusCode::kUnsupported ||
         code == StatusCode::kResourceExhausted;
}

// From bytes to a run.
inline Status Use(const std::vector<std::string>& files, const char* format) {
  std::vector<importers::Bytes> buffers;
  for (const std::string& file : files) {
    buffers.push_back({reinterpret_cast<const uint8_t*>(file.data()), file.size()});
  }
  LoadLimits limits;
  limits.arena_bytes = size_t{64} << 20;
  Status status;
  const auto model = LoadModel(buffers, format, limits, &status);
  return model == nullptr ? status : RunOnce(model);
}

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool kIsSanitized = true;
#elif defined(__has_feature)
inline constexpr bool kIsSanitized =
    __has_feature(address_sanitizer) || __has_feature(thread_sanitizer);
#else
inline constexpr bool kIsSanitized = false;
#endif

inline int64_t MostResidentBytes() {
  rusage usage = {};
  getrusage(RUSAGE_SELF, &usage);
  return int64_t{usage.ru_maxrss} * 1024;
}

// What this process may hold at most, whatever a file of some kilobytes asks for.
inline bool IsWithinMemory() { return kIsSanitized || MostResidentBytes() < int64_t{1} << 30; }

}  // namespace minnow::runtime

#endif  // MINNOW_TEST_RUNTIME_USE_MODEL_H_
