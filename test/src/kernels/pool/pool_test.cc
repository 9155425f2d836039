// Does every row of the pooling table give maxima, averages and means for all windows?
#include "kernels/pool/pool.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>

#include "kernels/kernel_testing.h"

namespace minnow::kernels {
namespace {

struct Window {
  float max = -std::numeric_limits<float>::infinity();
  Exact sum;
  int64_t elements = 0;
};

Window WindowAt(const PoolF32Args& args, int64_t x, int64_t lane) {
  Window window;
  for (int64_t ky = 0; ky < args.kernel_h; ++ky) {
    for (int64_t kx = 0; kx < args.kernel_w && args.rows[ky] != nullptr; ++kx) {
      const int64_t column = x * args.stride + kx * args.dilation - args.pad_left;
      if (column < 0 || column >= args.in_width) continue;
      const float value = args.rows[ky][column * kBlock + lane];
      window.max = std::max(window.max, value);
      window.sum.Add(static_cast<double>(value));
      ++window.elements;
    }
  }
  return window;
}

bool IsAverage(float got, const Window& window, const PoolF32Args& args) {
  const int64_t count = args.count_padding ? args.kernel_h * args.kernel_w : window.elements;
  if (count == 0) return std::isnan(got);
  const auto n = static_cast<double>(count);
  return IsNear(got, {window.sum.value / n, window.sum.magnitude / n}, Epilogue());
}

// Wrong elements of a row of maxima and one of averages, guards behind them included.
int Wrong(const PoolF32Kernel& kernel, PoolF32Args args, uint64_t seed) {
  Random random(seed);
  std::vector<std::vector<float>> rows;
  std::vector<const float*> pointers;
  for (int64_t ky = 0; ky < args.kernel_h; ++ky) {
    rows.push_back(random.Floats(args.in_width * kBlock));
    pointers.push_back(random.Between(0, 3) == 0 ? nullptr : rows.back().data());
  }
  args.rows = pointers.data();
  const auto size = static_cast<size_t>((args.out_width + 1) * kBlock);
  std::vector<float> max(size, kGuard), average(size, kGuard);
  args.out = max.data();
  kernel.max_row(args);
  args.out = average.data();
  kernel.average_row(args);
  int wrong = 0;
  for (size_t i = 0; i < size; ++i) {
    const auto at = static_cast<int64_t>(i);
    if (at >= args.out_width * kBlock) {
      wrong += max[i] != kGuard || average[i] != kGuard;
      continue;
    }
    const Window window = WindowAt(args, at / kBlock, at % kBlock);
    wrong += max[i] != window.max || !IsAverage(average[i], window, args);
  }
  return wrong;
}

TEST(PoolF32, MaximaAndAveragesMatchForEveryWindowWidthAndPad) {
  for (const PoolF32Kernel& kernel : Rows(PoolF32Kernels)) {
    uint64_t seed = 0;
    PoolF32Args args;
    for (args.kernel_w = 1; args.kernel_w <= 5; ++args.kernel_w) {
      for (args.stride = 1; args.stride <= 3; ++args.stride) {
        for (args.dilation = 1; args.dilation <= 2; ++args.dilation) {
          for (args.in_width = 1; args.in_width <= 17; ++args.in_width) {
            for (args.pad_left = 0; args.pad_left <= 2 * args.kernel_w; args.pad_left += 2) {
              args.kernel_h = 1 + static_cast<int64_t>(seed % 4);
              args.count_padding = seed % 2 != 0;
              // One window more than fits: ceil_mode lets windows hang over the end.
              args.out_width = (args.in_width + args.pad_left) / args.stride + 1;
              EXPECT_EQ(Wrong(kernel, args, seed++), 0)
                  << kernel.name << " kernel " << args.kernel_w << " stride " << args.stride
                  << " dilation " << args.dilation << " width " << args.in_width << " pad "
                  << args.pad_left;
            }
          }
        }
      }
    }
  }
}

TEST(PoolF32, MeanMatchesForEveryPixelCount) {
  for (const PoolF32Kernel& kernel : Rows(PoolF32Kernels)) {
    for (int64_t pixels = 1; pixels <= 70; ++pixels) {
      const std::vector<float> in = Random(static_cast<uint64_t>(pixels)).Floats(pixels * kBlock);
      float out[kBlock + 1];
      out[kBlock] = kGuard;
      kernel.mean(in.data(), pixels, out);
      EXPECT_EQ(out[kBlock], kGuard);
      for (int64_t lane = 0; lane < kBlock; ++lane) {
        Exact mean;
        for (int64_t p = 0; p < pixels; ++p) {
          mean.Add(static_cast<double>(in[static_cast<size_t>(p * kBlock + lane)]) /
                   static_cast<double>(pixels));
        }
        EXPECT_TRUE(IsNear(out[lane], mean, Epilogue())) << kernel.name << " " << pixels;
      }
    }
  }
}

TEST(PoolF32, TableIsOrdered) { ExpectTableIsOrdered(Rows(PoolF32Kernels), SelectPoolF32); }

}  // namespace
}  // namespace minnow::kernels
