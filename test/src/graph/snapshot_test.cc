// A graph read back is the graph that was written, whatever is in it; half of one is none.
#include "graph/snapshot.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "graph/print.h"

namespace minnow::graph {
namespace {

struct Written {
  std::string bytes;
  std::vector<Tensor> constants;
};

Written Write(Graph graph) {
  Written written;
  ByteStream stream;
  const auto note = [&](const Tensor* tensor) {
    written.constants.push_back(*tensor);
    return OkStatus();
  };
  const Status status = DoGraph(&graph, note, &stream);
  EXPECT_TRUE(status.ok()) << status.message();
  written.bytes = stream.bytes();
  return written;
}

StatusOr<Graph> Read(const Written& written, size_t size) {
  ByteStream stream(written.bytes.data(), size);
  size_t next = 0;
  const auto give = [&](Tensor* tensor) {
    if (next == written.constants.size()) return InvalidModel("no more constants");
    *tensor = written.constants[next++];
    return OkStatus();
  };
  Graph graph;
  const Status status = DoGraph(&graph, give, &stream);
  if (!status.ok()) return status;
  return graph;
}

ValueId Floats(Graph* graph, const char* name, const Shape& shape) {
  return graph->AddConstant(name, *Tensor::Allocate(DType::kF32, shape));
}

// Ops with lists, with optional parts, with nested structs; dead nodes; an input left out.
Graph Mixed() {
  Graph graph;
  const ValueId x = graph.AddInput("x", DType::kF32, Shape{kUnknownDim, 8, 8, 3});
  graph.value(x).quantization = Quantization{{0.5f, 0.25f}, {3, -4}, 1};
  const int64_t target[] = {-1, 64};
  const ValueId shape = graph.AddConstant("shape", *Tensor::From(Shape{2}, target));
  Conv2D conv;
  conv.stride_h = 2;
  conv.padding.mode = PadMode::kSameUpper;
  conv.activation.max = 6.0f;
  const ValueId w = Floats(&graph, "w", Shape{4, 3, 3, 3});
  ValueId y = graph.AddNode("conv", conv, {x, w, kNoValue, kNoValue}, "y");
  graph.AddNode("gone", Identity{}, {y}, "unused");
  graph.RemoveNode(graph.value(graph.AddNode("dead", Identity{}, {y}, "dead")).producer);
  QConv2D quantized;
  quantized.conv = conv;
  quantized.quantization.weight_scales = {0.1f, 0.2f, 0.3f};
  quantized.quantization.weight_zero_point = -7;
  y = graph.AddNode("q", quantized, {y, w}, "quantized");
  y = graph.AddNode("t", Transpose{{0, 3, 1, 2}}, {y}, "transposed");
  Reduce mean;
  mean.axes = {2, 3};
  mean.keep_dims = false;
  mean.bytes = ByteParams{{0.5f, 1}, {0.25f, 2}, DType::kS8};
  y = graph.AddNode("m", mean, {y}, "mean");
  ByteMap map;
  for (size_t i = 0; i < map.table.size(); ++i) map.table[i] = static_cast<uint8_t>(255 - i);
  y = graph.AddNode("map", map, {y}, "mapped");
  PoolNd pool;
  pool.kernel = {2, 2};
  pool.pads = {1, 0, 0, 1};
  y = graph.AddNode("pool", pool, {y}, "pooled");
  y = graph.AddNode("p", Pad{PadFill::kEdge, {0, 1, 2, 3}, 0.5f}, {y}, "padded");
  y = graph.AddNode("r", Reshape{{}, true}, {y, shape}, "reshaped");
  graph.AddOutput(y);
  return graph;
}

TEST(Snapshot, GivesTheGraphBack) {
  const Graph graph = Mixed();
  const Written written = Write(graph);
  const StatusOr<Graph> read = Read(written, written.bytes.size());
  ASSERT_TRUE(read.ok()) << read.status().message();
  EXPECT_EQ(Print(*read), Print(graph));
  EXPECT_EQ(read->node_count(), graph.node_count());
  EXPECT_EQ(read->value_count(), graph.value_count());
  const Value& x = read->value(read->inputs()[0]);
  ASSERT_TRUE(x.quantization.has_value());
  EXPECT_EQ(x.quantization->scales, (std::vector<float>{0.5f, 0.25f}));
  EXPECT_EQ(x.quantization->zero_points, (std::vector<int32_t>{3, -4}));
  for (NodeId id = 0; id < graph.node_count(); ++id) {
    if (const auto* map = std::get_if<ByteMap>(&read->node(id).op)) {
      EXPECT_EQ(map->table, std::get<ByteMap>(graph.node(id).op).table);
    }
  }
  const Written again = Write(*read);
  ASSERT_EQ(again.constants.size(), written.constants.size());
  for (size_t i = 0; i < written.constants.size(); ++i) {
    EXPECT_EQ(again.constants[i].data(), written.constants[i].data());
  }
}

TEST(Snapshot, RefusesWhatEndsEarly) {
  const Written written = Write(Mixed());
  for (size_t size = 0; size < written.bytes.size(); ++size) {
    EXPECT_FALSE(Read(written, size).ok()) << size;
  }
}

TEST(ByteStream, IsEmptyBeyondItsEnd) {
  ByteStream written;
  std::vector<int> list = {1, 2, 3};
  std::string text = "text";
  written.Do(&list);
  written.Do(&text);
  for (size_t size = 0; size <= written.bytes().size(); ++size) {
    ByteStream stream(written.bytes().data(), size);
    list = {4};
    text = "other";
    stream.Do(&list);
    stream.Do(&text);
    EXPECT_EQ(stream.ok(), size == written.bytes().size());
    EXPECT_TRUE(stream.at_end() || !stream.ok());
    EXPECT_EQ(text, stream.ok() ? "text" : "");
  }
}

TEST(ByteStream, BelievesNoCountOfMoreThanFollows) {
  const size_t count = size_t{1} << 60;
  ByteStream stream(&count, sizeof(count));
  std::vector<int> list;
  stream.Do(&list);
  EXPECT_FALSE(stream.ok());
  EXPECT_TRUE(list.empty());
}

}  // namespace
}  // namespace minnow::graph
