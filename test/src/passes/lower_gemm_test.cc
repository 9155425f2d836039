// Do Gemm and MatMul with constant weights become FullyConnected, every factor folded?
#include "passes/pass_testing.h"
#include "passes/passes.h"

namespace minnow::passes {
namespace {

using graph::BinaryKind;
using graph::Graph;
using graph::PadMode;
using graph::ValueId;

TEST(LowerGemm, FoldsTransposeAlphaAndBeta) {
  GraphBuilder b;
  graph::Gemm op;
  op.alpha = 0.5f;
  op.beta = 2.0f;
  const ValueId x = b.Input("x", {-1, 4});
  b.Output(b.Op(op, {x, b.Weights("w", {4, 3}), b.Weights("c", {1, 3})}, "y"));
  ExpectKeepsResults(LowerGemm, b.graph());
  EXPECT_EQ(After(LowerGemm, &b.graph()),
            "input %x f32[?,4]\n"
            "%w/weights = const f32[3,4]\n"
            "%c/bias = const f32[3]\n"
            "%y f32[?,3] = FullyConnected(%x, %w/weights, %c/bias)\n"
            "output %y f32[?,3]\n");
}

TEST(LowerGemm, UsesWeightsAndBiasThatFitAsTheyAre) {
  GraphBuilder b;
  graph::Gemm op;
  op.transpose_b = true;
  const ValueId x = b.Input("x", {-1, 4});
  b.Output(b.Op(op, {x, b.Weights("w", {3, 4}), b.Weights("c", {3})}, "y"));
  EXPECT_EQ(After(LowerGemm, &b.graph()),
            "input %x f32[?,4]\n"
            "%w = const f32[3,4]\n"
            "%c = const f32[3]\n"
            "%y f32[?,3] = FullyConnected(%x, %w, %c)\n"
            "output %y f32[?,3]\n");
}

TEST(LowerGemm, EveryBiasShapeKeepsTheResults) {
  for (const Shape& shape :
       {Shape{}, Shape{1}, Shape{1, 1}, Shape{3}, Shape{1, 3}, Shape{2, 3}, Shape{2, 1}}) {
    for (float beta : {1.0f, 0.5f, 0.0f}) {
      GraphBuilder b;
      graph::Gemm op;
      op.beta = beta;
      const ValueId x = b.Input("x", {2, 4});
      b.Output(b.Op(op, {x, b.Weights("w", {4, 3}), b.Weights("c", shape)}, "y"));
      ExpectKeepsResults(LowerGemm, b.graph());
      After(LowerGemm, &b.graph());
      EXPECT_EQ(CountOf<graph::FullyConnected>(b.graph()), 1);
    }
  }
}

// One bias a row cannot be the bias of a FullyConnected, which has one a column.
TEST(LowerGemm, BiasThatDoesNotFitIsAddedBehind) {
  GraphBuilder b;
  graph::Gemm op;
  op.beta = 2.0f;
  const ValueId x = b.Input("x", {3, 4}), c = b.Input("c", {3, 1});
  b.Output(b.Op(op, {x, b.Weights("w", {4, 3}), c}, "y"));
  ExpectKeepsResults(LowerGemm, b.graph());
  EXPECT_EQ(After(LowerGemm, &b.graph()),
            "input %x f32[3,4]\n"
            "input %c f32[3,1]\n"
            "%w/weights = const f32[3,4]\n"
            "%c/beta = const f32[]\n"
            "%y/product f32[3,3] = FullyConnected(%x, %w/weights)\n"
            "%c/scaled f32[3,1] = Binary(%c, %c/beta) kind=mul  # c/scaled\n"
            "%y f32[3,3] = Binary(%y/product, %c/scaled) kind=add  # y/product\n"
            "output %y f32[3,3]\n");
}

TEST(LowerGemm, MatMulOfAnyRankAndOrder) {
  for (bool transpose_a : {false, true}) {
    for (bool transpose_b : {false, true}) {
      GraphBuilder b;
      const ValueId x = b.Input("x", transpose_a ? Shape{-1, 5, 4, 2} : Shape{-1, 5, 2, 4});
      const ValueId w = b.Weights("w", transpose_b ? Shape{3, 4} : Shape{4, 3});
      b.Output(b.Op(graph::MatMul{transpose_a, transpose_b}, {x, w}, "y"));
      ExpectKeepsResults(LowerGemm, b.graph());
      After(LowerGemm, &b.graph());
      EXPECT_EQ(CountOf<graph::FullyConnected>(b.graph()), 1);
    }
  }
}

TEST(LowerGemm, LeavesProductsOfTwoComputedMatrices) {
  GraphBuilder b;
  const ValueId x = b.Input("x", {2, 4}), w = b.Input("w", {4, 3});
  b.Output(b.Op(graph::Gemm{}, {x, w}, "gemm"));
  b.Output(b.Op(graph::MatMul{}, {x, w}, "product"));
  After(LowerGemm, &b.graph());
  EXPECT_EQ(CountOf<graph::FullyConnected>(b.graph()), 0);
}

}  // namespace
}  // namespace minnow::passes
