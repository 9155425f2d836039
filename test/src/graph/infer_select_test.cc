// Shapes of ops that pick elements by index.
#include <gtest/gtest.h>

#include <limits>

#include "graph/infer_text.h"

namespace minnow::graph {
namespace {

constexpr int64_t kMin = std::numeric_limits<int64_t>::min();
constexpr int64_t kMax = std::numeric_limits<int64_t>::max();

// "begin:count" as numpy would select.
std::string Select(int64_t dim, int64_t start, int64_t end, int64_t step) {
  const SliceRange range = ResolveSlice(dim, start, end, step);
  return std::to_string(range.begin) + ":" + std::to_string(range.count);
}

TEST(ResolveSlice, ClampsAsNumpyDoes) {
  EXPECT_EQ(Select(10, 2, 8, 1), "2:6");
  EXPECT_EQ(Select(10, 2, 8, 3), "2:2");
  EXPECT_EQ(Select(10, -3, kMax, 1), "7:3");
  EXPECT_EQ(Select(10, 0, -1, 1), "0:9");
  EXPECT_EQ(Select(10, kMin, kMax, 1), "0:10");
  EXPECT_EQ(Select(10, 8, 2, 1), "0:0");
  EXPECT_EQ(Select(10, 5, 6, kMax), "5:1");
  EXPECT_EQ(Select(0, 0, 5, 1), "0:0");
}

TEST(ResolveSlice, WalksBackwards) {
  EXPECT_EQ(Select(10, 8, 2, -2), "8:3");
  EXPECT_EQ(Select(10, kMax, kMin, -1), "9:10");
  EXPECT_EQ(Select(10, -1, -11, -1), "9:10");
  EXPECT_EQ(Select(10, -1, -1, -1), "0:0");
  EXPECT_EQ(Select(10, kMax, kMin, kMin), "9:1");
  EXPECT_EQ(Select(0, kMax, kMin, -1), "0:0");
}

TEST(InferSlice, ReadsInputsOrAttributes) {
  EXPECT_EQ(Infer(Slice{{1, 0}, {3, 4}, {}, {}}, {F32({5, 6})}), "f32[2,4]");
  EXPECT_EQ(Infer(Slice{}, {F32({5, 6}), Ints({1}), Ints({kMax}), Ints({-1}), Ints({2})}),
            "f32[5,3]");
  EXPECT_EQ(Infer(Slice{}, {F32({5, 6}), Ints({4}), Ints({kMin}), None(), Ints({-1})}), "f32[5,6]");
}

TEST(InferSlice, KnowsWhichDimsStayWhenBoundsAreComputed) {
  EXPECT_EQ(Infer(Slice{}, {F32({5, 6}), S64({1}), Ints({2}), Ints({1})}), "f32[5,?]");
  EXPECT_EQ(Infer(Slice{}, {F32({5, 6}), S64({1}), Ints({2})}), "f32[?,?]");
  EXPECT_EQ(Infer(Slice{{0}, {1}, {0}, {}}, {F32({-1, 6})}), "f32[?,6]");
}

TEST(InferSlice, RefusesBadLists) {
  EXPECT_EQ(Infer(Slice{{0}, {1}, {0}, {0}}, {F32({5})}), "ERR_INVALID_MODEL: a step is 0");
  EXPECT_EQ(Infer(Slice{{0}, {1, 2}, {}, {}}, {F32({5, 5})}),
            "ERR_INVALID_MODEL: starts, ends, axes and steps differ in length");
  EXPECT_EQ(Infer(Slice{{0}, {1}, {4}, {}}, {F32({5})}),
            "ERR_INVALID_MODEL: axis 4 is outside rank 1");
  EXPECT_EQ(Infer(Slice{}, {F32({5}), Ints({0})}),
            "ERR_INVALID_MODEL: starts and ends must both be given");
  EXPECT_EQ(Infer(Slice{{0, 0}, {1, 1}, {0, -1}, {}}, {F32({5})}),
            "ERR_INVALID_MODEL: axis 0 is named twice");
}

TEST(InferStridedSlice, AppliesMasks) {
  const auto infer = [](StridedSlice op, std::vector<int64_t> begin, std::vector<int64_t> end,
                        std::vector<int64_t> strides) {
    return Infer(op, {F32({4, 5, 6}), Ints(begin), Ints(end), Ints(strides)});
  };
  EXPECT_EQ(infer({}, {1, 1}, {3, 5}, {1, 2}), "f32[2,2,6]");
  EXPECT_EQ(infer({1, 2, 0}, {3, 1}, {3, 2}, {1, 1}), "f32[3,4,6]");
  EXPECT_EQ(infer({3, 3, 0}, {0, 0}, {0, 0}, {-1, 2}), "f32[4,3,6]");
  EXPECT_EQ(infer({0, 0, 1}, {-1}, {0}, {1}), "f32[5,6]");
  // A dropped axis takes one element, whatever the masks say.
  EXPECT_EQ(infer({1, 1, 1}, {2}, {2}, {1}), "f32[5,6]");
}

TEST(InferStridedSlice, RefusesBadIndices) {
  const auto infer = [](StridedSlice op, std::vector<int64_t> begin, std::vector<int64_t> end,
                        std::vector<int64_t> strides) {
    return Infer(op, {F32({4}), Ints(begin), Ints(end), Ints(strides)});
  };
  EXPECT_EQ(infer({0, 0, 1}, {4}, {5}, {1}),
            "ERR_INVALID_MODEL: index 4 is outside a dimension of 4");
  EXPECT_EQ(infer({0, 0, 1}, {0}, {1}, {-1}),
            "ERR_INVALID_MODEL: a dropped axis has a stride that is not positive");
  EXPECT_EQ(infer({}, {0}, {1}, {0}), "ERR_INVALID_MODEL: a step is 0");
  EXPECT_EQ(infer({}, {0, 0}, {1, 1}, {1, 1}),
            "ERR_INVALID_MODEL: 2 axes sliced of an input of rank 1");
  EXPECT_EQ(infer({}, {0}, {1, 1}, {1}),
            "ERR_INVALID_MODEL: begin, end and strides: 1 does not match 2");
}

TEST(InferStridedSlice, KeepsTheRankWhenBoundsAreComputed) {
  EXPECT_EQ(Infer(StridedSlice{0, 0, 1}, {F32({4, 5}), S64({1}), S64({1}), Ints({1})}), "f32[5]");
  EXPECT_EQ(Infer(StridedSlice{}, {F32({4, 5}), S64({1}), S64({1}), S64({1})}), "f32[?,5]");
  EXPECT_EQ(Infer(StridedSlice{0, 0, 1}, {F32({4, 5}), S64({-1}), S64({-1}), S64({-1})}), "f32[*]");
}

TEST(InferGather, PutsTheIndicesShapeInPlaceOfTheAxis) {
  EXPECT_EQ(Infer(Gather{1}, {F32({2, 3, 4}), S64({5, 6})}), "f32[2,5,6,4]");
  EXPECT_EQ(Infer(Gather{0}, {S64({4}), Of(DType::kS32, Shape{})}), "i64[]");
  EXPECT_EQ(Infer(Gather{2}, {F32({2, 3}), S64({1})}),
            "ERR_INVALID_MODEL: axis 2 is outside rank 2");
  EXPECT_EQ(Infer(Gather{0}, {F32({2, 3}), F32({1})}),
            "ERR_INVALID_MODEL: indices of type f32, expected i32 or i64");
}

}  // namespace
}  // namespace minnow::graph
