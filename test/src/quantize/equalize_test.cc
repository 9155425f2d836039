// Does equalisation keep what the network computes, and even out its channels?
#include "quantize/equalize.h"

#include "quantize/calibrate.h"
#include "quantize/plan.h"
#include "quantize/quantize_testing.h"

namespace minnow::quantize {
namespace {

struct Prepared {
  graph::Graph graph;
  QuantPlan plan;
  std::vector<Observer> observers;
};

Prepared Prepare(graph::Graph graph, const std::vector<Tensor>& pictures) {
  Prepared p;
  EXPECT_TRUE(SplitFusedOps(&graph).ok());
  p.plan = PlanQuantization(graph);
  StatusOr<std::vector<Observer>> seen = Calibrate(graph, p.plan, pictures, {});
  EXPECT_TRUE(seen.ok()) << seen.status().message();
  p.observers = *seen;
  p.graph = std::move(graph);
  return p;
}

// Smallest share of the tensor's range that a channel of `name` reaches.
double WorstShare(const Prepared& p, const std::string& name) {
  for (graph::ValueId id = 0; id < p.graph.value_count(); ++id) {
    if (p.graph.value(id).name != name) continue;
    const Observer& seen = p.observers[static_cast<size_t>(id)];
    double worst = 1.0;
    for (const float peak : seen.channel_peaks()) {
      worst = std::min(worst, static_cast<double>(peak / std::max(-seen.low(), seen.high())));
    }
    return worst;
  }
  ADD_FAILURE() << "no value " << name;
  return 0.0;
}

TEST(Equalize, KeepsTheResultsOfEveryPictureThatItSaw) {
  for (const float high : {0.3f, 6.0f, INFINITY}) {
    const graph::Graph graph = Bottleneck(20.0f, high);
    const std::vector<Tensor> pictures = Pictures(graph, 8);
    Prepared p = Prepare(graph, pictures);
    const StatusOr<std::vector<Tensor>> before = RunAll(p.graph, pictures, {});
    bool changed = false;
    ASSERT_TRUE(Equalize(&p.graph, p.observers, &changed).ok());
    EXPECT_TRUE(changed);
    EXPECT_TRUE(passes::AreClose(before, RunAll(p.graph, pictures, {}))) << high;
  }
}

TEST(Equalize, ChannelsBeforeADepthwiseConvolutionReachAsFarAsTheClampAllows) {
  const graph::Graph graph = Bottleneck(20.0f, INFINITY);
  const std::vector<Tensor> pictures = Pictures(graph, 8);
  Prepared p = Prepare(graph, pictures);
  EXPECT_LT(WorstShare(p, "wide"), 0.2);
  bool changed = false;
  ASSERT_TRUE(Equalize(&p.graph, p.observers, &changed).ok());
  EXPECT_GT(WorstShare(Prepare(p.graph, pictures), "wide"), 0.9);
}

TEST(Equalize, LeavesValuesAloneThatOthersReadToo) {
  passes::GraphBuilder b;
  const graph::ValueId x = b.Input("x", {1, 4, 4, 2});
  const graph::ValueId y = b.Op(graph::Conv2D(), {x, UnevenWeights(&b, {4, 1, 1, 2}, 9)}, "y");
  b.Output(b.Op(graph::Conv2D(), {y, b.Weights("w", {3, 1, 1, 4})}, "z"));
  b.Output(b.Op(graph::Unary{graph::UnaryKind::kSigmoid, 0, 0}, {y}, "s"));
  graph::Graph graph = b.graph();
  ASSERT_TRUE(passes::Settle(&graph).ok());
  Prepared p = Prepare(graph, Pictures(graph, 2));
  bool changed = true;
  ASSERT_TRUE(Equalize(&p.graph, p.observers, &changed).ok());
  EXPECT_FALSE(changed);
}

}  // namespace
}  // namespace minnow::quantize
