#include "kernels/resize/resize.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

namespace minnow::kernels {
namespace {

template <typename Body>
void ForEveryVariant(const Body& body) {
  size_t count = 0;
  const ResizeKernels* variants = AllResizeKernels(&count);
  ASSERT_GE(count, 1u);
  const ResizeKernels& reference = variants[count - 1];
  ASSERT_EQ(reference.isa, Isa::kPortable);
  for (size_t i = 0; i < count; ++i) {
    SCOPED_TRACE(variants[i].name);
    body(variants[i], reference);
  }
}

TEST(ResizeKernels, SelectionNeverPassesTheLevel) {
  for (Isa isa : SupportedIsas()) EXPECT_LE(SelectResize(isa).isa, isa);
  EXPECT_EQ(SelectResize(Isa::kPortable).isa, Isa::kPortable);
}

// A weight of 1 on one tap picks one sample, whatever the place of the tap.
TEST(ResizeRow, FollowsStartTapAndOrder) {
  ForEveryVariant([](const ResizeKernels& variant, const ResizeKernels&) {
    std::vector<uint8_t> source(3 * 40 + kResizeExtraBytes);
    for (size_t i = 0; i < source.size(); ++i) source[i] = static_cast<uint8_t>(i);
    for (int64_t tap = 0; tap < 8; ++tap) {
      const int64_t start[5] = {0, 7, 7, 20, 32};
      std::vector<int16_t> weights(5 * 2 * kResizeGroupWeights, 0);
      for (int64_t x = 0; x < 5; ++x) {
        for (int64_t c = 0; c < 3; ++c) {
          weights[static_cast<size_t>(x * 2 * kResizeGroupWeights + tap / 2 * 8 + 2 * c +
                                      tap % 2)] = 1 << 14;
        }
      }
      for (bool planar : {false, true}) {
        ResizeRowPlan plan;
        plan.width = 5;
        plan.groups = 2;
        plan.start = start;
        plan.weights = weights.data();
        plan.unit = 1.0f / (1 << 14);
        plan.planar = planar;
        std::swap(plan.order[0], plan.order[2]);
        std::vector<float> out(15 + kResizeExtraFloats);
        variant.row(plan, source.data(), out.data());
        for (int64_t x = 0; x < 5; ++x) {
          for (int64_t c = 0; c < 3; ++c) {
            const int64_t at = planar ? (2 - c) * 5 + x : 3 * x + (2 - c);
            EXPECT_EQ(out[static_cast<size_t>(at)], static_cast<float>(3 * (start[x] + tap) + c));
          }
        }
      }
    }
  });
}

TEST(ResizeRow, MatchesReferenceBitByBitForEveryTail) {
  ForEveryVariant([](const ResizeKernels& variant, const ResizeKernels& reference) {
    std::mt19937 random(1);
    for (int64_t width = 0; width <= 19; ++width) {
      for (int64_t groups = 1; groups <= 5; ++groups) {
        const int64_t source_width = groups * kResizeGroupTaps + 11;
        std::vector<uint8_t> source(static_cast<size_t>(3 * source_width + kResizeExtraBytes));
        for (uint8_t& byte : source) byte = static_cast<uint8_t>(random());
        std::vector<int16_t> weights(static_cast<size_t>(width * groups * kResizeGroupWeights));
        for (size_t i = 0; i < weights.size(); i += 8) {
          const auto even = static_cast<int16_t>(random() % 32768);
          const auto odd = static_cast<int16_t>(random() % 32768);
          for (size_t c = 0; c < 3; ++c) weights[i + 2 * c] = even, weights[i + 2 * c + 1] = odd;
        }
        std::vector<int64_t> start(static_cast<size_t>(width));
        for (int64_t& first : start) first = random() % 12;
        for (bool planar : {false, true}) {
          ResizeRowPlan plan;
          plan.width = width;
          plan.groups = groups;
          plan.start = start.data();
          plan.weights = weights.data();
          plan.unit = 1.0f / (1 << 15);
          plan.planar = planar;
          const auto size = static_cast<size_t>(3 * width);
          std::vector<float> want(size + kResizeExtraFloats), out(size + kResizeExtraFloats);
          reference.row(plan, source.data(), want.data());
          variant.row(plan, source.data(), out.data());
          for (size_t i = 0; i < size; ++i) ASSERT_EQ(out[i], want[i]) << width << " " << groups;
        }
      }
    }
  });
}

TEST(BlendRows, MatchesReferenceBitByBitForEveryTail) {
  ForEveryVariant([](const ResizeKernels& variant, const ResizeKernels& reference) {
    std::mt19937 random(2);
    std::uniform_real_distribution<float> level(-20.0f, 300.0f), factor(-1.0f, 1.0f);
    for (int64_t count = 0; count <= 100; ++count) {
      for (int64_t taps : {1, 2, 3, 9}) {
        const int64_t begin = count % 5;
        const auto size = static_cast<size_t>(begin + count);
        std::vector<std::vector<float>> rows(static_cast<size_t>(taps), std::vector<float>(size));
        std::vector<const float*> pointers;
        std::vector<float> weights(rows.size(), 1.0f / static_cast<float>(taps));
        std::vector<float> scale(size), offset(size);
        for (std::vector<float>& row : rows) {
          for (float& value : row) value = level(random);
          pointers.push_back(row.data());
        }
        for (float& value : scale) value = factor(random);
        for (float& value : offset) value = factor(random);
        // One element more than is to be written, to see that it is not.
        std::vector<float> want(static_cast<size_t>(count) + 1, 7.0f), out = want;
        reference.blend(taps, pointers.data(), weights.data(), begin, count, scale.data(),
                        offset.data(), want.data());
        variant.blend(taps, pointers.data(), weights.data(), begin, count, scale.data(),
                      offset.data(), out.data());
        ASSERT_EQ(out, want) << count;
        ASSERT_EQ(out.back(), 7.0f);
        std::vector<uint8_t> want_bytes(static_cast<size_t>(count) + 1, 7), bytes = want_bytes;
        reference.blend_to_bytes(taps, pointers.data(), weights.data(), begin, count,
                                 want_bytes.data());
        variant.blend_to_bytes(taps, pointers.data(), weights.data(), begin, count, bytes.data());
        ASSERT_EQ(bytes, want_bytes) << count;
        ASSERT_EQ(bytes.back(), 7);
      }
    }
  });
}

TEST(BlendRows, RoundsHalfUpAndClamps) {
  ForEveryVariant([](const ResizeKernels& variant, const ResizeKernels&) {
    const std::vector<float> levels = {-3.0f, -0.5f, 0.49f, 0.5f, 1.5f, 254.49f, 254.5f, 256.0f};
    const uint8_t want[8] = {0, 0, 0, 1, 2, 254, 255, 255};
    std::vector<float> row;
    for (size_t i = 0; i < 41; ++i) row.push_back(levels[i % 8]);
    const float* rows[1] = {row.data()};
    const float weight = 1.0f;
    std::vector<uint8_t> out(row.size());
    variant.blend_to_bytes(1, rows, &weight, 0, static_cast<int64_t>(row.size()), out.data());
    for (size_t i = 0; i < out.size(); ++i) EXPECT_EQ(out[i], want[i % 8]) << i;
  });
}

}  // namespace
}  // namespace minnow::kernels
