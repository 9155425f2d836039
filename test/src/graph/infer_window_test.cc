// Padding arithmetic, and the shapes of convolution and pooling.
#include <gtest/gtest.h>

#include <random>

#include "graph/infer_text.h"

namespace minnow::graph {
namespace {

// "output begin end", or the error.
std::string Resolve(int64_t input, int64_t kernel, int64_t stride, int64_t dilation, PadMode mode,
                    int64_t begin = 0, int64_t end = 0, bool ceil_mode = false) {
  const StatusOr<Window> window =
      ResolveWindow(input, kernel, stride, dilation, mode, begin, end, ceil_mode);
  if (!window.ok()) return TextOf(window.status());
  return std::to_string(window->output) + " " + std::to_string(window->pad_begin) + " " +
         std::to_string(window->pad_end);
}

TEST(ResolveWindow, SameGivesTheOddPixelToTheNamedSide) {
  EXPECT_EQ(Resolve(224, 3, 2, 1, PadMode::kSameUpper), "112 0 1");
  EXPECT_EQ(Resolve(224, 3, 2, 1, PadMode::kSameLower), "112 1 0");
  EXPECT_EQ(Resolve(225, 3, 2, 1, PadMode::kSameUpper), "113 1 1");
  EXPECT_EQ(Resolve(5, 3, 1, 1, PadMode::kSameUpper), "5 1 1");
  EXPECT_EQ(Resolve(5, 2, 1, 1, PadMode::kSameUpper), "5 0 1");
  EXPECT_EQ(Resolve(5, 3, 1, 2, PadMode::kSameUpper), "5 2 2");
}

TEST(ResolveWindow, SamePadsNothingWhenTheStridePassesTheKernel) {
  EXPECT_EQ(Resolve(7, 1, 2, 1, PadMode::kSameUpper), "4 0 0");
}

TEST(ResolveWindow, ValidAndExplicitRoundDown) {
  EXPECT_EQ(Resolve(7, 3, 2, 1, PadMode::kValid, 9, 9), "3 0 0");
  EXPECT_EQ(Resolve(8, 3, 2, 1, PadMode::kValid), "3 0 0");
  EXPECT_EQ(Resolve(224, 3, 2, 1, PadMode::kExplicit, 1, 1), "112 1 1");
  EXPECT_EQ(Resolve(7, 3, 1, 2, PadMode::kExplicit, 0, 1), "4 0 1");
}

TEST(ResolveWindow, CeilModeAddsAWindowThatStartsInsideOnly) {
  EXPECT_EQ(Resolve(6, 3, 2, 1, PadMode::kExplicit, 0, 0, false), "2 0 0");
  EXPECT_EQ(Resolve(6, 3, 2, 1, PadMode::kExplicit, 0, 0, true), "3 0 0");
  // A third window would start at 4 = 3 + 1, in the end padding.
  EXPECT_EQ(Resolve(3, 2, 2, 1, PadMode::kExplicit, 1, 1, true), "2 1 1");
  EXPECT_EQ(Resolve(7, 3, 2, 1, PadMode::kExplicit, 0, 0, true), "3 0 0");
  EXPECT_EQ(Resolve(6, 3, 2, 1, PadMode::kValid, 0, 0, true), "2 0 0");
}

TEST(ResolveWindow, UnknownInputKeepsThePadsThatDoNotDependOnIt) {
  EXPECT_EQ(Resolve(-1, 3, 2, 1, PadMode::kExplicit, 1, 2), "-1 1 2");
  EXPECT_EQ(Resolve(-1, 3, 2, 1, PadMode::kValid), "-1 0 0");
  EXPECT_EQ(Resolve(-1, 3, 1, 1, PadMode::kSameUpper), "-1 1 1");
  EXPECT_EQ(Resolve(-1, 4, 1, 1, PadMode::kSameLower), "-1 2 1");
  EXPECT_EQ(Resolve(-1, 3, 2, 1, PadMode::kSameUpper), "-1 -1 -1");
}

TEST(ResolveWindow, RefusesWhatIsNoWindow) {
  EXPECT_EQ(Resolve(7, 0, 1, 1, PadMode::kValid),
            "ERR_INVALID_MODEL: kernel size 0 is outside [1, 1048576]");
  EXPECT_EQ(Resolve(7, 3, 0, 1, PadMode::kValid),
            "ERR_INVALID_MODEL: stride 0 is outside [1, 1048576]");
  EXPECT_EQ(Resolve(7, 3, 1, -2, PadMode::kSameUpper),
            "ERR_INVALID_MODEL: dilation -2 is outside [1, 1048576]");
  EXPECT_EQ(Resolve(7, 3, 1, 1, PadMode::kExplicit, -1, 0),
            "ERR_INVALID_MODEL: padding -1 is outside [0, 1048576]");
  EXPECT_EQ(Resolve(7, 3, 1, 1, PadMode::kExplicit, 0, int64_t{1} << 60),
            "ERR_INVALID_MODEL: padding 1152921504606846976 is outside [0, 1048576]");
  EXPECT_EQ(Resolve(2, 3, 1, 1, PadMode::kValid),
            "ERR_INVALID_MODEL: a window of 3 does not fit into 2 with padding 0 and 0");
  EXPECT_EQ(Resolve(0, 1, 1, 1, PadMode::kSameUpper),
            "ERR_INVALID_MODEL: a window of 1 does not fit into 0 with padding 0 and 0");
}

// Counts windows by laying them one after another.
int64_t CountWindows(int64_t input, int64_t kernel, int64_t stride, int64_t dilation, int64_t begin,
                     int64_t end, bool ceil_mode) {
  int64_t count = 0;
  for (int64_t start = -begin;; start += stride) {
    const int64_t last_tap = start + (kernel - 1) * dilation;
    const bool fits = last_tap < input + end;
    // ceil_mode: the first window that overhangs counts, if it starts before the end padding.
    const bool overhangs = ceil_mode && start < input && start - stride >= -begin &&
                           last_tap - stride < input + end - 1;
    if (!fits && !overhangs) return count;
    ++count;
    if (!fits) return count;
  }
}

TEST(ResolveWindow, AgreesWithCountingForRandomWindows) {
  std::mt19937 random(7);
  const auto pick = [&](int low, int high) {
    return std::uniform_int_distribution<int64_t>(low, high)(random);
  };
  int fitting = 0;
  for (int i = 0; i < 20000; ++i) {
    const int64_t input = pick(1, 20), kernel = pick(1, 5), stride = pick(1, 4);
    const int64_t dilation = pick(1, 3), begin = pick(0, 4), end = pick(0, 4);
    const bool ceil_mode = pick(0, 1) == 1;
    const StatusOr<Window> window =
        ResolveWindow(input, kernel, stride, dilation, PadMode::kExplicit, begin, end, ceil_mode);
    const int64_t expected = CountWindows(input, kernel, stride, dilation, begin, end, ceil_mode);
    ASSERT_EQ(window.ok(), expected > 0) << input << " " << kernel << " " << stride;
    if (!window.ok()) continue;
    ++fitting;
    ASSERT_EQ(window->output, expected)
        << "input " << input << " kernel " << kernel << " stride " << stride << " dilation "
        << dilation << " pads " << begin << "," << end << " ceil " << ceil_mode;
  }
  EXPECT_GT(fitting, 10000);
}

TEST(ResolveWindow, SamePadsAreTheLeastThatReachTheOutputForRandomWindows) {
  std::mt19937 random(8);
  const auto pick = [&](int low, int high) {
    return std::uniform_int_distribution<int64_t>(low, high)(random);
  };
  for (int i = 0; i < 20000; ++i) {
    const int64_t input = pick(1, 30), kernel = pick(1, 5), stride = pick(1, 4);
    const int64_t dilation = pick(1, 3);
    const PadMode mode = pick(0, 1) == 1 ? PadMode::kSameUpper : PadMode::kSameLower;
    const StatusOr<Window> window =
        ResolveWindow(input, kernel, stride, dilation, mode, 0, 0, false);
    ASSERT_TRUE(window.ok());
    // Windows start at every multiple of the stride inside the image.
    int64_t starts = 0;
    for (int64_t at = 0; at < input; at += stride) ++starts;
    ASSERT_EQ(window->output, starts);
    const int64_t total = window->pad_begin + window->pad_end;
    const int64_t reach = (starts - 1) * stride + (kernel - 1) * dilation + 1;
    ASSERT_EQ(total, std::max<int64_t>(0, reach - input));
    const int64_t difference = window->pad_end - window->pad_begin;
    ASSERT_EQ(difference, total % 2 == 0 ? 0 : mode == PadMode::kSameUpper ? 1 : -1);
  }
}

Conv2D Strided(int64_t stride, PadMode mode) {
  Conv2D conv;
  conv.stride_h = conv.stride_w = stride;
  conv.padding.mode = mode;
  return conv;
}

TEST(InferConv2D, ReadsEveryLayout) {
  Conv2D conv = Strided(2, PadMode::kSameUpper);
  EXPECT_EQ(Infer(conv, {F32({1, 224, 225, 3}), F32({32, 3, 5, 3})}), "f32[1,112,113,32]");
  conv.weight_layout = WeightLayout::kHWIO;
  EXPECT_EQ(Infer(conv, {F32({1, 224, 225, 3}), F32({3, 5, 3, 32})}), "f32[1,112,113,32]");
  conv.layout = DataLayout::kNCHW;
  EXPECT_EQ(Infer(conv, {F32({1, 3, 224, 225}), F32({3, 5, 3, 32})}), "f32[1,32,112,113]");
  conv.weight_layout = WeightLayout::kOIHW;
  EXPECT_EQ(Infer(conv, {F32({-1, 3, 224, 225}), F32({32, 3, 3, 5})}), "f32[?,32,112,113]");
}

TEST(InferConv2D, DepthwiseMultiplierMakesMoreChannels) {
  Conv2D conv = Strided(1, PadMode::kValid);
  conv.weight_layout = WeightLayout::kHWCM;
  conv.groups = 8;
  EXPECT_EQ(Infer(conv, {F32({1, 5, 5, 8}), F32({3, 3, 8, 2})}), "f32[1,3,3,16]");
  conv.groups = 4;
  EXPECT_EQ(Infer(conv, {F32({1, 5, 5, 8}), F32({3, 3, 8, 2})}),
            "ERR_INVALID_MODEL: depthwise weights for 8 channels in 4 groups");
}

TEST(InferConv2D, KeepsUnknownSidesUnknown) {
  EXPECT_EQ(Infer(Strided(2, PadMode::kSameUpper), {F32({-1, -1, 8, 3}), F32({4, 3, 3, 3})}),
            "f32[?,?,4,4]");
  EXPECT_EQ(Infer(Conv2D{}, {Unranked(), F32({4, 3, 3, 3})}), "f32[*]");
}

TEST(InferConv2D, RefusesGroupsThatDoNotDivide) {
  Conv2D conv;
  conv.groups = 3;
  EXPECT_EQ(Infer(conv, {F32({1, 4, 4, 6}), F32({4, 1, 1, 2})}),
            "ERR_INVALID_MODEL: groups 3 do not divide 4 output channels");
  EXPECT_EQ(Infer(conv, {F32({1, 4, 4, 4}), F32({6, 1, 1, 2})}),
            "ERR_INVALID_MODEL: groups 3 do not divide 4 input channels");
  conv.groups = 0;
  EXPECT_EQ(Infer(conv, {F32({1, 4, 4, 4}), F32({6, 1, 1, 2})}), "ERR_INVALID_MODEL: groups is 0");
}

TEST(InferConv2D, RefusesWeightsForOtherChannels) {
  EXPECT_EQ(Infer(Conv2D{}, {F32({1, 4, 4, 3}), F32({8, 1, 1, 4})}),
            "ERR_INVALID_MODEL: weights for 4 input channels a group, but there are 3 in 1 groups");
  EXPECT_EQ(Infer(Conv2D{}, {F32({1, 4, 4, 3}), F32({8, 3})}),
            "ERR_INVALID_MODEL: the weights has the shape [8,3], expected 4 dimensions");
}

TEST(InferConv2D, RefusesBadStridesEvenWhenNoShapeIsKnown) {
  EXPECT_EQ(Infer(Strided(0, PadMode::kValid), {Unranked(), Unranked()}),
            "ERR_INVALID_MODEL: stride 0 is outside [1, 1048576]");
}

TEST(InferConv2D, ChecksBiasAndResidual) {
  const std::vector<Fact> base = {F32({1, 4, 4, 3}), F32({8, 1, 1, 3})};
  const auto with = [&](Fact bias, Fact residual) {
    return Infer(Conv2D{}, {base[0], base[1], bias, residual});
  };
  EXPECT_EQ(with(F32({8}), F32({1, 4, 4, 8})), "f32[1,4,4,8]");
  EXPECT_EQ(with(None(), F32({-1, 4, 4, 8})), "f32[1,4,4,8]");
  EXPECT_EQ(with(F32({3}), None()),
            "ERR_INVALID_MODEL: bias and output channels: 3 does not match 8");
  EXPECT_EQ(with(None(), F32({1, 2, 4, 8})),
            "ERR_INVALID_MODEL: residual and output: 2 does not match 4");
  EXPECT_EQ(with(Of(DType::kF64, Shape{8}), None()),
            "ERR_INVALID_MODEL: input 0 has the type f32 and input 2 f64");
}

TEST(InferConv2D, NamesTheSideWhereTheWindowDoesNotFit) {
  EXPECT_EQ(Infer(Conv2D{}, {F32({1, 2, 9, 3}), F32({8, 3, 3, 3})}),
            "ERR_INVALID_MODEL: height: a window of 3 does not fit into 2 with padding 0 and 0");
}

TEST(InferPool2D, GivesShapesInBothLayouts) {
  Pool2D pool;
  pool.kernel_h = pool.kernel_w = 3;
  pool.stride_h = pool.stride_w = 2;
  EXPECT_EQ(Infer(pool, {F32({1, 111, 112, 64})}), "f32[1,55,55,64]");
  pool.layout = DataLayout::kNCHW;
  pool.ceil_mode = true;
  EXPECT_EQ(Infer(pool, {F32({1, 64, 111, 112})}), "f32[1,64,55,56]");
}

TEST(InferPool2D, RefusesPaddingThatPassesTheWindow) {
  Pool2D pool;
  pool.kernel_h = pool.kernel_w = 2;
  pool.padding.left = 2;
  EXPECT_EQ(Infer(pool, {F32({1, 4, 4, 1})}),
            "ERR_INVALID_MODEL: padding 2 reaches past a window of 2");
}

}  // namespace
}  // namespace minnow::graph
