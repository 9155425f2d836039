// Does each TensorFlow operator, with its variants, become what it means?
#include "importers/tensorflow/ops.h"

#include <gtest/gtest.h>

#include "importers/model_builders.h"

namespace minnow::importers {
namespace {

using namespace tf_test;  // NOLINT: the builders are this test's language

const Ints kImage = {1, 8, 8, 4};

// One node "n" over an input x of shape `x` and i32 lists.
std::string OneNode(const Ints& x, const char* op, const std::vector<Attr>& attributes = {},
                    const std::vector<std::pair<std::string, Ints>>& lists = {}) {
  Graph graph;
  graph.Input("x", x);
  Names inputs = {"x"};
  for (const auto& [name, values] : lists) {
    graph.List(name.c_str(), values);
    inputs.push_back(name);
  }
  return graph.Node("n", op, inputs, attributes).NodeText();
}

std::string Error(const std::string& op, const std::string& code, const std::string& message) {
  return code + ": load: tensorflow: node \"n\" (" + op + "): " + message;
}

std::string Conv(const char* op, const Ints& x, const Ints& w,
                 const std::vector<Attr>& attributes) {
  return Graph().Input("x", x).Weights("w", w).Node("n", op, {"x", "w"}, attributes).NodeText();
}

TEST(TensorflowConv, TakesBothLayouts) {
  EXPECT_EQ(Conv("Conv2D", kImage, {3, 3, 4, 2},
                 {IntsAttr("strides", {1, 2, 1, 1}), IntsAttr("dilations", {1, 1, 2, 1}),
                  TextAttr("padding", "VALID"), TextAttr("data_format", "NHWC")}),
            "%n = Conv2D(%x, %w) stride=2x1 dilation=1x2 pad=valid weights=hwio\n");
  EXPECT_EQ(Conv("Conv2D", {1, 4, 8, 8}, {3, 3, 4, 2},
                 {IntsAttr("strides", {1, 1, 2, 1}), TextAttr("padding", "SAME"),
                  TextAttr("data_format", "NCHW")}),
            "%n = Conv2D(%x, %w) stride=2x1 pad=same_upper layout=nchw weights=hwio\n");
}

TEST(TensorflowConv, ExplicitPaddingsFollowTheLayout) {
  EXPECT_EQ(Conv("Conv2D", kImage, {3, 3, 4, 2},
                 {TextAttr("padding", "EXPLICIT"),
                  IntsAttr("explicit_paddings", {0, 0, 1, 2, 3, 4, 0, 0})}),
            "%n = Conv2D(%x, %w) pad=1,3,2,4 weights=hwio\n");
  EXPECT_EQ(Conv("Conv2D", {1, 4, 8, 8}, {3, 3, 4, 2},
                 {TextAttr("padding", "EXPLICIT"), TextAttr("data_format", "NCHW"),
                  IntsAttr("explicit_paddings", {0, 0, 0, 0, 1, 2, 3, 4})}),
            "%n = Conv2D(%x, %w) pad=1,3,2,4 layout=nchw weights=hwio\n");
  EXPECT_EQ(Conv("Conv2D", kImage, {3, 3, 4, 2},
                 {TextAttr("padding", "EXPLICIT"),
                  IntsAttr("explicit_paddings", {1, 0, 1, 2, 3, 4, 0, 0})}),
            Error("Conv2D", "ERR_UNSUPPORTED",
                  "explicit_paddings of batch or channels are not supported"));
  EXPECT_EQ(Conv("Conv2D", kImage, {3, 3, 4, 2}, {TextAttr("padding", "EXPLICIT")}),
            Error("Conv2D", "ERR_INVALID_MODEL", "attribute \"explicit_paddings\" is missing"));
}

TEST(TensorflowConv, RefusesWhatItCannotDo) {
  EXPECT_EQ(Conv("Conv2D", kImage, {3, 3, 4, 2},
                 {IntsAttr("strides", {1, 1, 1, 2}), TextAttr("padding", "SAME")}),
            Error("Conv2D", "ERR_UNSUPPORTED", "strides over batch or channels is not supported"));
  EXPECT_EQ(Conv("Conv2D", kImage, {3, 3, 4, 2}, {}),
            Error("Conv2D", "ERR_INVALID_MODEL",
                  "padding is \"\", SAME, VALID or EXPLICIT was expected"));
  EXPECT_EQ(Conv("Conv2D", kImage, {3, 3, 4, 2},
                 {TextAttr("padding", "SAME"), TextAttr("data_format", "NCHW_VECT_C")}),
            Error("Conv2D", "ERR_UNSUPPORTED",
                  "data_format \"NCHW_VECT_C\" is not supported (NHWC and NCHW are)"));
  EXPECT_EQ(Conv("Conv2D", kImage, {3, 3, 5, 2}, {TextAttr("padding", "SAME")}),
            "ERR_INVALID_MODEL: load: tensorflow: node \"n\" (Conv2D): weights for 5 input "
            "channels a group, but there are 4 in 1 groups");
}

TEST(TensorflowConv, DepthwiseHasAGroupAChannel) {
  EXPECT_EQ(Conv("DepthwiseConv2dNative", kImage, {3, 3, 4, 2},
                 {IntsAttr("strides", {1, 1, 1, 1}), TextAttr("padding", "SAME")}),
            "%n = Conv2D(%x, %w) groups=4 pad=same_upper weights=hwcm\n");
}

TEST(TensorflowPool, TakesEveryAttribute) {
  EXPECT_EQ(OneNode(kImage, "MaxPool",
                    {IntsAttr("ksize", {1, 3, 2, 1}), IntsAttr("strides", {1, 2, 2, 1}),
                     TextAttr("padding", "SAME")}),
            "%n = Pool2D(%x) kind=max kernel=3x2 stride=2x2 pad=same_upper\n");
  EXPECT_EQ(OneNode({1, 4, 8, 8}, "AvgPool",
                    {IntsAttr("ksize", {1, 1, 7, 7}), TextAttr("padding", "VALID"),
                     TextAttr("data_format", "NCHW")}),
            "%n = Pool2D(%x) kind=average kernel=7x7 pad=valid layout=nchw\n");
  EXPECT_EQ(OneNode(kImage, "MaxPool", {TextAttr("padding", "VALID")}),
            Error("MaxPool", "ERR_INVALID_MODEL", "attribute \"ksize\" is missing"));
}

TEST(TensorflowMath, BiasFollowsTheChannels) {
  const auto bias = [](const Ints& x, const char* format) {
    return Graph()
        .Input("x", x)
        .Weights("b", {4})
        .Node("n", "BiasAdd", {"x", "b"}, {TextAttr("data_format", format)})
        .NodeText();
  };
  EXPECT_EQ(bias(kImage, "NHWC"), "%n = Binary(%x, %b) kind=add\n");
  EXPECT_EQ(bias({1, 4, 8, 8}, "NCHW"),
            "%n/1 = Reshape(%b) shape=[-1,1,1]\n%n = Binary(%x, %n/1) kind=add\n");
  EXPECT_EQ(bias({2, 4}, "NCHW"), "%n = Binary(%x, %b) kind=add\n");
}

TEST(TensorflowMath, EveryFusedBatchNorm) {
  const auto norm = [](const char* op, const std::vector<Attr>& attributes, const char* reader) {
    Graph graph;
    graph.Input("x", kImage);
    for (const char* name : {"s", "o", "m", "v"}) graph.Weights(name, {4});
    graph.Node("n", op, {"x", "s", "o", "m", "v"}, attributes).Node("r", "Relu", {reader});
    return graph.NodeText();
  };
  const Attr inference = BoolAttr("is_training", false);
  for (const char* op : {"FusedBatchNorm", "FusedBatchNormV2", "FusedBatchNormV3"}) {
    EXPECT_EQ(norm(op, {inference, FloatAttr("epsilon", 0.001f)}, "n"),
              "%n = BatchNorm(%x, %s, %o, %m, %v) epsilon=0.001\n");
  }
  EXPECT_EQ(norm("FusedBatchNormV3", {}, "n"),
            Error("FusedBatchNormV3", "ERR_UNSUPPORTED", "is_training true is not supported"));
  EXPECT_EQ(
      norm("FusedBatchNormV3", {inference}, "n:1"),
      Error("FusedBatchNormV3", "ERR_UNSUPPORTED", "output 1, a statistic of training, is read"));
}

TEST(TensorflowMath, UnaryOperators) {
  for (const auto& [op, kind] :
       std::vector<std::pair<const char*, std::string>>{{"Abs", "abs"},
                                                        {"Exp", "exp"},
                                                        {"Floor", "floor"},
                                                        {"Log", "log"},
                                                        {"Neg", "neg"},
                                                        {"Rsqrt", "rsqrt"},
                                                        {"Sigmoid", "sigmoid"},
                                                        {"Softplus", "softplus"},
                                                        {"Sqrt", "sqrt"},
                                                        {"Square", "square"},
                                                        {"Tanh", "tanh"}}) {
    EXPECT_EQ(OneNode({2}, op), "%n = Unary(%x) kind=" + kind + "\n");
  }
  EXPECT_EQ(OneNode({2}, "Elu"), "%n = Unary(%x) kind=elu alpha=1\n");
  EXPECT_EQ(OneNode({2}, "LeakyRelu"), "%n = Unary(%x) kind=leaky_relu alpha=0.2\n");
  EXPECT_EQ(OneNode({2}, "Relu"), "%n = Clamp(%x) min=0\n");
  EXPECT_EQ(OneNode({2}, "Relu6"), "%n = Clamp(%x) min=0 max=6\n");
  for (const char* op : {"Identity", "StopGradient", "Snapshot", "CheckNumerics"}) {
    EXPECT_EQ(OneNode({2}, op), "%n = Identity(%x)\n");
  }
}

TEST(TensorflowMath, BinaryOperators) {
  for (const auto& [op, kind] :
       std::vector<std::pair<const char*, std::string>>{{"Add", "add"},
                                                        {"AddV2", "add"},
                                                        {"Sub", "sub"},
                                                        {"Mul", "mul"},
                                                        {"RealDiv", "div"},
                                                        {"Maximum", "max"},
                                                        {"Minimum", "min"},
                                                        {"Pow", "pow"},
                                                        {"FloorMod", "mod"}}) {
    EXPECT_EQ(Graph().Input("x", {2, 3}).Input("z", {3}).Node("n", op, {"x", "z"}).NodeText(),
              "%n = Binary(%x, %z) kind=" + kind + "\n");
  }
  EXPECT_EQ(
      Graph().Input("x", {2}).Input("z", {2}).Node("n", "SquaredDifference", {"x", "z"}).NodeText(),
      "%n/1 = Binary(%x, %z) kind=sub\n%n = Unary(%n/1) kind=square\n");
}

TEST(TensorflowMath, Products) {
  Graph graph;
  graph.Input("x", {2, 3}).Weights("w", {4, 3});
  EXPECT_EQ(graph.Node("n", "MatMul", {"x", "w"}, {BoolAttr("transpose_b", true)}).NodeText(),
            "%n = MatMul(%x, %w) transpose_b\n");
  Graph batch;
  batch.Input("x", {5, 3, 2}).Weights("w", {5, 3, 4});
  EXPECT_EQ(batch.Node("n", "BatchMatMulV2", {"x", "w"}, {BoolAttr("adj_x", true)}).NodeText(),
            "%n = MatMul(%x, %w) transpose_a\n");
}

TEST(TensorflowMath, ReductionsTakeTheirAxesFromAConstant) {
  EXPECT_EQ(OneNode(kImage, "Mean", {BoolAttr("keep_dims", true)}, {{"axes", {1, 2}}}),
            "%n = Reduce(%x) kind=mean axes=[1,2]\n");
  EXPECT_EQ(OneNode(kImage, "Sum", {}, {{"axes", {-1}}}),
            "%n = Reduce(%x) kind=sum axes=[-1] drop_dims\n");
  EXPECT_EQ(OneNode(kImage, "Max", {}, {{"axes", {}}}), "%n = Identity(%x)\n");
  Graph read;
  read.Input("x", kImage).Number("axis", 1).Node("axis/read", "Identity", {"axis"});
  EXPECT_EQ(read.Node("n", "Prod", {"x", "axis/read"}).NodeText(),
            "%n = Reduce(%x) kind=prod axes=[1] drop_dims\n");
  Graph computed;
  computed.Input("x", kImage).Input("axis", {1}, kS32).Node("n", "Min", {"x", "axis"});
  EXPECT_EQ(computed.NodeText(), "%n = Reduce(%x, %axis) kind=min drop_dims\n");
}

TEST(TensorflowMath, SelectTakesFullConditions) {
  const auto select = [](const char* op, const Ints& condition) {
    return Graph()
        .Input("c", condition, kBool)
        .Input("a", {2, 3})
        .Input("b", {2, 3})
        .Node("n", op, {"c", "a", "b"})
        .NodeText();
  };
  EXPECT_EQ(select("Select", {2, 3}), "%n = Where(%c, %a, %b)\n");
  EXPECT_EQ(select("SelectV2", {3}), "%n = Where(%c, %a, %b)\n");
  EXPECT_EQ(select("Select", {2}).substr(0, 16), "ERR_UNSUPPORTED:");
}

TEST(TensorflowMath, SoftmaxAlongTheLastAxis) {
  EXPECT_EQ(OneNode({2, 3}, "Softmax"), "%n = Softmax(%x)\n");
  EXPECT_EQ(OneNode({2, 3}, "LogSoftmax"), "%n = Softmax(%x) log\n");
}

TEST(TensorflowShape, ShapesAndLists) {
  EXPECT_EQ(OneNode(kImage, "Reshape", {}, {{"s", {-1, 4}}}),
            "%n = Reshape(%x) shape=[-1,4] allow_zero\n");
  EXPECT_EQ(OneNode({1, 1, 1, 4}, "Squeeze", {IntsAttr("squeeze_dims", {1, 2})}),
            "%n = Squeeze(%x) axes=[1,2]\n");
  EXPECT_EQ(OneNode({1, 4}, "Squeeze", {IntsAttr("squeeze_dims", {})}), "%n = Squeeze(%x)\n");
  EXPECT_EQ(OneNode(kImage, "Shape", {TypeAttr("out_type", kS64)}), "%n = ShapeOf(%x)\n");
  EXPECT_EQ(OneNode(kImage, "Shape"), "%n = ShapeOf(%x) dtype=i32\n");
  EXPECT_EQ(OneNode({2, 3}, "Transpose", {}, {{"perm", {1, 0}}}),
            "%n = Transpose(%x) perm=[1,0]\n");
  EXPECT_EQ(OneNode({2}, "Cast", {TypeAttr("DstT", kS32)}), "%n = Cast(%x) dtype=i32\n");
  EXPECT_EQ(OneNode({2}, "Cast", {TypeAttr("DstT", kString)}),
            Error("Cast", "ERR_UNSUPPORTED", "DstT: element type 7 is not supported"));
  EXPECT_EQ(Graph().Input("x", {2}).Number("d", -1).Node("n", "ExpandDims", {"x", "d"}).NodeText(),
            "%n = Unsqueeze(%x) axes=[-1]\n");
}

TEST(TensorflowShape, AComputedShapeOfPackedParts) {
  Graph graph;
  graph.Input("x", {-1, 7, 7, 4})
      .Node("shape", "Shape", {"x"})
      .List("zero", {0})
      .List("one", {1})
      .Node("batch", "StridedSlice", {"shape", "zero", "one", "one"},
            {IntAttr("shrink_axis_mask", 1)})
      .Number("rest", -1)
      .Node("target", "Pack", {"batch", "rest"})
      .Node("n", "Reshape", {"x", "target"});
  EXPECT_EQ(graph.NodeText(), "%n = Reshape(%x, %target) allow_zero\n");
  EXPECT_EQ(NodeText(graph.Serialize(), "target"),
            "%target/1 = Unsqueeze(%batch) axes=[0]\n%target/2 = Unsqueeze(%rest) axes=[0]\n"
            "%target = Concat(%target/1, %target/2)\n");
  EXPECT_EQ(NodeText(graph.Serialize(), "batch"),
            "%batch = StridedSlice(%shape, %zero, %one, %one) shrink_axis_mask=1\n");
}

TEST(TensorflowShape, Joins) {
  Graph graph;
  graph.Input("a", {1, 2}).Input("b", {1, 3}).Number("axis", 1);
  EXPECT_EQ(Graph(graph).Node("n", "ConcatV2", {"a", "b", "axis"}).NodeText(),
            "%n = Concat(%a, %b) axis=1\n");
  EXPECT_EQ(Graph(graph).Node("n", "Concat", {"axis", "a", "b"}).NodeText(),
            "%n = Concat(%a, %b) axis=1\n");
  EXPECT_EQ(Graph(graph).Node("n", "ConcatV2", {}).NodeText(),
            Error("ConcatV2", "ERR_INVALID_MODEL", "it has no inputs to join"));
}

TEST(TensorflowShape, Pads) {
  const Ints pairs = {0, 0, 1, 2, 3, 4, 0, 0};
  const ProtoWriter paddings = TensorHead(kS32, {4, 2}).PackedInts(7, pairs);
  Graph graph;
  graph.Input("x", kImage).Const("p", paddings).Const("v", TensorHead(kF32, {}).Float(5, 0.5f));
  EXPECT_EQ(Graph(graph).Node("n", "Pad", {"x", "p"}).NodeText(),
            "%n = Pad(%x) pads=[0,1,3,0,0,2,4,0]\n");
  EXPECT_EQ(Graph(graph).Node("n", "PadV2", {"x", "p", "v"}).NodeText(),
            "%n = Pad(%x) pads=[0,1,3,0,0,2,4,0] value=0.5\n");
  EXPECT_EQ(
      Graph(graph).Node("n", "MirrorPad", {"x", "p"}, {TextAttr("mode", "REFLECT")}).NodeText(),
      "%n = Pad(%x) fill=reflect pads=[0,1,3,0,0,2,4,0]\n");
  EXPECT_EQ(
      Graph(graph).Node("n", "MirrorPad", {"x", "p"}, {TextAttr("mode", "SYMMETRIC")}).NodeText(),
      Error("MirrorPad", "ERR_UNSUPPORTED", "mode \"SYMMETRIC\" is not supported (REFLECT is)"));
  EXPECT_EQ(
      Graph().Input("x", {2}).Input("p", {1, 2}, kS32).Node("n", "Pad", {"x", "p"}).NodeText(),
      Error("Pad", "ERR_UNSUPPORTED",
            "paddings is computed by the network; only a constant is supported"));
}

TEST(TensorflowShape, Selections) {
  EXPECT_EQ(OneNode(kImage, "Slice", {}, {{"b", {0, 1, 2, 0}}, {"s", {-1, 3, 4, -1}}}),
            "%n = Slice(%x) starts=[0,1,2,0] ends=[9223372036854775807,4,6,9223372036854775807] "
            "axes=[0,1,2,3] steps=[1,1,1,1]\n");
  EXPECT_EQ(OneNode(kImage, "StridedSlice", {IntAttr("ellipsis_mask", 1)}),
            Error("StridedSlice", "ERR_UNSUPPORTED",
                  "ellipsis_mask and new_axis_mask are not supported"));
  EXPECT_EQ(OneNode(kImage, "Gather", {}, {{"i", {0}}}), "%n = Gather(%x, %i)\n");
  Graph gather;
  gather.Input("x", kImage).List("i", {0, 2}).Number("axis", 3);
  EXPECT_EQ(gather.Node("n", "GatherV2", {"x", "i", "axis"}).NodeText(),
            "%n = Gather(%x, %i) axis=3\n");
  Graph fill;
  fill.List("dims", {2, 3}).Const("v", TensorHead(kF32, {}).Float(5, 1.5f));
  EXPECT_EQ(fill.Node("n", "Fill", {"dims", "v"}).NodeText(),
            "%n = Fill(%dims) value=1.5 dtype=f32\n");
}

TEST(TensorflowShape, SplitsMakeWhatIsRead) {
  Graph graph;
  graph.Input("x", {1, 6}).Number("axis", 1);
  EXPECT_EQ(Graph(graph)
                .Node("n", "Split", {"axis", "x"}, {IntAttr("num_split", 3)})
                .Node("y", "Add", {"n", "n:2"})
                .NodeText(),
            "%n = Slice(%x) starts=[0] ends=[2] axes=[1] steps=[1]\n"
            "%n:2 = Slice(%x) starts=[4] ends=[6] axes=[1] steps=[1]\n");
  EXPECT_EQ(Graph(graph)
                .List("sizes", {1, -1, 2})
                .Node("n", "SplitV", {"x", "sizes", "axis"}, {IntAttr("num_split", 3)})
                .Node("y", "Relu", {"n:1"})
                .NodeText(),
            "%n:1 = Slice(%x) starts=[1] ends=[4] axes=[1] steps=[1]\n");
  EXPECT_EQ(Graph(graph).Node("n", "Split", {"axis", "x"}, {IntAttr("num_split", 4)}).NodeText(),
            Error("Split", "ERR_INVALID_MODEL", "axis 1 of size 6 does not split into 4 parts"));
  EXPECT_EQ(
      Graph(graph).Node("n", "Split", {"axis", "x"}, {IntAttr("num_split", 1 << 30)}).NodeText(),
      Error("Split", "ERR_UNSUPPORTED", "more than 4096 parts"));
}

}  // namespace
}  // namespace minnow::importers
