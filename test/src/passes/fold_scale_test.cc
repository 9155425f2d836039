// Which scales and shifts go into weights, behind and before?
#include "passes/pass_testing.h"
#include "passes/passes.h"

namespace minnow::passes {
namespace {

using graph::BinaryKind;
using graph::Graph;
using graph::PadMode;
using graph::ValueId;

// The Binaries left of conv(x) op c.
int LeftBehind(BinaryKind kind, const Shape& shape, bool constant_first) {
  GraphBuilder b;
  const ValueId x = b.Input("x", {-1, 4, 4, 3});
  const ValueId conv = b.Op(graph::Conv2D{}, {x, b.Weights("w", {2, 3, 3, 3})}, "conv");
  const ValueId c = b.Weights("c", shape, 0.5f, 2);
  b.Output(constant_first ? b.Binary(kind, c, conv, "y") : b.Binary(kind, conv, c, "y"));
  ExpectKeepsResults(FoldScale, b.graph());
  After(FoldScale, &b.graph());
  return CountOf<graph::Binary>(b.graph());
}

TEST(FoldScale, BehindAConvolution) {
  for (const Shape& shape : {Shape{}, Shape{1}, Shape{2}, Shape{1, 1, 1, 2}}) {
    EXPECT_EQ(LeftBehind(BinaryKind::kAdd, shape, false), 0);
    EXPECT_EQ(LeftBehind(BinaryKind::kAdd, shape, true), 0);
    EXPECT_EQ(LeftBehind(BinaryKind::kMul, shape, false), 0);
    EXPECT_EQ(LeftBehind(BinaryKind::kMul, shape, true), 0);
    EXPECT_EQ(LeftBehind(BinaryKind::kSub, shape, false), 0);
    EXPECT_EQ(LeftBehind(BinaryKind::kSub, shape, true), 0);
    EXPECT_EQ(LeftBehind(BinaryKind::kDiv, shape, false), 0);
  }
}

TEST(FoldScale, LeavesConstantsThatAreNotOneAChannel) {
  EXPECT_EQ(LeftBehind(BinaryKind::kAdd, Shape{2, 1}, false), 1);
  EXPECT_EQ(LeftBehind(BinaryKind::kAdd, Shape{2, 2, 2}, false), 1);
  EXPECT_EQ(LeftBehind(BinaryKind::kAdd, Shape{1, 1, 1, 1, 2}, false), 1);
  EXPECT_EQ(LeftBehind(BinaryKind::kDiv, Shape{2}, true), 1);
  EXPECT_EQ(LeftBehind(BinaryKind::kMax, Shape{2}, false), 1);
}

TEST(FoldScale, BiasAddBecomesTheBias) {
  GraphBuilder b;
  const ValueId x = b.Input("x", {-1, 4});
  const ValueId product = b.Op(graph::FullyConnected{}, {x, b.Weights("w", {3, 4})}, "product");
  b.Output(b.Binary(BinaryKind::kAdd, product, b.Weights("c", {3}), "y"));
  ExpectKeepsResults(FoldScale, b.graph());
  EXPECT_EQ(After(FoldScale, &b.graph()),
            "input %x f32[?,4]\n"
            "%w = const f32[3,4]\n"
            "%w/bias = const f32[3]\n"
            "%y f32[?,3] = FullyConnected(%x, %w, %w/bias)\n"
            "output %y f32[?,3]\n");
}

TEST(FoldScale, LeavesAConvolutionThatSomebodyElseReads) {
  GraphBuilder b;
  const ValueId x = b.Input("x", {-1, 4, 4, 3});
  const ValueId conv = b.Op(graph::Conv2D{}, {x, b.Weights("w", {2, 1, 1, 3})}, "conv");
  b.Output(b.Binary(BinaryKind::kAdd, conv, b.Weights("c", {2}), "y"));
  b.Output(conv);
  After(FoldScale, &b.graph());
  EXPECT_EQ(CountOf<graph::Binary>(b.graph()), 1);
}

// The Binaries left of conv((x + shift) * scale) in two groups.
int LeftBefore(bool shifts, const graph::Padding& padding) {
  GraphBuilder b;
  graph::Conv2D op;
  op.groups = 2;
  op.padding = padding;
  ValueId x = b.Input("x", {-1, 4, 4, 6});
  if (shifts) x = b.Binary(BinaryKind::kAdd, x, b.Weights("shift", {6}), "shifted");
  x = b.Binary(BinaryKind::kMul, x, b.Weights("scale", {6}), "scaled");
  b.Output(b.Op(op, {x, b.Weights("w", {4, 3, 3, 3}), b.Weights("b", {4})}, "y"));
  ExpectKeepsResults(FoldScale, b.graph());
  After(FoldScale, &b.graph());
  return CountOf<graph::Binary>(b.graph());
}

TEST(FoldScale, BeforeAConvolution) {
  EXPECT_EQ(LeftBefore(true, {}), 0);
  EXPECT_EQ(LeftBefore(true, {PadMode::kValid}), 0);
  EXPECT_EQ(LeftBefore(false, {PadMode::kExplicit, 1, 1, 1, 1}), 0);
  EXPECT_EQ(LeftBefore(false, {PadMode::kSameUpper}), 0);
}

TEST(FoldScale, ShiftBeforePaddingStays) {
  EXPECT_EQ(LeftBefore(true, {PadMode::kExplicit, 1, 1, 1, 1}), 1);
  EXPECT_EQ(LeftBefore(true, {PadMode::kSameUpper}), 1);
}

// [N,H,W,1] * [3] is an image of three channels: the constant does more than scale.
TEST(FoldScale, LeavesAProductThatAddsChannels) {
  GraphBuilder b;
  ValueId x = b.Input("x", {-1, 4, 4, 1});
  x = b.Binary(BinaryKind::kMul, x, b.Weights("c", {3}), "wide");
  b.Output(b.Op(graph::Conv2D{}, {x, b.Weights("w", {2, 1, 1, 3})}, "y"));
  ExpectKeepsResults(FoldScale, b.graph());
}

TEST(FoldScale, LeavesAConstantThatIsNotFinite) {
  GraphBuilder b;
  const ValueId x = b.Input("x", {-1, 4});
  const ValueId product = b.Op(graph::FullyConnected{}, {x, b.Weights("w", {3, 4})}, "product");
  b.Output(b.Binary(BinaryKind::kDiv, product, b.Scalar("zero", 0), "y"));
  After(FoldScale, &b.graph());
  EXPECT_EQ(CountOf<graph::Binary>(b.graph()), 1);
}

}  // namespace
}  // namespace minnow::passes
