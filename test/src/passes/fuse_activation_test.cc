// Which activations become epilogues?
#include "passes/pass_testing.h"
#include "passes/passes.h"

namespace minnow::passes {
namespace {

using graph::BinaryKind;
using graph::Graph;
using graph::PadMode;
using graph::ValueId;

graph::Op HardSwish() { return graph::Unary{graph::UnaryKind::kHardSwish, 0, 0}; }

TEST(FuseActivation, GoesIntoConvolutionProductAndSum) {
  GraphBuilder b;
  const ValueId x = b.Input("x", {-1, 4, 4, 3});
  ValueId y = b.Op(graph::Conv2D{}, {x, b.Weights("w", {3, 1, 1, 3})}, "conv");
  y = b.Op(graph::Clamp{0, 6}, {y}, "relu6");
  y = b.Binary(BinaryKind::kAdd, y, x, "sum");
  y = b.Op(HardSwish(), {y}, "swish");
  y = b.Op(graph::FullyConnected{}, {y, b.Weights("v", {2, 3})}, "product");
  b.Output(b.Op(graph::Clamp{0, INFINITY}, {y}, "y"));
  ExpectKeepsResults(FuseActivation, b.graph());
  EXPECT_EQ(After(FuseActivation, &b.graph()),
            "input %x f32[?,4,4,3]\n"
            "%w = const f32[3,1,1,3]\n"
            "%v = const f32[2,3]\n"
            "%conv f32[?,4,4,3] = Conv2D(%x, %w) act=clamp(0,6)\n"
            "%sum f32[?,4,4,3] = Binary(%conv, %x) kind=add act=hard_swish\n"
            "%y f32[?,4,4,2] = FullyConnected(%sum, %v) act=clamp(0,inf)\n"
            "output %y f32[?,4,4,2]\n");
}

TEST(FuseActivation, ClampsMerge) {
  const float kBounds[][4] = {{0, 6, 1, 3}, {0, 6, 4, 10},         {0, 1, 2, 3},
                              {2, 3, 0, 1}, {-1, 1, -INFINITY, 0}, {0, 6, 0, INFINITY}};
  for (const float(&bounds)[4] : kBounds) {
    GraphBuilder b;
    const ValueId x = b.Op(graph::Unary{graph::UnaryKind::kExp, 0, 0}, {b.Input("x", {64})}, "exp");
    const ValueId inner = b.Op(graph::Clamp{bounds[0], bounds[1]}, {x}, "inner");
    b.Output(b.Op(graph::Clamp{bounds[2], bounds[3]}, {inner}, "outer"));
    ExpectKeepsResults(FuseActivation, b.graph());
    After(FuseActivation, &b.graph());
    EXPECT_EQ(CountOf<graph::Clamp>(b.graph()), 1);
  }
}

TEST(FuseActivation, LeavesWhatDoesNotCompose) {
  GraphBuilder b;
  const ValueId x = b.Input("x", {-1, 4, 4, 3});
  ValueId y = b.Op(graph::Conv2D{}, {x, b.Weights("w", {3, 1, 1, 3})}, "conv");
  y = b.Op(HardSwish(), {y}, "swish");
  y = b.Op(graph::Clamp{0, 1}, {y}, "clamp");
  b.Output(b.Op(HardSwish(), {y}, "again"));
  ExpectKeepsResults(FuseActivation, b.graph());
  After(FuseActivation, &b.graph());
  EXPECT_EQ(CountOf<graph::Clamp>(b.graph()), 1);
  EXPECT_EQ(CountOf<graph::Unary>(b.graph()), 1);
}

TEST(FuseActivation, LeavesAValueThatSomebodyElseReads) {
  for (bool is_output : {false, true}) {
    GraphBuilder b;
    const ValueId x = b.Input("x", {-1, 4, 4, 3});
    const ValueId conv = b.Op(graph::Conv2D{}, {x, b.Weights("w", {3, 1, 1, 3})}, "conv");
    b.Output(b.Op(graph::Clamp{0, 1}, {conv}, "y"));
    b.Output(is_output ? conv : b.Binary(BinaryKind::kAdd, conv, conv, "twice"));
    ExpectKeepsResults(FuseActivation, b.graph());
    After(FuseActivation, &b.graph());
    EXPECT_EQ(CountOf<graph::Clamp>(b.graph()), 1);
  }
}

}  // namespace
}  // namespace minnow::passes
