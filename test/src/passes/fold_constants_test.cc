// What is evaluated ahead of a run, and what is too large to be?
#include "passes/pass_testing.h"
#include "passes/passes.h"

namespace minnow::passes {
namespace {

using graph::BinaryKind;
using graph::DataLayout;
using graph::Graph;
using graph::PadMode;
using graph::ValueId;
using graph::WeightLayout;

TEST(FoldConstants, EvaluatesWholeConstantChains) {
  GraphBuilder b;
  const ValueId x = b.Input("x", {2});
  const ValueId c = b.Floats("c", {2}, {1, 2});
  const ValueId sum = b.Binary(BinaryKind::kAdd, c, c, "sum");
  const ValueId root = b.Op(graph::Unary{graph::UnaryKind::kSquare, 0, 0}, {sum}, "square");
  b.Output(b.Binary(BinaryKind::kMul, x, root, "y"));
  EXPECT_EQ(After(FoldConstants, &b.graph()),
            "input %x f32[2]\n"
            "%square/folded = const f32[2]\n"
            "%y f32[2] = Binary(%x, %square/folded) kind=mul\n"
            "output %y f32[2]\n");
  const Tensor* folded = b.graph().ConstantOf(b.graph().node(2).inputs[1]);
  EXPECT_EQ(folded->as<float>()[0], 4.0f);
  EXPECT_EQ(folded->as<float>()[1], 16.0f);
}

TEST(FoldConstants, ConstantOutputKeepsANodeAndItsName) {
  GraphBuilder b;
  b.Output(b.Op(graph::Clamp{0, 1}, {b.Floats("c", {1}, {5})}, "y"));
  EXPECT_EQ(After(FoldConstants, &b.graph()),
            "%y/folded = const f32[1]\n"
            "%y f32[1] = Identity(%y/folded)  # y\n"
            "output %y f32[1]\n");
}

TEST(FoldConstants, LeavesLargeResultsOfSmallInputs) {
  GraphBuilder b;
  const ValueId shape = b.Ints("shape", {512, 512});
  b.Output(b.Op(graph::Fill{1.0, DType::kF32}, {shape}, "full"));
  b.Output(b.Op(graph::Expand{}, {b.Scalar("c", 2), shape}, "wide"));
  After(FoldConstants, &b.graph());
  EXPECT_EQ(CountOf<graph::Fill>(b.graph()), 1);
  EXPECT_EQ(CountOf<graph::Expand>(b.graph()), 1);
}

}  // namespace
}  // namespace minnow::passes
