// Which unknown dimensions are known to be equal?
#include "passes/symbolic_shapes.h"

#include "passes/pass_testing.h"

namespace minnow::passes {
namespace {

using graph::BinaryKind;
using graph::ValueId;

StatusOr<SymbolicShapes> Analyzed(GraphBuilder* b, ValueId output) {
  b->Output(output);
  MINNOW_RETURN_IF_ERROR(Settle(&b->graph()));
  return SymbolicShapes::Analyze(b->graph());
}

TEST(SymbolicShapes, BatchTravelsThroughALayer) {
  GraphBuilder b;
  const ValueId x = b.Input("x", {-1, 4, 4, 3});
  ValueId y = b.Op(graph::Conv2D{}, {x, b.Weights("w", {2, 3, 3, 3})}, "conv");
  y = b.Op(graph::Reduce{graph::ReduceKind::kMean, {1, 2}, false}, {y}, "mean");
  y = b.Op(graph::Softmax{}, {y}, "y");
  const StatusOr<SymbolicShapes> shapes = Analyzed(&b, y);
  ASSERT_TRUE(shapes.ok());
  ASSERT_EQ(shapes->DimsOf(y)->size(), 2u);
  EXPECT_EQ((*shapes->DimsOf(y))[0], (*shapes->DimsOf(x))[0]);
  EXPECT_TRUE((*shapes->DimsOf(y))[1].IsConstant());
}

TEST(SymbolicShapes, TwoInputsMayDiffer) {
  GraphBuilder b;
  const ValueId x = b.Input("x", {-1, 3}), y = b.Input("y", {-1, 3});
  const ValueId sum = b.Binary(BinaryKind::kAdd, x, y, "sum");
  const StatusOr<SymbolicShapes> shapes = Analyzed(&b, sum);
  ASSERT_TRUE(shapes.ok());
  EXPECT_FALSE(shapes->AreEqual(x, y));
  EXPECT_FALSE(shapes->AreEqual(x, sum));
  EXPECT_TRUE(shapes->AreEqual(x, x));
}

TEST(SymbolicShapes, FlattenMultipliesAndReshapeDivides) {
  GraphBuilder b;
  const ValueId x = b.Input("x", {-1, -1, 4});
  const ValueId flat = b.Op(graph::Flatten{2}, {x}, "flat");                    // [N*T, 4]
  const ValueId split = b.Op(graph::Reshape{{-1, 2}, false}, {flat}, "split");  // [2*N*T, 2]
  const StatusOr<SymbolicShapes> shapes = Analyzed(&b, split);
  ASSERT_TRUE(shapes.ok());
  EXPECT_EQ((*shapes->DimsOf(flat))[0].symbols.size(), 2u);
  EXPECT_EQ((*shapes->DimsOf(split))[0].factor, 2);
  EXPECT_EQ((*shapes->DimsOf(split))[0].symbols, (*shapes->DimsOf(flat))[0].symbols);
}

TEST(SymbolicShapes, ElementsOfAShapeListAreSymbols) {
  GraphBuilder b;
  const ValueId x = b.Input("x", {-1, 5, -1});
  const ValueId shape = b.Op(graph::ShapeOf{}, {x}, "shape");
  const ValueId doubled = b.Binary(BinaryKind::kMul, shape, b.Ints("two", {2}), "doubled");
  const ValueId total = b.Op(graph::Reduce{graph::ReduceKind::kProd, {0}, true}, {doubled}, "all");
  const StatusOr<SymbolicShapes> shapes = Analyzed(&b, total);
  ASSERT_TRUE(shapes.ok());
  const IntElements* list = shapes->ElementsOf(doubled);
  ASSERT_NE(list, nullptr);
  EXPECT_EQ(*list->elements[1], (Dim{10, {}}));
  EXPECT_EQ(list->elements[0]->factor, 2);
  EXPECT_EQ(list->elements[0]->symbols, (*shapes->DimsOf(x))[0].symbols);
  ASSERT_NE(shapes->ElementsOf(total), nullptr);
  EXPECT_EQ(shapes->ElementsOf(total)->elements[0]->factor, 40);
}

TEST(SymbolicShapes, DivideIsExactOrNothing) {
  EXPECT_EQ(*Divide({6, {1, 2}}, {3, {2}}), (Dim{2, {1}}));
  EXPECT_FALSE(Divide({6, {1}}, {4, {}}).has_value());
  EXPECT_FALSE(Divide({6, {1}}, {3, {2}}).has_value());
  EXPECT_FALSE(Divide({6, {1, 2}}, {3, {2, 2}}).has_value());
  EXPECT_FALSE(Divide({6, {}}, {0, {}}).has_value());
  EXPECT_FALSE(Multiply({int64_t{1} << 40, {}}, {int64_t{1} << 40, {}}).has_value());
}

}  // namespace
}  // namespace minnow::passes
