// Does the bird guest, whose five values are published, get them from this host?
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "support/npy.h"
#include "wasi_nn/guest.h"
#include "wasi_nn/guest_pixels.h"

namespace minnow::wasi_nn {
namespace {

constexpr uint8_t kTypeU8Of2023 = 2;
constexpr uint32_t kClasses = 965;

TEST(WasiNnBirds, TheBirdOfThePublishedGuestHasItsFiveValues) {
  const auto model = test::ReadDataFile("models/aiy_birds_V1_3.tflite");
  const auto jpeg = test::ReadDataFile("images/bird.jpg");
  if (!model || !jpeg) GTEST_SKIP() << "test data: the birds' model or bird.jpg is absent";
  const testing::Pixels pixels = testing::DecodeAsGuest(*jpeg);
  ASSERT_EQ(pixels.width, 1024u);
  const std::vector<uint8_t> tensor = testing::ResizeAsGuest(pixels, 224, 224);

  Guest guest;
  ASSERT_EQ(guest.Load({*model}, kTensorflowlite), kSuccess) << guest.host->last_error();
  ASSERT_EQ(guest.Init(guest.handle), kSuccess);
  const uint32_t context = guest.handle;
  const uint32_t record =
      guest.PutTensor({1, 224, 224, 3}, kTypeU8Of2023, tensor.data(), tensor.size());
  ASSERT_EQ(guest.SetInput(context, 0, record), kSuccess) << guest.host->last_error();
  ASSERT_EQ(guest.Compute(context), kSuccess) << guest.host->last_error();
  ASSERT_EQ(guest.GetOutput(context, 0, kClasses), kSuccess);

  std::vector<int> order(kClasses);
  std::iota(order.begin(), order.end(), 0);
  const auto score = [&](int label) { return int{guest.output[static_cast<size_t>(label)]}; };
  std::stable_sort(order.begin(), order.end(), [&](int a, int b) { return score(a) > score(b); });
  std::vector<std::pair<int, int>> best;
  for (size_t i = 0; i < 5; ++i) best.emplace_back(order[i], score(order[i]));
  const std::vector<std::pair<int, int>> published = {
      {166, 198}, {158, 2}, {34, 1}, {778, 1}, {819, 1}};
  EXPECT_EQ(best, published);
}

}  // namespace
}  // namespace minnow::wasi_nn
