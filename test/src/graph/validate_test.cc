// Every invariant has a graph that breaks it.
#include "graph/validate.h"

#include <gtest/gtest.h>

#include "graph/infer_text.h"

namespace minnow::graph {
namespace {

// input x -> "neg" -> y, an output.
struct Small {
  Graph graph;
  ValueId x, y;

  Small() {
    x = graph.AddInput("x", DType::kF32, Shape{2});
    y = graph.AddNode("neg", Unary{UnaryKind::kNeg}, {x}, "y");
    graph.AddOutput(y);
  }
};

TEST(Validate, AcceptsASoundGraph) {
  Small small;
  EXPECT_TRUE(Validate(small.graph).ok());
}

TEST(Validate, AcceptsInputsAndConstantsAsOutputs) {
  Small small;
  const float one = 1.0f;
  small.graph.AddOutput(small.x);
  small.graph.AddOutput(small.graph.AddConstant("k", *Tensor::From(Shape{}, &one)));
  EXPECT_TRUE(Validate(small.graph).ok());
}

TEST(Validate, FindsAnIdOutOfRange) {
  Small small;
  small.graph.node(0).inputs[0] = 99;
  EXPECT_EQ(TextOf(Validate(small.graph)),
            "ERR_INTERNAL: node \"neg\" (Unary): an input: there is no value 99");
}

TEST(Validate, FindsANegativeIdThatIsNotTheAbsentOne) {
  Small small;
  small.graph.node(0).inputs[0] = -7;
  EXPECT_EQ(TextOf(Validate(small.graph)),
            "ERR_INTERNAL: node \"neg\" (Unary): an input: there is no value -7");
}

TEST(Validate, FindsAMissingInput) {
  Small small;
  small.graph.node(0).inputs[0] = kNoValue;
  EXPECT_EQ(TextOf(Validate(small.graph)),
            "ERR_INTERNAL: node \"neg\" (Unary): input 0 is missing");
}

TEST(Validate, FindsTooManyInputs) {
  Small small;
  small.graph.node(0).inputs.push_back(small.x);
  EXPECT_EQ(TextOf(Validate(small.graph)),
            "ERR_INTERNAL: node \"neg\" (Unary): 2 inputs, but it takes 1");
}

TEST(Validate, FindsAHoleInAConcat) {
  Small small;
  small.graph.AddNode("cat", Concat{}, {small.x, kNoValue}, "z");
  EXPECT_EQ(TextOf(Validate(small.graph)),
            "ERR_INTERNAL: node \"cat\" (Concat): input 1 is missing");
}

TEST(Validate, AllowsAHoleInOptionalInputs) {
  Small small;
  const ValueId image = small.graph.AddInput("image", DType::kF32, Shape{1, 4, 4, 2});
  const ValueId weights = small.graph.AddInput("w", DType::kF32, Shape{2, 1, 1, 2});
  const ValueId out =
      small.graph.AddNode("conv", Conv2D{}, {image, weights, kNoValue, image}, "out");
  small.graph.AddOutput(out);
  EXPECT_TRUE(Validate(small.graph).ok());
}

TEST(Validate, FindsAReaderOfADeadNode) {
  Small small;
  small.graph.AddOutput(small.graph.AddNode("abs", Unary{UnaryKind::kAbs}, {small.y}, "z"));
  small.graph.mutable_outputs().erase(small.graph.mutable_outputs().begin());
  small.graph.RemoveNode(0);
  EXPECT_EQ(TextOf(Validate(small.graph)),
            "ERR_INTERNAL: node \"abs\" (Unary): it reads \"y\", which nothing makes");
}

TEST(Validate, FindsAnOutputOfADeadNode) {
  Small small;
  small.graph.RemoveNode(0);
  EXPECT_EQ(TextOf(Validate(small.graph)), "ERR_INTERNAL: nothing makes the graph output \"y\"");
}

TEST(Validate, FindsAGraphWithoutOutputs) {
  Small small;
  small.graph.mutable_outputs().clear();
  EXPECT_EQ(TextOf(Validate(small.graph)), "ERR_INTERNAL: the graph has no outputs");
}

TEST(Validate, FindsAValueWithTwoProducers) {
  Small small;
  small.graph.AddNode("abs", Unary{UnaryKind::kAbs}, {small.x}, "z");
  small.graph.node(1).outputs[0] = small.y;
  EXPECT_EQ(TextOf(Validate(small.graph)),
            "ERR_INTERNAL: node \"abs\" (Unary): its output \"y\" names another producer");
}

TEST(Validate, FindsAConstantThatIsAlsoMadeByANode) {
  Small small;
  const float one = 1.0f;
  small.graph.value(small.y).constant = *Tensor::From(Shape{}, &one);
  EXPECT_EQ(TextOf(Validate(small.graph)),
            "ERR_INTERNAL: node \"neg\" (Unary): its output \"y\" is a constant");
}

TEST(Validate, FindsACycle) {
  Small small;
  small.graph.node(0).inputs[0] = small.y;
  EXPECT_EQ(TextOf(Validate(small.graph)),
            "ERR_INTERNAL: the graph has a cycle through 1 of its nodes");
}

}  // namespace
}  // namespace minnow::graph
