// Conv2D by hand, and in every layout against itself.
#include <gtest/gtest.h>

#include <random>

#include "graph/op_rules.h"
#include "interpreter/eval_text.h"

namespace minnow::interpreter {
namespace {

using graph::Conv2D;
using graph::DataLayout;
using graph::PadMode;
using graph::WeightLayout;

// A kernel of ones: each output is the sum of its window.
Operand Ones(Shape shape) {
  return F32(shape, std::vector<float>(static_cast<size_t>(shape.ElementCount()), 1.0f));
}

Conv2D Strided(int64_t stride, PadMode mode) {
  Conv2D conv;
  conv.stride_h = conv.stride_w = stride;
  conv.padding.mode = mode;
  return conv;
}

// 1 2 3 / 4 5 6 / 7 8 9
Operand Grid3() { return Iota({1, 3, 3, 1}, 1.0f); }

TEST(Conv2D, SumsAWindowWithoutPadding) {
  EXPECT_EQ(Eval(Strided(1, PadMode::kValid), {Grid3(), Ones({1, 2, 2, 1})}),
            "f32[1,2,2,1] 12 16 24 28");
  EXPECT_EQ(Eval(Strided(2, PadMode::kValid), {Grid3(), Ones({1, 1, 1, 1})}),
            "f32[1,2,2,1] 1 3 7 9");
}

TEST(Conv2D, IsACorrelationThatDoesNotFlipTheKernel) {
  EXPECT_EQ(Eval(Strided(1, PadMode::kValid), {Grid3(), F32({1, 2, 2, 1}, {1, 10, 100, 1000})}),
            "f32[1,2,2,1] 5421 6532 8754 9865");
}

TEST(Conv2D, SamePadsAnOddSizeOnBothSides) {
  EXPECT_EQ(Eval(Strided(2, PadMode::kSameUpper), {Grid3(), Ones({1, 3, 3, 1})}),
            "f32[1,2,2,1] 12 16 24 28");
}

TEST(Conv2D, SamePadsAnEvenSizeOnTheNamedSide) {
  const Operand row = F32({1, 1, 4, 1}, {1, 2, 3, 4});
  EXPECT_EQ(Eval(Strided(2, PadMode::kSameUpper), {row, Ones({1, 1, 3, 1})}), "f32[1,1,2,1] 6 7");
  EXPECT_EQ(Eval(Strided(2, PadMode::kSameLower), {row, Ones({1, 1, 3, 1})}), "f32[1,1,2,1] 3 9");
}

TEST(Conv2D, ReadsExplicitPaddingAsTopLeftBottomRight) {
  Conv2D conv;
  conv.padding = {PadMode::kExplicit, 1, 0, 0, 2};
  EXPECT_EQ(Eval(conv, {F32({1, 1, 2, 1}, {1, 2}), Ones({1, 1, 1, 1})}),
            "f32[1,2,4,1] 0 0 0 0 1 2 0 0");
}

TEST(Conv2D, PadsFurtherThanTheKernelReaches) {
  Conv2D conv;
  conv.padding = {PadMode::kExplicit, 0, 3, 0, 3};
  EXPECT_EQ(Eval(conv, {F32({1, 1, 1, 1}, {5}), Ones({1, 1, 2, 1})}), "f32[1,1,6,1] 0 0 5 5 0 0");
}

TEST(Conv2D, DilationSkipsPixels) {
  Conv2D conv = Strided(1, PadMode::kValid);
  conv.dilation_h = conv.dilation_w = 2;
  EXPECT_EQ(Eval(conv, {Grid3(), Ones({1, 2, 2, 1})}), "f32[1,1,1,1] 20");
  conv.padding.mode = PadMode::kSameUpper;
  EXPECT_EQ(Eval(conv, {Grid3(), Ones({1, 3, 3, 1})}), "f32[1,3,3,1] 20 10 20 10 5 10 20 10 20");
}

TEST(Conv2D, GroupsSeeTheirOwnChannelsOnly) {
  Conv2D conv;
  conv.groups = 2;
  // Channels 1 2 | 3 4; two outputs a group: the sum and the difference.
  EXPECT_EQ(
      Eval(conv, {F32({1, 1, 1, 4}, {1, 2, 3, 4}), F32({4, 1, 1, 2}, {1, 1, 1, -1, 1, 1, 1, -1})}),
      "f32[1,1,1,4] 3 -1 7 -1");
}

TEST(Conv2D, DepthwiseMultiplierNumbersChannelsFirst) {
  Conv2D conv = Strided(1, PadMode::kValid);
  conv.groups = 2;
  conv.weight_layout = WeightLayout::kHWCM;
  // x is two pixels of two channels; weights [1,2,2,3]: channel c gets (c+1) * 10^m at pixel 0.
  EXPECT_EQ(Eval(conv, {F32({1, 1, 2, 2}, {1, 2, 3, 4}),
                        F32({1, 2, 2, 3}, {1, 10, 100, 2, 20, 200, 0, 0, 0, 1, 1, 1})}),
            "f32[1,1,1,6] 1 10 100 8 44 404");
}

TEST(Conv2D, AddsBiasThenResidualThenActivates) {
  Conv2D conv;
  conv.activation.min = 0.0f;
  conv.activation.max = 6.0f;
  EXPECT_EQ(Eval(conv, {F32({1, 1, 3, 1}, {1, 2, 3}), F32({1, 1, 1, 1}, {2}), F32({1}, {-5}),
                        F32({1, 1, 3, 1}, {1, 2, 10})}),
            "f32[1,1,3,1] 0 1 6");
  conv.activation.kind = graph::Activation::Kind::kHardSwish;
  EXPECT_EQ(Eval(conv, {F32({1, 1, 3, 1}, {-4, 1, 3}), F32({1, 1, 1, 1}, {1}), None(), None()}),
            "f32[1,1,3,1] -0 0.666667 3");
}

TEST(Conv2D, KeepsImagesOfABatchApart) {
  EXPECT_EQ(Eval(Strided(1, PadMode::kValid), {Iota({2, 1, 2, 1}, 1.0f), Ones({1, 1, 2, 1})}),
            "f32[2,1,1,1] 3 7");
}

TEST(Conv2D, WorksInDoubleAndSumsInDouble) {
  EXPECT_EQ(Eval(Conv2D{}, {F64({1, 1, 1, 2}, {3, 4}), F64({1, 1, 1, 2}, {5, 6})}),
            "f64[1,1,1,1] 39");
  // In float, 1e8 + 1 - 1e8 would be 0.
  EXPECT_EQ(Eval(Conv2D{}, {F32({1, 1, 1, 3}, {1e8f, 1, -1e8f}), Ones({1, 1, 1, 3})}),
            "f32[1,1,1,1] 1");
}

TEST(Conv2D, WorksInHalfPrecision) {
  // 3 * 5 = 15
  EXPECT_EQ(Eval(Conv2D{}, {F16({1, 1, 1, 1}, {0x4200}), F16({1, 1, 1, 1}, {0x4500})}),
            "f16[1,1,1,1] 4b80");
}

Operand Permuted(const Operand& x, std::vector<int64_t> perm) {
  Operand y;
  y.tensor = *EvalTensor(graph::Transpose{std::move(perm)}, {x});
  y.present = true;
  return y;
}

TEST(Conv2D, GivesTheSameNumbersInEveryLayout) {
  std::mt19937 random(3);
  const auto pick = [&](int low, int high) {
    return std::uniform_int_distribution<int64_t>(low, high)(random);
  };
  const auto tensor = [&](Shape shape) {
    std::vector<float> values(static_cast<size_t>(shape.ElementCount()));
    for (float& value : values) value = static_cast<float>(pick(-9, 9));
    return F32(shape, values);
  };
  for (int i = 0; i < 200; ++i) {
    Conv2D conv;
    conv.stride_h = pick(1, 2);
    conv.stride_w = pick(1, 3);
    conv.dilation_h = pick(1, 2);
    conv.groups = pick(1, 3);
    conv.padding.mode = static_cast<PadMode>(pick(0, 3));
    conv.padding.top = pick(0, 2);
    conv.padding.right = pick(0, 2);
    const int64_t inputs = pick(1, 3), outputs = conv.groups * pick(1, 3);
    const Operand x = tensor({pick(1, 2), pick(5, 7), pick(5, 7), inputs * conv.groups});
    const Operand w = tensor({outputs, pick(1, 3), pick(1, 3), inputs});
    const std::string expected = Eval(conv, {x, w});
    conv.weight_layout = WeightLayout::kOIHW;
    ASSERT_EQ(Eval(conv, {x, Permuted(w, {0, 3, 1, 2})}), expected);
    conv.weight_layout = WeightLayout::kHWIO;
    const Operand hwio = Permuted(w, {1, 2, 3, 0});
    ASSERT_EQ(Eval(conv, {x, hwio}), expected);
    if (inputs == 1) {
      // [H,W,1,O] and [H,W,C,M] hold the same elements in the same order.
      const Shape& shape = hwio.tensor.shape();
      Operand hwcm = hwio;
      hwcm.tensor =
          hwio.tensor.Reshaped(Shape{shape[0], shape[1], conv.groups, outputs / conv.groups});
      conv.weight_layout = WeightLayout::kHWCM;
      ASSERT_EQ(Eval(conv, {x, hwcm}), expected);
      conv.weight_layout = WeightLayout::kHWIO;
    }
    conv.layout = DataLayout::kNCHW;
    const StatusOr<Tensor> nchw = EvalTensor(conv, {Permuted(x, {0, 3, 1, 2}), hwio});
    ASSERT_TRUE(nchw.ok());
    ASSERT_EQ(TextOf(Permuted(Operand{*nchw, true}, {0, 2, 3, 1}).tensor), expected);
  }
}

}  // namespace
}  // namespace minnow::interpreter
