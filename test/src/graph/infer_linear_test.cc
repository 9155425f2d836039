// Shapes of matrix products.
#include <gtest/gtest.h>

#include <limits>

#include "graph/infer_text.h"

namespace minnow::graph {
namespace {

TEST(InferFullyConnected, ReplacesTheLastDim) {
  EXPECT_EQ(Infer(FullyConnected{}, {F32({-1, 16}), F32({10, 16}), F32({10})}), "f32[?,10]");
  EXPECT_EQ(Infer(FullyConnected{}, {F32({2, 3, 16}), F32({10, 16})}), "f32[2,3,10]");
  EXPECT_EQ(Infer(FullyConnected{}, {Unranked(), F32({10, 16})}), "f32[*]");
  EXPECT_EQ(Infer(FullyConnected{}, {F32({2, 15}), F32({10, 16})}),
            "ERR_INVALID_MODEL: input and weight columns: 15 does not match 16");
  EXPECT_EQ(Infer(FullyConnected{}, {F32({2, 16}), F32({10, 16}), F32({1})}),
            "ERR_INVALID_MODEL: bias and output channels: 1 does not match 10");
  EXPECT_EQ(Infer(FullyConnected{}, {F32({}), F32({10, 16})}),
            "ERR_INVALID_MODEL: the input is a scalar");
}

TEST(InferGemm, AppliesTransposesAndBroadcastsC) {
  EXPECT_EQ(Infer(Gemm{}, {F32({2, 3}), F32({3, 4})}), "f32[2,4]");
  EXPECT_EQ(Infer(Gemm{1, 1, true, true}, {F32({3, -1}), F32({4, 3}), F32({4})}), "f32[?,4]");
  EXPECT_EQ(Infer(Gemm{}, {F32({2, 3}), F32({3, 4}), F32({2, 1})}), "f32[2,4]");
  EXPECT_EQ(Infer(Gemm{}, {F32({2, 3}), F32({3, 4}), F32({})}), "f32[2,4]");
}

TEST(InferGemm, RefusesWhatDoesNotMultiply) {
  EXPECT_EQ(Infer(Gemm{}, {F32({2, 3}), F32({4, 4})}),
            "ERR_INVALID_MODEL: columns of A and rows of B: 3 does not match 4");
  EXPECT_EQ(Infer(Gemm{}, {F32({2, 3, 1}), F32({4, 4})}),
            "ERR_INVALID_MODEL: A has the shape [2,3,1], expected rank 2");
  EXPECT_EQ(Infer(Gemm{}, {F32({2, 3}), F32({3, 4}), F32({2})}),
            "ERR_INVALID_MODEL: C and the product: 2 does not match 4");
  EXPECT_EQ(Infer(Gemm{}, {F32({2, 3}), F32({3, 4}), F32({1, 2, 4})}),
            "ERR_INVALID_MODEL: C has the shape [1,2,4], expected rank 2 at most");
  EXPECT_EQ(Infer(Gemm{std::numeric_limits<float>::infinity()}, {F32({2, 3}), F32({3, 4})}),
            "ERR_INVALID_MODEL: alpha inf or beta 1 is not finite");
}

TEST(InferMatMul, FollowsNumpy) {
  EXPECT_EQ(Infer(MatMul{}, {F32({2, 3}), F32({3, 4})}), "f32[2,4]");
  EXPECT_EQ(Infer(MatMul{}, {F32({5, 1, 2, 3}), F32({6, 3, 4})}), "f32[5,6,2,4]");
  EXPECT_EQ(Infer(MatMul{}, {F32({3}), F32({5, 3, 4})}), "f32[5,4]");
  EXPECT_EQ(Infer(MatMul{}, {F32({5, 2, 3}), F32({3})}), "f32[5,2]");
  EXPECT_EQ(Infer(MatMul{}, {F32({3}), F32({3})}), "f32[]");
  EXPECT_EQ(Infer(MatMul{true, true}, {F32({3, 2}), F32({4, 3})}), "f32[2,4]");
}

TEST(InferMatMul, RefusesWhatDoesNotMultiply) {
  EXPECT_EQ(Infer(MatMul{}, {F32({2, 3}), F32({2, 3})}),
            "ERR_INVALID_MODEL: columns of A and rows of B: 3 does not match 2");
  EXPECT_EQ(Infer(MatMul{}, {F32({}), F32({2, 3})}), "ERR_INVALID_MODEL: an operand is a scalar");
  EXPECT_EQ(Infer(MatMul{true, false}, {F32({2}), F32({2, 3})}),
            "ERR_INVALID_MODEL: an operand of rank 1 cannot be transposed");
  EXPECT_EQ(Infer(MatMul{}, {S64({2, 3}), S64({3, 2})}),
            "ERR_UNSUPPORTED: elements of type i64; f32, f64 and f16 are supported");
}

}  // namespace
}  // namespace minnow::graph
