// Do resized images have the pixels that TensorFlow Lite gives them?
#include <gtest/gtest.h>

#include "importers/model_builders.h"
#include "importers/tflite/flatbuffer_writer.h"
#include "interpreter/interpreter.h"

namespace minnow::importers::tflite {
namespace {

constexpr int kBilinear = 23, kNearest = 97;

struct Options {
  bool align_corners = false;
  bool half_pixel_centers = false;
};

StatusOr<Tensor> Resized(int code, const Options& options, const Tensor& x,
                         const std::vector<int32_t>& size, const Scales& scales = {}) {
  ModelWriter model;
  const bool is_float = x.dtype() == DType::kF32;
  std::vector<int32_t> from, to;
  for (const int64_t dim : x.shape()) from.push_back(static_cast<int32_t>(dim));
  to = {from[0], size[0], size.size() > 1 ? size[1] : 1, from[3]};
  const int32_t in = is_float ? model.Input("x", from) : model.Input("x", from, kU8, scales);
  const int32_t list = model.Constant("size", {static_cast<int32_t>(size.size())}, kS32, size);
  const int32_t out = is_float ? model.Output("y", to) : model.Output("y", to, kU8, scales);
  const int first = code == kBilinear ? 2 : 0;
  model.Operator(
      code, {in, list}, {out},
      TableWriter().U8(first, options.align_corners).U8(first + 1, options.half_pixel_centers));
  const std::string bytes = model.Bytes();
  const StatusOr<ImportedModel> imported = ImportModel({AsBytes(bytes)}, "");
  if (!imported.ok()) return imported.status();
  StatusOr<std::vector<Tensor>> y = interpreter::RunGraph(imported->graph, {x.view()});
  if (!y.ok()) return y.status();
  return (*y)[0];
}

Tensor Column(const std::vector<float>& values) {
  return *Tensor::From(Shape{1, static_cast<int64_t>(values.size()), 1, 1}, values.data());
}

void ExpectColumn(int code, const Options& options, const std::vector<float>& x,
                  const std::vector<float>& y) {
  const StatusOr<Tensor> result =
      Resized(code, options, Column(x), {static_cast<int32_t>(y.size()), 1});
  ASSERT_TRUE(result.ok()) << result.status().message();
  ASSERT_EQ(result->ElementCount(), static_cast<int64_t>(y.size()));
  for (size_t i = 0; i < y.size(); ++i) EXPECT_NEAR(result->as<float>()[i], y[i], 1e-5) << i;
}

TEST(TfliteResize, BilinearPlacesByItsOptions) {
  ExpectColumn(kBilinear, {false, false}, {0, 3}, {0, 1.5f, 3, 3});
  ExpectColumn(kBilinear, {true, false}, {0, 3}, {0, 1, 2, 3});
  ExpectColumn(kBilinear, {false, true}, {0, 3}, {0, 0.75f, 2.25f, 3});
  ExpectColumn(kBilinear, {false, true}, {0, 1, 2, 3}, {0.5f, 2.5f});
  ExpectColumn(kBilinear, {false, false}, {0, 1, 2, 3, 4, 5}, {0, 1.5f, 3, 4.5f});
  ExpectColumn(kBilinear, {true, false}, {7, 8}, {7});
}

TEST(TfliteResize, NearestPlacesByItsOptions) {
  ExpectColumn(kNearest, {false, false}, {0, 1}, {0, 0, 1, 1});
  ExpectColumn(kNearest, {false, false}, {0, 1, 2}, {0, 1});
  ExpectColumn(kNearest, {true, false}, {0, 1, 2}, {0, 1, 1, 2});
  ExpectColumn(kNearest, {false, true}, {0, 1, 2}, {0, 2});
  ExpectColumn(kNearest, {false, true}, {0, 1}, {0, 0, 1, 1, 1});
}

TEST(TfliteResize, BothSidesAndChannelsAndPicturesOfABatchStayApart) {
  Tensor x = *Tensor::Allocate(DType::kF32, Shape{2, 2, 3, 2});
  for (int i = 0; i < 24; ++i) x.mutable_as<float>()[i] = static_cast<float>(i);
  const StatusOr<Tensor> y = Resized(kBilinear, {true, false}, x, {3, 5});
  ASSERT_TRUE(y.ok()) << y.status().message();
  ASSERT_EQ(y->shape(), (Shape{2, 3, 5, 2}));
  for (int n = 0; n < 2; ++n) {
    for (int row = 0; row < 3; ++row) {
      for (int column = 0; column < 5; ++column) {
        for (int c = 0; c < 2; ++c) {
          const float expected = 12.0f * n + 3.0f * row + 1.0f * column + c;
          EXPECT_NEAR(y->as<float>()[((n * 3 + row) * 5 + column) * 2 + c], expected, 1e-4);
        }
      }
    }
  }
}

TEST(TfliteResize, QuantisedNearestMovesBytesAndBilinearRoundsThem) {
  const uint8_t bytes[] = {10, 21, 255};
  const Tensor x = *Tensor::From(Shape{1, 3, 1, 1}, bytes);
  const StatusOr<Tensor> nearest = Resized(kNearest, {}, x, {6, 1}, {{0.5f}, {3}});
  ASSERT_TRUE(nearest.ok()) << nearest.status().message();
  ASSERT_EQ(nearest->dtype(), DType::kU8);
  EXPECT_EQ(std::vector<int>(nearest->as<uint8_t>(), nearest->as<uint8_t>() + 6),
            (std::vector<int>{10, 10, 21, 21, 255, 255}));
  const StatusOr<Tensor> linear = Resized(kBilinear, {}, x, {6, 1}, {{0.5f}, {3}});
  ASSERT_TRUE(linear.ok()) << linear.status().message();
  const std::vector<int> expected = {10, 16, 21, 138, 255, 255};
  for (size_t i = 0; i < expected.size(); ++i) {
    EXPECT_NEAR(linear->as<uint8_t>()[i], expected[i], 1) << i;
  }
}

TEST(TfliteResize, SizesThatAreNoneOrTooLargeAreRefused) {
  for (const std::vector<int32_t>& size :
       {std::vector<int32_t>{0, 1}, {1, -1}, {5}, {2000000000, 1}, {1, 2000000000}}) {
    for (const int code : {kBilinear, kNearest}) {
      const Status status = Resized(code, {}, Column({0, 1}), size).status();
      EXPECT_TRUE(status.code() == StatusCode::kUnsupported ||
                  status.code() == StatusCode::kInvalidModel)
          << status.message();
    }
  }
}

}  // namespace
}  // namespace minnow::importers::tflite
