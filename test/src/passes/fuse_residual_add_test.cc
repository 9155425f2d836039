// Which sums become the residual of a convolution, and of which?
#include "passes/pass_testing.h"
#include "passes/passes.h"

namespace minnow::passes {
namespace {

using graph::BinaryKind;
using graph::Graph;
using graph::PadMode;
using graph::ValueId;

class Sum : public testing::Test {
 protected:
  ValueId Conv(ValueId x, const std::string& name, bool relu = false) {
    graph::Conv2D op;
    if (relu) op.activation.min = 0;
    return b_.Op(op, {x, b_.Weights(name + "_w", {3, 1, 1, 3})}, name);
  }
  int SumsLeft() {
    ExpectKeepsResults(FuseResidualAdd, b_.graph());
    text_ = After(FuseResidualAdd, &b_.graph());
    return CountOf<graph::Binary>(b_.graph());
  }

  GraphBuilder b_;
  std::string text_;
};
using FuseResidualAddTest = Sum;

TEST_F(FuseResidualAddTest, TakesTheSumAndItsActivation) {
  const ValueId x = b_.Input("x", {-1, 4, 4, 3});
  graph::Binary add;
  add.activation.min = 0;
  b_.Output(b_.Op(add, {x, Conv(x, "conv")}, "sum"));
  EXPECT_EQ(SumsLeft(), 0);
  EXPECT_EQ(text_,
            "input %x f32[?,4,4,3]\n"
            "%conv_w = const f32[3,1,1,3]\n"
            "%sum f32[?,4,4,3] = Conv2D(%x, %conv_w, none, %x) act=clamp(0,inf)\n"
            "output %sum f32[?,4,4,3]\n");
}

TEST_F(FuseResidualAddTest, LaterOfTwoConvolutionsTakesIt) {
  const ValueId x = b_.Input("x", {-1, 4, 4, 3});
  const ValueId early = Conv(x, "early"), late = Conv(x, "late");
  b_.Output(b_.Binary(BinaryKind::kAdd, late, early, "sum"));
  EXPECT_EQ(SumsLeft(), 0);
  EXPECT_NE(text_.find("%sum f32[?,4,4,3] = Conv2D(%x, %late_w, none, %early)"), std::string::npos)
      << text_;
}

// Each sum reads the one before and a convolution that the order has long passed; After validates
// that no convolution waits for itself.
TEST_F(FuseResidualAddTest, ChainsStayAcyclic) {
  const ValueId x = b_.Input("x", {-1, 4, 4, 3});
  const ValueId a = Conv(x, "a"), c = Conv(x, "c");
  const ValueId first = b_.Binary(BinaryKind::kAdd, a, c, "first");
  const ValueId d = Conv(first, "d");
  const ValueId second = b_.Binary(BinaryKind::kAdd, first, d, "second");
  const ValueId e = Conv(x, "e");
  b_.Output(b_.Binary(BinaryKind::kAdd, e, second, "third"));
  EXPECT_EQ(SumsLeft(), 0) << text_;
}

TEST_F(FuseResidualAddTest, ConvolutionWithActivationDoesNotTakeIt) {
  const ValueId x = b_.Input("x", {-1, 4, 4, 3});
  b_.Output(b_.Binary(BinaryKind::kAdd, Conv(x, "conv", /*relu=*/true), x, "sum"));
  EXPECT_EQ(SumsLeft(), 1);
}

TEST_F(FuseResidualAddTest, ConvolutionThatSomebodyElseReadsDoesNotTakeIt) {
  const ValueId x = b_.Input("x", {-1, 4, 4, 3});
  const ValueId conv = Conv(x, "conv");
  b_.Output(b_.Binary(BinaryKind::kAdd, conv, x, "sum"));
  b_.Output(conv);
  const ValueId other = Conv(x, "other");
  b_.Output(b_.Binary(BinaryKind::kAdd, other, other, "twice"));
  EXPECT_EQ(SumsLeft(), 2);
}

TEST_F(FuseResidualAddTest, BroadcastsAreNotResiduals) {
  const ValueId x = b_.Input("x", {-1, 4, 4, 3});
  b_.Output(b_.Binary(BinaryKind::kAdd, Conv(x, "a"), b_.Input("row", {3}), "sum"));
  b_.Output(b_.Binary(BinaryKind::kAdd, Conv(x, "b"), b_.Input("one", {1, 4, 4, 3}), "sum2"));
  b_.Output(b_.Binary(BinaryKind::kAdd, Conv(x, "c"), b_.Input("maybe", {-1, 4, 4, 3}), "sum3"));
  After(FuseResidualAdd, &b_.graph());
  EXPECT_EQ(CountOf<graph::Binary>(b_.graph()), 3);
}

TEST_F(FuseResidualAddTest, SizesThatFollowFromOneUnknownSizeAreEqual) {
  const ValueId x = b_.Input("x", {-1, -1, -1, 3});
  graph::Conv2D strided, shortcut;
  strided.stride_h = strided.stride_w = shortcut.stride_h = shortcut.stride_w = 2;
  strided.padding = {PadMode::kExplicit, 1, 1, 1, 1};
  const ValueId a = b_.Op(strided, {x, b_.Weights("w", {3, 3, 3, 3})}, "a");
  const ValueId c = b_.Op(shortcut, {x, b_.Weights("v", {3, 1, 1, 3})}, "c");
  b_.Output(b_.Binary(BinaryKind::kAdd, a, c, "sum"));
  After(FuseResidualAdd, &b_.graph());
  EXPECT_EQ(CountOf<graph::Binary>(b_.graph()), 0);
}

}  // namespace
}  // namespace minnow::passes
