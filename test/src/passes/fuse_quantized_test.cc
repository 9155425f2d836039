// Which operators between Dequantize and Quantize become integer ones, and do results stay?
#include "passes/passes.h"
#include "passes/quantized_testing.h"

namespace minnow::passes {
namespace {

using graph::ValueId;

QuantizedBuilder ConvGraph(graph::DataLayout layout, const Shape& x, const Shape& weights,
                           int64_t groups, float bias_scale) {
  QuantizedBuilder b;
  const ValueId q = b.Q(b.Input("x", x), 0.01f, 110, DType::kU8, "xq");
  graph::Conv2D conv;
  conv.groups = groups;
  conv.padding.mode = graph::PadMode::kSameUpper;
  conv.layout = layout;
  if (layout == graph::DataLayout::kNCHW) conv.weight_layout = graph::WeightLayout::kOIHW;
  const ValueId y =
      b.Op(conv, {b.Dq(q, 0.01f, 110), b.Weights8(weights), b.Bias8(weights[0], bias_scale)}, "y");
  const ValueId clamped = b.Op(graph::Clamp{-4.0f, 4.0f}, {y}, "c");
  b.Output(b.Q(clamped, 0.05f, 90, DType::kU8, "out"));
  return b;
}

TEST(FuseQuantized, ConvolutionWithClampBecomesOneIntegerNode) {
  QuantizedBuilder b = ConvGraph(graph::DataLayout::kNHWC, {1, 5, 6, 3}, {8, 3, 3, 3}, 1, 0.01f);
  ExpectWithinAStep(b.graph());
  ASSERT_NE(After(FuseQuantized, &b.graph()).find("act=clamp(-4,4)"), std::string::npos);
  EXPECT_EQ(CountOf<graph::QConv2D>(b.graph()), 1);
  EXPECT_EQ(CountOf<graph::Conv2D>(b.graph()), 0);
  EXPECT_EQ(CountOf<graph::Dequantize>(b.graph()), 0);
  EXPECT_EQ(CountOf<graph::Quantize>(b.graph()), 1);
}

TEST(FuseQuantized, ChannelsFirstAndDepthwiseConvolutionsToo) {
  QuantizedBuilder nchw = ConvGraph(graph::DataLayout::kNCHW, {1, 3, 5, 6}, {8, 3, 3, 3}, 1, 0.01f);
  ExpectWithinAStep(nchw.graph());
  ASSERT_TRUE(Optimize(&nchw.graph()).ok());
  EXPECT_EQ(CountOf<graph::QConv2D>(nchw.graph()), 1);
  QuantizedBuilder depthwise =
      ConvGraph(graph::DataLayout::kNHWC, {1, 5, 6, 4}, {8, 3, 3, 1}, 4, 0.01f);
  ExpectWithinAStep(depthwise.graph());
  ASSERT_TRUE(Optimize(&depthwise.graph()).ok());
  EXPECT_EQ(CountOf<graph::QConv2D>(depthwise.graph()), 1);
}

TEST(FuseQuantized, ABiasOfAnotherScaleStaysReal) {
  QuantizedBuilder b = ConvGraph(graph::DataLayout::kNHWC, {1, 5, 6, 3}, {8, 3, 3, 3}, 1, 0.02f);
  ExpectWithinAStep(b.graph());
  After(FuseQuantized, &b.graph());
  EXPECT_EQ(CountOf<graph::QConv2D>(b.graph()), 0);
  EXPECT_EQ(CountOf<graph::Conv2D>(b.graph()), 1);
}

TEST(FuseQuantized, ProductsBecomeFullyConnected) {
  for (const bool is_gemm : {true, false}) {
    QuantizedBuilder b;
    const ValueId q = b.Q(b.Input("x", {3, 16}), 0.01f, 110, DType::kU8, "xq");
    const ValueId x = b.Dq(q, 0.01f, 110);
    const ValueId square = b.Dq(b.Bytes("w", DType::kU8, {16, 6}), 0.02f, 128);
    const ValueId y = is_gemm ? b.Op(graph::Gemm{1, 1, false, true},
                                     {x, b.Weights8({6, 16}), b.Bias8(6, 0.01f)}, "y")
                              : b.Op(graph::MatMul{}, {x, square}, "y");
    b.Output(b.Q(y, 0.05f, 90, DType::kU8, "out"));
    ExpectWithinAStep(b.graph());
    After(FuseQuantized, &b.graph());
    EXPECT_EQ(CountOf<graph::QFullyConnected>(b.graph()), 1);
  }
}

TEST(FuseQuantized, SumsBecomeOneIntegerNodeAndMovementsReadIntegers) {
  QuantizedBuilder b;
  const ValueId q = b.Q(b.Input("x", {1, 4, 4, 2}), 0.01f, 110, DType::kU8, "xq");
  graph::Pool2D pool;
  pool.kernel_h = pool.kernel_w = pool.stride_h = pool.stride_w = 2;
  const ValueId pooled = b.Op(pool, {b.Dq(q, 0.01f, 110)}, "p");
  const ValueId pooled_q = b.Q(pooled, 0.01f, 110, DType::kU8, "pq");
  const ValueId x = b.Dq(pooled_q, 0.01f, 110);
  const ValueId sum = b.Binary(graph::BinaryKind::kAdd, x, x, "s");
  b.Output(b.Q(sum, 0.02f, 100, DType::kU8, "out"));
  ExpectWithinAStep(b.graph());
  After(FuseQuantized, &b.graph());
  EXPECT_EQ(CountOf<graph::QBinary>(b.graph()), 1);
  EXPECT_EQ(CountOf<graph::Dequantize>(b.graph()), 0);
}

TEST(FuseQuantized, ARealValueWithTwoReadersStaysReal) {
  QuantizedBuilder b;
  const ValueId q = b.Q(b.Input("x", {2, 8}), 0.01f, 110, DType::kU8, "xq");
  const ValueId x = b.Dq(q, 0.01f, 110);
  const ValueId sum = b.Binary(graph::BinaryKind::kAdd, x, x, "s");
  b.Output(b.Q(sum, 0.02f, 100, DType::kU8, "out"));
  b.Output(sum);
  After(FuseQuantized, &b.graph());
  EXPECT_EQ(CountOf<graph::QBinary>(b.graph()), 0);
}

TEST(FuseQuantized, QuantizingWhatWasDequantizedIsNothing) {
  QuantizedBuilder b;
  const ValueId q = b.Q(b.Input("x", {2, 8}), 0.01f, 110, DType::kU8, "xq");
  b.Output(b.Q(b.Dq(q, 0.01f, 110), 0.01f, 110, DType::kU8, "out"));
  After(FuseQuantized, &b.graph());
  EXPECT_EQ(CountOf<graph::Quantize>(b.graph()), 1);
  EXPECT_EQ(b.graph().value(b.graph().outputs()[0]).name, "out");
}

}  // namespace
}  // namespace minnow::passes
