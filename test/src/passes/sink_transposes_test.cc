// Do Transposes pass every operator that they can, and stop where moving them would cost?
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

constexpr int kSunk = 1;

// T(x), some operator, T back: nothing is left but the operator.
struct Passing {
  const char* name;
  graph::Op op;
  int constants = 0;  // 1: a [C,1,1] operand, 2: a scalar
};

TEST(SinkTransposes, PassesOperatorsUntilTheInverse) {
  graph::Reduce mean;
  mean.axes = {2, -1};
  const std::vector<Passing> cases = {
      {"unary", graph::Unary{graph::UnaryKind::kSigmoid, 0, 0}},
      {"clamp", graph::Clamp{0, 1}},
      {"binary with a channel constant", graph::Binary{BinaryKind::kMul, {}}, 1},
      {"binary with a scalar", graph::Binary{BinaryKind::kSub, {}}, 2},
      {"softmax", graph::Softmax{1, false}},
      {"pad", graph::Pad{graph::PadFill::kConstant, {0, 1, 2, 3, 0, 4, 5, 6}, 1}},
      {"slice", graph::Slice{{1}, {3}, {1}, {}}},
      {"slice of leading axes", graph::Slice{{0, 1}, {9, 3}, {}, {}}},
      {"reduce", mean},
  };
  for (const Passing& c : cases) {
    GraphBuilder b;
    const ValueId x = b.Input("x", {-1, 4, 5, 3});
    const ValueId nchw = b.Op(graph::Transpose{{0, 3, 1, 2}}, {x}, "nchw");
    std::vector<ValueId> inputs = {nchw};
    if (c.constants == 1) inputs.push_back(b.Weights("c", {3, 1, 1}));
    if (c.constants == 2) inputs.push_back(b.Scalar("c", 2));
    b.Output(b.Op(graph::Transpose{{0, 2, 3, 1}}, {b.Op(c.op, inputs, "y")}, "back"));
    SCOPED_TRACE(c.name);
    ExpectKeepsResults(SinkTransposes, b.graph());
    const std::string text = After(SinkTransposes, &b.graph());
    EXPECT_EQ(CountOf<graph::Transpose>(b.graph()), 0) << text;
  }
}

TEST(SinkTransposes, PassesABinaryAndLeavesOneTranspose) {
  GraphBuilder b;
  const ValueId x = b.Input("x", {-1, 4, 5, 3}), z = b.Input("z", {-1, 4, 5, 3});
  const ValueId a = b.Op(graph::Transpose{{0, 3, 1, 2}}, {x}, "a");
  const ValueId c = b.Op(graph::Transpose{{0, 3, 1, 2}}, {z}, "c");
  b.Output(b.Binary(BinaryKind::kAdd, a, c, "sum"));
  ExpectKeepsResults(SinkTransposes, b.graph());
  EXPECT_EQ(After(SinkTransposes, &b.graph()),
            "input %x f32[?,4,5,3]\n"
            "input %z f32[?,4,5,3]\n"
            "%sum/sunk f32[?,4,5,3] = Binary(%x, %z) kind=add\n"
            "%sum f32[?,3,4,5] = Transpose(%sum/sunk) perm=[0,3,1,2]  # sum/sunk\n"
            "output %sum f32[?,3,4,5]\n");
  EXPECT_EQ(CountOf<graph::Transpose>(b.graph()), kSunk);
}

TEST(SinkTransposes, PassesAConcatWithItsAxis) {
  GraphBuilder b;
  const ValueId x = b.Input("x", {-1, 4, 5, 3});
  const ValueId nchw = b.Op(graph::Transpose{{0, 3, 1, 2}}, {x}, "nchw");
  const ValueId relu = b.Op(graph::Clamp{0, 1}, {nchw}, "relu");
  const ValueId joined = b.Op(graph::Concat{-3}, {relu, nchw}, "joined");
  b.Output(b.Op(graph::Transpose{{0, 2, 3, 1}}, {joined}, "y"));
  ExpectKeepsResults(SinkTransposes, b.graph());
  EXPECT_EQ(After(SinkTransposes, &b.graph()),
            "input %x f32[?,4,5,3]\n"
            "%relu f32[?,4,5,3] = Clamp(%x) min=0 max=1\n"
            "%y f32[?,4,5,6] = Concat(%relu, %x) axis=3\n"
            "output %y f32[?,4,5,6]\n");
}

// [N,C,1,1] (a squeeze-and-excite gate) only needs another shape.
TEST(SinkTransposes, TakesAnOperandThatIsOnlyAnotherView) {
  GraphBuilder b;
  const ValueId x = b.Input("x", {-1, 4, 5, 3}), gate = b.Input("gate", {-1, 3, 1, 1});
  const ValueId nchw = b.Op(graph::Transpose{{0, 3, 1, 2}}, {x}, "nchw");
  b.Output(b.Binary(BinaryKind::kMul, gate, nchw, "y"));
  ExpectKeepsResults(SinkTransposes, b.graph());
  EXPECT_EQ(After(SinkTransposes, &b.graph()),
            "input %x f32[?,4,5,3]\n"
            "input %gate f32[?,3,1,1]\n"
            "%gate/view f32[?,1,1,3] = Reshape(%gate) shape=[-1,1,1,3]  # gate/view\n"
            "%y/sunk f32[?,4,5,3] = Binary(%gate/view, %x) kind=mul\n"
            "%y f32[?,3,4,5] = Transpose(%y/sunk) perm=[0,3,1,2]  # y/sunk\n"
            "output %y f32[?,3,4,5]\n");
}

TEST(SinkTransposes, StopsAtAnOperandInAnotherOrder) {
  GraphBuilder b;
  const ValueId x = b.Input("x", {-1, 4, 5, 3}), z = b.Input("z", {-1, 3, 4, 5});
  const ValueId nchw = b.Op(graph::Transpose{{0, 3, 1, 2}}, {x}, "nchw");
  b.Output(b.Binary(BinaryKind::kAdd, nchw, z, "sum"));
  EXPECT_EQ(After(SinkTransposes, &b.graph()),
            "input %x f32[?,4,5,3]\n"
            "input %z f32[?,3,4,5]\n"
            "%nchw f32[?,3,4,5] = Transpose(%x) perm=[0,3,1,2]\n"
            "%sum f32[?,3,4,5] = Binary(%nchw, %z) kind=add\n"
            "output %sum f32[?,3,4,5]\n");
}

TEST(SinkTransposes, LeavesTransposesToChannelsLast) {
  GraphBuilder b;
  const ValueId x = b.Input("x", {-1, 3, 4, 5});
  const ValueId nhwc = b.Op(graph::Transpose{{0, 2, 3, 1}}, {x}, "nhwc");
  b.Output(b.Op(graph::Clamp{0, 1}, {nhwc}, "y"));
  EXPECT_EQ(After(SinkTransposes, &b.graph()),
            "input %x f32[?,3,4,5]\n"
            "%nhwc f32[?,4,5,3] = Transpose(%x) perm=[0,2,3,1]\n"
            "%y f32[?,4,5,3] = Clamp(%nhwc) min=0 max=1\n"
            "output %y f32[?,4,5,3]\n");
}

TEST(SinkTransposes, ReduceWithoutKeptAxesOrdersWhatIsLeft) {
  for (const std::vector<int64_t>& axes : std::vector<std::vector<int64_t>>{{2, 3}, {0}, {1}, {}}) {
    GraphBuilder b;
    const ValueId x = b.Input("x", {-1, 4, 5, 3});
    const ValueId nchw = b.Op(graph::Transpose{{0, 3, 1, 2}}, {x}, "nchw");
    b.Output(b.Op(graph::Reduce{graph::ReduceKind::kMean, axes, false}, {nchw}, "y"));
    ExpectKeepsResults(SinkTransposes, b.graph());
  }
}

TEST(SinkTransposes, ShapeOfATransposeIsTheShapeReordered) {
  GraphBuilder b;
  const ValueId x = b.Input("x", {-1, 4, 5, 3});
  const ValueId nchw = b.Op(graph::Transpose{{0, 3, 1, 2}}, {x}, "nchw");
  b.Output(b.Op(graph::ShapeOf{0, 2, DType::kS64}, {nchw}, "shape"));
  const std::vector<Tensor> inputs = RandomInputs(b.graph(), 2, 1);
  After(SinkTransposes, &b.graph());
  EXPECT_EQ(CountOf<graph::Transpose>(b.graph()), 0);
  const StatusOr<std::vector<Tensor>> shape = Results(b.graph(), inputs);
  ASSERT_TRUE(shape.ok());
  EXPECT_EQ((*shape)[0].as<int64_t>()[0], 2);
  EXPECT_EQ((*shape)[0].as<int64_t>()[1], 3);
}

TEST(SinkTransposes, EqualTransposesOfOneValueAreShared) {
  GraphBuilder b;
  const ValueId x = b.Input("x", {-1, 3, 4, 5});
  const ValueId a = b.Op(graph::Transpose{{0, 2, 3, 1}}, {x}, "a");
  const ValueId c = b.Op(graph::Transpose{{0, 2, 3, 1}}, {x}, "c");
  b.Output(b.Op(graph::Clamp{0, 1}, {a}, "y"));
  b.Output(b.Op(graph::Clamp{0, 2}, {c}, "z"));
  After(SinkTransposes, &b.graph());
  EXPECT_EQ(CountOf<graph::Transpose>(b.graph()), kSunk);
}

}  // namespace
}  // namespace minnow::passes
