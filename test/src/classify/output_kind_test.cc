// Is a network's output taken for what it is, probabilities or logits?
#include "classify/output_kind.h"

#include <gtest/gtest.h>

#include "graph/graph.h"

namespace minnow::classify {
namespace {

// x -> ops, one after the other.
OutputKind KindAfter(const std::vector<graph::Op>& ops) {
  graph::Graph graph;
  graph::ValueId value = graph.AddInput("x", DType::kF32, Shape{1, 10});
  for (const graph::Op& op : ops) value = graph.AddNode("node", op, {value}, "value");
  graph.AddOutput(value);
  return FindOutputKind(graph);
}

graph::Softmax LogSoftmax() {
  graph::Softmax op;
  op.log = true;
  return op;
}

TEST(OutputKind, SoftmaxGivesProbabilities) {
  EXPECT_EQ(KindAfter({graph::Softmax{}}), OutputKind::kProbabilities);
}

TEST(OutputKind, IsSeenThroughOpsThatOnlyMoveValues) {
  EXPECT_EQ(KindAfter({graph::Softmax{}, graph::Reshape{}, graph::Identity{}, graph::Squeeze{},
                       graph::Flatten{}}),
            OutputKind::kProbabilities);
  EXPECT_EQ(KindAfter({graph::Reshape{}, graph::Identity{}}), OutputKind::kLogits);
}

TEST(OutputKind, AnythingElseGivesLogits) {
  EXPECT_EQ(KindAfter({}), OutputKind::kLogits);
  EXPECT_EQ(KindAfter({graph::Softmax{}, graph::Clamp{}}), OutputKind::kLogits);
  EXPECT_EQ(KindAfter({LogSoftmax()}), OutputKind::kLogits);
  EXPECT_EQ(FindOutputKind(graph::Graph()), OutputKind::kLogits);
}

TEST(OutputKind, HasNames) {
  EXPECT_STREQ(OutputKindName(OutputKind::kProbabilities), "probabilities");
  EXPECT_STREQ(OutputKindName(OutputKind::kLogits), "logits");
}

}  // namespace
}  // namespace minnow::classify
