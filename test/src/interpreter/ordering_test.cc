// ArgReduce, TopK and CumSum by hand.
#include <gtest/gtest.h>

#include <cmath>

#include "interpreter/eval_text.h"

namespace minnow::interpreter {
namespace {

using graph::ArgReduce;
using graph::CumSum;
using graph::TopK;

TEST(ArgReduce, FindsTheFirstOrLastExtreme) {
  const Operand x = F32({2, 3}, {1, 3, 3, 0, -1, -1});
  EXPECT_EQ(Eval(ArgReduce{false, 1, true, false}, {x}), "i64[2,1] 1 0");
  EXPECT_EQ(Eval(ArgReduce{false, 1, false, true}, {x}), "i64[2] 2 0");
  EXPECT_EQ(Eval(ArgReduce{true, -1, false, false}, {x}), "i64[2] 0 1");
  EXPECT_EQ(Eval(ArgReduce{false, 0, false, false}, {F32({2}, {1, NAN})}), "i64[] 1");
  EXPECT_EQ(Eval(ArgReduce{}, {F32({0}, {})}), "ERR_INVALID_MODEL: axis 0 has no elements");
}

TEST(TopK, OrdersValuesAndIndices) {
  const Operand x = F32({4, 1}, {1, 4, 2, 4});
  EXPECT_EQ(Eval(TopK{0, true, false}, {x, S64({1}, {3})}), "f32[3,1] 4 4 2");
  EXPECT_EQ(Eval(TopK{0, true, true}, {x, S64({1}, {3})}), "i64[3,1] 1 3 2");
  EXPECT_EQ(Eval(TopK{0, false, false}, {x, S64({1}, {2})}), "f32[2,1] 1 2");
  EXPECT_EQ(Eval(TopK{0, true, false}, {x, S64({1}, {5})}),
            "ERR_INVALID_MODEL: k is 5, the axis has 4 elements");
}

TEST(CumSum, RunsBothWays) {
  const Operand axis = S64({}, {0});
  EXPECT_EQ(Eval(CumSum{}, {F32({3}, {1, 2, 3}), axis}), "f32[3] 1 3 6");
  EXPECT_EQ(Eval(CumSum{true, false}, {F32({3}, {1, 2, 3}), axis}), "f32[3] 0 1 3");
  EXPECT_EQ(Eval(CumSum{true, true}, {S32({3}, {1, 2, 3}), axis}), "i32[3] 5 3 0");
  EXPECT_EQ(Eval(CumSum{}, {F32({3}, {1, 2, 3}), S64({}, {1})}),
            "ERR_INVALID_MODEL: axis 1 is outside rank 1");
}

}  // namespace
}  // namespace minnow::interpreter
