#include "image/resize.h"

#include <gtest/gtest.h>

#include <cmath>

namespace minnow::image {
namespace {

TEST(TriangleTaps, SumUpToOneWithinTheSource) {
  for (int64_t source : {1, 2, 3, 7, 100, 1001}) {
    for (int64_t outputs : {1, 2, 5, 99, 224}) {
      StatusOr<AxisTaps> axis = TriangleTaps(source, 0, static_cast<double>(source), outputs);
      ASSERT_TRUE(axis.ok());
      int64_t last_start = 0, last_end = 0;
      for (int64_t i = 0; i < outputs; ++i) {
        const int64_t start = axis->start.as<int64_t>()[i];
        const int64_t count = axis->count.as<int64_t>()[i];
        ASSERT_GE(start, last_start);
        ASSERT_GE(start + count, last_end);
        ASSERT_GE(count, 1);
        ASSERT_LE(count, axis->taps);
        ASSERT_LE(start + count, source);
        last_start = start;
        last_end = start + count;
        double sum = 0;
        for (int64_t t = 0; t < axis->taps; ++t) {
          const float weight = axis->weights.as<float>()[i * axis->taps + t];
          ASSERT_GE(weight, 0.0f);
          if (t >= count) {
            ASSERT_EQ(weight, 0.0f);
          }
          sum += static_cast<double>(weight);
        }
        ASSERT_NEAR(sum, 1.0, 1e-5);
      }
    }
  }
}

TEST(TriangleTaps, AreTheIdentityAtTheSameSize) {
  StatusOr<AxisTaps> axis = TriangleTaps(9, 0, 9, 9);
  ASSERT_TRUE(axis.ok());
  for (int64_t i = 0; i < 9; ++i) {
    for (int64_t t = 0; t < axis->count.as<int64_t>()[i]; ++t) {
      EXPECT_EQ(axis->weights.as<float>()[i * axis->taps + t],
                axis->start.as<int64_t>()[i] + t == i ? 1.0f : 0.0f);
    }
  }
}

TEST(TriangleTaps, WidenWithTheReduction) {
  StatusOr<AxisTaps> axis = TriangleTaps(8, 0, 8, 2);
  ASSERT_TRUE(axis.ok());
  // Position 0 is centred at 2 with a support of 4: weights fall by 1/4 a sample from 0.5 off.
  const double raw[6] = {0.625, 0.875, 0.875, 0.625, 0.375, 0.125};
  ASSERT_EQ(axis->count.as<int64_t>()[0], 6);
  for (int t = 0; t < 6; ++t) {
    EXPECT_NEAR(axis->weights.as<float>()[t], raw[t] / 3.5, 1e-6);
  }
}

TEST(RowResizer, AsksForTheRowsOfTheCropOnly) {
  ResizeSpec spec;
  spec.source_width = spec.source_height = 100;
  spec.crop = {20, 30, 40, 40};
  spec.width = spec.height = 10;
  StatusOr<RowResizer> resizer = RowResizer::Create(spec, kernels::SelectResize(DefaultIsa()));
  ASSERT_TRUE(resizer.ok());
  // The first centre is 32, the last 68; the support is 4.
  EXPECT_EQ(resizer->first_row(), 28);
  EXPECT_EQ(resizer->end_row(), 72);
}

TEST(RowResizer, KeepsOneColourExactly) {
  for (int64_t side : {1, 5, 100, 1000}) {
    ResizeSpec spec;
    spec.source_width = spec.source_height = side;
    spec.crop = {0, 0, static_cast<double>(side), static_cast<double>(side)};
    spec.width = 17;
    spec.height = 4;
    StatusOr<RowResizer> resizer = RowResizer::Create(spec, kernels::SelectResize(DefaultIsa()));
    ASSERT_TRUE(resizer.ok());
    const std::vector<uint8_t> row(static_cast<size_t>(resizer->bytes_read() + 3 * side), 200);
    OutputRow output;
    int64_t rows = 0;
    for (int64_t y = resizer->first_row(); y < resizer->end_row(); ++y) {
      resizer->Push(row.data());
      while (resizer->Next(&output)) {
        EXPECT_EQ(output.y, rows++);
        for (int64_t t = 0; t < output.taps; ++t) {
          for (int64_t i = 0; i < 3 * 17; ++i) ASSERT_EQ(output.rows[t][i], 200.0f);
        }
      }
    }
    EXPECT_EQ(rows, 4);
  }
}

}  // namespace
}  // namespace minnow::image
