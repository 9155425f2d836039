// Random ops with hostile attributes on random operands: each is refused or evaluated, and neither
// crashes nor reads out of bounds (the sanitizer builds see that).
#include <gtest/gtest.h>

#include <limits>
#include <random>

#include "interpreter/eval_text.h"
#include "interpreter/facts.h"
#include "tensor/load_limits.h"

namespace minnow::interpreter {
namespace {

constexpr int64_t kMaxOutput = 1 << 14;

class Generator {
 public:
  explicit Generator(uint32_t seed) : random_(seed) {}

  int64_t Pick(int64_t low, int64_t high) {
    return std::uniform_int_distribution<int64_t>(low, high)(random_);
  }
  bool Chance(int percent) { return Pick(1, 100) <= percent; }

  // Mostly plausible, sometimes an extreme.
  int64_t Attribute(int64_t low, int64_t high) {
    constexpr int64_t kExtremes[] = {0,
                                     -1,
                                     std::numeric_limits<int64_t>::min(),
                                     std::numeric_limits<int64_t>::max(),
                                     int64_t{1} << 31,
                                     -(int64_t{1} << 31),
                                     int64_t{1} << 20};
    return Chance(3) ? kExtremes[Pick(0, 6)] : Pick(low, high);
  }
  std::vector<int64_t> List(int64_t length, int64_t low, int64_t high) {
    std::vector<int64_t> values(static_cast<size_t>(Chance(5) ? Pick(0, 5) : length));
    for (int64_t& value : values) value = Attribute(low, high);
    return values;
  }
  Shape AnyShape(int rank) {
    Shape shape;
    for (int i = 0; i < rank; ++i) shape.Append(Chance(5) ? Pick(0, 1) : Pick(1, 5));
    return shape;
  }
  Operand AnyOperand(DType dtype, const Shape& shape) {
    Operand operand;
    operand.tensor = *Tensor::Allocate(dtype, shape);
    operand.present = true;
    uint8_t* bytes = operand.tensor.mutable_as<uint8_t>();
    for (size_t i = 0; i < operand.tensor.size_bytes(); ++i) {
      bytes[i] = static_cast<uint8_t>(Pick(0, 255));
    }
    return operand;
  }
  Operand Indices(const std::vector<int64_t>& values) {
    return S64(Shape{static_cast<int64_t>(values.size())}, values);
  }
  DType AnyType() { return static_cast<DType>(Pick(0, 11)); }
  DType Float() { return Chance(80) ? DType::kF32 : AnyType(); }
  graph::Padding AnyPadding() {
    return {static_cast<graph::PadMode>(Pick(0, 3)), Attribute(0, 2), Attribute(0, 2),
            Attribute(0, 2), Attribute(0, 2)};
  }

 private:
  std::mt19937 random_;
};

struct Case {
  graph::Op op;
  std::vector<Operand> inputs;
};

Case ConvolutionCase(Generator* g) {
  graph::Conv2D op;
  op.stride_h = g->Attribute(1, 3);
  op.stride_w = g->Attribute(1, 3);
  op.dilation_h = g->Attribute(1, 2);
  op.dilation_w = g->Attribute(1, 2);
  op.groups = g->Attribute(1, 2);
  op.padding = g->AnyPadding();
  op.layout = static_cast<graph::DataLayout>(g->Pick(0, 1));
  op.weight_layout = static_cast<graph::WeightLayout>(g->Pick(0, 3));
  const DType dtype = g->Float();
  return {op, {g->AnyOperand(dtype, g->AnyShape(4)), g->AnyOperand(dtype, g->AnyShape(4))}};
}

Case PoolCase(Generator* g) {
  graph::Pool2D op;
  op.kind = static_cast<graph::PoolKind>(g->Pick(0, 1));
  op.kernel_h = g->Attribute(1, 3);
  op.kernel_w = g->Attribute(1, 3);
  op.stride_h = g->Attribute(1, 3);
  op.stride_w = g->Attribute(1, 3);
  op.dilation_w = g->Attribute(1, 2);
  op.padding = g->AnyPadding();
  op.ceil_mode = g->Chance(50);
  op.count_include_pad = g->Chance(50);
  op.layout = static_cast<graph::DataLayout>(g->Pick(0, 1));
  return {op, {g->AnyOperand(g->Float(), g->AnyShape(4))}};
}

Case LinearCase(Generator* g) {
  const DType dtype = g->Float();
  const Operand a = g->AnyOperand(dtype, g->AnyShape(static_cast<int>(g->Pick(0, 3))));
  const Operand b = g->AnyOperand(dtype, g->AnyShape(static_cast<int>(g->Pick(0, 3))));
  switch (g->Pick(0, 2)) {
    case 0:
      return {graph::MatMul{g->Chance(50), g->Chance(50)}, {a, b}};
    case 1:
      return {graph::FullyConnected{}, {a, b}};
    default:
      return {graph::Gemm{1, 1, g->Chance(50), g->Chance(50)},
              {a, b, g->AnyOperand(dtype, g->AnyShape(static_cast<int>(g->Pick(0, 2))))}};
  }
}

Case QuantizedCase(Generator* g) {
  const DType x_type = g->Chance(50) ? DType::kU8 : DType::kS8;
  const DType w_type = g->Chance(90) ? DType::kS8 : g->AnyType();
  const QuantParams params = {g->Chance(5) ? 0.0f : 0.5f, static_cast<int32_t>(g->Pick(-1, 128))};
  const graph::ProductQuantization q = {params, {0.5f, 3}, {0.1f}, 0, x_type};
  const DType any = g->Chance(50) ? g->AnyType() : x_type;
  switch (g->Pick(0, 4)) {
    case 0: {
      const Case real = ConvolutionCase(g);
      return {graph::QConv2D{std::get<graph::Conv2D>(real.op), q},
              {g->AnyOperand(x_type, g->AnyShape(4)), g->AnyOperand(w_type, g->AnyShape(4))}};
    }
    case 1:
      return {graph::QFullyConnected{{}, q},
              {g->AnyOperand(x_type, g->AnyShape(static_cast<int>(g->Pick(0, 3)))),
               g->AnyOperand(w_type, g->AnyShape(2))}};
    case 2:
      return {graph::QBinary{{static_cast<graph::BinaryKind>(g->Pick(0, 3)), {}}, params, {}, {}},
              {g->AnyOperand(x_type, g->AnyShape(2)), g->AnyOperand(DType::kU8, g->AnyShape(1))}};
    case 3:
      return {graph::Quantize{g->Attribute(-2, 2)},
              {g->AnyOperand(g->Float(), g->AnyShape(2)),
               g->AnyOperand(DType::kF32, g->AnyShape(static_cast<int>(g->Pick(0, 1)))),
               g->AnyOperand(any, g->AnyShape(static_cast<int>(g->Pick(0, 1))))}};
    default:
      return {graph::Dequantize{g->Attribute(-2, 2)},
              {g->AnyOperand(any, g->AnyShape(2)),
               g->AnyOperand(DType::kF32, g->AnyShape(static_cast<int>(g->Pick(0, 1)))),
               g->AnyOperand(any, g->AnyShape(static_cast<int>(g->Pick(0, 1))))}};
  }
}

Case ElementwiseCase(Generator* g) {
  const DType dtype = g->AnyType();
  const Operand x = g->AnyOperand(dtype, g->AnyShape(static_cast<int>(g->Pick(0, 4))));
  const Operand y = g->AnyOperand(dtype, g->AnyShape(static_cast<int>(g->Pick(0, 2))));
  switch (g->Pick(0, 6)) {
    case 0:
      return {graph::Unary{static_cast<graph::UnaryKind>(g->Pick(0, 21)), 0.5f, 0.5f}, {x}};
    case 1:
      return {graph::Clamp{-1, 1}, {x}};
    case 2:
      return {graph::Cast{g->AnyType()}, {x}};
    case 3:
      return {graph::Where{}, {g->AnyOperand(DType::kBool, g->AnyShape(1)), x, y}};
    case 4:
      return {graph::Softmax{g->Attribute(-2, 2), g->Chance(50)}, {x}};
    case 5:
      return {graph::Reduce{static_cast<graph::ReduceKind>(g->Pick(0, 4)),
                            g->List(g->Pick(0, 2), -2, 2), g->Chance(50)},
              {x}};
    default:
      return {graph::Binary{static_cast<graph::BinaryKind>(g->Pick(0, 15)), {}}, {x, y}};
  }
}

Case SelectionCase(Generator* g) {
  const int rank = static_cast<int>(g->Pick(0, 3));
  const DType dtype = g->AnyType();
  const Operand x = g->AnyOperand(dtype, g->AnyShape(rank));
  const int64_t length = g->Pick(0, rank);
  switch (g->Pick(0, 3)) {
    case 0:
      return {
          graph::Slice{g->List(length, -4, 4), g->List(length, -6, 6), {}, g->List(length, -2, 2)},
          {x}};
    case 1:
      return {graph::StridedSlice{g->Pick(0, 7), g->Pick(0, 7), g->Attribute(0, 3)},
              {x, g->Indices(g->List(length, -4, 4)), g->Indices(g->List(length, -6, 6)),
               g->Indices(g->List(length, -2, 2))}};
    case 2:
      return {graph::Gather{g->Attribute(-2, 2)}, {x, g->Indices(g->List(3, -5, 4))}};
    default:
      return {graph::Concat{g->Attribute(-2, 2)}, {x, g->AnyOperand(dtype, g->AnyShape(rank))}};
  }
}

Case ShapingCase(Generator* g) {
  const int rank = static_cast<int>(g->Pick(0, 3));
  const Operand x = g->AnyOperand(g->AnyType(), g->AnyShape(rank));
  switch (g->Pick(0, 7)) {
    case 0:
      return {graph::Reshape{g->List(2, -1, 5), g->Chance(50)}, {x}};
    case 1:
      return {graph::Squeeze{g->List(1, -2, 2)}, {x}};
    case 2:
      return {graph::Unsqueeze{g->List(2, -3, 3)}, {x}};
    case 3:
      return {graph::Flatten{g->Attribute(-3, 3)}, {x}};
    case 4:
      return {graph::Transpose{g->List(rank, -2, 2)}, {x}};
    case 5:
      return {graph::ShapeOf{g->Attribute(-3, 3), g->Attribute(-3, 3), DType::kS32}, {x}};
    case 6:
      return {graph::Expand{}, {x, g->Indices(g->List(2, 0, 4))}};
    default:
      return {graph::Pad{static_cast<graph::PadFill>(g->Pick(0, 2)), g->List(2 * rank, 0, 3), 1.0f},
              {x}};
  }
}

TEST(Hostile, EveryOpIsEvaluatedOrRefused) {
  Generator generator(11);
  int evaluated = 0, refused = 0;
  for (int i = 0; i < 60000; ++i) {
    Case (*const kMakers[])(Generator*) = {ConvolutionCase, PoolCase,        LinearCase,
                                           QuantizedCase,   ElementwiseCase, SelectionCase,
                                           ShapingCase};
    const Case made = kMakers[i % 7](&generator);
    const graph::Op& op = made.op;
    std::vector<TensorView> inputs;
    for (const Operand& operand : made.inputs) inputs.push_back(operand.tensor.view());
    graph::OutputFact fact;
    Status status = graph::InferOp(op, FactsOf(inputs), &fact);
    // Legal, but a test must not allocate gigabytes.
    if (status.ok() && fact.shape->ElementCount() > kMaxOutput) continue;
    if (status.ok()) status = CheckTensorLimits(*fact.shape);
    StatusOr<std::vector<Tensor>> outputs = AllocateOutputs(op, inputs);
    ASSERT_EQ(outputs.ok(), status.ok());
    if (outputs.ok()) status = Evaluate(op, inputs, {(*outputs)[0].mutable_view()});
    ++(status.ok() ? evaluated : refused);
    ASSERT_NE(status.code(), StatusCode::kInternal) << graph::OpName(op) << status.message();
  }
  EXPECT_GT(evaluated, 10000);
  EXPECT_GT(refused, 10000);
}

}  // namespace
}  // namespace minnow::interpreter
