// Evaluate's checks, and whole graphs.
#include "interpreter/interpreter.h"

#include <gtest/gtest.h>

#include "interpreter/eval_text.h"

namespace minnow::interpreter {
namespace {

using graph::Graph;
using graph::ValueId;

std::string RunText(const Graph& graph, const std::vector<Operand>& inputs) {
  std::vector<TensorView> views;
  for (const Operand& input : inputs) views.push_back(input.tensor.view());
  const StatusOr<std::vector<Tensor>> outputs = RunGraph(graph, views);
  if (!outputs.ok()) return TextOf(outputs.status());
  std::string text;
  for (const Tensor& output : *outputs) text += (text.empty() ? "" : "; ") + TextOf(output);
  return text;
}

TEST(Evaluate, RefusesAnOutputThatDoesNotFitTheInputs) {
  const Operand x = Iota({2, 3});
  Tensor small = *Tensor::Allocate(DType::kF32, Shape{2, 2});
  EXPECT_EQ(TextOf(Evaluate(graph::Identity{}, {x.tensor.view()}, {small.mutable_view()})),
            "ERR_INVALID_ARGUMENT: the output is f32[2,2], expected f32[2,3]");
  Tensor other = *Tensor::Allocate(DType::kS32, Shape{2, 3});
  EXPECT_EQ(TextOf(Evaluate(graph::Identity{}, {x.tensor.view()}, {other.mutable_view()})),
            "ERR_INVALID_ARGUMENT: the output is i32[2,3], expected f32[2,3]");
  EXPECT_EQ(TextOf(Evaluate(graph::Identity{}, {x.tensor.view()}, {})),
            "ERR_INVALID_ARGUMENT: 0 outputs, expected one");
}

TEST(Evaluate, RefusesAReshapeTargetThatChangedSinceTheOutputWasPlanned) {
  const Operand x = Iota({2, 3});
  const Operand target = S64({2}, {3, 2});
  Tensor planned = *Tensor::Allocate(DType::kF32, Shape{6});
  EXPECT_EQ(TextOf(Evaluate(graph::Reshape{}, {x.tensor.view(), target.tensor.view()},
                            {planned.mutable_view()})),
            "ERR_INVALID_ARGUMENT: the output is f32[6], expected f32[3,2]");
}

TEST(Evaluate, RefusesMissingAndMismatchedInputs) {
  EXPECT_EQ(Eval(graph::Binary{}, {Iota({2})}), "ERR_INVALID_MODEL: 1 inputs, but it takes 2");
  EXPECT_EQ(Eval(graph::Binary{}, {Iota({2}), None()}), "ERR_INVALID_MODEL: input 1 is missing");
  EXPECT_EQ(Eval(graph::Binary{}, {Iota({2}), Iota({3})}),
            "ERR_INVALID_MODEL: shapes [2] and [3] do not broadcast");
}

TEST(Evaluate, RefusesAnUnknownDim) {
  const float value = 1.0f;
  const TensorView view = {DType::kF32, Shape{kUnknownDim}, &value};
  EXPECT_EQ(TextOf(AllocateOutputs(graph::Identity{}, {view}).status()),
            "ERR_INVALID_ARGUMENT: an input has the shape [?]");
}

TEST(AllocateOutputs, ReadsTheInputsThatHoldShapes) {
  const Operand x = Iota({2, 3});
  const Operand target = S64({2}, {-1, 2});
  const StatusOr<std::vector<Tensor>> outputs =
      AllocateOutputs(graph::Reshape{}, {x.tensor.view(), target.tensor.view()});
  ASSERT_TRUE(outputs.ok());
  ASSERT_EQ(outputs->size(), 1u);
  EXPECT_EQ(TextOf((*outputs)[0]), "f32[3,2] 0 0 0 0 0 0");
}

// Shape -> StridedSlice -> Concat -> Reshape, as TensorFlow writes a flattening of any batch.
struct Flattening {
  Graph graph;

  Flattening() {
    const ValueId x = graph.AddInput("x", DType::kF32, Shape{kUnknownDim, 2, 2});
    const int32_t zero = 0, one = 1, four = 4;
    const ValueId begin = graph.AddConstant("begin", *Tensor::From(Shape{1}, &zero));
    const ValueId end = graph.AddConstant("end", *Tensor::From(Shape{1}, &one));
    const ValueId rest = graph.AddConstant("rest", *Tensor::From(Shape{1}, &four));
    graph::ShapeOf shape_op;
    shape_op.dtype = DType::kS32;
    const ValueId shape = graph.AddNode("shape", shape_op, {x}, "shape");
    const ValueId batch =
        graph.AddNode("slice", graph::StridedSlice{}, {shape, begin, end, end}, "batch");
    const ValueId target = graph.AddNode("pack", graph::Concat{0}, {batch, rest}, "target");
    const ValueId flat = graph.AddNode("flatten", graph::Reshape{}, {x, target}, "flat");
    graph.AddOutput(
        graph.AddNode("sum", graph::Reduce{graph::ReduceKind::kSum, {1}, false}, {flat}, "sum"));
    graph.AddOutput(flat);
    graph.AddOutput(x);
  }
};

TEST(RunGraph, FollowsAComputedShapeForEveryBatch) {
  const Flattening flattening;
  EXPECT_EQ(RunText(flattening.graph, {Iota({1, 2, 2})}),
            "f32[1] 6; f32[1,4] 0 1 2 3; f32[1,2,2] 0 1 2 3");
  EXPECT_EQ(RunText(flattening.graph, {Iota({2, 2, 2})}),
            "f32[2] 6 22; f32[2,4] 0 1 2 3 4 5 6 7; f32[2,2,2] 0 1 2 3 4 5 6 7");
}

TEST(RunGraph, ChecksItsInputs) {
  const Flattening flattening;
  EXPECT_EQ(RunText(flattening.graph, {}), "ERR_INVALID_ARGUMENT: 0 inputs given, the graph has 1");
  EXPECT_EQ(RunText(flattening.graph, {Iota({2, 2})}),
            "ERR_INVALID_ARGUMENT: input \"x\" has the shape [2,2], expected [?,2,2]");
  EXPECT_EQ(RunText(flattening.graph, {S32({1, 2, 2}, {1, 2, 3, 4})}),
            "ERR_INVALID_ARGUMENT: input \"x\" has the type i32, expected f32");
}

TEST(RunGraph, NamesTheNodeThatFailed) {
  Graph graph;
  const ValueId x = graph.AddInput("x", DType::kS32, Shape{2});
  graph.AddOutput(graph.AddNode("ratio", graph::Binary{graph::BinaryKind::kDiv, {}}, {x, x}, "y"));
  EXPECT_EQ(RunText(graph, {S32({2}, {1, 0})}),
            "ERR_INVALID_ARGUMENT: node \"ratio\" (Binary): integer division by zero");
}

TEST(RunGraph, RefusesABrokenGraph) {
  Graph graph;
  graph.AddInput("x", DType::kF32, Shape{2});
  EXPECT_EQ(RunText(graph, {Iota({2})}), "ERR_INTERNAL: the graph has no outputs");
}

TEST(RunGraph, KeepsAValueThatIsReadTwiceByOneNode) {
  Graph graph;
  const ValueId x = graph.AddInput("x", DType::kF32, Shape{2});
  const ValueId y = graph.AddNode("neg", graph::Unary{graph::UnaryKind::kNeg}, {x}, "y");
  const ValueId z = graph.AddNode("sum", graph::Binary{}, {y, y}, "z");
  graph.AddOutput(graph.AddNode("more", graph::Binary{}, {z, y}, "w"));
  EXPECT_EQ(RunText(graph, {Iota({2}, 1.0f)}), "f32[2] -3 -6");
}

}  // namespace
}  // namespace minnow::interpreter
