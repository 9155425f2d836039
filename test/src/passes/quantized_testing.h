// How tests of passes build quantised graphs and compare what they compute.
#ifndef MINNOW_TEST_SRC_PASSES_QUANTIZED_TESTING_H_
#define MINNOW_TEST_SRC_PASSES_QUANTIZED_TESTING_H_

#include <string>
#include <vector>

#include "passes/pass_testing.h"

namespace minnow::passes {

// A graph of quantised tensors, all per tensor unless said.
class QuantizedBuilder : public GraphBuilder {
 public:
  using ValueId = graph::ValueId;

  ValueId Bytes(const std::string& name, DType dtype, const Shape& shape) {
    Tensor tensor = *Tensor::Allocate(dtype, shape);
    for (size_t i = 0; i < tensor.size_bytes(); ++i) {
      tensor.mutable_as<uint8_t>()[i] = static_cast<uint8_t>(random().Below(200) + 28);
    }
    return graph().AddConstant(name, tensor);
  }
  ValueId Zero(DType dtype, int zero) {
    Tensor tensor = *Tensor::Allocate(dtype, Shape{});
    tensor.mutable_as<uint8_t>()[0] = static_cast<uint8_t>(zero);
    return graph().AddConstant("", tensor);
  }
  ValueId Q(ValueId x, float scale, int zero, DType dtype, const std::string& name) {
    return Op(graph::Quantize{}, {x, Scalar("", scale), Zero(dtype, zero)}, name);
  }
  ValueId Dq(ValueId x, float scale, int zero, DType dtype = DType::kU8) {
    return Op(graph::Dequantize{}, {x, Scalar("", scale), Zero(dtype, zero)}, "");
  }
  // Weights of one scale each output channel (axis 0).
  ValueId Weights8(const Shape& shape) {
    std::vector<float> scales;
    for (int64_t i = 0; i < shape[0]; ++i) scales.push_back(0.01f + 0.001f * static_cast<float>(i));
    return Op(graph::Dequantize{0},
              {Bytes("w", DType::kS8, shape), Floats("", Shape{shape[0]}, scales)}, "");
  }
  // The bias of such weights behind activations of `x_scale`.
  ValueId Bias8(int64_t channels, float x_scale) {
    std::vector<float> scales;
    std::vector<int32_t> values;
    for (int64_t i = 0; i < channels; ++i) {
      scales.push_back((0.01f + 0.001f * static_cast<float>(i)) * x_scale);
      values.push_back(static_cast<int32_t>(random().Below(2000)) - 1000);
    }
    const Shape shape = {channels};
    return Op(
        graph::Dequantize{0},
        {graph().AddConstant("", *Tensor::From(shape, values.data())), Floats("", shape, scales)},
        "");
  }
};

// Quantised outputs differ by a step at most: sums of floats round otherwise than exact ones.
inline void ExpectWithinAStep(const graph::Graph& before) {
  graph::Graph after = before;
  ASSERT_TRUE(Optimize(&after).ok());
  const std::vector<Tensor> inputs = RandomInputs(before, 1, 9);
  const StatusOr<std::vector<Tensor>> expected = Results(before, inputs);
  const StatusOr<std::vector<Tensor>> actual = Results(after, inputs);
  ASSERT_TRUE(expected.ok()) << expected.status().message();
  ASSERT_TRUE(actual.ok()) << actual.status().message() << graph::Print(after);
  const Tensor &a = (*expected)[0], &b = (*actual)[0];
  ASSERT_EQ(a.shape().ToString(), b.shape().ToString());
  ASSERT_EQ(a.dtype(), b.dtype());
  int moved = 0, distinct = 0;
  for (int64_t i = 0; i < a.ElementCount(); ++i) {
    const int gap = a.as<uint8_t>()[i] - b.as<uint8_t>()[i];
    ASSERT_LE(std::abs(gap), 1) << i;
    moved += gap != 0;
    distinct += a.as<uint8_t>()[i] != a.as<uint8_t>()[0];
  }
  EXPECT_LE(moved, 1 + a.ElementCount() / 50);
  EXPECT_GT(distinct, a.ElementCount() / 3);
}

}  // namespace minnow::passes

#endif  // MINNOW_TEST_SRC_PASSES_QUANTIZED_TESTING_H_
