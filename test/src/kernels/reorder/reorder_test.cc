// Do pixels keep their values between the blocked layout and the plain ones?
#include "kernels/reorder/reorder.h"

#include <gtest/gtest.h>

#include "kernels/kernel_testing.h"

namespace minnow::kernels {
namespace {

int64_t BlocksOf(int64_t channels) { return (channels + kBlock - 1) / kBlock; }

ReorderArgs ArgsFor(int64_t pixels, int64_t channels, bool planar) {
  ReorderArgs args;
  args.pixels = pixels;
  args.channels = channels;
  args.pixel_stride = planar ? 1 : channels;
  args.channel_stride = planar ? pixels : 1;
  args.last_block = BlocksOf(channels);
  return args;
}

TEST(Reorder, BlockedHoldsEveryChannelAndZeroLanes) {
  for (const bool planar : {false, true}) {
    for (int64_t channels = 1; channels <= 50; ++channels) {
      for (const int64_t pixels : {0, 1, 2, 9}) {
        const ReorderArgs args = ArgsFor(pixels, channels, planar);
        const std::vector<float> plain = Random(1).Floats(pixels * channels);
        std::vector<float> blocked(static_cast<size_t>(BlocksOf(channels) * pixels * kBlock),
                                   kGuard);
        PlainToBlocked(args, plain.data(), blocked.data());
        for (int64_t p = 0; p < pixels; ++p) {
          for (int64_t c = 0; c < BlocksOf(channels) * kBlock; ++c) {
            const auto at = static_cast<size_t>((c / kBlock * pixels + p) * kBlock + c % kBlock);
            const auto from = static_cast<size_t>(planar ? c * pixels + p : p * channels + c);
            ASSERT_EQ(blocked[at], c < channels ? plain[from] : 0.0f) << channels << " " << pixels;
          }
        }
      }
    }
  }
}

TEST(Reorder, ThereAndBackIsTheSameEvenWithDirtyLanes) {
  for (const bool planar : {false, true}) {
    for (int64_t channels = 1; channels <= 50; ++channels) {
      const int64_t pixels = 5;
      const ReorderArgs args = ArgsFor(pixels, channels, planar);
      const std::vector<float> plain = Random(2).Floats(pixels * channels);
      std::vector<float> blocked(static_cast<size_t>(BlocksOf(channels) * pixels * kBlock));
      PlainToBlocked(args, plain.data(), blocked.data());
      for (int64_t p = 0; p < pixels; ++p) {
        for (int64_t c = channels; c < BlocksOf(channels) * kBlock; ++c) {
          blocked[static_cast<size_t>((c / kBlock * pixels + p) * kBlock + c % kBlock)] = NAN;
        }
      }
      std::vector<float> back(plain.size(), kGuard);
      BlockedToPlain(args, blocked.data(), back.data());
      ASSERT_EQ(back, plain) << channels;
    }
  }
}

TEST(Reorder, LeavesOtherBlocksAlone) {
  ReorderArgs args = ArgsFor(3, 40, false);
  args.first_block = 1;
  args.last_block = 2;
  const std::vector<float> plain = Random(3).Floats(3 * 40);
  std::vector<float> blocked(3 * 3 * kBlock, kGuard);
  PlainToBlocked(args, plain.data(), blocked.data());
  for (size_t i = 0; i < blocked.size(); ++i) {
    EXPECT_EQ(blocked[i] != kGuard, i >= 3 * kBlock && i < 6 * kBlock);
  }
  std::vector<float> back(plain.size(), kGuard);
  BlockedToPlain(args, blocked.data(), back.data());
  for (size_t i = 0; i < back.size(); ++i) {
    const size_t channel = i % 40;
    EXPECT_EQ(back[i], channel >= 16 && channel < 32 ? plain[i] : kGuard);
  }
}

}  // namespace
}  // namespace minnow::kernels
