// Ops whose output is as long as the data make it: NonZero, Compress, Unique, NonMaxSuppression.
#include <gtest/gtest.h>

#include "interpreter/eval_text.h"

namespace minnow::interpreter {
namespace {

using graph::Compress;
using graph::NonMaxSuppression;
using graph::NonZero;
using graph::Unique;

// The output of a graph of one op, as Eval writes it.
std::string RunOne(const graph::Op& op, const std::vector<Operand>& operands) {
  graph::Graph graph;
  std::vector<graph::ValueId> ids;
  std::vector<TensorView> views;
  for (const Operand& operand : operands) {
    if (!operand.present) {
      ids.push_back(graph::kNoValue);
      continue;
    }
    ids.push_back(graph.AddInput("x" + std::to_string(ids.size()), operand.tensor.dtype(),
                                 operand.tensor.shape()));
    views.push_back(operand.tensor.view());
  }
  graph.AddOutput(graph.AddNode("", op, ids, "y"));
  const StatusOr<std::vector<Tensor>> outputs = RunGraph(graph, views);
  if (!outputs.ok()) return outputs.status().message();
  return TextOf((*outputs)[0]);
}

TEST(NonZero, ListsThePlacesAxisByAxis) {
  EXPECT_EQ(RunOne(NonZero{}, {F32({2, 2}, {1, -0.0f, 0, 3})}), "i64[2,2] 0 1 0 1");
  EXPECT_EQ(RunOne(NonZero{}, {S64({2}, {0, 0})}), "i64[1,0]");
}

TEST(Compress, KeepsWhatTheConditionNames) {
  EXPECT_EQ(RunOne(Compress{false, 1}, {Iota({2, 3}), Bool({2}, {0, 1})}), "f32[2,1] 1 4");
  EXPECT_EQ(RunOne(Compress{}, {Iota({2, 3}), Bool({5}, {0, 1, 0, 0, 1})}), "f32[2] 1 4");
  EXPECT_EQ(RunOne(Compress{false, 0}, {Iota({2}), Bool({3}, {1, 1, 1})}),
            "node \"\" (Compress): a condition of 3 for 2 slices");
}

TEST(Unique, SortsOrKeepsTheOrderOfAppearance) {
  const Operand x = F32({5}, {2, 1, 1, 3, 2});
  const auto run = [&](Unique::Result result, bool sorted) {
    return RunOne(Unique{result, true, 0, sorted}, {x});
  };
  EXPECT_EQ(run(Unique::Result::kValues, true), "f32[3] 1 2 3");
  EXPECT_EQ(run(Unique::Result::kFirstIndices, true), "i64[3] 1 0 3");
  EXPECT_EQ(run(Unique::Result::kInverse, true), "i64[5] 1 0 0 2 1");
  EXPECT_EQ(run(Unique::Result::kCounts, true), "i64[3] 2 2 1");
  EXPECT_EQ(run(Unique::Result::kValues, false), "f32[3] 2 1 3");
  EXPECT_EQ(run(Unique::Result::kInverse, false), "i64[5] 0 1 1 2 0");
  EXPECT_EQ(
      RunOne(Unique{Unique::Result::kValues, false, 0, true}, {F32({3, 2}, {1, 2, 0, 5, 1, 2})}),
      "f32[2,2] 0 5 1 2");
}

TEST(NonMaxSuppression, DropsWhatOverlapsABetterBox) {
  // The second box covers most of the first, the third none of it.
  const Operand boxes = F32({1, 3, 4}, {0, 0, 1, 1, 0, 0.1f, 1, 1.1f, 0, 5, 1, 6});
  const Operand scores = F32({1, 1, 3}, {0.9f, 0.8f, 0.7f});
  const Operand most = S64({1}, {3});
  const Operand overlap = F32({1}, {0.5f});
  EXPECT_EQ(RunOne(NonMaxSuppression{}, {boxes, scores, most, overlap}), "i64[2,3] 0 0 0 0 0 2");
  EXPECT_EQ(RunOne(NonMaxSuppression{}, {boxes, scores, most, overlap, F32({1}, {0.75f})}),
            "i64[1,3] 0 0 0");
  EXPECT_EQ(RunOne(NonMaxSuppression{}, {boxes, scores, S64({1}, {1}), overlap}), "i64[1,3] 0 0 0");
  EXPECT_EQ(RunOne(NonMaxSuppression{}, {boxes, scores}), "i64[0,3]");
}

}  // namespace
}  // namespace minnow::interpreter
