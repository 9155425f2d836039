// Are equal bytes compiled once, by whoever asks, and let go with their last user?
#include "wasi_nn/graph_cache.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <string>
#include <thread>
#include <vector>

namespace minnow::wasi_nn {
namespace {

class EmptyGraph : public BackendGraph {
 public:
  const GraphInfo& info() const override { return info_; }
  uint64_t memory_bytes() const override { return 0; }
  StatusOr<std::unique_ptr<BackendContext>> CreateContext(const ContextOptions&) override {
    return Internal("none");
  }

 private:
  GraphInfo info_;
};

using GraphOr = StatusOr<std::shared_ptr<BackendGraph>>;

importers::Bytes AsBytes(const std::string& text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

GraphOr MakeGraph(const std::vector<importers::Bytes>&) {
  return std::shared_ptr<BackendGraph>(std::make_shared<EmptyGraph>());
}

TEST(GraphCache, TheSameBytesGiveTheSameGraphWhileItLives) {
  GraphCache cache;
  const std::string text = "model";
  const std::string same = "model";
  GraphOr first = cache.GetOrLoad("f", {AsBytes(text)}, MakeGraph);
  GraphOr second = cache.GetOrLoad("f", {AsBytes(same)}, MakeGraph);
  ASSERT_TRUE(first.ok() && second.ok());
  EXPECT_EQ(first->get(), second->get());
  EXPECT_EQ(cache.size(), 1u);
  first->reset();
  second->reset();
  EXPECT_EQ(cache.size(), 0u);
}

TEST(GraphCache, OtherBytesFormatsAndBoundariesGiveOtherGraphs) {
  GraphCache cache;
  const std::string a = "ab", b = "c", c = "a", d = "bc", zero("ab\0", 3);
  std::vector<std::shared_ptr<BackendGraph>> graphs;
  for (const auto& [kind, parts] :
       std::vector<std::pair<std::string, std::vector<importers::Bytes>>>{
           {"f", {AsBytes(a)}},
           {"g", {AsBytes(a)}},
           {"f", {AsBytes(a), AsBytes(b)}},
           {"f", {AsBytes(c), AsBytes(d)}},
           {"f", {AsBytes(b), AsBytes(a)}},
           {"f", {AsBytes(zero)}},
       }) {
    GraphOr graph = cache.GetOrLoad(kind, parts, MakeGraph);
    ASSERT_TRUE(graph.ok());
    graphs.push_back(*graph);
  }
  EXPECT_EQ(cache.size(), graphs.size());
}

TEST(GraphCache, FailuresAreNotKept) {
  GraphCache cache;
  const std::string text = "model";
  const auto fail = [](const std::vector<importers::Bytes>&) -> GraphOr {
    return InvalidModel("no");
  };
  EXPECT_FALSE(cache.GetOrLoad("f", {AsBytes(text)}, fail).ok());
  EXPECT_TRUE(cache.GetOrLoad("f", {AsBytes(text)}, MakeGraph).ok());
}

TEST(GraphCache, TheLoaderGetsCopiesThatNobodyChanges) {
  GraphCache cache;
  std::string text = "model";
  const uint8_t* seen = nullptr;
  GraphOr graph = cache.GetOrLoad("f", {AsBytes(text)}, [&](const auto& buffers) {
    seen = buffers[0].data;
    text[0] = 'M';
    EXPECT_EQ(buffers[0].data[0], 'm');
    return MakeGraph(buffers);
  });
  EXPECT_NE(seen, reinterpret_cast<const uint8_t*>(text.data()));
  GraphOr changed = cache.GetOrLoad("f", {AsBytes(text)}, MakeGraph);
  EXPECT_NE(graph->get(), changed->get());
}

TEST(GraphCache, ConcurrentLoadsOfTheSameBytesCompileOnce) {
  GraphCache cache;
  std::atomic<int> loads{0};
  const std::string text = "model";
  std::vector<std::shared_ptr<BackendGraph>> graphs(8);
  std::vector<std::thread> threads;
  for (auto& graph : graphs) {
    threads.emplace_back([&] {
      graph = *cache.GetOrLoad("f", {AsBytes(text)}, [&](const auto& buffers) {
        ++loads;
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
        return MakeGraph(buffers);
      });
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(loads, 1);
  for (const auto& graph : graphs) EXPECT_EQ(graph, graphs[0]);
}

}  // namespace
}  // namespace minnow::wasi_nn
