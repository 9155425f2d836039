// Do the transforms of every row, with products channel by channel between them, give a 3x3
// depthwise convolution?
#include "kernels/winograd/winograd.h"

#include <gtest/gtest.h>

#include <string>

#include "kernels/kernel_testing.h"

namespace minnow::kernels {
namespace {

struct Case {
  int64_t in_width = 1, pad_left = 0, out_width = 1;
  bool top_missing = false, one_row = false, residual = false;
  Epilogue epilogue;
};

struct Rows {
  std::vector<std::vector<float>> values;
  const float* at(size_t i) const { return values[i].empty() ? nullptr : values[i].data(); }
};

Exact Direct(const Case& c, const Rows& in, const std::vector<float>& g, int64_t y, int64_t x,
             int64_t lane) {
  Exact sum;
  for (int64_t ky = 0; ky < 3; ++ky) {
    const float* row = in.at(static_cast<size_t>(y + ky));
    for (int64_t kx = 0; kx < 3 && row != nullptr; ++kx) {
      const int64_t column = x + kx - c.pad_left;
      if (column < 0 || column >= c.in_width) continue;
      sum.Add(static_cast<double>(row[column * kBlock + lane]) *
              static_cast<double>(g[static_cast<size_t>((ky * 3 + kx) * kBlock + lane)]));
    }
  }
  return sum;
}

// Elements of both output rows that are wrong, guards behind them included.
int Wrong(const WinogradF32Kernel& kernel, const Case& c, uint64_t seed) {
  Random random(seed);
  Rows in;
  for (int r = 0; r < 4; ++r) in.values.push_back(random.Floats(c.in_width * kBlock));
  if (c.top_missing) in.values[0].clear();
  const std::vector<float> g = random.Floats(9 * kBlock);
  const std::vector<float> bias = random.Floats(kBlock);
  Rows residual;
  for (int r = 0; r < 2; ++r) residual.values.push_back(random.Floats(c.out_width * kBlock));

  const int64_t tiles = (c.out_width + 1) / 2;
  std::vector<float> transformed(static_cast<size_t>(kWinogradPositions * tiles * kBlock));
  WinogradInputF32Args input;
  for (size_t r = 0; r < 4; ++r) input.rows[r] = in.at(r);
  input.in_width = c.in_width;
  input.pad_left = c.pad_left;
  input.tiles = tiles;
  input.out = transformed.data();
  input.position_stride = tiles * kBlock;
  kernel.input(input);
  for (int64_t lane = 0; lane < kBlock; ++lane) {
    float u[kWinogradPositions];
    TransformWinogradWeights(g.data() + lane, kBlock, u);
    for (int64_t i = 0; i < kWinogradPositions * tiles; ++i) {
      transformed[static_cast<size_t>(i * kBlock + lane)] *= u[i / tiles];
    }
  }

  std::vector<float> out[2];
  WinogradOutputF32Args output;
  for (size_t r = 0; r < 2; ++r) {
    out[r].assign(static_cast<size_t>((c.out_width + 1) * kBlock), kGuard);
    output.rows[r] = r == 1 && c.one_row ? nullptr : out[r].data();
    output.residual[r] = c.residual ? residual.at(r) : nullptr;
  }
  output.in = transformed.data();
  output.position_stride = tiles * kBlock;
  output.tiles = tiles;
  output.bias = bias.data();
  output.out_width = c.out_width;
  output.epilogue = c.epilogue;
  kernel.output(output);

  int wrong = 0;
  for (int64_t y = 0; y < 2; ++y) {
    for (int64_t i = 0; i < (c.out_width + 1) * kBlock; ++i) {
      const float got = out[y][static_cast<size_t>(i)];
      if (i >= c.out_width * kBlock || (y == 1 && c.one_row)) {
        wrong += got != kGuard;
        continue;
      }
      Exact want = Direct(c, in, g, y, i / kBlock, i % kBlock);
      // Sums of four inputs, each with a rounding of its own, stand for one product.
      want.magnitude = 4 * (want.magnitude + 1);
      want.Add(static_cast<double>(bias[static_cast<size_t>(i % kBlock)]));
      if (c.residual) want.Add(static_cast<double>(residual.at(static_cast<size_t>(y))[i]));
      wrong += !IsNear(got, want, c.epilogue);
    }
  }
  return wrong;
}

TEST(WinogradF32, TransformsAndProductsAreAConvolutionAtEveryEdge) {
  size_t count = 0;
  const WinogradF32Kernel* kernels = WinogradF32Kernels(&count);
  ASSERT_GE(count, 1u);
  for (size_t k = 0; k < count; ++k) {
    uint64_t seed = 0;
    for (int64_t out_width = 1; out_width <= 9; ++out_width) {
      for (int64_t pad_left = 0; pad_left <= 2; ++pad_left) {
        for (int variant = 0; variant < 8; ++variant) {
          Case c;
          c.out_width = out_width;
          c.pad_left = pad_left;
          // With and without columns missing on the right.
          c.in_width = std::max<int64_t>(1, out_width + 2 - pad_left - variant % 3);
          c.top_missing = (variant & 1) != 0;
          c.one_row = (variant & 2) != 0;
          c.residual = (variant & 4) != 0;
          c.epilogue.hard_swish = variant == 5;
          if (variant == 6) c.epilogue.min = 0;
          SCOPED_TRACE(std::string(kernels[k].name) + ", width " + std::to_string(out_width) +
                       ", pad " + std::to_string(pad_left) + ", variant " +
                       std::to_string(variant));
          EXPECT_EQ(Wrong(kernels[k], c, ++seed), 0);
        }
      }
    }
  }
}

}  // namespace
}  // namespace minnow::kernels
