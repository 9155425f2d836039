// FullyConnected, Gemm, MatMul by hand.
#include <gtest/gtest.h>

#include "interpreter/eval_text.h"

namespace minnow::interpreter {
namespace {

using graph::FullyConnected;
using graph::Gemm;
using graph::MatMul;

// 1 2 3 / 4 5 6
Operand A() { return Iota({2, 3}, 1.0f); }
// The same, transposed.
Operand At() { return F32({3, 2}, {1, 4, 2, 5, 3, 6}); }
// 1 2 / 3 4 / 5 6
Operand B() { return Iota({3, 2}, 1.0f); }
Operand Bt() { return F32({2, 3}, {1, 3, 5, 2, 4, 6}); }

TEST(FullyConnected, MultipliesByTransposedWeightsAndActivates) {
  FullyConnected op;
  EXPECT_EQ(Eval(op, {A(), Bt()}), "f32[2,2] 22 28 49 64");
  op.activation.max = 30.0f;
  EXPECT_EQ(Eval(op, {A(), Bt(), F32({2}, {-2, 1})}), "f32[2,2] 20 29 30 30");
  EXPECT_EQ(Eval(FullyConnected{}, {Iota({2, 1, 3}, 1.0f), Bt()}), "f32[2,1,2] 22 28 49 64");
  EXPECT_EQ(Eval(FullyConnected{}, {Iota({3}, 1.0f), Bt()}), "f32[2] 22 28");
}

TEST(Gemm, AppliesEachFlag) {
  EXPECT_EQ(Eval(Gemm{}, {A(), B()}), "f32[2,2] 22 28 49 64");
  EXPECT_EQ(Eval(Gemm{1, 1, true, false}, {At(), B()}), "f32[2,2] 22 28 49 64");
  EXPECT_EQ(Eval(Gemm{1, 1, false, true}, {A(), Bt()}), "f32[2,2] 22 28 49 64");
  EXPECT_EQ(Eval(Gemm{1, 1, true, true}, {At(), Bt()}), "f32[2,2] 22 28 49 64");
}

TEST(Gemm, ScalesAndBroadcastsC) {
  EXPECT_EQ(Eval(Gemm{2, 10}, {A(), B(), F32({2}, {1, 2})}), "f32[2,2] 54 76 108 148");
  EXPECT_EQ(Eval(Gemm{}, {A(), B(), F32({2, 1}, {100, 200})}), "f32[2,2] 122 128 249 264");
  EXPECT_EQ(Eval(Gemm{}, {A(), B(), F32({}, {1})}), "f32[2,2] 23 29 50 65");
  EXPECT_EQ(Eval(Gemm{0.5f, 1}, {A(), B(), F32({2, 2}, {1, 2, 3, 4})}), "f32[2,2] 12 16 27.5 36");
}

TEST(MatMul, TreatsListsAsRowsAndColumns) {
  EXPECT_EQ(Eval(MatMul{}, {A(), B()}), "f32[2,2] 22 28 49 64");
  EXPECT_EQ(Eval(MatMul{}, {Iota({3}, 1.0f), B()}), "f32[2] 22 28");
  EXPECT_EQ(Eval(MatMul{}, {A(), Iota({3}, 1.0f)}), "f32[2] 14 32");
  EXPECT_EQ(Eval(MatMul{}, {Iota({3}, 1.0f), Iota({3}, 1.0f)}), "f32[] 14");
  EXPECT_EQ(Eval(MatMul{true, true}, {At(), Bt()}), "f32[2,2] 22 28 49 64");
}

TEST(MatMul, BroadcastsBatches) {
  // Batches {[1 2], [3 4]} times columns {[1 10], [100 1000], [0 1]}.
  EXPECT_EQ(
      Eval(MatMul{}, {F32({2, 1, 1, 2}, {1, 2, 3, 4}), F32({3, 2, 1}, {1, 10, 100, 1000, 0, 1})}),
      "f32[2,3,1,1] 21 2100 2 43 4300 4");
  EXPECT_EQ(Eval(MatMul{}, {F32({2, 1, 2}, {1, 2, 3, 4}), F32({2}, {1, 10})}), "f32[2,1] 21 43");
  EXPECT_EQ(Eval(MatMul{}, {F32({2}, {1, 10}), F32({2, 2, 1}, {1, 2, 3, 4})}), "f32[2,1] 21 43");
}

TEST(MatMul, SumsNothingToZero) {
  EXPECT_EQ(Eval(MatMul{}, {F32({1, 0}, {}), F32({0, 2}, {})}), "f32[1,2] 0 0");
}

}  // namespace
}  // namespace minnow::interpreter
