// Shapes along a graph, broadcasting and constant lists.
#include "graph/infer_shapes.h"

#include <gtest/gtest.h>

#include "graph/infer_text.h"

namespace minnow::graph {
namespace {

std::string Broadcast(const Shape& a, const Shape& b) {
  const StatusOr<Shape> shape = BroadcastShapes(a, b);
  return shape.ok() ? shape->ToString() : TextOf(shape.status());
}

TEST(BroadcastShapes, FollowsNumpy) {
  EXPECT_EQ(Broadcast({2, 3}, {3}), "[2,3]");
  EXPECT_EQ(Broadcast({2, 1, 4}, {3, 1}), "[2,3,4]");
  EXPECT_EQ(Broadcast({}, {5}), "[5]");
  EXPECT_EQ(Broadcast({}, {}), "[]");
  EXPECT_EQ(Broadcast({0}, {1}), "[0]");
  EXPECT_EQ(Broadcast({2, 3}, {2}), "ERR_INVALID_MODEL: shapes [2,3] and [2] do not broadcast");
}

TEST(BroadcastShapes, KeepsUnknownDimsUnlessTheOtherSideSettlesThem) {
  EXPECT_EQ(Broadcast({-1, 3}, {1, 3}), "[?,3]");
  EXPECT_EQ(Broadcast({-1}, {4}), "[4]");
  EXPECT_EQ(Broadcast({4}, {-1}), "[4]");
  EXPECT_EQ(Broadcast({-1}, {-1}), "[?]");
}

TEST(ConstantInts, ReadsShortIntegerConstantsOnly) {
  Graph graph;
  const int32_t narrow[] = {-1, 7};
  const int64_t wide = 5;
  const float real = 1.0f;
  const ValueId input = graph.AddInput("x", DType::kS64, Shape{2});
  EXPECT_EQ(*ConstantInts(graph, graph.AddConstant("", *Tensor::From(Shape{2}, narrow))),
            std::vector<int64_t>({-1, 7}));
  EXPECT_EQ(*ConstantInts(graph, graph.AddConstant("", *Tensor::From(Shape{}, &wide))),
            std::vector<int64_t>({5}));
  EXPECT_FALSE(ConstantInts(graph, graph.AddConstant("", *Tensor::From(Shape{}, &real))));
  EXPECT_FALSE(
      ConstantInts(graph, graph.AddConstant("", *Tensor::Allocate(DType::kS64, Shape{1 << 20}))));
  EXPECT_FALSE(ConstantInts(graph, input));
  EXPECT_FALSE(ConstantInts(graph, kNoValue));
}

TEST(InferShapes, CarriesAnUnknownBatchThroughANetworkHead) {
  Graph graph;
  const ValueId x = graph.AddInput("x", DType::kF32, Shape{kUnknownDim, 3, 8, 8});
  const ValueId w = graph.AddConstant("w", *Tensor::Allocate(DType::kF32, Shape{16, 3, 3, 3}));
  Conv2D conv;
  conv.stride_h = conv.stride_w = 2;
  conv.padding = {PadMode::kExplicit, 1, 1, 1, 1};
  conv.layout = DataLayout::kNCHW;
  conv.weight_layout = WeightLayout::kOIHW;
  const ValueId a = graph.AddNode("conv", conv, {x, w}, "a");
  const ValueId b = graph.AddNode("mean", Reduce{ReduceKind::kMean, {2, 3}, true}, {a}, "b");
  const ValueId c = graph.AddNode("flat", Flatten{}, {b}, "c");
  const ValueId k = graph.AddConstant("k", *Tensor::Allocate(DType::kF32, Shape{10, 16}));
  const ValueId d = graph.AddNode("fc", Gemm{1.0f, 1.0f, false, true}, {c, k}, "d");
  graph.AddOutput(d);
  // What an importer declared is overwritten.
  graph.value(b).shape = Shape{7};
  graph.value(b).dtype = DType::kU8;
  ASSERT_TRUE(InferShapes(&graph).ok());
  EXPECT_EQ(graph.value(a).shape->ToString(), "[?,16,4,4]");
  EXPECT_EQ(graph.value(b).shape->ToString(), "[?,16,1,1]");
  EXPECT_EQ(graph.value(b).dtype, DType::kF32);
  EXPECT_EQ(graph.value(c).shape->ToString(), "[?,16]");
  EXPECT_EQ(graph.value(d).shape->ToString(), "[?,10]");
}

TEST(InferShapes, LeavesAReshapeToAComputedShapeAbsentAndWhatFollowsToo) {
  Graph graph;
  const ValueId x = graph.AddInput("x", DType::kF32, Shape{kUnknownDim, 4});
  const ValueId shape = graph.AddNode("shape", ShapeOf{}, {x}, "shape");
  const ValueId y = graph.AddNode("reshape", Reshape{}, {x, shape}, "y");
  const ValueId z = graph.AddNode("relu", Clamp{}, {y}, "z");
  graph.AddOutput(z);
  ASSERT_TRUE(InferShapes(&graph).ok());
  EXPECT_EQ(graph.value(shape).shape->ToString(), "[2]");
  EXPECT_EQ(graph.value(shape).dtype, DType::kS64);
  EXPECT_FALSE(graph.value(y).shape);
  EXPECT_FALSE(graph.value(z).shape);
  EXPECT_EQ(graph.value(z).dtype, DType::kF32);
}

TEST(InferShapes, NamesTheNodeInAnError) {
  Graph graph;
  const ValueId x = graph.AddInput("x", DType::kF32, Shape{2, 3});
  const ValueId y = graph.AddInput("y", DType::kF32, Shape{4});
  graph.AddOutput(graph.AddNode("sum/1", Binary{}, {x, y}, "z"));
  EXPECT_EQ(TextOf(InferShapes(&graph)),
            "ERR_INVALID_MODEL: node \"sum/1\" (Binary): shapes [2,3] and [4] do not broadcast");
}

TEST(InferShapes, RefusesTooFewInputs) {
  EXPECT_EQ(Infer(Binary{}, {F32({2})}), "ERR_INVALID_MODEL: 1 inputs, but it takes 2");
  EXPECT_EQ(Infer(Conv2D{}, {F32({1, 2, 2, 1}), None()}), "ERR_INVALID_MODEL: input 1 is missing");
  EXPECT_EQ(Infer(Concat{}, {F32({1}), None()}), "ERR_INVALID_MODEL: input 1 is missing");
}

TEST(InferShapes, RefusesMoreElementsThanAnyTensorMayHave) {
  EXPECT_EQ(Infer(Binary{}, {F32({1 << 20, 1}), F32({1, 1 << 20})}),
            "ERR_INVALID_MODEL: the output: the shape has more than 2147483648 elements");
}

TEST(InferShapes, ARangeHasThreeNumbers) {
  EXPECT_EQ(Infer(Range{}, {F32({}), F32({1}), Unranked()}), "f32[?]");
  EXPECT_EQ(Infer(Range{}, {F32({}), F32({2, 3}), F32({})}),
            "ERR_INVALID_MODEL: input 1 of a range has the shape [2,3], expected one number");
}

}  // namespace
}  // namespace minnow::graph
