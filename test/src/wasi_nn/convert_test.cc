// Do a guest's elements arrive in the graph's layout and type?
#include "wasi_nn/convert.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <numeric>
#include <vector>

namespace minnow::wasi_nn {
namespace {

template <typename T>
GuestTensor View(const std::vector<T>& values, const Shape& shape, DType type) {
  return {type, shape, reinterpret_cast<const uint8_t*>(values.data()), sizeof(T) * values.size()};
}

TEST(Convert, SameTypeAndLayoutIsACopyFromAnyAddress) {
  const std::vector<float> values = {1, 2, 3, 4};
  std::vector<uint8_t> odd(1 + 16);
  std::memcpy(odd.data() + 1, values.data(), 16);
  const TensorSpec spec = {"x", DType::kF32, Shape{4}, "", std::nullopt};
  std::vector<float> out(4);
  const GuestTensor tensor = {DType::kF32, Shape{4}, odd.data() + 1, 16};
  ASSERT_TRUE(CheckTensor(tensor, spec).ok());
  ASSERT_TRUE(WriteTensor(tensor, spec, InputLayout::kAuto, out.data()).ok());
  EXPECT_EQ(out, values);
}

// Element (n, c, y, x) of an image is n * 1000 + c * 100 + y * 10 + x.
template <typename T>
void ExpectPermuted(DType type) {
  const int64_t n = 2, c = 3, h = 2, w = 3;
  std::vector<T> nchw, nhwc;
  const auto value = [](int64_t a, int64_t b, int64_t y, int64_t x) {
    return static_cast<T>(a * 100 + b * 30 + y * 10 + x);
  };
  for (int64_t a = 0; a < n; ++a)
    for (int64_t b = 0; b < c; ++b)
      for (int64_t y = 0; y < h; ++y)
        for (int64_t x = 0; x < w; ++x) nchw.push_back(value(a, b, y, x));
  for (int64_t a = 0; a < n; ++a)
    for (int64_t y = 0; y < h; ++y)
      for (int64_t x = 0; x < w; ++x)
        for (int64_t b = 0; b < c; ++b) nhwc.push_back(value(a, b, y, x));
  std::vector<T> out(nchw.size());
  const Shape channels_first{n, c, h, w}, channels_last{n, h, w, c};
  const TensorSpec first = {"x", type, channels_first, "NCHW", std::nullopt};
  const TensorSpec last = {"x", type, channels_last, "NHWC", std::nullopt};
  ASSERT_TRUE(
      WriteTensor(View(nhwc, channels_first, type), first, InputLayout::kNhwc, out.data()).ok());
  EXPECT_EQ(out, nchw) << "interleaved bytes under NCHW dims";
  ASSERT_TRUE(
      WriteTensor(View(nchw, channels_last, type), last, InputLayout::kNchw, out.data()).ok());
  EXPECT_EQ(out, nhwc);
  ASSERT_TRUE(
      WriteTensor(View(nchw, channels_first, type), first, InputLayout::kNchw, out.data()).ok());
  EXPECT_EQ(out, nchw);
}

TEST(Convert, InputLayoutMovesTheElementsOfEverySize) {
  ExpectPermuted<uint8_t>(DType::kU8);
  ExpectPermuted<uint16_t>(DType::kF16);
  ExpectPermuted<float>(DType::kF32);
  ExpectPermuted<double>(DType::kF64);
}

TEST(Convert, AnImageWhoseLayoutNobodyKnowsCannotBeTurned) {
  const TensorSpec spec = {"x", DType::kU8, Shape{1, 3, 2, 3}, "", std::nullopt};
  const std::vector<uint8_t> values(18);
  std::vector<uint8_t> out(18);
  EXPECT_EQ(WriteTensor(View(values, spec.shape, DType::kU8), spec, InputLayout::kNhwc, out.data())
                .code(),
            StatusCode::kInvalidArgument);
}

TEST(Convert, FloatsAreQuantisedRoundedAndSaturated) {
  const float inf = std::numeric_limits<float>::infinity();
  const std::vector<float> values = {0,     0.5f, 0.24f, 0.25f, -0.25f, 1e9f,
                                     -1e9f, inf,  -inf,  NAN,   100,    -100};
  const Shape shape{static_cast<int64_t>(values.size())};
  const TensorSpec u8 = {"x", DType::kU8, shape, "", QuantParams{0.5f, 10}};
  std::vector<uint8_t> out(values.size());
  ASSERT_TRUE(CheckTensor(View(values, shape, DType::kF32), u8).ok());
  ASSERT_TRUE(
      WriteTensor(View(values, shape, DType::kF32), u8, InputLayout::kAuto, out.data()).ok());
  EXPECT_EQ(out, (std::vector<uint8_t>{10, 11, 10, 11, 9, 255, 0, 255, 0, 10, 210, 0}));
  const TensorSpec s8 = {"x", DType::kS8, shape, "", QuantParams{0.5f, -3}};
  std::vector<int8_t> signed_out(values.size());
  ASSERT_TRUE(
      WriteTensor(View(values, shape, DType::kF32), s8, InputLayout::kAuto, signed_out.data())
          .ok());
  EXPECT_EQ(signed_out,
            (std::vector<int8_t>{-3, -2, -3, -2, -4, 127, -128, 127, -128, -3, 127, -128}));
}

TEST(Convert, FloatsAreQuantisedAndTurnedAtOnce) {
  const std::vector<float> nhwc = {0, 1, 2, 3, 4, 5};  // 1 x 2 pixels of 3 channels
  const TensorSpec spec = {"x", DType::kU8, Shape{1, 3, 1, 2}, "NCHW", QuantParams{1, 100}};
  std::vector<uint8_t> out(6);
  ASSERT_TRUE(
      WriteTensor(View(nhwc, spec.shape, DType::kF32), spec, InputLayout::kNhwc, out.data()).ok());
  EXPECT_EQ(out, (std::vector<uint8_t>{100, 103, 101, 104, 102, 105}));
}

TEST(Convert, OtherTypesRanksAndDimsAreRefused) {
  const std::vector<float> f(6);
  const TensorSpec spec = {"x", DType::kF32, Shape{-1, 3}, "", std::nullopt};
  EXPECT_TRUE(CheckTensor(View(f, Shape{2, 3}, DType::kF32), spec).ok());
  EXPECT_FALSE(CheckTensor(View(f, Shape{3, 2}, DType::kF32), spec).ok());
  EXPECT_FALSE(CheckTensor(View(f, Shape{6}, DType::kF32), spec).ok());
  EXPECT_FALSE(CheckTensor(View(f, Shape{1, 2, 3}, DType::kF32), spec).ok());
  EXPECT_FALSE(CheckTensor(View(f, Shape{2, 3}, DType::kS32), spec).ok());
  const TensorSpec bytes = {"x", DType::kU8, Shape{2, 3}, "", std::nullopt};
  EXPECT_FALSE(CheckTensor(View(f, Shape{2, 3}, DType::kF32), bytes).ok())
      << "nothing says how to quantise";
  const TensorSpec signed_bytes = {"x", DType::kS8, Shape{2, 3}, "", std::nullopt};
  EXPECT_TRUE(CheckTensor(View(f, Shape{2, 3}, DType::kU8), signed_bytes).ok())
      << "wasi-nn has one type of bytes";
}

}  // namespace
}  // namespace minnow::wasi_nn
