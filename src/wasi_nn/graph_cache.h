// Graphs by the content of their files, so that a second guest pays for a hash, not for a compile.
#ifndef MINNOW_WASI_NN_GRAPH_CACHE_H_
#define MINNOW_WASI_NN_GRAPH_CACHE_H_

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/aligned_buffer.h"
#include "base/status.h"
#include "wasi_nn/backend.h"
#include "wasi_nn/content_hash.h"

namespace minnow::wasi_nn {

// Thread safe; one a process, for the instances of all workers. Holds graphs weakly: the last
// guest that lets go of one frees it.
class GraphCache {
 public:
  // What was compiled is what was hashed: `buffers` are the host's own copies.
  using Loader = std::function<StatusOr<std::shared_ptr<BackendGraph>>(
      const std::vector<importers::Bytes>& buffers)>;

  static GraphCache& Shared();

  GraphCache() : keys_(HashKeys::Random()) {}

  // The live graph of the same bytes loaded with the same `kind`, else what `load` makes of them.
  // Callers with the same bytes at the same time wait for one load. Failures are not kept.
  StatusOr<std::shared_ptr<BackendGraph>> GetOrLoad(const std::string& kind,
                                                    const std::vector<importers::Bytes>& buffers,
                                                    const Loader& load);

  // Graphs that are alive.
  size_t size();

 private:
  struct Entry {
    std::mutex loading;
    std::weak_ptr<BackendGraph> graph;  // under GraphCache::mutex_
  };

  std::string KeyOf(const std::string& kind, const std::vector<importers::Bytes>& buffers) const;
  std::shared_ptr<BackendGraph> Find(const std::string& key);
  std::shared_ptr<Entry> EntryOf(const std::string& key);

  const HashKeys keys_;
  std::mutex mutex_;
  std::unordered_map<std::string, std::shared_ptr<Entry>> entries_;
};

}  // namespace minnow::wasi_nn

#endif  // MINNOW_WASI_NN_GRAPH_CACHE_H_
