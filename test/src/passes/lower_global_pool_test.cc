// Which pools are means over the whole image?
#include "passes/pass_testing.h"
#include "passes/passes.h"

namespace minnow::passes {
namespace {

using graph::BinaryKind;
using graph::Graph;
using graph::PadMode;
using graph::ValueId;

graph::Pool2D Average(int64_t kernel) {
  graph::Pool2D op;
  op.kind = graph::PoolKind::kAverage;
  op.kernel_h = op.kernel_w = kernel;
  op.padding.mode = PadMode::kValid;
  return op;
}

int MeansOf(const graph::Pool2D& op, int64_t size) {
  GraphBuilder b;
  b.Output(b.Op(op, {b.Input("x", {-1, size, size, 3})}, "y"));
  ExpectKeepsResults(LowerGlobalPool, b.graph());
  After(LowerGlobalPool, &b.graph());
  return CountOf<graph::Reduce>(b.graph());
}

TEST(LowerGlobalPool, WindowOfTheWholeImage) {
  EXPECT_EQ(MeansOf(Average(7), 7), 1);
  graph::Pool2D strided = Average(7);
  strided.stride_h = strided.stride_w = 2;
  EXPECT_EQ(MeansOf(strided, 7), 1);
}

TEST(LowerGlobalPool, LeavesPoolsThatPadSlideOrTakeTheMaximum) {
  EXPECT_EQ(MeansOf(Average(6), 7), 0);
  graph::Pool2D padded = Average(7);
  padded.padding = {PadMode::kExplicit, 1, 1, 1, 1};
  EXPECT_EQ(MeansOf(padded, 7), 0);
  graph::Pool2D same = Average(7);
  same.padding.mode = PadMode::kSameUpper;
  EXPECT_EQ(MeansOf(same, 7), 0);
  graph::Pool2D maximum = Average(7);
  maximum.kind = graph::PoolKind::kMax;
  EXPECT_EQ(MeansOf(maximum, 7), 0);
}

TEST(LowerGlobalPool, LeavesAnImageOfUnknownSize) {
  GraphBuilder b;
  b.Output(b.Op(Average(3), {b.Input("x", {-1, -1, -1, 3})}, "y"));
  After(LowerGlobalPool, &b.graph());
  EXPECT_EQ(CountOf<graph::Reduce>(b.graph()), 0);
}

}  // namespace
}  // namespace minnow::passes
