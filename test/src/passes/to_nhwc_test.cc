// Does every image operator come out in NHWC with OHWI weights, its meaning kept?
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

graph::Conv2D ConvIn(DataLayout layout, WeightLayout weights, int64_t groups = 1) {
  graph::Conv2D op;
  op.layout = layout;
  op.weight_layout = weights;
  op.groups = groups;
  return op;
}

TEST(ToNhwc, ConvolutionStandsBetweenTransposes) {
  GraphBuilder b;
  const ValueId x = b.Input("x", {-1, 3, 5, 6});
  b.Output(
      b.Op(ConvIn(DataLayout::kNCHW, WeightLayout::kOIHW), {x, b.Weights("w", {2, 3, 3, 1})}, "y"));
  ExpectKeepsResults(ToNhwc, b.graph());
  EXPECT_EQ(After(ToNhwc, &b.graph()),
            "input %x f32[?,3,5,6]\n"
            "%w/ohwi = const f32[2,3,1,3]\n"
            "%x/nhwc f32[?,5,6,3] = Transpose(%x) perm=[0,2,3,1]  # x/nhwc\n"
            "%y/nchw f32[?,3,6,2] = Conv2D(%x/nhwc, %w/ohwi)\n"
            "%y f32[?,2,3,6] = Transpose(%y/nchw) perm=[0,3,1,2]  # y/nchw\n"
            "output %y f32[?,2,3,6]\n");
}

TEST(ToNhwc, EveryWeightLayoutGivesTheSameResults) {
  struct Case {
    WeightLayout layout;
    Shape shape;
    int64_t groups;
  };
  const Case cases[] = {
      {WeightLayout::kOHWI, {4, 3, 2, 6}, 1},  {WeightLayout::kOIHW, {4, 6, 3, 2}, 1},
      {WeightLayout::kHWIO, {3, 2, 6, 4}, 1},  {WeightLayout::kHWIO, {3, 2, 3, 4}, 2},
      {WeightLayout::kOIHW, {12, 1, 3, 2}, 6}, {WeightLayout::kHWCM, {3, 2, 6, 2}, 6},
      {WeightLayout::kHWIO, {3, 2, 1, 12}, 6}};
  for (const Case& c : cases) {
    for (DataLayout layout : {DataLayout::kNHWC, DataLayout::kNCHW}) {
      GraphBuilder b;
      const ValueId x =
          b.Input("x", layout == DataLayout::kNCHW ? Shape{-1, 6, 5, 4} : Shape{-1, 5, 4, 6});
      b.Output(b.Op(ConvIn(layout, c.layout, c.groups), {x, b.Weights("w", c.shape)}, "y"));
      ExpectKeepsResults(ToNhwc, b.graph());
      const std::string text = After(ToNhwc, &b.graph());
      EXPECT_EQ(text.find("weights="), std::string::npos) << text;
      EXPECT_EQ(text.find("layout="), std::string::npos) << text;
    }
  }
}

TEST(ToNhwc, ResidualAndWeightsOfARunAreTransposedToo) {
  GraphBuilder b;
  const ValueId x = b.Input("x", {-1, 6, 4, 4}), residual = b.Input("r", {-1, 12, 4, 4});
  const ValueId w = b.Input("w", {1, 1, 6, 2});
  b.Output(b.Op(ConvIn(DataLayout::kNCHW, WeightLayout::kHWCM, 6), {x, w, -1, residual}, "y"));
  ExpectKeepsResults(ToNhwc, b.graph());
}

TEST(ToNhwc, PoolsAndBatchNormsOfEveryRank) {
  for (const Shape& shape : {Shape{-1, 3}, Shape{-1, 3, 5}, Shape{-1, 3, 5, 4}}) {
    GraphBuilder b;
    ValueId y = b.Input("x", shape);
    if (shape.rank() == 4) {
      graph::Pool2D pool;
      pool.kernel_h = 2;
      pool.layout = DataLayout::kNCHW;
      y = b.Op(pool, {y}, "pool");
    }
    b.Output(b.Op(graph::BatchNorm{1e-3f, DataLayout::kNCHW},
                  {y, b.Weights("s", {3}), b.Weights("o", {3}), b.Weights("m", {3}),
                   b.Weights("v", {3}, 1, 2)},
                  "y"));
    ExpectKeepsResults(ToNhwc, b.graph());
    const std::string text = After(ToNhwc, &b.graph());
    EXPECT_EQ(text.find("layout="), std::string::npos) << text;
  }
}

}  // namespace
}  // namespace minnow::passes
