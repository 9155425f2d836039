// Are weights, biases and values written as the integers that they should be?
#include "quantize/insert.h"

#include "quantize/calibrate.h"
#include "quantize/quantize_testing.h"

namespace minnow::quantize {
namespace {

using graph::ValueId;

// y = x · w + b with one output channel a row, quantised on `pictures`.
graph::Graph Quantised(const std::vector<float>& weights, const std::vector<float>& bias,
                       const std::vector<float>& x, bool correct_bias) {
  const auto outputs = static_cast<int64_t>(bias.size());
  const int64_t inputs = static_cast<int64_t>(weights.size()) / outputs;
  passes::GraphBuilder b;
  const ValueId in = b.Input("x", {1, inputs});
  b.Output(b.Op(graph::FullyConnected{},
                {in, b.Floats("w", {outputs, inputs}, weights), b.Floats("b", {outputs}, bias)},
                "y"));
  graph::Graph graph = b.graph();
  EXPECT_TRUE(passes::Settle(&graph).ok());
  const QuantPlan plan = PlanQuantization(graph);
  const std::vector<Tensor> pictures = {*Tensor::From(Shape{1, inputs}, x.data())};
  const StatusOr<std::vector<Observer>> seen = Calibrate(graph, plan, pictures, {});
  EXPECT_TRUE(seen.ok()) << seen.status().message();
  const InsertOptions options = {RangeMethod::kMinMax, 100.0, correct_bias};
  EXPECT_TRUE(InsertQuantization(&graph, plan, *seen, options).ok());
  EXPECT_TRUE(passes::Settle(&graph).ok());
  return graph;
}

const Tensor& ConstantNamed(const graph::Graph& graph, const std::string& name) {
  for (ValueId id = 0; id < graph.value_count(); ++id) {
    if (graph.value(id).name == name && graph.IsConstant(id)) return *graph.ConstantOf(id);
  }
  static const Tensor kNone = *Tensor::Allocate(DType::kF32, Shape{16});
  ADD_FAILURE() << "no constant " << name;
  return kNone;
}

TEST(InsertQuantization, WeightsAreSymmetricWithAScaleAnOutputChannel) {
  const graph::Graph graph = Quantised({1.0f, -2.54f, 0.0f, 0.1f}, {0, 0}, {1.0f, 0.5f}, false);
  const Tensor& w = ConstantNamed(graph, "w/quantized");
  ASSERT_EQ(w.dtype(), DType::kS8);
  EXPECT_EQ(std::vector<int>(w.as<int8_t>(), w.as<int8_t>() + 4),
            (std::vector<int>{50, -127, 0, 127}));
  const Tensor& scales = ConstantNamed(graph, "w/scale");
  EXPECT_FLOAT_EQ(scales.as<float>()[0], 0.02f);
  EXPECT_FLOAT_EQ(scales.as<float>()[1], 0.1f / 127);
}

TEST(InsertQuantization, BiasesHaveTheScaleOfTheSums) {
  const graph::Graph graph = Quantised({1.27f}, {-3.0f}, {2.55f}, false);
  const Tensor& b = ConstantNamed(graph, "b/quantized");
  ASSERT_EQ(b.dtype(), DType::kS32);
  EXPECT_FLOAT_EQ(ConstantNamed(graph, "b/scale").as<float>()[0], 0.01f * 0.01f);
  EXPECT_EQ(b.as<int32_t>()[0], -30000);
}

TEST(InsertQuantization, ABiasBesideDeadWeightsStillFits) {
  const graph::Graph graph = Quantised({0.0f, 1e-25f}, {1000.0f, -1000.0f}, {1.0f}, false);
  const Tensor& b = ConstantNamed(graph, "b/quantized");
  const Tensor& scales = ConstantNamed(graph, "b/scale");
  for (int i = 0; i < 2; ++i) {
    const double real = static_cast<double>(b.as<int32_t>()[i]) * scales.as<float>()[i];
    EXPECT_NEAR(std::fabs(real), 1000.0, 0.01);
  }
}

TEST(InsertQuantization, BiasCorrectionTakesBackTheMeanOfRoundedWeights) {
  // Steps of 0.01: the first weight is rounded down by 0.004, the second up by 0.003.
  const std::vector<float> weights = {0.504f, 0.507f, 1.27f}, x = {1.0f, 2.0f, 0.0f};
  const double off =
      ConstantNamed(Quantised(weights, {0}, x, false), "b/quantized").as<int32_t>()[0];
  const graph::Graph corrected = Quantised(weights, {0}, x, true);
  const double on = ConstantNamed(corrected, "b/quantized").as<int32_t>()[0];
  const double scale = ConstantNamed(corrected, "b/scale").as<float>()[0];
  // Means an input channel: of the last axis, so the inputs themselves.
  EXPECT_NEAR((on - off) * scale, 0.004 * 1.0 - 0.003 * 2.0, 1e-4);
}

}  // namespace
}  // namespace minnow::quantize
