// Graphs by the content of their files, so that a second guest pays for a hash, not for a compile.
#include "wasi_nn/graph_cache.h"

#include <cstring>
#include <utility>

namespace minnow::wasi_nn {

GraphCache& GraphCache::Shared() {
  static GraphCache* const cache = new GraphCache;
  return *cache;
}

std::string GraphCache::KeyOf(const std::string& kind,
                              const std::vector<importers::Bytes>& buffers) const {
  std::string key = kind;
  key += '\0';
  for (const importers::Bytes& buffer : buffers) {
    const ContentHash hash = HashContent(buffer.data, buffer.size, keys_);
    const auto size = static_cast<uint64_t>(buffer.size);
    key.append(reinterpret_cast<const char*>(&size), sizeof(size));
    key.append(reinterpret_cast<const char*>(hash.data()), sizeof(hash));
  }
  return key;
}

std::shared_ptr<BackendGraph> GraphCache::Find(const std::string& key) {
  std::lock_guard<std::mutex> lock(mutex_);
  const auto found = entries_.find(key);
  return found == entries_.end() ? nullptr : found->second->graph.lock();
}

std::shared_ptr<GraphCache::Entry> GraphCache::EntryOf(const std::string& key) {
  std::lock_guard<std::mutex> lock(mutex_);
  for (auto it = entries_.begin(); it != entries_.end();) {
    const bool idle = it->second.use_count() == 1 && it->second->graph.expired();
    it = idle ? entries_.erase(it) : std::next(it);
  }
  std::shared_ptr<Entry>& entry = entries_[key];
  if (entry == nullptr) entry = std::make_shared<Entry>();
  return entry;
}

StatusOr<std::shared_ptr<BackendGraph>> GraphCache::GetOrLoad(
    const std::string& kind, const std::vector<importers::Bytes>& buffers, const Loader& load) {
  if (std::shared_ptr<BackendGraph> graph = Find(KeyOf(kind, buffers))) return graph;

  // A guest thread may write to a shared memory meanwhile. The copies are what counts from here
  // on, so their hash is taken anew: otherwise bytes could get into the cache under another
  // model's key.
  std::vector<AlignedBuffer> copies;
  std::vector<importers::Bytes> stable;
  for (const importers::Bytes& buffer : buffers) {
    StatusOr<AlignedBuffer> copy = AlignedBuffer::Allocate(buffer.size);
    if (!copy.ok()) return copy.status();
    if (buffer.size != 0) std::memcpy(copy->data(), buffer.data, buffer.size);
    stable.push_back({copy->as<uint8_t>(), buffer.size});
    copies.push_back(std::move(*copy));
  }
  const std::string key = KeyOf(kind, stable);
  const std::shared_ptr<Entry> entry = EntryOf(key);
  std::lock_guard<std::mutex> loading(entry->loading);
  if (std::shared_ptr<BackendGraph> graph = Find(key)) return graph;
  StatusOr<std::shared_ptr<BackendGraph>> graph = load(stable);
  if (graph.ok() && *graph != nullptr) {
    std::lock_guard<std::mutex> lock(mutex_);
    entry->graph = *graph;
  }
  return graph;
}

size_t GraphCache::size() {
  std::lock_guard<std::mutex> lock(mutex_);
  size_t alive = 0;
  for (const auto& [key, entry] : entries_) alive += entry->graph.expired() ? 0 : 1;
  return alive;
}

}  // namespace minnow::wasi_nn
