// Do operators on bytes equal the same ones on real numbers between Dequantize and Quantize?
#include <gtest/gtest.h>

#include <numeric>

#include "interpreter/eval_text.h"

namespace minnow::interpreter {
namespace {

constexpr QuantParams kX = {0.05f, 7};
constexpr QuantParams kY = {0.1f, -9};

Operand AllBytes(DType dtype, Shape shape) {
  std::vector<uint8_t> bytes(static_cast<size_t>(shape.ElementCount()));
  for (size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<uint8_t>(i * 37);
  return Typed(dtype, shape, bytes);
}

Operand OneByte(DType dtype, int32_t value) {
  return Typed(dtype, Shape{}, std::vector<uint8_t>{static_cast<uint8_t>(value)});
}

Operand Present(const Tensor& tensor) {
  Operand operand;
  operand.present = true;
  operand.tensor = tensor;
  return operand;
}

// The op on bytes, and the op between Dequantize and Quantize: at most one step apart, and that
// seldom (the sums of floats are rounded once more).
template <typename Op>
void ExpectAsReal(Op op, const Shape& shape, const QuantParams& y) {
  const Operand x = AllBytes(DType::kU8, shape);
  const Tensor real = *EvalTensor(graph::Dequantize{},
                                  {x, F32({}, {kX.scale}), OneByte(DType::kU8, kX.zero_point)});
  const StatusOr<Tensor> result = EvalTensor(op, {Present(real)});
  ASSERT_TRUE(result.ok()) << result.status().message();
  const StatusOr<Tensor> expected = EvalTensor(
      graph::Quantize{}, {Present(*result), F32({}, {y.scale}), OneByte(DType::kS8, y.zero_point)});
  op.bytes = graph::ByteParams{kX, y, DType::kS8};
  const StatusOr<Tensor> actual = EvalTensor(op, {x});
  ASSERT_TRUE(expected.ok() && actual.ok()) << actual.status().message();
  ASSERT_EQ(actual->shape(), expected->shape());
  ASSERT_EQ(actual->dtype(), DType::kS8);
  int moved = 0, distinct = 0;
  for (int64_t i = 0; i < actual->ElementCount(); ++i) {
    const int a = actual->as<int8_t>()[i], e = expected->as<int8_t>()[i];
    ASSERT_LE(std::abs(a - e), 1) << i;
    moved += a != e;
    distinct += a != actual->as<int8_t>()[0];
  }
  EXPECT_LE(moved, 1 + actual->ElementCount() / 50);
  EXPECT_GT(distinct, 0);
}

TEST(Bytes, MeansSumsAveragesAndSoftmaxEqualTheRealOnes) {
  ExpectAsReal(graph::Reduce{graph::ReduceKind::kMean, {1, 2}, true}, {2, 3, 5, 4}, kY);
  ExpectAsReal(graph::Reduce{graph::ReduceKind::kSum, {1}, false}, {2, 3, 4}, {0.3f, -9});
  graph::Pool2D pool;
  pool.kind = graph::PoolKind::kAverage;
  pool.kernel_h = 2;
  pool.kernel_w = 3;
  pool.padding = {graph::PadMode::kExplicit, 1, 1, 0, 1};
  ExpectAsReal(pool, {1, 5, 6, 3}, kY);
  ExpectAsReal(graph::Softmax{}, {4, 16}, {1.0f / 256, -128});
}

TEST(Bytes, ATableGivesWhatItHoldsForEveryByteOfEitherSign) {
  graph::ByteMap map;
  map.dtype = DType::kS8;
  for (int i = 0; i < 256; ++i) map.table[static_cast<size_t>(i)] = static_cast<uint8_t>(255 - i);
  std::vector<uint8_t> all(256);
  std::iota(all.begin(), all.end(), uint8_t{0});
  for (const DType dtype : {DType::kU8, DType::kS8}) {
    const StatusOr<Tensor> y = EvalTensor(map, {Typed(dtype, Shape{256}, all)});
    ASSERT_TRUE(y.ok()) << y.status().message();
    EXPECT_EQ(y->dtype(), DType::kS8);
    for (int i = 0; i < 256; ++i) ASSERT_EQ(y->as<uint8_t>()[i], 255 - i);
  }
}

TEST(Bytes, OtherTypesAndScalesThatAreNoneAreRefused) {
  graph::Softmax op;
  op.bytes = graph::ByteParams{kX, kY, DType::kS8};
  EXPECT_FALSE(EvalTensor(op, {F32({2}, {0, 1})}).ok());
  op.bytes->y.scale = 0.0f;
  EXPECT_FALSE(EvalTensor(op, {AllBytes(DType::kU8, Shape{2})}).ok());
  EXPECT_FALSE(EvalTensor(graph::ByteMap(), {F32({2}, {0, 1})}).ok());
}

}  // namespace
}  // namespace minnow::interpreter
