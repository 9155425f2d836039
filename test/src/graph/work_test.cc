#include "graph/work.h"

#include <gtest/gtest.h>

namespace minnow::graph {
namespace {

// The work of `op` on values of these shapes.
double WorkOfOp(Op op, const std::vector<Shape>& inputs, const Shape& output) {
  Graph graph;
  std::vector<ValueId> ids;
  for (const Shape& shape : inputs) ids.push_back(graph.AddInput("x", DType::kF32, shape));
  const ValueId result = graph.AddNode("n", std::move(op), std::move(ids), "y");
  graph.value(result).shape = output;
  return WorkOf(graph, *graph.ProducerOf(result));
}

TEST(WorkOf, CountsWhatIsReadAndWritten) {
  EXPECT_EQ(WorkOfOp(Unary{UnaryKind::kAbs}, {Shape{2, 3}}, Shape{2, 3}), 12);
  EXPECT_EQ(WorkOfOp(Binary{BinaryKind::kAdd, {}}, {Shape{4, 3}, Shape{3}}, Shape{4, 3}), 27);
}

TEST(WorkOf, TakesADimensionThatIsNotKnownForOne) {
  EXPECT_EQ(WorkOfOp(Unary{UnaryKind::kAbs}, {Shape{-1, 3}}, Shape{-1, 3}), 6);
  EXPECT_EQ(WorkOfOp(Unary{UnaryKind::kAbs}, {Shape{0, 3}}, Shape{0, 3}), 0);
}

TEST(WorkOf, MultipliesByTheTermsOfAProductOrWindow) {
  EXPECT_EQ(WorkOfOp(MatMul{}, {Shape{2, 5}, Shape{5, 3}}, Shape{2, 3}), 6 + 10 + 15 + 6 * 5);
  EXPECT_EQ(WorkOfOp(ConvNd{}, {Shape{1, 2, 9}, Shape{4, 2, 3}}, Shape{1, 4, 7}),
            28 + 18 + 24 + 28 * 24);
  PoolNd pool;
  pool.kernel = {100, 1000};
  EXPECT_EQ(WorkOfOp(pool, {Shape{1, 1, 2, 2}}, Shape{1, 1, 1, 1}), 1 + 4 + 100'000);
}

}  // namespace
}  // namespace minnow::graph
