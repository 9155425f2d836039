// Where do batch norms go, and when must they not go into the weights?
#include "passes/pass_testing.h"
#include "passes/passes.h"

namespace minnow::passes {
namespace {

using graph::BinaryKind;
using graph::Graph;
using graph::PadMode;
using graph::ValueId;

ValueId BatchNorm(GraphBuilder* b, ValueId x, int64_t channels) {
  return b->Op(graph::BatchNorm{1e-3f, graph::DataLayout::kNHWC},
               {x, b->Weights("scale", {channels}), b->Weights("offset", {channels}),
                b->Weights("mean", {channels}), b->Weights("variance", {channels}, 0.1f, 2)},
               "bn");
}

TEST(FoldBatchNorm, GoesIntoTheConvolution) {
  for (bool has_bias : {false, true}) {
    GraphBuilder b;
    std::vector<ValueId> inputs = {b.Input("x", {-1, 4, 4, 3}), b.Weights("w", {2, 3, 3, 3})};
    if (has_bias) inputs.push_back(b.Weights("b", {2}));
    b.Output(BatchNorm(&b, b.Op(graph::Conv2D{}, inputs, "conv"), 2));
    ExpectKeepsResults(FoldBatchNorm, b.graph());
    EXPECT_EQ(After(FoldBatchNorm, &b.graph()),
              "input %x f32[?,4,4,3]\n"
              "%w/scaled = const f32[2,3,3,3]\n"
              "%w/bias = const f32[2]\n"
              "%bn f32[?,2,2,2] = Conv2D(%x, %w/scaled, %w/bias)\n"
              "output %bn f32[?,2,2,2]\n");
  }
}

TEST(FoldBatchNorm, LeavesWeightsThatSomebodyElseHolds) {
  GraphBuilder b;
  const ValueId weights = b.Weights("w", {2, 1, 1, 3});
  const ValueId x = b.Input("x", {-1, 4, 4, 3});
  b.Output(BatchNorm(&b, b.Op(graph::Conv2D{}, {x, weights}, "conv"), 2));
  const Tensor held = *b.graph().ConstantOf(weights);
  const std::vector<float> before(held.as<float>(), held.as<float>() + held.ElementCount());
  After(FoldBatchNorm, &b.graph());
  EXPECT_EQ(std::vector<float>(held.as<float>(), held.as<float>() + held.ElementCount()), before);
}

TEST(FoldBatchNorm, GoesIntoDepthwiseAndFullyConnected) {
  GraphBuilder b;
  graph::Conv2D depthwise;
  depthwise.groups = 3;
  const ValueId x = b.Input("x", {-1, 3, 3, 3});
  ValueId y = BatchNorm(&b, b.Op(depthwise, {x, b.Weights("dw", {6, 3, 3, 1})}, "conv"), 6);
  y = b.Op(graph::Reshape{{-1, 6}, false}, {y}, "flat");
  y = b.Op(graph::FullyConnected{}, {y, b.Weights("w", {5, 6})}, "fc");
  b.Output(BatchNorm(&b, y, 5));
  ExpectKeepsResults(FoldBatchNorm, b.graph());
  After(FoldBatchNorm, &b.graph());
  EXPECT_EQ(CountOf<graph::BatchNorm>(b.graph()) + CountOf<graph::Binary>(b.graph()), 0);
}

TEST(FoldBatchNorm, IsMulAndAddWhereNoConvolutionTakesIt) {
  GraphBuilder b;
  b.Output(BatchNorm(&b, b.Input("x", {-1, 4, 4, 3}), 3));
  ExpectKeepsResults(FoldBatchNorm, b.graph());
  EXPECT_EQ(After(FoldBatchNorm, &b.graph()),
            "input %x f32[?,4,4,3]\n"
            "%bn/scale = const f32[3]\n"
            "%bn/shift = const f32[3]\n"
            "%bn/shifted f32[?,4,4,3] = Binary(%x, %bn/scale) kind=mul\n"
            "%bn f32[?,4,4,3] = Binary(%bn/shifted, %bn/shift) kind=add  # bn/shifted\n"
            "output %bn f32[?,4,4,3]\n");
}

TEST(FoldBatchNorm, LeavesAConvolutionThatSomebodyElseReads) {
  for (bool is_output : {false, true}) {
    GraphBuilder b;
    const ValueId x = b.Input("x", {-1, 4, 4, 3});
    const ValueId conv = b.Op(graph::Conv2D{}, {x, b.Weights("w", {2, 1, 1, 3})}, "conv");
    b.Output(BatchNorm(&b, conv, 2));
    b.Output(is_output ? conv : b.Op(graph::Clamp{0, 1}, {conv}, "other"));
    ExpectKeepsResults(FoldBatchNorm, b.graph());
    After(FoldBatchNorm, &b.graph());
    EXPECT_EQ(CountOf<graph::Binary>(b.graph()), 2);
  }
}

TEST(FoldBatchNorm, LeavesAConvolutionWithActivation) {
  GraphBuilder b;
  graph::Conv2D op;
  op.activation.min = 0;
  const ValueId x = b.Input("x", {-1, 4, 4, 3});
  b.Output(BatchNorm(&b, b.Op(op, {x, b.Weights("w", {2, 1, 1, 3})}, "conv"), 2));
  ExpectKeepsResults(FoldBatchNorm, b.graph());
}

}  // namespace
}  // namespace minnow::passes
