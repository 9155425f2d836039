// What the fuzzers of model formats share: a file is imported, compiled and run once, and whatever
// is wrong is the file's fault, said in a Status.
#ifndef MINNOW_TEST_FUZZ_FUZZ_MODEL_H_
#define MINNOW_TEST_FUZZ_FUZZ_MODEL_H_

#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "graph/print.h"
#include "graph/work.h"
#include "runtime/use_model.h"

namespace minnow::fuzz {

// Under sanitizers; a network that wants more is compiled and not run.
inline constexpr double kMaxRunWork = 3e6;

// A load that meets the deadline is a find all the same: libFuzzer's -timeout is shorter.
inline LoadLimits SmallLimits() {
  LoadLimits limits;
  limits.elements = 1 << 22;
  limits.nodes = 1000;
  limits.arena_bytes = size_t{16} << 20;
  limits.folded_work = kMaxRunWork;
  return limits;
}

[[noreturn]] inline void Wrong(const char* stage, const Status& status) {
  std::fprintf(stderr, "%s: %s: %s\n", stage, StatusCodeName(status.code()),
               status.message().c_str());
  std::abort();
}

inline double WorkOfRun(const graph::Graph& graph) {
  double work = 0;
  for (graph::NodeId id = 0; id < graph.node_count(); ++id) {
    if (!graph.node(id).dead) work += graph::WorkOf(graph, graph.node(id));
  }
  return work;
}

// Whatever the file says, what is left in it lies in it, rising.
inline void FindPayload(const importers::Bytes& file, const char* format) {
  const auto read = [&](size_t offset, size_t size, void* to) {
    if (offset > file.size || size > file.size - offset) std::abort();
    if (size != 0) std::memcpy(to, file.data + offset, size);
    return true;
  };
  size_t end = 0;
  for (const auto& range : importers::FindPayload(file, format, file.size, read)) {
    if (range.offset < end || range.offset > file.size) std::abort();
    if (range.size > file.size - range.offset) std::abort();
    end = range.offset + range.size;
  }
}

inline void FuzzModel(const std::vector<importers::Bytes>& files, const char* format) {
  for (const importers::Importer& importer : importers::Importers()) importer.sniff(files[0]);
  FindPayload(files[0], format);
  Status status;
  const auto model = runtime::LoadModel(files, format, SmallLimits(), &status);
  if (!status.ok() && !runtime::IsOfFile(status.code())) Wrong("load", status);
  if (model == nullptr) return;
  if (model->optimized_text().empty() || model->imported_text().empty()) std::abort();
  const StatusOr<graph::Graph> graph = model->graph();
  if (!graph.ok()) Wrong("graph", graph.status());
  if (WorkOfRun(*graph) > kMaxRunWork) return;
  // What depends on data (an index, a divisor) may be wrong only now, and is the caller's then.
  status = runtime::RunOnce(model);
  if (status.code() == StatusCode::kInternal) Wrong("run", status);
}

}  // namespace minnow::fuzz

#endif  // MINNOW_TEST_FUZZ_FUZZ_MODEL_H_
