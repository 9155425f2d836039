// The text form, letter by letter: `minnow inspect` and the golden tests of passes rely on it.
#include "graph/print.h"

#include <gtest/gtest.h>

namespace minnow::graph {
namespace {

Activation Relu6() {
  Activation activation;
  activation.min = 0.0f;
  activation.max = 6.0f;
  return activation;
}

TEST(Print, ShowsInputsConstantsNodesAndOutputsInOrder) {
  Graph graph;
  const ValueId x = graph.AddInput("x", DType::kF32, Shape{kUnknownDim, 224, 224, 3});
  const ValueId w = graph.AddConstant("w", *Tensor::Allocate(DType::kF32, Shape{32, 3, 3, 3}));
  graph.AddConstant("unused", *Tensor::Allocate(DType::kF32, Shape{1}));
  const int64_t target[] = {-1, 401408};
  const ValueId shape = graph.AddConstant("shape", *Tensor::From(Shape{2}, target));
  Conv2D conv;
  conv.stride_h = conv.stride_w = 2;
  conv.padding.mode = PadMode::kSameUpper;
  conv.activation = Relu6();
  const ValueId y = graph.AddNode("conv1", conv, {x, w, kNoValue}, "y");
  graph.value(y).shape = Shape{kUnknownDim, 112, 112, 32};
  const ValueId z = graph.AddNode("", Reshape{}, {y, shape}, "");
  graph.AddOutput(z);
  EXPECT_EQ(Print(graph),
            "input %x f32[?,224,224,3]\n"
            "%w = const f32[32,3,3,3]\n"
            "%shape = const i64[2] {-1,401408}\n"
            "%y f32[?,112,112,32] = Conv2D(%x, %w, none) stride=2x2 pad=same_upper act=clamp(0,6)"
            "  # conv1\n"
            "%5 f32[*] = Reshape(%y, %shape)\n"
            "output %5 f32[*]\n");
}

TEST(Print, EscapesControlCharactersInNames) {
  Graph graph;
  graph.AddOutput(graph.AddInput("a\nb", DType::kU8, Shape{}));
  EXPECT_EQ(Print(graph), "input %a\\x0ab u8[]\noutput %a\\x0ab u8[]\n");
}

TEST(Print, SaysThatAGraphHasACycle) {
  Graph graph;
  const ValueId x = graph.AddInput("x", DType::kF32, Shape{});
  graph.AddOutput(graph.AddNode("n", Identity{}, {x}, "y"));
  graph.node(0).inputs[0] = graph.node(0).outputs[0];
  EXPECT_EQ(Print(graph), "the graph has a cycle through 1 of its nodes\n");
}

TEST(PrintAttributes, LeavesOutDefaults) {
  EXPECT_EQ(PrintAttributes(Conv2D{}), "");
  EXPECT_EQ(PrintAttributes(Gemm{}), "");
  EXPECT_EQ(PrintAttributes(Softmax{}), "");
  EXPECT_EQ(PrintAttributes(BatchNorm{}), "");
  EXPECT_EQ(PrintAttributes(ShapeOf{}), "");
  EXPECT_EQ(PrintAttributes(Clamp{}), "");
}

TEST(PrintAttributes, ShowsEveryConvolutionAttribute) {
  Conv2D conv;
  conv.stride_w = 2;
  conv.dilation_h = 3;
  conv.groups = 8;
  conv.padding.top = 1;
  conv.padding.right = 2;
  conv.layout = DataLayout::kNCHW;
  conv.weight_layout = WeightLayout::kHWCM;
  conv.activation.kind = Activation::Kind::kHardSwish;
  EXPECT_EQ(PrintAttributes(conv),
            " stride=1x2 dilation=3x1 groups=8 pad=1,0,0,2 layout=nchw weights=hwcm "
            "act=hard_swish");
}

TEST(PrintAttributes, ShowsKindsAlways) {
  EXPECT_EQ(PrintAttributes(Unary{UnaryKind::kElu, 0.5f}), " kind=elu alpha=0.5");
  EXPECT_EQ(PrintAttributes(Binary{}), " kind=add");
  EXPECT_EQ(PrintAttributes(Binary{BinaryKind::kXor, {}}), " kind=xor");
  EXPECT_EQ(PrintAttributes(Reduce{ReduceKind::kMean, {1, 2}, false}),
            " kind=mean axes=[1,2] drop_dims");
}

TEST(PrintAttributes, ShowsPooling) {
  Pool2D pool;
  pool.kind = PoolKind::kAverage;
  pool.kernel_h = pool.kernel_w = 3;
  pool.stride_h = pool.stride_w = 2;
  pool.padding.mode = PadMode::kValid;
  pool.ceil_mode = pool.count_include_pad = true;
  EXPECT_EQ(PrintAttributes(pool),
            " kind=average kernel=3x3 stride=2x2 pad=valid ceil_mode count_include_pad");
}

TEST(PrintAttributes, ShowsListsBoundsAndTypes) {
  Clamp relu;
  relu.min = 0.0f;
  EXPECT_EQ(PrintAttributes(relu), " min=0");
  EXPECT_EQ(PrintAttributes(Transpose{{0, 2, 3, 1}}), " perm=[0,2,3,1]");
  EXPECT_EQ(PrintAttributes(Slice{{1}, {5}, {0}, {2}}), " starts=[1] ends=[5] axes=[0] steps=[2]");
  EXPECT_EQ(PrintAttributes(Pad{PadFill::kReflect, {0, 1}, 0.0f}), " fill=reflect pads=[0,1]");
  EXPECT_EQ(PrintAttributes(Cast{DType::kS64}), " dtype=i64");
  EXPECT_EQ(PrintAttributes(StridedSlice{1, 2, 4}), " begin_mask=1 end_mask=2 shrink_axis_mask=4");
}

}  // namespace
}  // namespace minnow::graph
