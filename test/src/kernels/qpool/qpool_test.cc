// Does every row of the integer pooling table give the exact bytes for all windows, pads and
// channels?
#include "kernels/qpool/qpool.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "kernels/quantized_testing.h"

namespace minnow::kernels {
namespace {

struct Window {
  int64_t sum = 0, inside = 0;
  uint8_t largest = 0;
};

Window WindowAt(const QpoolArgs& args, int64_t x, int64_t c) {
  Window window;
  for (int64_t ky = 0; ky < args.kernel_h; ++ky) {
    for (int64_t kx = 0; kx < args.kernel_w && args.rows[ky] != nullptr; ++kx) {
      const int64_t column = x * args.stride + kx * args.dilation - args.pad_left;
      if (column < 0 || column >= args.in_width) continue;
      const uint8_t byte = args.rows[ky][column * args.pixel_stride + c];
      window.sum += byte;
      window.largest = std::max(window.largest, byte);
      ++window.inside;
    }
  }
  return window;
}

uint8_t AverageOf(const QpoolArgs& args, const Window& window) {
  const int64_t count = args.count_padding ? args.kernel_h * args.kernel_w : window.inside;
  const auto sum = static_cast<double>(window.sum - window.inside * args.x_zero);
  const double mean = count == 0 ? 0.0 : sum / static_cast<double>(count);
  return ToByte(mean * args.x_scale / args.requant.y_scale, args.requant);
}

// Factors of all sizes; and at times bounds of the byte, and powers of two, whose averages of even
// numbers of bytes tie.
void SetFactors(QpoolArgs* args, int64_t taps, Random* random) {
  args->x_zero = static_cast<int32_t>(random->Between(0, 255));
  args->requant.zero_point = static_cast<int32_t>(random->Between(0, 255));
  args->x_scale = random->Between(0, 1) == 0 ? 0.5 : static_cast<double>(0.3f);
  args->requant.y_scale = random->Between(0, 1) == 0 ? 0.25 : static_cast<double>(0.35f);
  if (random->Between(0, 3) == 0) {
    const double steep = args->x_scale * std::exp2(random->Between(-14, 28));
    if (QaverageFits(steep, args->requant.y_scale, taps)) args->x_scale = steep;
  }
  if (random->Between(0, 3) == 0) {
    args->requant.min = static_cast<int32_t>(random->Between(0, 128));
    args->requant.max = static_cast<int32_t>(random->Between(128, 255));
  }
}

// Wrong bytes of a row of maxima and one of averages, those behind the channels included.
int Wrong(const QpoolKernel& kernel, QpoolArgs args, uint64_t seed) {
  Random random(seed);
  std::vector<std::vector<uint8_t>> rows;
  std::vector<const uint8_t*> pointers;
  args.pixel_stride = args.channels + random.Between(0, 2);
  for (int64_t ky = 0; ky < args.kernel_h; ++ky) {
    rows.push_back(RandomBytes(&random, args.in_width * args.pixel_stride, kQpoolOverRead));
    pointers.push_back(random.Between(0, 5) == 0 ? nullptr : rows.back().data());
  }
  args.rows = pointers.data();
  args.count_padding = random.Between(0, 1) == 0;
  SetFactors(&args, args.kernel_h * args.kernel_w, &random);
  const auto size = static_cast<size_t>(args.out_width * args.pixel_stride + 64);
  std::vector<uint8_t> max(size, kByteGuard), average(size, kByteGuard);
  args.out = max.data();
  kernel.max_row(args);
  args.out = average.data();
  kernel.average_row(args);
  int wrong = 0;
  for (size_t i = 0; i < size; ++i) {
    const auto at = static_cast<int64_t>(i);
    const int64_t x = at / args.pixel_stride, c = at % args.pixel_stride;
    if (x >= args.out_width || c >= args.channels) {
      wrong += max[i] != kByteGuard || average[i] != kByteGuard;
      continue;
    }
    const Window window = WindowAt(args, x, c);
    wrong += max[i] != window.largest || average[i] != AverageOf(args, window);
  }
  return wrong;
}

TEST(Qpool, GivesTheExactBytesForEveryWindowWidthAndPad) {
  for (const QpoolKernel& kernel : Rows(QpoolKernels)) {
    uint64_t seed = 0;
    QpoolArgs args;
    for (args.kernel_w = 1; args.kernel_w <= 4; ++args.kernel_w) {
      for (args.stride = 1; args.stride <= 3; ++args.stride) {
        for (args.dilation = 1; args.dilation <= 2; ++args.dilation) {
          for (args.in_width = 1; args.in_width <= 13; args.in_width += 3) {
            for (args.pad_left = 0; args.pad_left <= 2 * args.kernel_w; args.pad_left += 2) {
              args.kernel_h = 1 + static_cast<int64_t>(seed % 4);
              args.out_width = (args.in_width + args.pad_left) / args.stride;
              args.channels = 1 + static_cast<int64_t>(seed * 7 % 90);
              EXPECT_EQ(Wrong(kernel, args, seed), 0)
                  << kernel.name << " kernel " << args.kernel_h << "x" << args.kernel_w
                  << " stride " << args.stride << " dilation " << args.dilation << " width "
                  << args.in_width << " pad " << args.pad_left << " channels " << args.channels;
              ++seed;
            }
          }
        }
      }
    }
  }
}

TEST(Qpool, GivesTheExactBytesForEveryNumberOfChannels) {
  for (const QpoolKernel& kernel : Rows(QpoolKernels)) {
    QpoolArgs args;
    args.kernel_h = args.kernel_w = 3;
    args.stride = 2;
    args.pad_left = 1;
    args.in_width = 9;
    args.out_width = 5;
    for (args.channels = 1; args.channels <= 150; ++args.channels) {
      EXPECT_EQ(Wrong(kernel, args, static_cast<uint64_t>(args.channels)), 0)
          << kernel.name << " channels " << args.channels;
    }
  }
}

// More bytes than 16 bits hold the sum of.
TEST(Qpool, AveragesLargeWindowsExactly) {
  for (const QpoolKernel& kernel : Rows(QpoolKernels)) {
    QpoolArgs args;
    args.out_width = 1;
    args.channels = 70;
    for (const int64_t pixels : {255, 256, 257, 512, 513, 3000, 65536, 70000}) {
      args.in_width = args.kernel_w = pixels;
      for (uint64_t seed = 0; seed < 8; ++seed) {
        EXPECT_EQ(Wrong(kernel, args, seed), 0) << kernel.name << " pixels " << pixels;
      }
    }
  }
}

TEST(Qpool, GivesTheExactMeansOfImages) {
  for (const QpoolKernel& kernel : Rows(QpoolKernels)) {
    Random random(7);
    for (int round = 0; round < 2000; ++round) {
      constexpr int64_t kChannels[] = {8, 16, 16, 32, 32, 64, 128}, kPixels[] = {4, 16, 64, 256};
      const bool is_even = random.Between(0, 1) == 0;
      QpoolArgs args;  // a window as wide as the image
      args.channels = is_even ? kChannels[random.Between(0, 6)] : random.Between(1, 150);
      args.pixel_stride = args.channels + (random.Between(0, 3) == 0 ? 5 : 0);
      args.kernel_w = args.in_width =
          random.Between(0, 1) == 0 ? kPixels[random.Between(0, 3)] : random.Between(1, 300);
      SetFactors(&args, args.kernel_w, &random);
      const std::vector<uint8_t> in =
          RandomBytes(&random, args.in_width * args.pixel_stride, kQpoolOverRead);
      const uint8_t* row = in.data();
      args.rows = &row;
      std::vector<uint8_t> out(static_cast<size_t>(args.channels + 64), kByteGuard);
      QmeanArgs mean;
      mean.in = row;
      mean.pixels = args.in_width;
      mean.channels = args.channels;
      mean.pixel_stride = args.pixel_stride;
      mean.out = out.data();
      mean.x_zero = args.x_zero;
      mean.requant = args.requant;
      QaverageFactors factors;
      factors.Apply(args.x_scale, mean.pixels, &mean.requant);
      kernel.mean(mean);
      int wrong = 0;
      for (int64_t c = 0; c < args.channels + 64; ++c) {
        const uint8_t right =
            c < args.channels ? AverageOf(args, WindowAt(args, 0, c)) : kByteGuard;
        wrong += out[static_cast<size_t>(c)] != right;
      }
      ASSERT_EQ(wrong, 0) << kernel.name << " pixels " << mean.pixels << " channels "
                          << mean.channels;
    }
  }
}

TEST(Qpool, SaysWhichAveragesFit) {
  EXPECT_TRUE(QaverageFits(0.5, 0.25, 49));
  EXPECT_FALSE(QaverageFits(0.5, 0.25, int64_t{1} << 23));
  EXPECT_FALSE(QaverageFits(1e-30, 1e10, 49));
  EXPECT_FALSE(QaverageFits(1e10, 1e-3, 49));
}

TEST(Qpool, TableIsOrdered) { ExpectTableIsOrdered(Rows(QpoolKernels), SelectQpool); }

}  // namespace
}  // namespace minnow::kernels
