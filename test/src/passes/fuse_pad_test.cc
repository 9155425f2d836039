// Which Pads do convolutions and pools take over, and which would change a result?
#include "passes/pass_testing.h"
#include "passes/passes.h"

namespace minnow::passes {
namespace {

using graph::BinaryKind;
using graph::Graph;
using graph::PadMode;
using graph::ValueId;

graph::Pad ImagePad(float value, int64_t before = 1, int64_t after = 1) {
  return {graph::PadFill::kConstant, {0, before, before, 0, 0, after, after, 0}, value};
}

TEST(FusePad, ConvolutionTakesZeros) {
  GraphBuilder b;
  graph::Conv2D op;
  op.padding.mode = PadMode::kValid;
  op.stride_h = op.stride_w = 2;
  const ValueId x = b.Input("x", {-1, 6, 6, 2});
  const ValueId padded = b.Op(ImagePad(0, 0, 1), {x}, "padded");
  b.Output(b.Op(op, {padded, b.Weights("w", {3, 3, 3, 2})}, "y"));
  ExpectKeepsResults(FusePad, b.graph());
  EXPECT_EQ(After(FusePad, &b.graph()),
            "input %x f32[?,6,6,2]\n"
            "%w = const f32[3,3,3,2]\n"
            "%y f32[?,3,3,3] = Conv2D(%x, %w) stride=2x2 pad=0,0,1,1\n"
            "output %y f32[?,3,3,3]\n");
}

TEST(FusePad, AddsToExplicitPadding) {
  GraphBuilder b;
  graph::Conv2D op;
  op.padding = {PadMode::kExplicit, 1, 0, 1, 0};
  const ValueId padded = b.Op(ImagePad(0), {b.Input("x", {-1, 6, 6, 2})}, "padded");
  b.Output(b.Op(op, {padded, b.Weights("w", {3, 3, 3, 2})}, "y"));
  ExpectKeepsResults(FusePad, b.graph());
  const std::string text = After(FusePad, &b.graph());
  EXPECT_NE(text.find("pad=2,1,2,1"), std::string::npos) << text;
}

// The Pads left of conv(pad(x)).
int PadsLeft(const graph::Pad& pad, const graph::Conv2D& op) {
  GraphBuilder b;
  const ValueId padded = b.Op(pad, {b.Input("x", {-1, 6, 6, 2})}, "padded");
  b.Output(b.Op(op, {padded, b.Weights("w", {3, 3, 3, 2})}, "y"));
  ExpectKeepsResults(FusePad, b.graph());
  After(FusePad, &b.graph());
  return CountOf<graph::Pad>(b.graph());
}

TEST(FusePad, ConvolutionLeavesOtherPads) {
  EXPECT_EQ(PadsLeft(ImagePad(0), {}), 0);
  EXPECT_EQ(PadsLeft(ImagePad(1), {}), 1) << "another value";
  graph::Conv2D same;
  same.padding.mode = PadMode::kSameUpper;
  same.stride_h = same.stride_w = 2;
  EXPECT_EQ(PadsLeft(ImagePad(0), same), 1) << "SAME of the padded size";
  EXPECT_EQ(PadsLeft(ImagePad(0, 3, 0), {}), 1) << "a border wider than the window";
  graph::Pad edge = ImagePad(0);
  edge.fill = graph::PadFill::kEdge;
  EXPECT_EQ(PadsLeft(edge, {}), 1) << "not a constant";
  graph::Pad batch = ImagePad(0);
  batch.pads[0] = 1;
  EXPECT_EQ(PadsLeft(batch, {}), 1) << "another axis";
}

// The Pads left of pool(pad(clamp(x, 0, 1))), or of pool(pad(x)).
int PadsLeft(float value, const graph::Pool2D& op, bool is_clamped) {
  GraphBuilder b;
  ValueId x = b.Input("x", {-1, 6, 6, 2});
  if (is_clamped) x = b.Op(graph::Clamp{0, 1}, {x}, "relu");
  b.Output(b.Op(op, {b.Op(ImagePad(value), {x}, "padded")}, "y"));
  ExpectKeepsResults(FusePad, b.graph());
  After(FusePad, &b.graph());
  return CountOf<graph::Pad>(b.graph());
}

TEST(FusePad, AverageTakesZerosAndCountsThem) {
  graph::Pool2D op;
  op.kind = graph::PoolKind::kAverage;
  op.kernel_h = op.kernel_w = 3;
  EXPECT_EQ(PadsLeft(0, op, false), 0);
  EXPECT_EQ(PadsLeft(1, op, false), 1);
  op.padding = {PadMode::kExplicit, 1, 1, 1, 1};
  EXPECT_EQ(PadsLeft(0, op, false), 1) << "its own padding is not counted";
  op.count_include_pad = true;
  EXPECT_EQ(PadsLeft(0, op, false), 0);
  op.ceil_mode = true;
  EXPECT_EQ(PadsLeft(0, op, false), 1);
}

TEST(FusePad, MaximumTakesZerosOnlyBelowNothing) {
  graph::Pool2D op;
  op.kernel_h = op.kernel_w = 3;
  EXPECT_EQ(PadsLeft(0, op, true), 0);
  EXPECT_EQ(PadsLeft(0, op, false), 1) << "x may be negative";
  EXPECT_EQ(PadsLeft(-INFINITY, op, false), 0);
  EXPECT_EQ(PadsLeft(-1, op, false), 1);
  op.kernel_h = op.kernel_w = 1;
  EXPECT_EQ(PadsLeft(0, op, true), 1) << "windows of padding alone";
}

}  // namespace
}  // namespace minnow::passes
