// Which operators between Dequantize and Quantize work on the bytes themselves, and do results
// stay?
#include "passes/passes.h"
#include "passes/quantized_testing.h"

namespace minnow::passes {
namespace {

using graph::ValueId;

// Bytes in, one operator, bytes out, each with a scale of its own.
QuantizedBuilder Between(const graph::Op& op, const Shape& shape, float y_scale, int y_zero,
                         DType y_type = DType::kU8) {
  QuantizedBuilder b;
  const ValueId q = b.Q(b.Input("x", shape), 0.01f, 110, DType::kU8, "xq");
  b.Output(b.Q(b.Op(op, {b.Dq(q, 0.01f, 110)}, "y"), y_scale, y_zero, y_type, "out"));
  return b;
}

// All integers: a Quantize for the input is left, and one op of type T.
template <typename T>
void ExpectBytes(QuantizedBuilder* b, int maps) {
  ExpectWithinAStep(b->graph());
  After(FuseQuantized, &b->graph());
  EXPECT_EQ(CountOf<graph::Dequantize>(b->graph()), 0) << graph::Print(b->graph());
  EXPECT_EQ(CountOf<graph::Quantize>(b->graph()), 1);
  EXPECT_EQ(CountOf<T>(b->graph()), 1);
  EXPECT_EQ(CountOf<graph::ByteMap>(b->graph()), maps);
}

TEST(FuseBytes, FunctionsOfOneElementBecomeATable) {
  const graph::Op ops[] = {graph::Unary{graph::UnaryKind::kSigmoid, 0, 0},
                           graph::Unary{graph::UnaryKind::kHardSwish, 0, 0},
                           graph::Unary{graph::UnaryKind::kLeakyRelu, 0.2f, 0},
                           graph::Unary{graph::UnaryKind::kTanh, 0, 0}, graph::Clamp{-0.5f, 0.5f}};
  for (const graph::Op& op : ops) {
    QuantizedBuilder b = Between(op, {2, 5, 5, 8}, 1.0f / 128, 100);
    ExpectBytes<graph::ByteMap>(&b, 1);
    QuantizedBuilder other = Between(op, {2, 5, 5, 8}, 1.0f / 128, -20, DType::kS8);
    ExpectBytes<graph::ByteMap>(&other, 1);
  }
}

TEST(FuseBytes, SeveralFunctionsAndConstantsOfOneElementBecomeOneTable) {
  QuantizedBuilder b;
  const ValueId q = b.Q(b.Input("x", {1, 8, 8, 4}), 0.01f, 110, DType::kU8, "xq");
  const ValueId half =
      b.Binary(graph::BinaryKind::kMul, b.Dq(q, 0.01f, 110), b.Scalar("", 0.5f), "h");
  const ValueId less = b.Binary(graph::BinaryKind::kSub, b.Floats("", {1, 1}, {0.25f}), half, "l");
  const ValueId clamped = b.Op(graph::Clamp{0.0f, 0.6f}, {less}, "c");
  b.Output(b.Q(clamped, 0.003f, 0, DType::kU8, "out"));
  ExpectBytes<graph::ByteMap>(&b, 1);
}

TEST(FuseBytes, AChangeOfScaleIsATable) {
  QuantizedBuilder b;
  const ValueId q = b.Q(b.Input("x", {2, 40}), 0.01f, 110, DType::kU8, "xq");
  b.Output(b.Q(b.Dq(q, 0.01f, 110), 0.02f, -3, DType::kS8, "out"));
  ExpectBytes<graph::ByteMap>(&b, 1);
}

TEST(FuseBytes, MeansAveragesAndSoftmaxTakeTheirScalesAlong) {
  QuantizedBuilder mean =
      Between(graph::Reduce{graph::ReduceKind::kMean, {1, 2}, true}, {2, 4, 4, 8}, 0.004f, 90);
  ExpectBytes<graph::Reduce>(&mean, 0);
  graph::Pool2D pool;
  pool.kind = graph::PoolKind::kAverage;
  pool.kernel_h = pool.kernel_w = 3;
  pool.padding = {graph::PadMode::kExplicit, 1, 1, 1, 1};
  QuantizedBuilder average = Between(pool, {1, 6, 6, 4}, 0.005f, 120);
  ExpectBytes<graph::Pool2D>(&average, 0);
  QuantizedBuilder softmax = Between(graph::Softmax{}, {3, 8}, 1.0f / 256, -128, DType::kS8);
  ExpectBytes<graph::Softmax>(&softmax, 0);
}

TEST(FuseBytes, AMeanWithChannelsFirstIsOneOfIntegersBehindThePasses) {
  QuantizedBuilder b;
  const ValueId q = b.Q(b.Input("x", {1, 3, 6, 6}), 0.01f, 110, DType::kU8, "xq");
  graph::Conv2D conv;
  conv.layout = graph::DataLayout::kNCHW;
  conv.weight_layout = graph::WeightLayout::kOIHW;
  const ValueId y = b.Op(conv, {b.Dq(q, 0.01f, 110), b.Weights8({12, 3, 1, 1})}, "y");
  const ValueId yq = b.Q(y, 0.02f, 128, DType::kU8, "yq");
  const ValueId mean =
      b.Op(graph::Reduce{graph::ReduceKind::kMean, {2, 3}, true}, {b.Dq(yq, 0.02f, 128)}, "mean");
  b.Output(b.Q(mean, 0.01f, 128, DType::kU8, "out"));
  ExpectWithinAStep(b.graph());
  ASSERT_TRUE(Optimize(&b.graph()).ok());
  EXPECT_EQ(CountOf<graph::Dequantize>(b.graph()), 0) << graph::Print(b.graph());
}

TEST(FuseBytes, ConcatenatedPartsComeToOneScale) {
  QuantizedBuilder b;
  const ValueId q = b.Q(b.Input("x", {1, 4, 4, 3}), 0.01f, 110, DType::kU8, "xq");
  const ValueId r = b.Q(b.Input("z", {1, 4, 4, 2}), 0.012f, 100, DType::kU8, "zq");
  const ValueId both = b.Op(graph::Concat{3}, {b.Dq(q, 0.01f, 110), b.Dq(r, 0.012f, 100)}, "both");
  b.Output(b.Q(both, 0.012f, 100, DType::kU8, "out"));
  ExpectWithinAStep(b.graph());
  After(FuseQuantized, &b.graph());
  EXPECT_EQ(CountOf<graph::Dequantize>(b.graph()), 0);
  EXPECT_EQ(CountOf<graph::ByteMap>(b.graph()), 1);
  EXPECT_EQ(CountOf<graph::Concat>(b.graph()), 1);
}

TEST(FuseBytes, AMovementToAnotherScaleGoesThroughATable) {
  QuantizedBuilder b = Between(graph::Transpose{{1, 0}}, {20, 8}, 0.02f, 110);
  ExpectBytes<graph::Transpose>(&b, 1);
}

TEST(FuseBytes, APadFillsWithTheByteOfItsNumberAndGoesIntoTheConvolution) {
  QuantizedBuilder b;
  const ValueId q = b.Q(b.Input("x", {1, 5, 6, 3}), 0.01f, 110, DType::kU8, "xq");
  const ValueId padded = b.Op(graph::Pad{graph::PadFill::kConstant, {0, 1, 1, 0, 0, 1, 1, 0}, 0.0f},
                              {b.Dq(q, 0.01f, 110)}, "p");
  const ValueId pq = b.Q(padded, 0.01f, 110, DType::kU8, "pq");
  const ValueId y = b.Op(graph::Conv2D(), {b.Dq(pq, 0.01f, 110), b.Weights8({8, 3, 3, 3})}, "y");
  b.Output(b.Q(y, 0.05f, 90, DType::kU8, "out"));
  ExpectWithinAStep(b.graph());
  ASSERT_TRUE(Optimize(&b.graph()).ok());
  EXPECT_EQ(CountOf<graph::Pad>(b.graph()), 0) << graph::Print(b.graph());
  EXPECT_EQ(CountOf<graph::QConv2D>(b.graph()), 1);
}

TEST(FuseBytes, ARealValueWithTwoReadersStaysReal) {
  QuantizedBuilder b;
  const ValueId q = b.Q(b.Input("x", {2, 8}), 0.01f, 110, DType::kU8, "xq");
  const ValueId y = b.Op(graph::Unary{graph::UnaryKind::kTanh, 0, 0}, {b.Dq(q, 0.01f, 110)}, "t");
  b.Output(b.Q(y, 0.02f, 100, DType::kU8, "out"));
  b.Output(y);
  After(FuseQuantized, &b.graph());
  EXPECT_EQ(CountOf<graph::ByteMap>(b.graph()), 0);
}

}  // namespace
}  // namespace minnow::passes
