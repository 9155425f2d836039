// GatherElements, GatherNd, ScatterElements, ScatterNd and ReverseSequence by hand.
#include <gtest/gtest.h>

#include "interpreter/eval_text.h"

namespace minnow::interpreter {
namespace {

using graph::GatherElements;
using graph::GatherNd;
using graph::ReverseSequence;
using graph::ScatterElements;
using graph::ScatterKind;
using graph::ScatterNd;

TEST(GatherElements, TakesOneElementAnIndex) {
  EXPECT_EQ(Eval(GatherElements{1}, {Iota({2, 3}), S64({2, 2}, {0, -1, 1, 1})}),
            "f32[2,2] 0 2 4 4");
  EXPECT_EQ(Eval(GatherElements{0}, {Iota({2, 3}), S32({1, 3}, {1, 0, -2})}), "f32[1,3] 3 1 2");
}

TEST(GatherElements, RefusesIndicesOutside) {
  EXPECT_EQ(Eval(GatherElements{0}, {Iota({2}), S64({1}, {2})}),
            "ERR_INVALID_ARGUMENT: index 2 is outside a dimension of 2");
  EXPECT_EQ(Eval(GatherElements{0}, {Iota({2, 3}), S64({1, 4}, {0, 0, 0, 0})}),
            "ERR_INVALID_MODEL: indices of the shape [1,4] do not fit [2,3]");
}

TEST(GatherNd, TakesElementsSlicesAndSharedAxes) {
  EXPECT_EQ(Eval(GatherNd{}, {Iota({2, 2}), S64({2, 2}, {0, 0, 1, -1})}), "f32[2] 0 3");
  EXPECT_EQ(Eval(GatherNd{}, {Iota({2, 2}), S64({1, 1}, {1})}), "f32[1,2] 2 3");
  EXPECT_EQ(Eval(GatherNd{1}, {Iota({2, 2}), S64({2, 1}, {1, 0})}), "f32[2] 1 2");
  EXPECT_EQ(Eval(GatherNd{}, {Iota({2, 2}), S64({1, 3}, {0, 0, 0})}),
            "ERR_INVALID_MODEL: indices of the shape [1,3] do not fit [2,2] behind 0 shared axes");
  EXPECT_EQ(Eval(GatherNd{}, {Iota({2, 2}), S64({1, 1}, {5})}),
            "ERR_INVALID_ARGUMENT: index 5 is outside a dimension of 2");
}

TEST(ScatterElements, ReplacesOrCombines) {
  const Operand indices = S64({3}, {1, 1, -1});
  const Operand updates = F32({3}, {10, 20, 30});
  EXPECT_EQ(Eval(ScatterElements{0}, {Iota({3}), indices, updates}), "f32[3] 0 20 30");
  EXPECT_EQ(Eval(ScatterElements{0, ScatterKind::kAdd}, {Iota({3}), indices, updates}),
            "f32[3] 0 31 32");
  EXPECT_EQ(Eval(ScatterElements{0, ScatterKind::kMin}, {Iota({3}), indices, updates}),
            "f32[3] 0 1 2");
  const Operand bytes = Typed<int8_t>(DType::kS8, {1}, {100});
  EXPECT_EQ(Eval(ScatterElements{0, ScatterKind::kAdd}, {bytes, S64({1}, {0}), bytes}),
            "i8[1] -56");
  EXPECT_EQ(Eval(ScatterElements{0}, {Iota({3}), S64({1}, {3}), F32({1}, {1})}),
            "ERR_INVALID_ARGUMENT: index 3 is outside a dimension of 3");
  EXPECT_EQ(Eval(ScatterElements{0}, {Iota({3}), S64({1}, {0}), F32({2}, {1, 2})}),
            "ERR_INVALID_MODEL: the updates has the shape [2], expected [1]");
}

TEST(ScatterNd, ReplacesSlices) {
  EXPECT_EQ(Eval(ScatterNd{}, {Iota({2, 2}), S64({1, 1}, {-1}), F32({1, 2}, {8, 9})}),
            "f32[2,2] 0 1 8 9");
  EXPECT_EQ(Eval(ScatterNd{ScatterKind::kMul},
                 {Iota({2, 2}), S64({2, 2}, {1, 1, 1, 1}), F32({2}, {2, 3})}),
            "f32[2,2] 0 1 2 18");
}

TEST(ReverseSequence, TurnsTheFirstStepsOfEachBatch) {
  EXPECT_EQ(Eval(ReverseSequence{1, 0}, {Iota({2, 3}), S64({2}, {2, 3})}), "f32[2,3] 1 0 2 5 4 3");
  EXPECT_EQ(Eval(ReverseSequence{1, 0}, {Iota({2, 3}), S64({2}, {2, 4})}),
            "ERR_INVALID_ARGUMENT: a sequence of 4 steps in an axis of 3");
  EXPECT_EQ(Eval(ReverseSequence{1, 1}, {Iota({2, 3}), S64({3}, {1, 1, 1})}),
            "ERR_INVALID_MODEL: time_axis 1 and batch_axis 1 of an input of rank 2");
}

}  // namespace
}  // namespace minnow::interpreter
