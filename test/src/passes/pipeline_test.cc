// Do the passes together keep the meaning of any network, and do they get where they promise?
#include "passes/pipeline.h"

#include <set>

#include "passes/pass_testing.h"
#include "passes/random_network.h"

namespace minnow::passes {
namespace {

using graph::ValueId;

constexpr uint64_t kNetworks = 200;

TEST(Pipeline, EveryPassKeepsTheResultsOfRandomNetworks) {
  for (uint64_t seed = 0; seed < kNetworks; ++seed) {
    graph::Graph graph = RandomNetwork(seed);
    ASSERT_TRUE(Settle(&graph).ok()) << "seed " << seed << "\n" << graph::Print(graph);
    const std::vector<Tensor> inputs = RandomInputs(graph, 1 + static_cast<int64_t>(seed % 3), 9);
    const StatusOr<std::vector<Tensor>> expected = Results(graph, inputs);
    const std::string raw = graph::Print(graph);
    std::string before = raw;
    for (const Pass& pass : Pipeline()) {
      ASSERT_TRUE(pass.run(&graph).ok());
      const Status settled = Settle(&graph);
      ASSERT_TRUE(settled.ok()) << settled.message();
      const std::string after = graph::Print(graph);
      ASSERT_TRUE(AreClose(expected, Results(graph, inputs)))
          << "seed " << seed << ", pass " << pass.name << "\nbefore:\n"
          << before << "after:\n"
          << after;
      before = after;
    }
  }
}

TEST(Pipeline, OptimizeThenSpecializeKeepsTheResultsOfRandomNetworks) {
  for (uint64_t seed = 0; seed < kNetworks; ++seed) {
    const graph::Graph raw = RandomNetwork(seed);
    graph::Graph graph = raw;
    const Status optimized = Optimize(&graph);
    ASSERT_TRUE(optimized.ok()) << optimized.message();
    for (int64_t batch : {1, 2}) {
      const std::vector<Tensor> inputs = RandomInputs(raw, batch, 11);
      graph::Graph special = graph;
      std::vector<Shape> shapes;
      for (const Tensor& input : inputs) shapes.push_back(input.shape());
      const Status specialized = Specialize(&special, shapes);
      ASSERT_TRUE(specialized.ok()) << specialized.message() << graph::Print(graph);
      ASSERT_TRUE(AreClose(Results(raw, inputs), Results(special, inputs)))
          << "seed " << seed << "\n"
          << graph::Print(raw) << graph::Print(special);
    }
  }
}

TEST(Pipeline, LeavesOnlyWhatTheRuntimeTakes) {
  for (uint64_t seed = 0; seed < kNetworks; ++seed) {
    graph::Graph graph = RandomNetwork(seed);
    const std::string raw = graph::Print(graph);
    ASSERT_TRUE(Optimize(&graph).ok());
    const std::string text = "seed " + std::to_string(seed) + "\n" + raw + graph::Print(graph);
    EXPECT_EQ(CountOf<graph::BatchNorm>(graph), 0) << text;
    EXPECT_EQ(CountOf<graph::Gemm>(graph) + CountOf<graph::MatMul>(graph), 0) << text;
    EXPECT_EQ(CountOf<graph::ShapeOf>(graph), 0) << text;
    EXPECT_EQ(text.find("layout=nchw", raw.size()), std::string::npos) << text;
  }
}

TEST(Pipeline, DoesNothingTheSecondTime) {
  for (uint64_t seed = 0; seed < kNetworks; ++seed) {
    graph::Graph graph = RandomNetwork(seed);
    ASSERT_TRUE(Optimize(&graph).ok());
    const std::string once = graph::Print(graph);
    ASSERT_TRUE(Optimize(&graph).ok());
    EXPECT_EQ(graph::Print(graph), once) << "seed " << seed;
  }
}

TEST(Pipeline, KeepsNamesAndOrderOfInputsAndOutputs) {
  for (uint64_t seed = 0; seed < kNetworks; ++seed) {
    const graph::Graph raw = RandomNetwork(seed);
    graph::Graph graph = raw;
    ASSERT_TRUE(Optimize(&graph).ok());
    EXPECT_EQ(graph.inputs(), raw.inputs());
    ASSERT_EQ(graph.outputs().size(), raw.outputs().size());
    std::set<ValueId> seen;
    for (size_t i = 0; i < raw.outputs().size(); ++i) {
      const ValueId output = graph.outputs()[i];
      EXPECT_EQ(graph.value(output).name, raw.value(raw.outputs()[i]).name) << "seed " << seed;
      EXPECT_TRUE(seen.insert(output).second) << "two outputs share a value, seed " << seed;
      EXPECT_NE(graph.ProducerOf(output), nullptr) << "seed " << seed;
    }
  }
}

TEST(Pipeline, ErrorNamesThePass) {
  GraphBuilder b;
  const ValueId table = b.Floats("table", Shape{2}, {1, 2});
  const ValueId indices = b.Ints("indices", {5});
  b.Output(b.Op(graph::Gather{0}, {table, indices}, "y"));
  b.graph().node(0).name = "lookup";
  const Status status = Optimize(&b.graph());
  EXPECT_EQ(status.code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(status.message().find("pass fold_constants: node \"lookup\" (Gather): "), 0u)
      << status.message();
}

TEST(Pipeline, ReleasesTheWeightsItReplaced) {
  GraphBuilder b;
  const ValueId x = b.Input("x", {1, 3, 4, 4});
  const ValueId w = b.Weights("w", {2, 3, 1, 1});
  graph::Conv2D conv;
  conv.layout = graph::DataLayout::kNCHW;
  conv.weight_layout = graph::WeightLayout::kOIHW;
  b.Output(b.Op(conv, {x, w}, "y"));
  ASSERT_TRUE(Optimize(&b.graph()).ok());
  EXPECT_FALSE(b.graph().IsConstant(w));
}

TEST(Specialize, RefusesShapesThatDoNotFit) {
  GraphBuilder b;
  const ValueId x = b.Input("x", {-1, 4});
  b.Output(b.Op(graph::Clamp{0, 1}, {x}, "y"));
  EXPECT_EQ(Specialize(&b.graph(), {}).message(), "0 input shapes given, the model has 1 inputs");
  const Status status = Specialize(&b.graph(), {Shape{2, 5}});
  EXPECT_EQ(status.code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(status.message(), "input \"x\": the shape [2,5] does not fit the declared [?,4]");
  EXPECT_EQ(Specialize(&b.graph(), {Shape{4}}).code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(Specialize(&b.graph(), {Shape{-1, 4}}).code(), StatusCode::kInvalidArgument);
  EXPECT_TRUE(Specialize(&b.graph(), {Shape{2, 4}}).ok());
}

TEST(Specialize, LeavesShapesThatDependOnDataOpen) {
  GraphBuilder b;
  const ValueId x = b.Input("x", {2, 4});
  const ValueId target = b.graph().AddInput("target", DType::kS64, Shape{2});
  b.Output(b.Op(graph::Reshape{}, {x, target}, "y"));
  b.graph().node(0).name = "reshape1";
  ASSERT_TRUE(Optimize(&b.graph()).ok());
  ASSERT_TRUE(Specialize(&b.graph(), {Shape{2, 4}, Shape{2}}).ok());
  EXPECT_FALSE(b.graph().value(b.graph().outputs()[0]).shape.has_value());
}

TEST(Specialize, ResolvesShapeArithmeticThatOptimizeCannot) {
  // y = Expand(x, [N, N]) with N the batch of another input.
  GraphBuilder b;
  const ValueId x = b.Input("x", {-1, 1});
  const ValueId shape = b.Op(graph::ShapeOf{0, 1, DType::kS64}, {x}, "n");
  const ValueId one = b.Ints("one", {1});
  const ValueId more = b.Op(graph::Binary{graph::BinaryKind::kAdd, {}}, {shape, one}, "n1");
  const ValueId target = b.Op(graph::Concat{0}, {shape, more}, "target");
  b.Output(b.Op(graph::Expand{}, {x, target}, "y"));
  const graph::Graph raw = b.graph();
  ASSERT_TRUE(Optimize(&b.graph()).ok());
  const Status status = Specialize(&b.graph(), {Shape{3, 1}});
  ASSERT_TRUE(status.ok()) << status.message();
  EXPECT_EQ(b.graph().value(b.graph().outputs()[0]).shape->ToString(), "[3,4]");
  const std::vector<Tensor> inputs = RandomInputs(raw, 3, 5);
  EXPECT_TRUE(AreClose(Results(raw, inputs), Results(b.graph(), inputs)));
}

TEST(Specialize, FusesAResidualWhoseBatchWasNotKnownToBeEqual) {
  GraphBuilder b;
  const ValueId x = b.Input("x", {-1, 4, 4, 3});
  const ValueId y = b.Input("y", {-1, 4, 4, 2});
  const ValueId conv = b.Op(graph::Conv2D{}, {x, b.Weights("w", {2, 1, 1, 3})}, "conv");
  b.Output(b.Binary(graph::BinaryKind::kAdd, conv, y, "sum"));
  ASSERT_TRUE(Optimize(&b.graph()).ok());
  EXPECT_EQ(CountOf<graph::Binary>(b.graph()), 1);  // y may have batch 1 and be stretched
  ASSERT_TRUE(Specialize(&b.graph(), {Shape{2, 4, 4, 3}, Shape{2, 4, 4, 2}}).ok());
  EXPECT_EQ(CountOf<graph::Binary>(b.graph()), 0);
}

}  // namespace
}  // namespace minnow::passes
