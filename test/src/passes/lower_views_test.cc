// Which operators become one Reshape?
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

TEST(LowerViews, ChainOfViewsIsOneReshape) {
  GraphBuilder b;
  ValueId y = b.Input("x", {-1, 1, 1, 6});
  y = b.Op(graph::Transpose{{0, 3, 1, 2}}, {y}, "nchw");  // moves nothing
  y = b.Op(graph::Flatten{1}, {y}, "flat");
  y = b.Op(graph::Unsqueeze{{1}}, {y}, "unsqueeze");
  y = b.Op(graph::Squeeze{{1}}, {y}, "squeeze");
  b.Output(b.Op(graph::Reshape{{0, 2, 3}, false}, {y}, "y"));
  ExpectKeepsResults(LowerViews, b.graph());
  EXPECT_EQ(After(LowerViews, &b.graph()),
            "input %x f32[?,1,1,6]\n"
            "%y f32[?,2,3] = Reshape(%x) shape=[-1,2,3]\n"
            "output %y f32[?,2,3]\n");
}

TEST(LowerViews, KeepsATransposeThatMovesElements) {
  GraphBuilder b;
  const ValueId x = b.Input("x", {-1, 7, 7, 6});
  b.Output(b.Op(graph::Transpose{{0, 3, 1, 2}}, {x}, "nchw"));
  After(LowerViews, &b.graph());
  EXPECT_EQ(CountOf<graph::Transpose>(b.graph()), 1);
}

TEST(LowerViews, KeepsViewsOfTwoUnknownDimensions) {
  GraphBuilder b;
  const ValueId x = b.Input("x", {-1, -1, 1});
  b.Output(b.Op(graph::Squeeze{{2}}, {x}, "y"));
  After(LowerViews, &b.graph());
  EXPECT_EQ(CountOf<graph::Squeeze>(b.graph()), 1);
}

TEST(LowerViews, InnerViewWithAnotherReaderStays) {
  GraphBuilder b;
  const ValueId x = b.Input("x", {-1, 6});
  const ValueId inner = b.Op(graph::Reshape{{-1, 2, 3}, false}, {x}, "inner");
  b.Output(inner);
  b.Output(b.Op(graph::Reshape{{-1, 3, 2}, false}, {inner}, "outer"));
  EXPECT_EQ(After(LowerViews, &b.graph()),
            "input %x f32[?,6]\n"
            "%inner f32[?,2,3] = Reshape(%x) shape=[-1,2,3]\n"
            "%outer f32[?,3,2] = Reshape(%x) shape=[-1,3,2]\n"
            "output %inner f32[?,2,3]\n"
            "output %outer f32[?,3,2]\n");
}

}  // namespace
}  // namespace minnow::passes
