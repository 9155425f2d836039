// Does a Transpose climb to the graph input, and only there?
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

TEST(HoistTransposes, ClimbsThroughPreprocessing) {
  GraphBuilder b;
  const ValueId x = b.Input("x", {-1, 3, 4, 5});
  ValueId y = b.Binary(BinaryKind::kSub, x, b.Weights("mean", {3, 1, 1}), "centred");
  y = b.Binary(BinaryKind::kDiv, y, b.Scalar("std", 2), "scaled");
  y = b.Op(graph::Pad{graph::PadFill::kConstant, {0, 0, 1, 2, 0, 0, 3, 4}, 0}, {y}, "padded");
  y = b.Op(graph::Transpose{{0, 2, 3, 1}}, {y}, "nhwc");
  b.Output(b.Op(graph::Clamp{0, 1}, {y}, "y"));
  ExpectKeepsResults(HoistTransposes, b.graph());
  EXPECT_EQ(After(HoistTransposes, &b.graph()),
            "input %x f32[?,3,4,5]\n"
            "%std = const f32[]\n"
            "%mean/transposed = const f32[1,1,1,3]\n"
            "%x/nhwc f32[?,4,5,3] = Transpose(%x) perm=[0,2,3,1]  # x/nhwc\n"
            "%centred f32[?,4,5,3] = Binary(%x/nhwc, %mean/transposed) kind=sub\n"
            "%scaled f32[?,4,5,3] = Binary(%centred, %std) kind=div\n"
            "%padded f32[?,8,11,3] = Pad(%scaled) pads=[0,1,2,0,0,3,4,0]\n"
            "%y f32[?,8,11,3] = Clamp(%padded) min=0 max=1\n"
            "output %y f32[?,8,11,3]\n");
}

TEST(HoistTransposes, StaysBehindAValueThatSomebodyElseReads) {
  GraphBuilder b;
  const ValueId x = b.Input("x", {-1, 3, 4, 5});
  const ValueId y = b.Op(graph::Clamp{0, 1}, {x}, "y");
  const ValueId nhwc = b.Op(graph::Transpose{{0, 2, 3, 1}}, {y}, "nhwc");
  b.Output(y);
  b.Output(b.Op(graph::Clamp{0, 0.5f}, {nhwc}, "z"));
  const std::string before = After([](Graph*) { return OkStatus(); }, &b.graph());
  EXPECT_EQ(After(HoistTransposes, &b.graph()), before);
}

TEST(HoistTransposes, LeavesTransposesThatNoInputReaches) {
  GraphBuilder b;
  const ValueId x = b.Input("x", {-1, 4, 4, 3});
  const ValueId conv = b.Op(graph::Conv2D{}, {x, b.Weights("w", {2, 1, 1, 3})}, "conv");
  const ValueId relu = b.Op(graph::Clamp{0, 1}, {conv}, "relu");
  const ValueId y = b.Op(graph::Transpose{{0, 3, 1, 2}}, {relu}, "nchw");
  b.Output(b.Op(graph::Softmax{}, {y}, "y"));
  const std::string before = After([](Graph*) { return OkStatus(); }, &b.graph());
  EXPECT_EQ(After(HoistTransposes, &b.graph()), before);
}

}  // namespace
}  // namespace minnow::passes
