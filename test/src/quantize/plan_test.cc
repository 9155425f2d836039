// Which values become bytes, and which share a scale?
#include "quantize/plan.h"

#include "passes/pass_testing.h"

namespace minnow::quantize {
namespace {

using graph::ValueId;
using passes::GraphBuilder;

int GroupOf(const QuantPlan& plan, ValueId id) { return plan.group_of[static_cast<size_t>(id)]; }

TEST(SplitFusedOps, AResidualBecomesAnAddAndHardSwishAnOperatorAndResultsStay) {
  GraphBuilder b;
  const ValueId x = b.Input("x", {1, 4, 4, 3});
  graph::Conv2D conv;
  conv.activation.kind = graph::Activation::Kind::kHardSwish;
  b.Output(b.Op(conv, {x, b.Weights("w", {3, 1, 1, 3}), b.Weights("b", {3}), x}, "y"));
  graph::Graph before = b.graph(), after = b.graph();
  ASSERT_TRUE(passes::Settle(&before).ok());
  ASSERT_TRUE(passes::Settle(&after).ok());
  ASSERT_TRUE(SplitFusedOps(&after).ok());
  ASSERT_TRUE(passes::Settle(&after).ok());
  EXPECT_EQ(passes::CountOf<graph::Binary>(after), 1);
  EXPECT_EQ(passes::CountOf<graph::Unary>(after), 1);
  const std::vector<Tensor> inputs = passes::RandomInputs(before, 1, 3);
  EXPECT_TRUE(passes::AreClose(passes::Results(before, inputs), passes::Results(after, inputs)));
}

TEST(PlanQuantization, MovementsShareAScaleAndSumsHaveTheirOwn) {
  GraphBuilder b;
  const ValueId x = b.Input("x", {1, 4, 4, 2});
  const ValueId y = b.Op(graph::Conv2D(), {x, b.Weights("w", {2, 1, 1, 2})}, "y");
  const ValueId both = b.Op(graph::Concat{3}, {x, y}, "both");
  const ValueId sum = b.Binary(graph::BinaryKind::kAdd, x, y, "sum");
  const ValueId flat = b.Op(graph::Reshape{{1, 32}, false}, {sum}, "flat");
  const ValueId shares = b.Op(graph::Softmax{}, {flat}, "shares");
  b.Output(both);
  b.Output(shares);
  graph::Graph graph = b.graph();
  ASSERT_TRUE(passes::Settle(&graph).ok());
  const QuantPlan plan = PlanQuantization(graph);
  EXPECT_EQ(plan.groups, 2);
  EXPECT_EQ(GroupOf(plan, x), GroupOf(plan, y));
  EXPECT_EQ(GroupOf(plan, x), GroupOf(plan, both));
  EXPECT_EQ(GroupOf(plan, sum), GroupOf(plan, flat));
  EXPECT_NE(GroupOf(plan, sum), GroupOf(plan, x));
  EXPECT_EQ(GroupOf(plan, shares), -1);
  ASSERT_EQ(plan.real_nodes.size(), 1u);
  EXPECT_EQ(plan.real_nodes[0], graph.value(shares).producer);
}

TEST(PlanQuantization, WeightsComputedAtRunTimeStayReal) {
  GraphBuilder b;
  const ValueId x = b.Input("x", {1, 4, 4, 2});
  const ValueId w = b.Input("w", {2, 1, 1, 2});
  b.Output(b.Op(graph::Conv2D(), {x, w}, "y"));
  graph::Graph graph = b.graph();
  ASSERT_TRUE(passes::Settle(&graph).ok());
  EXPECT_EQ(PlanQuantization(graph).groups, 0);
}

}  // namespace
}  // namespace minnow::quantize
