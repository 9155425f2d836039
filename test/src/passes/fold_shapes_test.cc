// Which shape arithmetic disappears although the batch is not known?
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

// Reshape(x, [ShapeOf(x)[0], 12]) as PyTorch writes x.view(x.size(0), 12).
TEST(FoldShapes, ReshapeToTheBatchTakesMinusOne) {
  GraphBuilder b;
  const ValueId x = b.Input("x", {-1, 3, 4});
  const ValueId shape = b.Op(graph::ShapeOf{}, {x}, "shape");
  const ValueId index = b.graph().AddConstant("index", *Tensor::Allocate(DType::kS64, Shape{}));
  ValueId batch = b.Op(graph::Gather{0}, {shape, index}, "batch");
  batch = b.Op(graph::Unsqueeze{{0}}, {batch}, "list");
  const ValueId target = b.Op(graph::Concat{0}, {batch, b.Ints("rest", {12})}, "target");
  b.Output(b.Op(graph::Reshape{}, {x, target}, "y"));
  ExpectKeepsResults(FoldShapes, b.graph());
  EXPECT_EQ(After(FoldShapes, &b.graph()),
            "input %x f32[?,3,4]\n"
            "%y f32[?,12] = Reshape(%x) shape=[-1,12]\n"
            "output %y f32[?,12]\n");
}

// As TF-slim ends: logits flattened for the softmax, then back to ShapeOf(logits).
TEST(FoldShapes, ReshapeBackToAnEarlierShape) {
  GraphBuilder b;
  const ValueId x = b.Input("x", {-1, 5});
  const ValueId shape = b.Op(graph::ShapeOf{0, 100, DType::kS32}, {x}, "shape");
  const ValueId flat = b.Op(graph::Reshape{{-1, 5}, false}, {x}, "flat");
  b.Output(b.Op(graph::Reshape{}, {b.Op(graph::Softmax{}, {flat}, "softmax"), shape}, "y"));
  ExpectKeepsResults(FoldShapes, b.graph());
  After(FoldShapes, &b.graph());
  EXPECT_EQ(CountOf<graph::ShapeOf>(b.graph()), 0);
}

// Two unknown dimensions: the one at its own place is copied.
TEST(FoldShapes, CopiesADimensionThatStaysInPlace) {
  GraphBuilder b;
  const ValueId x = b.Input("x", {-1, -1, 2, 3});
  const ValueId head = b.Op(graph::ShapeOf{0, 2, DType::kS64}, {x}, "head");
  const ValueId target = b.Op(graph::Concat{0}, {head, b.Ints("rest", {6})}, "target");
  b.Output(b.Op(graph::Reshape{}, {x, target}, "y"));
  ExpectKeepsResults(FoldShapes, b.graph());
  EXPECT_EQ(After(FoldShapes, &b.graph()),
            "input %x f32[?,?,2,3]\n"
            "%y f32[?,?,6] = Reshape(%x) shape=[0,0,6]\n"
            "output %y f32[?,?,6]\n");
}

TEST(FoldShapes, LeavesTwoDimensionsThatNeitherStayNorFollow) {
  GraphBuilder b;
  const ValueId x = b.Input("x", {-1, -1, 2});
  const ValueId shape = b.Op(graph::ShapeOf{}, {x}, "shape");
  const ValueId target = b.Op(graph::Gather{0}, {shape, b.Ints("order", {1, 0, 2})}, "target");
  b.Output(b.Op(graph::Reshape{}, {x, target}, "y"));
  ExpectKeepsResults(FoldShapes, b.graph());
  After(FoldShapes, &b.graph());
  EXPECT_EQ(CountOf<graph::ShapeOf>(b.graph()), 1);
}

TEST(FoldShapes, KeepsAListThatIsAllowedToHoldZeros) {
  GraphBuilder b;
  const ValueId x = b.Input("x", {-1, 0});
  const ValueId shape = b.Op(graph::ShapeOf{}, {x}, "shape");
  b.Output(b.Op(graph::Reshape{{}, true}, {x, shape}, "y"));
  After(FoldShapes, &b.graph());
  EXPECT_EQ(CountOf<graph::ShapeOf>(b.graph()), 1);
}

TEST(FoldShapes, StaticPartsOfADynamicShapeAreConstants) {
  GraphBuilder b;
  const ValueId x = b.Input("x", {-1, 3, 4});
  b.Output(b.Op(graph::Slice{{1}, {3}, {0}, {}}, {b.Op(graph::ShapeOf{}, {x}, "shape")}, "hw"));
  EXPECT_EQ(After(FoldShapes, &b.graph()),
            "input %x f32[?,3,4]\n"
            "%hw/folded = const i64[2] {3,4}\n"
            "%hw i64[2] = Identity(%hw/folded)  # hw\n"
            "output %hw i64[2]\n");
}

}  // namespace
}  // namespace minnow::passes
