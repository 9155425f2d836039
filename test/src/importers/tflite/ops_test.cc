// What does each TensorFlow Lite operator become?
#include <gtest/gtest.h>

#include "importers/model_builders.h"
#include "importers/tflite/flatbuffer_writer.h"

namespace minnow::importers::tflite {
namespace {

// One operator on x -> y, float; further inputs are constants.
struct Case {
  int code;
  std::vector<int32_t> x, y;
  TableWriter options;
  const char* expected;
  std::vector<std::vector<int32_t>> lists = {};  // further inputs: i32 lists
};

TEST(TfliteOps, OneInputOperators) {
  const std::vector<Case> cases = {
      {1,
       {1, 4, 4, 2},
       {1, 2, 2, 2},
       TableWriter().U8(0, 1).S32(1, 2).S32(2, 2).S32(3, 3).S32(4, 2).U8(5, 1),
       "%y/0 = Pool2D(%x) kind=average kernel=2x3 stride=2x2 pad=valid\n%y = Clamp(%y/0) min=0\n"},
      {17,
       {1, 4, 4, 2},
       {1, 2, 2, 2},
       TableWriter().U8(0, 0).S32(1, 2).S32(2, 2).S32(3, 3).S32(4, 2),
       "%y = Pool2D(%x) kind=max kernel=2x3 stride=2x2 pad=same_upper\n"},
      {14, {2, 3}, {2, 3}, {}, "%y = Unary(%x) kind=sigmoid\n"},
      {19, {2, 3}, {2, 3}, {}, "%y = Clamp(%x) min=0\n"},
      {20, {2, 3}, {2, 3}, {}, "%y = Clamp(%x) min=-1 max=1\n"},
      {21, {2, 3}, {2, 3}, {}, "%y = Clamp(%x) min=0 max=6\n"},
      {117, {2, 3}, {2, 3}, {}, "%y = Unary(%x) kind=hard_swish\n"},
      {98,
       {2, 3},
       {2, 3},
       TableWriter().F32(0, 0.25f),
       "%y = Unary(%x) kind=leaky_relu alpha=0.25\n"},
      {25, {2, 3}, {2, 3}, TableWriter().F32(0, 1.0f), "%y = Softmax(%x)\n"},
      {25,
       {2, 3},
       {2, 3},
       TableWriter().F32(0, 2.0f),
       "%y/1 = Binary(%x, %y/constant0) kind=mul\n%y = Softmax(%y/1)\n"},
      {22,
       {2, 3},
       {3, 2},
       TableWriter().Numbers(0, std::vector<int32_t>{3, -1}),
       "%y = Reshape(%x) shape=[3,-1] allow_zero\n"},
      {22, {2, 3}, {3, 2}, {}, "%y = Reshape(%x) shape=[3,2] allow_zero\n", {{3, 2}}},
      {34, {2, 3}, {5, 4}, {}, "%y = Pad(%x) pads=[1,0,2,1]\n", {{1, 2, 0, 1}}},
      {39, {2, 3, 4}, {4, 2, 3}, {}, "%y = Transpose(%x) perm=[2,0,1]\n", {{2, 0, 1}}},
      {40,
       {1, 4, 4, 2},
       {1, 2},
       TableWriter().U8(0, 0),
       "%y = Reduce(%x) kind=mean axes=[1,2] drop_dims\n",
       {{1, 2}}},
      {74,
       {1, 4, 4, 2},
       {1, 1, 1, 2},
       TableWriter().U8(0, 1),
       "%y = Reduce(%x) kind=sum axes=[1,2]\n",
       {{1, 2}}},
      {43,
       {1, 1, 3},
       {1, 3},
       TableWriter().Numbers(0, std::vector<int32_t>{1}),
       "%y = Squeeze(%x) axes=[1]\n"},
      {70, {2, 3}, {2, 1, 3}, {}, "%y = Unsqueeze(%x) axes=[1]\n", {{1}}},
      {65,
       {4, 4},
       {2, 3},
       {},
       "%y = Slice(%x) starts=[1,1] ends=[3,9223372036854775807] axes=[0,1] steps=[1,1]\n",
       {{1, 1}, {2, -1}}},
      {45,
       {4, 4},
       {2},
       TableWriter().S32(0, 1).S32(4, 2),
       "%y = StridedSlice(%x, %l1, %l2, %l3) begin_mask=1 shrink_axis_mask=2\n",
       {{0, 1}, {4, 2}, {2, 1}}},
      {36, {4, 3}, {2, 3}, TableWriter().S32(0, 0), "%y = Gather(%x, %l1)\n", {{1, 3}}},
      {77, {4, 3}, {2}, {}, "%y = ShapeOf(%x) dtype=i32\n"},
  };
  for (const Case& c : cases) {
    ModelWriter model;
    std::vector<int32_t> inputs = {model.Input("x", c.x)};
    for (const std::vector<int32_t>& list : c.lists) {
      inputs.push_back(model.Constant(("l" + std::to_string(inputs.size())).c_str(),
                                      {static_cast<int32_t>(list.size())}, kS32, list));
    }
    const int type = c.code == 77 ? kS32 : kF32;
    model.Operator(c.code, inputs, {model.Output("y", c.y, type)}, c.options);
    EXPECT_EQ(NodeText(model.Bytes(), "y"), c.expected) << c.code;
  }
}

// The same for operators whose inputs are all values.
std::string TwoInputs(int code, const TableWriter& options) {
  ModelWriter model;
  const std::vector<int32_t> inputs = {model.Input("a", {2, 3}), model.Input("b", {2, 3})};
  model.Operator(code, inputs, {model.Output("y", {2, 3})}, options);
  return NodeText(model.Bytes(), "y");
}

TEST(TfliteOps, ArithmeticHasItsActivation) {
  EXPECT_EQ(TwoInputs(0, TableWriter().U8(0, 3)), "%y = Binary(%a, %b) kind=add act=clamp(0,6)\n");
  EXPECT_EQ(TwoInputs(41, TableWriter().U8(0, 2)),
            "%y = Binary(%a, %b) kind=sub act=clamp(-1,1)\n");
  EXPECT_EQ(TwoInputs(18, TableWriter().U8(0, 1)),
            "%y = Binary(%a, %b) kind=mul act=clamp(0,inf)\n");
  EXPECT_EQ(TwoInputs(55, TableWriter()), "%y = Binary(%a, %b) kind=max\n");
  EXPECT_NE(TwoInputs(0, TableWriter().U8(0, 4)).find("the fused activation 4"), std::string::npos);
}

TEST(TfliteOps, ConcatenationOfAll) {
  EXPECT_EQ(TwoInputs(2, TableWriter().S32(0, 1)), "%y = Concat(%a, %b) axis=1\n");
}

TEST(TfliteOps, GroupedConvolutionCountsItsGroups) {
  ModelWriter model;
  const int32_t x = model.Input("x", {1, 4, 4, 4});
  const int32_t w = model.Constant("w", {2, 1, 1, 2}, kF32, std::vector<float>{1, 2, 3, 4});
  model.Operator(3, {x, w, -1}, {model.Output("y", {1, 2, 2, 2})},
                 TableWriter().U8(0, 1).S32(1, 2).S32(2, 2).S32(4, 1).S32(5, 1));
  EXPECT_EQ(NodeText(model.Bytes(), "y"), "%y = Conv2D(%x, %w) stride=2x2 groups=2 pad=valid\n");
}

TEST(TfliteOps, DepthwiseConvolutionHasMultiplierAndDilation) {
  ModelWriter model;
  const int32_t x = model.Input("x", {1, 4, 4, 2});
  const int32_t w = model.Constant("w", {1, 1, 2, 4}, kF32, std::vector<float>(8, 1.0f));
  model.Operator(4, {x, w}, {model.Output("y", {1, 4, 2, 4})},
                 TableWriter().U8(0, 1).S32(1, 1).S32(2, 1).S32(3, 2).S32(5, 2).S32(6, 3));
  EXPECT_EQ(NodeText(model.Bytes(), "y"),
            "%y = Conv2D(%x, %y/constant0) dilation=3x2 groups=2 pad=valid\n");
  EXPECT_NE(ImportText(model.Bytes()).find("%y/constant0 = const f32[4,1,2,1]"), std::string::npos);
}

TEST(TfliteOps, QuantisedDepthwiseWeightsStayIntegers) {
  ModelWriter model;
  const int32_t x = model.Input("x", {1, 4, 4, 2}, kU8, {{0.5f}, {0}});
  const int32_t w = model.Constant("w", {1, 1, 2, 2}, kS8, std::vector<int8_t>{1, 2, 3, 4},
                                   {{0.5f, 0.25f}, {0, 0}, 3});
  model.Operator(4, {x, w}, {model.Output("y", {1, 4, 3, 2})},
                 TableWriter().U8(0, 1).S32(1, 1).S32(2, 1));
  const std::string text = ImportText(model.Bytes());
  EXPECT_NE(text.find("%y/constant0/real f32[2,1,2,1] = Dequantize(%y/constant0,"),
            std::string::npos)
      << text;
}

TEST(TfliteOps, FullyConnectedFlattensItsInput) {
  ModelWriter model;
  const int32_t x = model.Input("x", {1, 2, 2, 1});
  const int32_t w = model.Constant("w", {3, 4}, kF32, std::vector<float>(12, 1.0f));
  model.Operator(9, {x, w}, {model.Output("y", {1, 3})}, TableWriter().U8(0, 1));
  EXPECT_EQ(NodeText(model.Bytes(), "y"),
            "%y/0 = Reshape(%x) shape=[-1,4]\n"
            "%y = FullyConnected(%y/0, %w) act=clamp(0,inf)\n");
}

TEST(TfliteOps, MovementsOfOneScaleMoveIntegers) {
  const Scales one = {{0.5f}, {3}}, other = {{0.25f}, {3}};
  for (const bool same : {true, false}) {
    ModelWriter model;
    const int32_t x = model.Input("x", {2, 3}, kU8, one);
    const int32_t shape = model.Constant("s", {2}, kS32, std::vector<int32_t>{3, 2});
    model.Operator(22, {x, shape}, {model.Output("y", {3, 2}, kU8, same ? one : other)});
    EXPECT_EQ(NodeText(model.Bytes(), "y"),
              same ? "%y = Reshape(%x) shape=[3,2] allow_zero\n"
                   : "%y/0 = Reshape(%x/real) shape=[3,2] allow_zero\n"
                     "%y = Quantize(%y/0, %y/constant1, %y/constant2) axis=0\n");
  }
}

TEST(TfliteOps, PaddingOfIntegersIsTheZeroPoint) {
  const Scales one = {{0.5f}, {3}};
  ModelWriter model;
  const int32_t x = model.Input("x", {2}, kU8, one);
  const int32_t pads = model.Constant("p", {1, 2}, kS32, std::vector<int32_t>{1, 2});
  model.Operator(34, {x, pads}, {model.Output("y", {5}, kU8, one)});
  EXPECT_EQ(NodeText(model.Bytes(), "y"), "%y = Pad(%x, none, %y/constant0) pads=[1,2]\n");
}

TEST(TfliteOps, SplitGivesEqualParts) {
  ModelWriter model;
  const int32_t axis = model.Constant("axis", {}, kS32, std::vector<int32_t>{1});
  const int32_t x = model.Input("x", {2, 4});
  model.Operator(49, {axis, x}, {model.Output("y", {2, 2}), model.Output("z", {2, 2})},
                 TableWriter().S32(0, 2));
  const std::string text = ImportText(model.Bytes());
  EXPECT_NE(text.find("%y f32[2,2] = Slice(%x) starts=[0] ends=[2] axes=[1] steps=[1]"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("%z f32[2,2] = Slice(%x) starts=[2] ends=[4] axes=[1] steps=[1]"),
            std::string::npos)
      << text;
}

TEST(TfliteOps, HalfPrecisionWeightsAreCast) {
  ModelWriter model;
  const int32_t x = model.Input("x", {1, 2});
  const int32_t half = model.Constant("h", {1, 2}, kF16, std::vector<uint16_t>{0x3c00, 0x4000});
  const int32_t w = model.Tensor("w", {1, 2}, kF32);
  model.Operator(6, {half}, {w});
  model.Operator(9, {x, w}, {model.Output("y", {1, 1})});
  EXPECT_EQ(NodeText(model.Bytes(), "w"), "%w = Cast(%h) dtype=f32\n");
}

}  // namespace
}  // namespace minnow::importers::tflite
