// Do constant lists reach the op, and do computed ones stay inputs?
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

TEST(InlineAttributes, MovesConstantLists) {
  GraphBuilder b;
  ValueId y = b.Input("x", {-1, 4, 4, 3});
  y = b.Op(graph::Pad{}, {y, b.Ints("pads", {0, 1, 1, 0, 0, 1, 1, 0}), b.Scalar("fill", 2)}, "pad");
  y = b.Op(graph::Slice{}, {y, b.Ints("starts", {1}), b.Ints("ends", {5}), b.Ints("axes", {2})},
           "slice");
  y = b.Op(graph::Reduce{}, {y, b.Ints("mean_axes", {1, 2})}, "mean");
  y = b.Op(graph::Squeeze{}, {y, b.Ints("squeeze_axes", {1, 2})}, "squeeze");
  y = b.Op(graph::Unsqueeze{}, {y, b.Ints("unsqueeze_axes", {1})}, "unsqueeze");
  b.Output(b.Op(graph::Reshape{}, {y, b.Ints("shape", {-1, 3})}, "reshape"));
  ExpectKeepsResults(InlineAttributes, b.graph());
  EXPECT_EQ(After(InlineAttributes, &b.graph()),
            "input %x f32[?,4,4,3]\n"
            "%pad f32[?,6,6,3] = Pad(%x) pads=[0,1,1,0,0,1,1,0] value=2\n"
            "%slice f32[?,6,4,3] = Slice(%pad) starts=[1] ends=[5] axes=[2] steps=[1]\n"
            "%mean f32[?,1,1,3] = Reduce(%slice) kind=mean axes=[1,2]\n"
            "%squeeze f32[?,3] = Squeeze(%mean) axes=[1,2]\n"
            "%unsqueeze f32[?,1,3] = Unsqueeze(%squeeze) axes=[1]\n"
            "%reshape f32[?,3] = Reshape(%unsqueeze) shape=[-1,3]\n"
            "output %reshape f32[?,3]\n");
}

TEST(InlineAttributes, LeavesListsThatARunComputes) {
  GraphBuilder b;
  const ValueId x = b.Input("x", {4, 3});
  const ValueId ends = b.graph().AddInput("ends", DType::kS64, Shape{1});
  b.Output(b.Op(graph::Slice{}, {x, b.Ints("starts", {0}), ends}, "slice"));
  After(InlineAttributes, &b.graph());
  EXPECT_EQ(b.graph().node(0).inputs.size(), 3u);
}

}  // namespace
}  // namespace minnow::passes
