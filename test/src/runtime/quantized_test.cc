// Do integer operators give the interpreter's bytes, on every level and thread count?
#include <limits>

#include "runtime/runtime_testing.h"

namespace minnow::runtime {
namespace {

using graph::ValueId;

Tensor RandomBytes(Random* random, DType dtype, const Shape& shape) {
  Tensor tensor = *Tensor::Allocate(dtype, shape);
  const bool extreme = random->OneIn(4);
  auto* bytes = static_cast<uint8_t*>(tensor.mutable_data());
  for (int64_t i = 0; i < tensor.ElementCount(); ++i) {
    bytes[i] = static_cast<uint8_t>(extreme ? 127 + random->Below(2) : random->Next());
  }
  return tensor;
}

int32_t ZeroOf(Random* random, DType dtype) {
  return static_cast<int32_t>(random->Below(256)) - (dtype == DType::kS8 ? 128 : 0);
}

// One quantised layer after another, each reading the last one's bytes.
class Network {
 public:
  Network(uint64_t seed, DType dtype, const Shape& shape) : random_(seed), dtype_(dtype) {
    last_ = b_.graph().AddInput("x", dtype, shape);
    params_ = {0.02f, ZeroOf(&random_, dtype)};
    inputs_.push_back(RandomBytes(&random_, dtype, shape));
  }

  void Convolve(graph::Conv2D conv, const Shape& weights, DType weight_type, DType y_type) {
    graph::QConv2D op;
    op.conv = conv;
    op.quantization = Quantization(weights, weight_type, y_type);
    last_ = b_.Op(op, Operands(weights, weight_type), "conv");
    dtype_ = y_type;
  }

  void Connect(const Shape& weights, DType weight_type, DType y_type) {
    graph::QFullyConnected op;
    op.quantization = Quantization(weights, weight_type, y_type);
    last_ = b_.Op(op, Operands(weights, weight_type), "connected");
    dtype_ = y_type;
  }

  void Apply(graph::Op op) { last_ = b_.Op(std::move(op), {last_}, "other"); }

  void Check() {
    b_.Output(last_);
    ExpectMatchesInterpreter(b_.graph(), inputs_);
  }

  Random& random() { return random_; }

 private:
  // Scales that spread the sums over the bytes and somewhat beyond. A power of two makes ties.
  graph::ProductQuantization Quantization(const Shape& weights, DType weight_type, DType y_type) {
    graph::ProductQuantization q;
    q.x = params_;
    q.y.scale = random_.OneIn(3) ? 0.25f : random_.Float(0.1f, 0.3f);
    q.y.zero_point = ZeroOf(&random_, y_type);
    q.dtype = y_type;
    if (weight_type == DType::kU8) q.weight_zero_point = ZeroOf(&random_, weight_type);
    const int64_t terms = weights.ElementCount() / weights[0];
    const float spread = 1.0f / std::sqrt(static_cast<float>(terms));
    const int64_t count = random_.OneIn(3) ? 1 : weights[0];
    for (int64_t i = 0; i < count; ++i) {
      q.weight_scales.push_back(random_.Float(0.3f, 1.5f) * spread / 16.0f);
    }
    if (random_.OneIn(3)) {
      q.x.scale = 0.03125f;
      q.weight_scales = {0.0625f};
    }
    params_ = q.y;
    return q;
  }

  std::vector<ValueId> Operands(const Shape& weights, DType weight_type) {
    ValueId bias = graph::kNoValue;
    if (!random_.OneIn(4)) {
      Tensor values = *Tensor::Allocate(DType::kS32, {weights[0]});
      for (int64_t i = 0; i < weights[0]; ++i) {
        values.mutable_as<int32_t>()[i] = static_cast<int32_t>(random_.Below(20001)) - 10000;
      }
      bias = b_.graph().AddConstant("b", values);
    }
    const ValueId w = b_.graph().AddConstant("w", RandomBytes(&random_, weight_type, weights));
    return {last_, w, bias};
  }

  GraphBuilder b_;
  Random random_;
  ValueId last_;
  DType dtype_;
  QuantParams params_;
  std::vector<Tensor> inputs_;
};

graph::Conv2D Window(int64_t stride, int64_t dilation = 1, int64_t groups = 1) {
  graph::Conv2D conv;
  conv.stride_h = conv.stride_w = stride;
  conv.dilation_h = conv.dilation_w = dilation;
  conv.groups = groups;
  conv.padding.mode = graph::PadMode::kSameUpper;
  return conv;
}

constexpr DType kTypes[] = {DType::kU8, DType::kS8};

TEST(QuantizedRuntime, PointwiseGivesTheInterpretersBytes) {
  uint64_t seed = 0;
  for (const DType type : kTypes) {
    for (const DType weights : kTypes) {
      for (const Shape& shape : {Shape{1, 7, 7, 40}, Shape{2, 5, 9, 96}, Shape{1, 1, 1, 33}}) {
        for (const int64_t channels : {16, 24, 70, 150}) {
          Network network(++seed, type, shape);
          graph::Conv2D conv;
          if (seed % 2 == 0) conv.activation = {graph::Activation::Kind::kClamp, -2.0f, 6.0f};
          network.Convolve(conv, {channels, 1, 1, shape[3]}, weights, kTypes[seed % 2]);
          network.Check();
        }
      }
    }
  }
}

TEST(QuantizedRuntime, WindowsGiveTheInterpretersBytes) {
  uint64_t seed = 100;
  for (const DType type : kTypes) {
    for (const DType weights : kTypes) {
      for (const int64_t kernel : {1, 2, 3, 5}) {
        for (const int64_t stride : {1, 2}) {
          for (const int64_t in_c : {1, 3, 20}) {
            ++seed;
            Network network(seed, type, {1 + static_cast<int64_t>(seed % 2), 13, 11, in_c});
            graph::Conv2D conv = Window(stride, 1 + static_cast<int64_t>(seed % 2));
            if (seed % 3 == 0) conv.padding = {graph::PadMode::kExplicit, 2, 0, 1, 3};
            if (seed % 3 == 1) conv.padding.mode = graph::PadMode::kValid;
            network.Convolve(conv, {20, kernel, kernel, in_c}, weights, kTypes[seed % 2]);
            network.Check();
          }
        }
      }
    }
  }
}

TEST(QuantizedRuntime, DepthwiseGivesTheInterpretersBytes) {
  uint64_t seed = 300;
  for (const DType type : kTypes) {
    for (const DType weights : kTypes) {
      for (const int64_t kernel : {1, 3, 5}) {
        for (const int64_t stride : {1, 2, 3}) {
          for (const int64_t channels : {5, 32, 100}) {
            ++seed;
            Network network(seed, type, {1 + static_cast<int64_t>(seed % 2), 12, 9, channels});
            graph::Conv2D conv = Window(stride, 1 + static_cast<int64_t>(seed % 2), channels);
            if (seed % 3 == 0) conv.padding = {graph::PadMode::kExplicit, 0, 3, 2, 1};
            network.Convolve(conv, {channels, kernel, kernel, 1}, weights, kTypes[seed % 2]);
            network.Check();
          }
        }
      }
    }
  }
}

TEST(QuantizedRuntime, FullyConnectedGivesTheInterpretersBytes) {
  uint64_t seed = 500;
  for (const DType type : kTypes) {
    for (const DType weights : kTypes) {
      for (const int64_t rows : {1, 3, 40}) {
        for (const int64_t inner : {10, 129, 640}) {
          Network network(++seed, type, {rows, inner});
          network.Connect({101, inner}, weights, kTypes[seed % 2]);
          network.Check();
        }
      }
    }
  }
}

TEST(QuantizedRuntime, LayersReadOneAnothersBytes) {
  for (uint64_t seed = 600; seed < 620; ++seed) {
    const DType type = kTypes[seed % 2];
    Network network(seed, type, {1, 16, 16, 3});
    network.Convolve(Window(2), {24, 3, 3, 3}, DType::kS8, type);
    network.Convolve(Window(1, 1, 24), {24, 3, 3, 1}, DType::kS8, kTypes[seed / 2 % 2]);
    network.Convolve({}, {48, 1, 1, 24}, DType::kU8, kTypes[seed / 4 % 2]);
    network.Apply(graph::Reshape{{1, 8 * 8 * 48}, false});
    network.Connect({10, 8 * 8 * 48}, DType::kS8, type);
    network.Check();
  }
}

graph::ValueId Parameter(GraphBuilder* b, DType dtype, int32_t value) {
  Tensor tensor = *Tensor::Allocate(dtype, Shape{});
  *static_cast<uint8_t*>(tensor.mutable_data()) = static_cast<uint8_t>(value);
  return b->graph().AddConstant("zero", tensor);
}

TEST(QuantizedRuntime, SumsAndProductsGiveTheInterpretersBytes) {
  uint64_t seed = 800;
  const Shape whole = {2, 5, 7, 30};
  for (const graph::BinaryKind kind :
       {graph::BinaryKind::kAdd, graph::BinaryKind::kSub, graph::BinaryKind::kMul}) {
    for (const DType type : kTypes) {
      for (const Shape& other :
           {whole, Shape{30}, Shape{1, 1, 1, 30}, Shape{7, 30}, Shape{1}, Shape{2, 1, 1, 30}}) {
        for (const bool swapped : {false, true}) {
          Random random(++seed);
          GraphBuilder b;
          const DType other_type = kTypes[seed % 2], y_type = kTypes[seed / 2 % 2];
          graph::QBinary op;
          op.binary.kind = kind;
          op.a = {0.5f, ZeroOf(&random, type)};
          op.b = {random.OneIn(2) ? 0.25f : 0.3f, ZeroOf(&random, other_type)};
          op.y = {kind == graph::BinaryKind::kMul ? 20.0f : 0.5f, ZeroOf(&random, y_type)};
          op.dtype = y_type;
          if (random.OneIn(2)) op.binary.activation.min = 0.0f;
          const ValueId x = b.graph().AddInput("x", type, whole);
          const ValueId y = b.graph().AddInput("y", other_type, other);
          if (swapped) std::swap(op.a, op.b);
          b.Output(
              b.Op(op, swapped ? std::vector<ValueId>{y, x} : std::vector<ValueId>{x, y}, "z"));
          ExpectMatchesInterpreter(b.graph(), {RandomBytes(&random, type, whole),
                                               RandomBytes(&random, other_type, other)});
        }
      }
    }
  }
}

// One value a channel, as gates have it: rows of many lengths, and one too long to be laid out.
TEST(QuantizedRuntime, GatesGiveTheInterpretersBytes) {
  uint64_t seed = 850;
  for (const int64_t channels : {1, 8, 16, 96, 100, 144, 288, 1001, 2100}) {
    Random random(++seed);
    const Shape image = {1, 9, 7, channels}, gate = {1, 1, 1, channels};
    GraphBuilder b;
    graph::QBinary op;
    op.binary.kind = graph::BinaryKind::kMul;
    op.a = {0.04f, ZeroOf(&random, DType::kU8)};
    op.b = {1.0f / 255, ZeroOf(&random, DType::kS8)};
    op.y = {0.03f, ZeroOf(&random, DType::kU8)};
    op.dtype = DType::kU8;
    const ValueId x = b.graph().AddInput("x", DType::kU8, image);
    b.Output(b.Op(op, {x, b.graph().AddInput("y", DType::kS8, gate)}, "z"));
    ExpectMatchesInterpreter(b.graph(), {RandomBytes(&random, DType::kU8, image),
                                         RandomBytes(&random, DType::kS8, gate)});
  }
}

TEST(QuantizedRuntime, QuantizeAndDequantizeGiveTheInterpretersResults) {
  for (const DType type : kTypes) {
    for (const int32_t zero : {-128, -5, 0, 100, 127, 255}) {
      if (zero < (type == DType::kS8 ? -128 : 0) || zero > (type == DType::kS8 ? 127 : 255)) {
        continue;
      }
      GraphBuilder b;
      const ValueId scale = b.Scalar("scale", 0.01f);
      const ValueId bytes =
          b.Op(graph::Quantize{}, {b.Input("x", {1, 9, 11, 3}), scale, Parameter(&b, type, zero)},
               "bytes");
      b.Output(bytes);
      b.Output(b.Op(graph::Dequantize{}, {bytes, scale, Parameter(&b, type, zero)}, "floats"));
      ExpectMatchesInterpreter(&b);
    }
  }
}

// An image in planes: quantised as it is, read by the first convolution as it lies.
TEST(QuantizedRuntime, PlanarImagesGiveTheInterpretersBytes) {
  uint64_t seed = 900;
  for (const int64_t stride : {1, 2}) {
    for (const int64_t channels : {1, 3, 8, 9}) {
      for (const bool is_shared : {false, true}) {
        Random random(++seed);
        GraphBuilder b;
        const ValueId x = b.graph().AddInput("x", DType::kU8, Shape{2, channels, 9, 12});
        const ValueId image = b.Op(graph::Transpose{{0, 2, 3, 1}}, {x}, "image");
        graph::QConv2D op;
        op.conv = Window(stride, 1 + static_cast<int64_t>(seed % 2));
        if (seed % 3 == 0) op.conv.padding.mode = graph::PadMode::kValid;
        op.quantization = {{0.5f, 77}, {40.0f, 130}, {0.25f}, 0, DType::kU8};
        const Tensor weights = RandomBytes(&random, DType::kS8, {20, 3, 3, channels});
        b.Output(b.Op(op, {image, b.graph().AddConstant("w", weights)}, "y"));
        if (is_shared) b.Output(b.Op(graph::Identity{}, {image}, "copy"));
        ExpectMatchesInterpreter(b.graph(),
                                 {RandomBytes(&random, DType::kU8, {2, channels, 9, 12})});
      }
    }
  }
}

// What the fast kernels do not compute goes to the interpreter.
TEST(QuantizedRuntime, MeansAndTablesGiveTheInterpretersBytes) {
  uint64_t seed = 900;
  for (const DType in : {DType::kU8, DType::kS8}) {
    for (const DType out : {DType::kU8, DType::kS8}) {
      for (const Shape& shape : {Shape{1, 7, 7, 130}, Shape{2, 3, 5, 7}, Shape{3, 1, 1, 64}}) {
        Network network(++seed, in, shape);
        graph::ByteMap map;
        map.dtype = in;
        for (uint8_t& entry : map.table) entry = static_cast<uint8_t>(network.random().Next());
        network.Apply(map);
        graph::Reduce mean;
        mean.axes = {1, 2};
        mean.keep_dims = seed % 2 == 0;
        // The second scale is a power of two of the first: means of 2 and 15 bytes meet ties.
        mean.bytes = graph::ByteParams{{0.5f, 3}, {seed % 3 == 0 ? 0.25f : 0.3f, 5}, out};
        network.Apply(mean);
        network.Check();
      }
    }
  }
}

TEST(QuantizedRuntime, PoolsGiveTheInterpretersBytes) {
  uint64_t seed = 1000;
  for (const DType in : kTypes) {
    for (const DType out : kTypes) {
      for (const Shape& shape : {Shape{1, 9, 11, 3}, Shape{2, 8, 7, 70}, Shape{1, 13, 13, 64}}) {
        for (const int64_t kernel : {2, 3}) {
          for (const bool is_max : {false, true}) {
            graph::Pool2D pool;
            pool.kind = is_max ? graph::PoolKind::kMax : graph::PoolKind::kAverage;
            pool.kernel_h = kernel;
            pool.kernel_w = kernel + 1;
            pool.stride_h = pool.stride_w = 1 + static_cast<int64_t>(++seed % 2);
            pool.ceil_mode = seed % 3 == 0;
            pool.count_include_pad = seed % 4 == 0;
            if (seed % 5 != 0) pool.padding.mode = graph::PadMode::kSameUpper;
            if (!is_max) {
              pool.bytes = graph::ByteParams{{0.5f, 3}, {seed % 3 == 0 ? 0.25f : 0.3f, 5}, out};
            }
            Network network(seed, in, shape);
            network.Apply(pool);
            network.Check();
          }
        }
      }
    }
  }
}

TEST(QuantizedRuntime, FramesAndSoftmaxesGiveTheInterpretersBytes) {
  uint64_t seed = 1200;
  for (const DType in : kTypes) {
    for (const DType out : kTypes) {
      for (const Shape& shape : {Shape{1, 9, 11, 3}, Shape{2, 3, 4, 70}, Shape{1, 1, 1, 1001}}) {
        Network network(++seed, in, shape);
        graph::Pad pad;
        pad.pads = {0, 1, 0, 0, 0, 2, static_cast<int64_t>(seed % 3), 0};
        pad.value = in == DType::kU8 ? 200.0f : -77.0f;
        network.Apply(pad);
        graph::Softmax softmax;
        softmax.log = seed % 4 == 0;
        const QuantParams y = {1.0f / 256, out == DType::kU8 ? 0 : -128};
        softmax.bytes = graph::ByteParams{{seed % 2 == 0 ? 0.1f : 0.015f, 3}, y, out};
        network.Apply(softmax);
        network.Check();
      }
    }
  }
}

TEST(QuantizedRuntime, JoinsGiveTheInterpretersBytes) {
  uint64_t seed = 1300;
  for (const DType type : kTypes) {
    for (const int64_t axis : {0, 1, 2, 3, -1}) {
      Random random(++seed);
      GraphBuilder b;
      Shape other = {2, 5, 7, 30};
      other[axis < 0 ? 3 : static_cast<int>(axis)] = 9;
      const ValueId x = b.graph().AddInput("x", type, Shape{2, 5, 7, 30});
      const ValueId y = b.graph().AddInput("y", type, other);
      b.Output(b.Op(graph::Concat{axis}, {x, y, x}, "z"));
      ExpectMatchesInterpreter(b.graph(), {RandomBytes(&random, type, {2, 5, 7, 30}),
                                           RandomBytes(&random, type, other)});
    }
  }
}

TEST(QuantizedRuntime, OddProductsGiveTheInterpretersBytes) {
  graph::Conv2D grouped, swish, multiplied = Window(1, 1, 4);
  grouped.groups = 2;
  swish.activation.kind = graph::Activation::Kind::kHardSwish;
  Network a(700, DType::kS8, {1, 6, 6, 4});
  a.Convolve(grouped, {6, 3, 3, 2}, DType::kS8, DType::kS8);
  a.Check();
  Network b(701, DType::kS8, {1, 6, 6, 4});
  b.Convolve(swish, {6, 3, 3, 4}, DType::kS8, DType::kS8);
  b.Check();
  Network c(702, DType::kU8, {1, 6, 6, 4});
  c.Convolve(multiplied, {8, 3, 3, 1}, DType::kS8, DType::kS8);
  c.Check();
}

}  // namespace
}  // namespace minnow::runtime
