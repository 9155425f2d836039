// Editing and walking a graph.
#include "graph/graph.h"

#include <gtest/gtest.h>

namespace minnow::graph {
namespace {

// a -> b -> c, each a negation.
struct Chain {
  Graph graph;
  ValueId x, a, b, c;

  Chain() {
    x = graph.AddInput("x", DType::kF32, Shape{2});
    a = graph.AddNode("na", Unary{UnaryKind::kNeg}, {x}, "a");
    b = graph.AddNode("nb", Unary{UnaryKind::kAbs}, {a}, "b");
    c = graph.AddNode("nc", Unary{UnaryKind::kExp}, {b}, "c");
    graph.AddOutput(c);
  }
};

TEST(Graph, KnowsProducersAndConsumers) {
  Chain chain;
  EXPECT_EQ(chain.graph.ProducerOf(chain.x), nullptr);
  EXPECT_EQ(chain.graph.ProducerOf(chain.b)->name, "nb");
  EXPECT_EQ(chain.graph.ConsumersOf(chain.a), std::vector<NodeId>({1}));
  EXPECT_TRUE(chain.graph.IsOutput(chain.c));
  EXPECT_FALSE(chain.graph.IsOutput(chain.a));
}

TEST(Graph, ListsAConsumerOnceThoughItReadsTwice) {
  Graph graph;
  const ValueId x = graph.AddInput("x", DType::kF32, Shape{2});
  const ValueId y = graph.AddNode("twice", Binary{}, {x, x}, "y");
  graph.AddOutput(y);
  graph.AddOutput(x);
  EXPECT_EQ(graph.ConsumersOf(x), std::vector<NodeId>({0}));
  EXPECT_EQ(graph.UseCounts(), std::vector<int>({3, 1}));
}

TEST(Graph, ConstantHasItsTensorsTypeAndShape) {
  Graph graph;
  const int32_t values[] = {1, 2, 3};
  const ValueId id = graph.AddConstant("k", *Tensor::From(Shape{3}, values));
  EXPECT_EQ(graph.value(id).dtype, DType::kS32);
  EXPECT_EQ(*graph.value(id).shape, Shape({3}));
  EXPECT_EQ(graph.ConstantOf(id)->as<int32_t>()[2], 3);
  EXPECT_EQ(graph.ConstantOf(kNoValue), nullptr);
}

TEST(Graph, NodeWithSeveralOutputsMakesAllOfThem) {
  Graph graph;
  const ValueId x = graph.AddInput("x", DType::kF32, Shape{2});
  const std::vector<std::string> names = {"p", "q"};
  const std::vector<ValueId> outputs = graph.AddNode("two", Identity{}, {x}, names);
  ASSERT_EQ(outputs.size(), 2u);
  EXPECT_EQ(graph.value(outputs[1]).name, "q");
  EXPECT_EQ(graph.value(outputs[1]).producer, 0);
}

TEST(GraphReplaceUses, MovesReadersAndOutputsAndKeepsTheOutputsName) {
  Chain chain;
  chain.graph.ReplaceUses(chain.c, chain.a);
  EXPECT_EQ(chain.graph.outputs(), std::vector<ValueId>({chain.a}));
  EXPECT_EQ(chain.graph.value(chain.a).name, "c");
  EXPECT_EQ(chain.graph.value(chain.c).name, "a");
}

TEST(GraphReplaceUses, LeavesTheNameOfAnInput) {
  Chain chain;
  chain.graph.ReplaceUses(chain.c, chain.x);
  EXPECT_EQ(chain.graph.outputs(), std::vector<ValueId>({chain.x}));
  EXPECT_EQ(chain.graph.value(chain.x).name, "x");
}

TEST(GraphReplaceUses, LeavesTheNameOfAnotherOutput) {
  Chain chain;
  chain.graph.AddOutput(chain.b);
  chain.graph.ReplaceUses(chain.c, chain.b);
  EXPECT_EQ(chain.graph.outputs(), std::vector<ValueId>({chain.b, chain.b}));
  EXPECT_EQ(chain.graph.value(chain.b).name, "b");
}

TEST(GraphReplaceUses, LeavesNamesWhenNoOutputIsConcerned) {
  Chain chain;
  chain.graph.ReplaceUses(chain.b, chain.a);
  EXPECT_EQ(chain.graph.node(2).inputs, std::vector<ValueId>({chain.a}));
  EXPECT_EQ(chain.graph.value(chain.a).name, "a");
}

TEST(GraphRemoveUnused, RemovesWholeBranchesAndNothingElse) {
  Chain chain;
  const ValueId d = chain.graph.AddNode("nd", Unary{UnaryKind::kNeg}, {chain.b}, "d");
  chain.graph.AddNode("ne", Binary{}, {d, d}, "e");
  EXPECT_EQ(chain.graph.RemoveUnused(), 2);
  EXPECT_FALSE(chain.graph.node(1).dead);
  EXPECT_TRUE(chain.graph.node(3).dead);
  EXPECT_EQ(chain.graph.ProducerOf(d), nullptr);
  chain.graph.ReplaceUses(chain.c, chain.x);
  EXPECT_EQ(chain.graph.RemoveUnused(), 3);
  EXPECT_EQ(chain.graph.RemoveUnused(), 0);
}

TEST(GraphTopologicalOrder, PutsProducersFirstAndIsStableByNodeId) {
  Graph graph;
  const ValueId x = graph.AddInput("x", DType::kF32, Shape{2});
  graph.AddNode("0", Unary{}, {x}, "a");
  const ValueId b = graph.AddNode("1", Unary{}, {x}, "b");
  graph.AddNode("2", Unary{}, {x}, "c");
  graph.AddNode("3", Unary{}, {b}, "d");
  graph.node(0).inputs[0] = graph.node(3).outputs[0];
  EXPECT_EQ(*graph.TopologicalOrder(), std::vector<NodeId>({1, 2, 3, 0}));
}

TEST(GraphTopologicalOrder, RefusesACycle) {
  Chain chain;
  chain.graph.node(0).inputs[0] = chain.c;
  const StatusOr<std::vector<NodeId>> order = chain.graph.TopologicalOrder();
  ASSERT_FALSE(order.ok());
  EXPECT_EQ(order.status().code(), StatusCode::kInvalidModel);
  EXPECT_EQ(order.status().message(), "the graph has a cycle through 3 of its nodes");
}

TEST(GraphTopologicalOrder, WalksAVeryLongChainWithoutRecursion) {
  Graph graph;
  ValueId last = graph.AddInput("x", DType::kF32, Shape{1});
  for (int i = 0; i < 200000; ++i) last = graph.AddNode("n", Unary{}, {last}, "v");
  EXPECT_EQ(graph.TopologicalOrder()->size(), 200000u);
  EXPECT_EQ(graph.RemoveUnused(), 200000);
}

}  // namespace
}  // namespace minnow::graph
