// Is what is left of a quantised network real, and does it compute the same but for the rounding?
#include "passes/passes.h"
#include "passes/quantized_testing.h"

namespace minnow::passes {
namespace {

using graph::ValueId;

// A convolution whose output's bytes start at `zero`.
QuantizedBuilder Convolution(int zero) {
  QuantizedBuilder b;
  const ValueId q = b.Q(b.Input("x", {1, 6, 6, 3}), 0.01f, 110, DType::kU8, "xq");
  const ValueId y = b.Op(graph::Conv2D{},
                         {b.Dq(q, 0.01f, 110), b.Weights8({8, 1, 1, 3}), b.Bias8(8, 0.01f)}, "y");
  b.Output(b.Dq(b.Q(y, 0.0625f, zero, DType::kU8, "yq"), 0.0625f, zero));
  return b;
}

float LargestGap(const Tensor& a, const Tensor& b) {
  float gap = 0.0f;
  for (int64_t i = 0; i < a.ElementCount(); ++i) {
    gap = std::max(gap, std::fabs(a.as<float>()[i] - b.as<float>()[i]));
  }
  return gap;
}

TEST(DropQuantization, LeavesRealNumbersThatDifferByTheRounding) {
  for (const int zero : {0, 128}) {
    QuantizedBuilder b = Convolution(zero);
    graph::Graph real = b.graph();
    After(DropQuantization, &real);
    ASSERT_TRUE(Optimize(&real).ok());
    EXPECT_EQ(CountOf<graph::Quantize>(real), 0) << graph::Print(real);
    EXPECT_EQ(CountOf<graph::Dequantize>(real), 0);
    EXPECT_EQ(CountOf<graph::QConv2D>(real), 0);
    EXPECT_EQ(CountOf<graph::Conv2D>(real), 1);
    // A range from zero on may be a Relu: its bounds stay.
    const bool has_bounds = graph::Print(real).find("act=clamp(0,15.9375)") != std::string::npos;
    EXPECT_EQ(has_bounds, zero == 0) << graph::Print(real);
    const std::vector<Tensor> inputs = RandomInputs(b.graph(), 1, 9);
    const StatusOr<std::vector<Tensor>> expected = Results(b.graph(), inputs);
    const StatusOr<std::vector<Tensor>> actual = Results(real, inputs);
    ASSERT_TRUE(expected.ok() && actual.ok());
    const float gap = LargestGap((*expected)[0], (*actual)[0]);
    EXPECT_GT(gap, 0.0f);
    EXPECT_LT(gap, 0.1f);
  }
}

TEST(DropQuantization, LeavesAChangeOfScaleAlone) {
  QuantizedBuilder b;
  const ValueId q = b.Q(b.Input("x", {2, 40}), 0.01f, 110, DType::kU8, "xq");
  b.Output(b.Dq(q, 0.02f, 110));
  After(DropQuantization, &b.graph());
  EXPECT_EQ(CountOf<graph::Dequantize>(b.graph()), 1);
}

}  // namespace
}  // namespace minnow::passes
