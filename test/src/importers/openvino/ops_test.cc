// What does each OpenVINO operator become?
#include <gtest/gtest.h>

#include "importers/openvino/ir_writer.h"

namespace minnow::importers {
namespace {

using openvino_test::From;
using openvino_test::Ir;

// One layer on the input x; further inputs are constants that `constants` adds.
struct Case {
  const char* type;
  const char* x;
  const char* data;
  const char* expected;
  std::vector<Ints> lists = {};  // i64 lists, inputs 1, 2, …
};

std::string TextOf(const Case& c) {
  Ir ir;
  std::vector<From> inputs = {ir.Parameter("x", c.x)};
  for (const Ints& list : c.lists) inputs.push_back(ir.Ints(list));
  ir.Result(ir.Node(c.type, inputs, c.data));
  return ir.NodeText();
}

TEST(OpenvinoOps, OneInputOperators) {
  const Case cases[] = {
      {"Clamp", "2,3", "min=\"0.0\" max=\"6.0\"", "%n = Clamp(%x) min=0 max=6\n"},
      {"ReLU", "2,3", "", "%n = Clamp(%x) min=0\n"},
      {"Elu", "2,3", "alpha=\"0.5\"", "%n = Unary(%x) kind=elu alpha=0.5\n"},
      {"HSwish", "2,3", "", "%n = Unary(%x) kind=hard_swish\n"},
      {"HSigmoid", "2,3", "", "%n = Unary(%x) kind=hard_sigmoid alpha=0.166667 beta=0.5\n"},
      {"Sigmoid", "2,3", "", "%n = Unary(%x) kind=sigmoid\n"},
      {"Gelu", "2,3", "approximation_mode=\"ERF\"", "%n = Unary(%x) kind=gelu\n"},
      {"Mish", "2,3", "",
       "%n/1 = Unary(%x) kind=softplus\n%n/2 = Unary(%n/1) kind=tanh\n"
       "%n = Binary(%x, %n/2) kind=mul\n"},
      {"Swish", "2,3", "", "%n/1 = Unary(%x) kind=sigmoid\n%n = Binary(%x, %n/1) kind=mul\n"},
      {"Round", "2,3", "mode=\"half_to_even\"", "%n = Unary(%x) kind=round\n"},
      {"SoftMax", "2,3", "axis=\"1\"", "%n = Softmax(%x) axis=1\n"},
      {"Softmax", "2,3", "axis=\"-2\"", "%n = Softmax(%x) axis=-2\n"},
      {"LogSoftmax", "2,3", "axis=\"-1\"", "%n = Softmax(%x) log\n"},
      {"ShapeOf", "2,3", "output_type=\"i32\"", "%n = ShapeOf(%x) dtype=i32\n"},
      {"Convert", "2,3", "destination_type=\"i32\"", "%n = Cast(%x) dtype=i32\n"},
      {"MaxPool", "1,2,8,8",
       "kernel=\"3,3\" strides=\"2,2\" pads_begin=\"0,0\" pads_end=\"1,1\" rounding_type=\"ceil\"",
       "%n = Pool2D(%x) kind=max kernel=3x3 stride=2x2 pad=0,0,1,1 ceil_mode layout=nchw\n"},
      {"AvgPool", "1,2,8,8",
       "kernel=\"3,3\" strides=\"1,1\" exclude-pad=\"true\" auto_pad=\"valid\"",
       "%n = Pool2D(%x) kind=average kernel=3x3 pad=valid layout=nchw\n"},
      {"AvgPool", "1,2,8,8", "kernel=\"3,3\" exclude-pad=\"false\" auto_pad=\"same_lower\"",
       "%n = Pool2D(%x) kind=average kernel=3x3 pad=same_lower count_include_pad layout=nchw\n"},
  };
  for (const Case& c : cases) EXPECT_EQ(TextOf(c), c.expected) << c.type;
}

TEST(OpenvinoOps, ListsBecomeAttributes) {
  const Case cases[] = {
      {"Reshape", "2,3", "special_zero=\"true\"", "%n = Reshape(%x) shape=[0,-1]\n", {{0, -1}}},
      {"Reshape",
       "2,3",
       "special_zero=\"false\"",
       "%n = Reshape(%x) shape=[3,-1] allow_zero\n",
       {{3, -1}}},
      {"Squeeze", "1,3,1", "", "%n = Squeeze(%x) axes=[0]\n", {{0}}},
      {"Unsqueeze", "2,3", "", "%n = Unsqueeze(%x) axes=[1,-1]\n", {{1, -1}}},
      {"Transpose", "2,3,4", "", "%n = Transpose(%x) perm=[2,0,1]\n", {{2, 0, 1}}},
      {"ReduceMean",
       "2,3,4,4",
       "keep_dims=\"true\"",
       "%n = Reduce(%x) kind=mean axes=[2,3]\n",
       {{2, 3}}},
      {"ReduceMax", "2,3", "", "%n = Reduce(%x) kind=max axes=[-1] drop_dims\n", {{-1}}},
      {"ReduceSum", "2,3", "", "%n = Identity(%x)\n", {{}}},
      {"Pad",
       "2,3",
       "pad_mode=\"edge\"",
       "%n = Pad(%x) fill=edge pads=[1,0,2,3]\n",
       {{1, 0}, {2, 3}}},
      {"Slice",
       "4,4",
       "",
       "%n = Slice(%x) starts=[1] ends=[3] axes=[-1] steps=[2]\n",
       {{1}, {3}, {2}, {-1}}},
      {"Gather", "4,3", "batch_dims=\"0\"", "%n = Gather(%x, %const1) axis=1\n", {{0, 2}, {1}}},
      {"StridedSlice",
       "4,4",
       "begin_mask=\"1,0\" end_mask=\"0,1\" shrink_axis_mask=\"0,0\"",
       "%n = StridedSlice(%x, %const1, %const2, %const3) begin_mask=1 end_mask=2\n",
       {{0, 1}, {2, 0}, {1, 1}}},
      {"StridedSlice",
       "4,4",
       "begin_mask=\"0\" end_mask=\"0\" shrink_axis_mask=\"1\"",
       "%n = StridedSlice(%x, %const1, %const2, %n/list) shrink_axis_mask=1\n",
       {{1}, {2}}},
      {"Tile",
       "2,3",
       "",
       "%n/1 = Unsqueeze(%x) axes=[0]\n%n/2 = Concat(%n/1, %n/1)\n"
       "%n/3 = Concat(%n/2, %n/2, %n/2) axis=2\n%n = Identity(%n/3)\n",
       {{2, 1, 3}}},
      {"Broadcast", "1,3", "mode=\"numpy\"", "%n = Expand(%x, %const1)\n", {{2, 3}}},
  };
  for (const Case& c : cases) EXPECT_EQ(TextOf(c), c.expected) << c.type;
}

TEST(OpenvinoOps, ComputedListsStayInputs) {
  Ir ir;
  const From x = ir.Parameter("x", "2,3"), y = ir.Parameter("y", "?,?");
  const From shape = ir.Add("ShapeOf", "shape", "opset3", "output_type=\"i64\"", {y}, 1);
  ir.Result(ir.Node("Reshape", {x, shape}, "special_zero=\"false\""));
  EXPECT_EQ(ir.NodeText(), "%n = Reshape(%x, %shape) allow_zero\n");
}

TEST(OpenvinoOps, TwoInputOperators) {
  const struct {
    const char* type;
    const char* expected;
  } cases[] = {
      {"Add", "%n = Binary(%a, %b) kind=add\n"},
      {"Subtract", "%n = Binary(%a, %b) kind=sub\n"},
      {"Multiply", "%n = Binary(%a, %b) kind=mul\n"},
      {"Divide", "%n = Binary(%a, %b) kind=div\n"},
      {"Power", "%n = Binary(%a, %b) kind=pow\n"},
      {"Maximum", "%n = Binary(%a, %b) kind=max\n"},
      {"NotEqual", "%n/1 = Binary(%a, %b) kind=equal\n%n = Unary(%n/1) kind=not\n"},
      {"SquaredDifference", "%n/1 = Binary(%a, %b) kind=sub\n%n = Unary(%n/1) kind=square\n"},
      {"MatMul", "%n = MatMul(%a, %b) transpose_b\n"},
      {"Concat", "%n = Concat(%a, %b) axis=1\n"},
  };
  for (const auto& c : cases) {
    Ir ir;
    const From a = ir.Parameter("a", "2,3"), b = ir.Parameter("b", "2,3");
    const std::string type = c.type;
    ir.Result(ir.Node(c.type, {a, b},
                      type == "MatMul"   ? "transpose_a=\"false\" transpose_b=\"true\""
                      : type == "Concat" ? "axis=\"1\""
                                         : "auto_broadcast=\"numpy\""));
    EXPECT_EQ(ir.NodeText(), c.expected) << c.type;
  }
}

TEST(OpenvinoOps, GroupConvolutionHasItsGroupsInTheWeights) {
  Ir ir;
  const From x = ir.Parameter("x", "1,6,8,8");
  const From weights = ir.Floats("3,4,2,1,1", std::vector<float>(24, 1.0f));
  ir.Result(ir.Node("GroupConvolution", {x, weights},
                    "strides=\"1,1\" dilations=\"1,1\" pads_begin=\"0,0\" pads_end=\"0,0\" "
                    "auto_pad=\"same_upper\""));
  EXPECT_NE(ir.Text().find("%n/weights = const f32[12,2,1,1]\n"), std::string::npos) << ir.Text();
  EXPECT_EQ(ir.NodeText(),
            "%n = Conv2D(%x, %n/weights) groups=3 pad=same_upper layout=nchw weights=oihw\n");
}

TEST(OpenvinoOps, CompressedWeightsAreF32) {
  Ir ir;
  const From x = ir.Parameter("x", "1,2");
  const From half = ir.Const<uint16_t>("2,2", "f16", {0x3c00, 0, 0, 0x3c00});
  const From weights = ir.Add("Convert", "w", "opset1", "destination_type=\"f32\"", {half}, 1);
  ir.Result(ir.Node("MatMul", {x, weights}));
  EXPECT_NE(ir.Text().find(" = const f32[2,2]\n"), std::string::npos);
  EXPECT_EQ(ir.NodeText(), "%n = MatMul(%x, %w)\n");
}

TEST(OpenvinoOps, PReluWithOneSlopeOrOneAChannel) {
  Ir one;
  one.Result(one.Node("PReLU", {one.Parameter("x", "1,3,4,4"), one.Floats("1", {0.25f})}));
  EXPECT_EQ(one.NodeText(), "%n = Unary(%x) kind=leaky_relu alpha=0.25\n");
  Ir many;
  many.Result(many.Node("PRelu", {many.Parameter("x", "1,3,4,4"), many.Floats("3", {1, 2, 3})}));
  EXPECT_EQ(many.NodeText(),
            "%n/1 = Reshape(%const1) shape=[-1,1,1]\n%n/2 = Clamp(%x) min=0\n"
            "%n/3 = Clamp(%x) max=0\n%n/4 = Binary(%n/3, %n/1) kind=mul\n"
            "%n = Binary(%n/2, %n/4) kind=add\n");
}

TEST(OpenvinoOps, BatchNormInferenceInBothOrders) {
  for (const bool data_first : {true, false}) {
    Ir ir;
    const From x = ir.Parameter("x", "1,2,4,4");
    std::vector<From> inputs(5);
    for (size_t i = 0; i < 5; ++i) {
      inputs[i] = i == (data_first ? 0 : 2) ? x : ir.Floats("2", {1.0f, 2.0f});
    }
    ir.Result(ir.Node("BatchNormInference", inputs, "epsilon=\"0.001\"", 1,
                      data_first ? "opset5" : "opset1"));
    EXPECT_EQ(ir.NodeText(),
              "%n = BatchNorm(%x, %const1, %const2, %const3, %const4) epsilon=0.001 layout=nchw\n");
  }
}

TEST(OpenvinoOps, SplitsBecomeSlices) {
  Ir equal;
  const From parts = equal.Add("Split", "n", "opset1", "num_splits=\"2\"",
                               {equal.Parameter("x", "2,6"), equal.Int(1)}, 2);
  equal.Result({parts.layer, 0}).Result({parts.layer, 1});
  EXPECT_EQ(equal.NodeText(),
            "%n.0 = Slice(%x) starts=[0] ends=[3] axes=[1] steps=[1]\n"
            "%n.1 = Slice(%x) starts=[3] ends=[6] axes=[1] steps=[1]\n");
  Ir uneven;
  const From rest =
      uneven.Add("VariadicSplit", "n", "opset1", "",
                 {uneven.Parameter("x", "2,6"), uneven.Int(-1), uneven.Ints({2, -1})}, 2);
  uneven.Result({rest.layer, 1});
  EXPECT_EQ(uneven.NodeText(), "%n.1 = Slice(%x) starts=[2] ends=[6] axes=[-1] steps=[1]\n");
}

TEST(OpenvinoOps, FakeQuantizeOfByteLevelsIsQuantizeAndDequantize) {
  Ir ir;
  const From low = ir.Float(-1.28f), high = ir.Float(1.27f);
  ir.Result(ir.Node("FakeQuantize", {ir.Parameter("x", "2,3"), low, high, low, high},
                    "levels=\"256\" auto_broadcast=\"numpy\""));
  EXPECT_EQ(ir.NodeText(),
            "%n/2 = Quantize(%x, %n/1, %n/zero_point)\n"
            "%n = Dequantize(%n/2, %n/1, %n/zero_point)\n");
}

TEST(OpenvinoOps, OtherFakeQuantizesAreComputedInRealNumbers) {
  Ir ir;
  const From low = ir.Float(0.0f), high = ir.Float(3.0f);
  ir.Result(
      ir.Node("FakeQuantize", {ir.Parameter("x", "2,3"), low, high, low, high}, "levels=\"4\""));
  EXPECT_EQ(ir.NodeText(),
            "%n/3 = Binary(%x, %n/1) kind=max\n%n/4 = Binary(%n/3, %n/2) kind=min\n"
            "%n/5 = Binary(%n/4, %n/1) kind=sub\n%n/7 = Binary(%n/5, %n/6) kind=mul\n"
            "%n/8 = Unary(%n/7) kind=round\n%n/10 = Binary(%n/8, %n/9) kind=mul\n"
            "%n = Binary(%n/10, %n/11) kind=add\n");
}

TEST(OpenvinoOps, WhatIsNotSupportedIsNamed) {
  const Case cases[] = {
      {"Round", "2,3", "mode=\"half_away_from_zero\"",
       "mode \"half_away_from_zero\" is not supported"},
      {"Clamp", "2,3", "min=\"six\"", "attribute \"min\" is \"six\", a number was expected"},
      {"Clamp", "2,3", "min=\"nan\"", "a bound is not a number"},
      {"MaxPool", "1,2,8", "kernel=\"3\"", "1-dimensional windows are not supported"},
      {"MaxPool", "1,2,8,8", "kernel=\"3,0\"", "kernel holds 0"},
      {"MaxPool", "1,2,8,8", "", "attribute \"kernel\" is missing"},
      {"MaxPool", "1,2,8,8", "kernel=\"3,3\" strides=\"1,9999999999\"", "strides holds 9999999999"},
      {"Convert", "2,3", "destination_type=\"u1\"", "element type \"u1\" is not supported"},
      {"Pad",
       "2,3",
       "pad_mode=\"symmetric\"",
       "pad_mode \"symmetric\" is not supported",
       {{1}, {1}}},
      {"StridedSlice",
       "4",
       "new_axis_mask=\"1\"",
       "new_axis_mask and ellipsis_mask",
       {{0}, {1}, {1}}},
      {"StridedSlice", "4", "begin_mask=\"2\"", "begin_mask is \"2\"", {{0}, {1}, {1}}},
      {"Tile", "2", "", "1000000 copies; 1 to 256 are supported", {{1000000}}},
      {"Gather", "2", "batch_dims=\"1\"", "batch_dims 1 is not supported", {{0}, {0}}},
      {"Split", "2,6", "num_splits=\"0\"", "num_splits is 0, it has 1 outputs", {{1}}},
      {"Concat", "2", "", "attribute \"axis\" is missing"},
  };
  for (const Case& c : cases) {
    EXPECT_NE(TextOf(c).find(c.expected), std::string::npos) << c.type << ": " << TextOf(c);
  }
}

}  // namespace
}  // namespace minnow::importers
