// Pool2D, Reduce, Softmax by hand.
#include <gtest/gtest.h>

#include <limits>

#include "interpreter/eval_text.h"

namespace minnow::interpreter {
namespace {

using graph::PadMode;
using graph::Pool2D;
using graph::PoolKind;
using graph::Reduce;
using graph::ReduceKind;
using graph::Softmax;

constexpr float kInf = std::numeric_limits<float>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

Pool2D Square(PoolKind kind, int64_t kernel, int64_t stride) {
  Pool2D pool;
  pool.kind = kind;
  pool.kernel_h = pool.kernel_w = kernel;
  pool.stride_h = pool.stride_w = stride;
  return pool;
}

// One row of pixels.
Pool2D Row(PoolKind kind, int64_t kernel, int64_t stride) {
  Pool2D pool;
  pool.kind = kind;
  pool.kernel_w = kernel;
  pool.stride_w = stride;
  return pool;
}

TEST(Pool2D, TakesTheMaximumAndTheAverage) {
  const Operand grid = Iota({1, 3, 3, 1}, 1.0f);
  EXPECT_EQ(Eval(Square(PoolKind::kMax, 2, 1), {grid}), "f32[1,2,2,1] 5 6 8 9");
  EXPECT_EQ(Eval(Square(PoolKind::kAverage, 2, 1), {grid}), "f32[1,2,2,1] 3 4 6 7");
}

TEST(Pool2D, KeepsChannelsApartInBothLayouts) {
  Pool2D pool = Square(PoolKind::kMax, 2, 2);
  EXPECT_EQ(Eval(pool, {F32({1, 2, 2, 2}, {1, 80, 2, 70, 3, 60, 4, 50})}), "f32[1,1,1,2] 4 80");
  pool.layout = graph::DataLayout::kNCHW;
  EXPECT_EQ(Eval(pool, {F32({1, 2, 2, 2}, {1, 2, 3, 4, 80, 70, 60, 50})}), "f32[1,2,1,1] 4 80");
}

TEST(Pool2D, PaddingNeverWinsAMaximum) {
  Pool2D pool = Row(PoolKind::kMax, 3, 2);
  pool.padding = {PadMode::kExplicit, 0, 1, 0, 1};
  EXPECT_EQ(Eval(pool, {F32({1, 1, 4, 1}, {-5, -3, -4, -9})}), "f32[1,1,2,1] -3 -3");
}

TEST(Pool2D, AverageCountsPaddingOnlyWhenAsked) {
  Pool2D pool = Row(PoolKind::kAverage, 3, 2);
  pool.padding = {PadMode::kExplicit, 0, 1, 0, 1};
  const Operand row = F32({1, 1, 5, 1}, {6, 12, 3, 9, 15});
  EXPECT_EQ(Eval(pool, {row}), "f32[1,1,3,1] 9 8 12");
  pool.count_include_pad = true;
  EXPECT_EQ(Eval(pool, {row}), "f32[1,1,3,1] 6 8 8");
}

TEST(Pool2D, CeilModeOverhangIsNeverCounted) {
  Pool2D pool = Row(PoolKind::kAverage, 3, 2);
  const Operand row = F32({1, 1, 4, 1}, {3, 6, 9, 15});
  EXPECT_EQ(Eval(pool, {row}), "f32[1,1,1,1] 6");
  pool.ceil_mode = true;
  EXPECT_EQ(Eval(pool, {row}), "f32[1,1,2,1] 6 12");
  // With one pixel of end padding that pixel counts, the overhang after it does not.
  pool.count_include_pad = true;
  pool.kernel_w = 4;
  pool.stride_w = 3;
  pool.padding = {PadMode::kExplicit, 0, 0, 0, 1};
  EXPECT_EQ(Eval(pool, {row}), "f32[1,1,2,1] 8.25 7.5");
}

TEST(Pool2D, SamePaddingAveragesWhatIsThere) {
  Pool2D pool = Row(PoolKind::kAverage, 2, 1);
  pool.padding.mode = PadMode::kSameUpper;
  EXPECT_EQ(Eval(pool, {F32({1, 1, 3, 1}, {1, 3, 7})}), "f32[1,1,3,1] 2 5 7");
  pool.padding.mode = PadMode::kSameLower;
  EXPECT_EQ(Eval(pool, {F32({1, 1, 3, 1}, {1, 3, 7})}), "f32[1,1,3,1] 1 2 5");
}

TEST(Pool2D, DilationSkipsPixels) {
  Pool2D pool = Row(PoolKind::kMax, 2, 1);
  pool.dilation_w = 2;
  EXPECT_EQ(Eval(pool, {F32({1, 1, 4, 1}, {1, 9, 2, 3})}), "f32[1,1,2,1] 2 9");
  pool.padding = {PadMode::kExplicit, 0, 1, 0, 1};
  EXPECT_EQ(Eval(pool, {F32({1, 1, 4, 1}, {1, 9, 2, 3})}), "f32[1,1,4,1] 9 2 9 2");
}

TEST(Pool2D, AWindowOfPaddingOnlyHasNoMaximumAndNoAverage) {
  Pool2D pool = Row(PoolKind::kMax, 2, 1);
  pool.dilation_w = 2;
  pool.padding = {PadMode::kExplicit, 0, 1, 0, 1};
  EXPECT_EQ(Eval(pool, {F32({1, 1, 1, 1}, {5})}), "f32[1,1,1,1] -inf");
  pool.kind = PoolKind::kAverage;
  EXPECT_EQ(Eval(pool, {F32({1, 1, 1, 1}, {5})}), "f32[1,1,1,1] 0");
}

TEST(Pool2D, ANanWinsItsWindows) {
  EXPECT_EQ(Eval(Row(PoolKind::kMax, 2, 1), {F32({1, 1, 4, 1}, {1, kNan, 2, 3})}),
            "f32[1,1,3,1] nan nan 3");
}

TEST(Pool2D, TakesTheMaximumOfIntegers) {
  EXPECT_EQ(Eval(Row(PoolKind::kMax, 2, 2), {S8({1, 1, 4, 1}, {-9, -7, 3, -3})}),
            "i8[1,1,2,1] -7 3");
}

TEST(Reduce, ReducesAnyAxes) {
  const Operand x = Iota({2, 3, 2}, 1.0f);  // 1 2 3 4 5 6 / 7 8 9 10 11 12
  EXPECT_EQ(Eval(Reduce{ReduceKind::kSum, {1}, false}, {x}), "f32[2,2] 9 12 27 30");
  EXPECT_EQ(Eval(Reduce{ReduceKind::kSum, {0, 2}, true}, {x}), "f32[1,3,1] 18 26 34");
  EXPECT_EQ(Eval(Reduce{ReduceKind::kSum, {-1}, false}, {x}), "f32[2,3] 3 7 11 15 19 23");
  EXPECT_EQ(Eval(Reduce{ReduceKind::kSum, {}, false}, {x}), "f32[] 78");
  EXPECT_EQ(Eval(Reduce{ReduceKind::kSum, {}, true}, {x, S64({2}, {0, 1})}), "f32[1,1,2] 36 42");
}

TEST(Reduce, ComputesEveryKind) {
  const Operand x = F32({2, 2}, {1, 4, -3, 2});
  EXPECT_EQ(Eval(Reduce{ReduceKind::kMean, {1}, false}, {x}), "f32[2] 2.5 -0.5");
  EXPECT_EQ(Eval(Reduce{ReduceKind::kMax, {0}, false}, {x}), "f32[2] 1 4");
  EXPECT_EQ(Eval(Reduce{ReduceKind::kMin, {0}, false}, {x}), "f32[2] -3 2");
  EXPECT_EQ(Eval(Reduce{ReduceKind::kProd, {}, false}, {x}), "f32[] -24");
}

TEST(Reduce, WorksOnIntegersAndScalars) {
  const Operand x = S32({3}, {-7, 2, 1});
  EXPECT_EQ(Eval(Reduce{ReduceKind::kMean, {}, false}, {x}), "i32[] -1");
  EXPECT_EQ(Eval(Reduce{ReduceKind::kProd, {}, false}, {x}), "i32[] -14");
  EXPECT_EQ(Eval(Reduce{ReduceKind::kSum, {}, false}, {U8({2}, {200, 100})}), "u8[] 44");
  EXPECT_EQ(Eval(Reduce{ReduceKind::kMean, {}, false}, {U8({2}, {200, 100})}), "u8[] 150");
  EXPECT_EQ(Eval(Reduce{ReduceKind::kMax, {}, true}, {F32({}, {3})}), "f32[] 3");
}

TEST(Reduce, DefinesTheReductionOfNothing) {
  const Operand empty = F32({0, 2}, {});
  EXPECT_EQ(Eval(Reduce{ReduceKind::kSum, {0}, false}, {empty}), "f32[2] 0 0");
  EXPECT_EQ(Eval(Reduce{ReduceKind::kProd, {0}, false}, {empty}), "f32[2] 1 1");
  EXPECT_EQ(Eval(Reduce{ReduceKind::kMax, {0}, false}, {empty}), "f32[2] -inf -inf");
  EXPECT_EQ(Eval(Reduce{ReduceKind::kMin, {0}, false}, {empty}), "f32[2] inf inf");
  EXPECT_EQ(Eval(Reduce{ReduceKind::kMean, {0}, false}, {S32({0, 2}, {})}),
            "ERR_INVALID_ARGUMENT: the integer mean of no elements");
}

TEST(Softmax, SumsToOneAlongItsAxis) {
  const Operand x = F32({2, 2}, {0, 0, 1, 0});
  EXPECT_EQ(Eval(Softmax{}, {x}), "f32[2,2] 0.5 0.5 0.731059 0.268941");
  EXPECT_EQ(Eval(Softmax{0, false}, {x}), "f32[2,2] 0.268941 0.5 0.731059 0.5");
  EXPECT_EQ(Eval(Softmax{-1, true}, {x}), "f32[2,2] -0.693147 -0.693147 -0.313262 -1.31326");
}

TEST(Softmax, DoesNotOverflow) {
  EXPECT_EQ(Eval(Softmax{}, {F32({3}, {1e30f, 0, -kInf})}), "f32[3] 1 0 0");
  EXPECT_EQ(Eval(Softmax{-1, true}, {F32({2}, {0, -1000})}), "f32[2] 0 -1000");
  EXPECT_EQ(Eval(Softmax{}, {F32({2}, {0, kNan})}), "f32[2] nan nan");
}

}  // namespace
}  // namespace minnow::interpreter
