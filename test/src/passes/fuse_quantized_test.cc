// Which operators between Dequantize and Quantize become integer ones, and do results stay?
#include "passes/pass_testing.h"
#include "passes/passes.h"

namespace minnow::passes {
namespace {

using graph::ValueId;

// A graph of quantised tensors, all per tensor unless said.
class QuantizedBuilder : public GraphBuilder {
 public:
  ValueId Bytes(const std::string& name, DType dtype, const Shape& shape) {
    Tensor tensor = *Tensor::Allocate(dtype, shape);
    for (size_t i = 0; i < tensor.size_bytes(); ++i) {
      tensor.mutable_as<uint8_t>()[i] = static_cast<uint8_t>(random().Below(200) + 28);
    }
    return graph().AddConstant(name, tensor);
  }
  ValueId Zero(DType dtype, int zero) {
    Tensor tensor = *Tensor::Allocate(dtype, Shape{});
    tensor.mutable_as<uint8_t>()[0] = static_cast<uint8_t>(zero);
    return graph().AddConstant("", tensor);
  }
  ValueId Q(ValueId x, float scale, int zero, DType dtype, const std::string& name) {
    return Op(graph::Quantize{}, {x, Scalar("", scale), Zero(dtype, zero)}, name);
  }
  ValueId Dq(ValueId x, float scale, int zero, DType dtype = DType::kU8) {
    return Op(graph::Dequantize{}, {x, Scalar("", scale), Zero(dtype, zero)}, "");
  }
  // Weights of one scale each output channel (axis 0).
  ValueId Weights8(const Shape& shape) {
    std::vector<float> scales;
    for (int64_t i = 0; i < shape[0]; ++i) scales.push_back(0.01f + 0.001f * static_cast<float>(i));
    return Op(graph::Dequantize{0},
              {Bytes("w", DType::kS8, shape), Floats("", Shape{shape[0]}, scales)}, "");
  }
  // The bias of such weights behind activations of `x_scale`.
  ValueId Bias8(int64_t channels, float x_scale) {
    std::vector<float> scales;
    std::vector<int32_t> values;
    for (int64_t i = 0; i < channels; ++i) {
      scales.push_back((0.01f + 0.001f * static_cast<float>(i)) * x_scale);
      values.push_back(static_cast<int32_t>(random().Below(2000)) - 1000);
    }
    const Shape shape = {channels};
    return Op(
        graph::Dequantize{0},
        {graph().AddConstant("", *Tensor::From(shape, values.data())), Floats("", shape, scales)},
        "");
  }
};

// Quantised outputs differ by a step at most: sums of floats round otherwise than exact ones.
void ExpectWithinAStep(const graph::Graph& before) {
  graph::Graph after = before;
  ASSERT_TRUE(Optimize(&after).ok());
  const std::vector<Tensor> inputs = RandomInputs(before, 1, 9);
  const StatusOr<std::vector<Tensor>> expected = Results(before, inputs);
  const StatusOr<std::vector<Tensor>> actual = Results(after, inputs);
  ASSERT_TRUE(expected.ok()) << expected.status().message();
  ASSERT_TRUE(actual.ok()) << actual.status().message() << graph::Print(after);
  const Tensor &a = (*expected)[0], &b = (*actual)[0];
  ASSERT_EQ(a.shape().ToString(), b.shape().ToString());
  ASSERT_EQ(a.dtype(), b.dtype());
  int moved = 0, distinct = 0;
  for (int64_t i = 0; i < a.ElementCount(); ++i) {
    const int gap = a.as<uint8_t>()[i] - b.as<uint8_t>()[i];
    ASSERT_LE(std::abs(gap), 1) << i;
    moved += gap != 0;
    distinct += a.as<uint8_t>()[i] != a.as<uint8_t>()[0];
  }
  EXPECT_LE(moved, 1 + a.ElementCount() / 50);
  EXPECT_GT(distinct, a.ElementCount() / 3);
}

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

TEST(FuseQuantized, AMovementToAnotherScaleStaysReal) {
  QuantizedBuilder b;
  const ValueId q = b.Q(b.Input("x", {2, 8}), 0.01f, 110, DType::kU8, "xq");
  const ValueId moved = b.Op(graph::Transpose{{1, 0}}, {b.Dq(q, 0.01f, 110)}, "t");
  b.Output(b.Q(moved, 0.02f, 110, DType::kU8, "out"));
  ExpectWithinAStep(b.graph());
  After(FuseQuantized, &b.graph());
  EXPECT_EQ(CountOf<graph::Dequantize>(b.graph()), 1);
  EXPECT_EQ(CountOf<graph::Quantize>(b.graph()), 2);
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
