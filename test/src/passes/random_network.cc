// Grows a network block by block; every block keeps track of the image's size and channels.
#include "passes/random_network.h"

#include "passes/pass_testing.h"

namespace minnow::passes {
namespace {

using graph::BinaryKind;
using graph::DataLayout;
using graph::PadMode;
using graph::ValueId;
using graph::WeightLayout;

struct Image {
  ValueId id;
  int64_t size;
  int64_t channels;
};

class NetworkBuilder {
 public:
  explicit NetworkBuilder(uint64_t seed) : b_(seed), random_(b_.random()) {
    layout_ = random_.OneIn(2) ? DataLayout::kNCHW : DataLayout::kNHWC;
  }

  graph::Graph Build() {
    const int64_t size = 5 + random_.Below(5), channels = 1 + random_.Below(4);
    Image x = {b_.Input("input", ImageShape(random_.OneIn(3) ? 2 : kUnknownDim, size, channels)),
               size, channels};
    if (random_.OneIn(3)) x = Scale(x);
    for (int64_t block = 2 + random_.Below(7); block > 0; --block) {
      x = Block(x);
      if (random_.OneIn(12)) Output(x.id);
    }
    const ValueId last = random_.OneIn(6) ? x.id : Head(x);
    Output(last);
    return b_.graph();
  }

 private:
  std::string Name(const char* kind) { return kind + std::to_string(next_name_++); }

  // Models name an inner value twice, or the input, as output by an Identity of it.
  void Output(ValueId value) {
    const bool is_inner = b_.graph().ProducerOf(value) != nullptr && !b_.graph().IsOutput(value);
    b_.Output(is_inner ? value : b_.Op(graph::Identity{}, {value}, Name("copy")));
  }

  bool IsNchw() const { return layout_ == DataLayout::kNCHW; }
  Shape ImageShape(int64_t n, int64_t size, int64_t c) const {
    return IsNchw() ? Shape{n, c, size, size} : Shape{n, size, size, c};
  }
  int64_t ChannelAxis() const { return IsNchw() ? 1 : 3; }
  std::vector<int64_t> ImageAxes() const {
    return IsNchw() ? std::vector<int64_t>{2, 3} : std::vector<int64_t>{1, 2};
  }
  // [C] as it broadcasts against an image.
  Shape ChannelShape(int64_t c) {
    if (IsNchw()) return random_.OneIn(2) ? Shape{c, 1, 1} : Shape{1, c, 1, 1};
    return random_.OneIn(2) ? Shape{c} : Shape{1, 1, 1, c};
  }

  Image Block(const Image& x) {
    switch (random_.Below(14)) {
      case 0:
        return BatchNorm(x);
      case 1:
        return Activation(x);
      case 2:
        return Pool(x);
      case 3:
        return Scale(x);
      case 4:
        return Gate(x);
      case 5:
        return Branches(x);
      case 6:
        return PadImage(x);
      case 7:
        return ChannelSlice(x);
      case 8:
      case 9:
        return Residual(x);
      default:
        return ConvBlock(x);
    }
  }

  Image ConvBlock(const Image& x) {
    Image y = Conv(x, random_.OneIn(3) ? 0 : 1 + random_.Below(5), random_.OneIn(3) ? 2 : 1);
    if (random_.OneIn(2)) y = BatchNorm(y);
    if (random_.OneIn(2)) y = Activation(y);
    return y;
  }

  // `channels` 0: depthwise.
  Image Conv(const Image& x, int64_t channels, int64_t stride, bool keeps_size = false) {
    graph::Conv2D op;
    op.layout = layout_;
    const int64_t multiplier = 1 + random_.Below(2);
    const bool depthwise = channels == 0;
    op.groups = depthwise ? x.channels : 1;
    const int64_t out = depthwise ? x.channels * multiplier : channels;
    const int64_t kernel = x.size < 3 ? 1 : 1 + 2 * random_.Below(2);
    op.stride_h = op.stride_w = stride;
    int64_t size = (x.size + stride - 1) / stride;
    const int64_t half = kernel / 2;
    switch (keeps_size ? random_.Below(2) : random_.Below(4)) {
      case 0:
        op.padding.mode = random_.OneIn(2) ? PadMode::kSameUpper : PadMode::kSameLower;
        break;
      case 1:
        op.padding = {PadMode::kExplicit, half, half, half, half};
        size = (x.size + 2 * half - kernel) / stride + 1;
        break;
      case 2:
        op.padding.mode = PadMode::kValid;
        size = (x.size - kernel) / stride + 1;
        break;
      default:
        op.padding = {PadMode::kExplicit, 0, 0, half, half};
        size = (x.size + half - kernel) / stride + 1;
    }
    Shape weights;
    const int64_t in = x.channels / op.groups;
    switch (random_.Below(depthwise ? 4 : 3)) {
      case 0:
        op.weight_layout = WeightLayout::kOIHW;
        weights = {out, in, kernel, kernel};
        break;
      case 1:
        op.weight_layout = WeightLayout::kHWIO;
        weights = {kernel, kernel, in, out};
        break;
      case 2:
        op.weight_layout = WeightLayout::kOHWI;
        weights = {out, kernel, kernel, in};
        break;
      default:
        op.weight_layout = WeightLayout::kHWCM;
        weights = {kernel, kernel, x.channels, multiplier};
    }
    std::vector<ValueId> inputs = {x.id, b_.Weights(Name("w"), weights)};
    if (random_.OneIn(2)) inputs.push_back(b_.Weights(Name("bias"), {out}));
    return {b_.Op(op, inputs, Name("conv")), size, out};
  }

  Image BatchNorm(const Image& x) {
    const Shape c = {x.channels};
    return {b_.Op(graph::BatchNorm{1e-3f, layout_},
                  {x.id, b_.Weights(Name("scale"), c), b_.Weights(Name("offset"), c),
                   b_.Weights(Name("mean"), c), b_.Weights(Name("variance"), c, 0.2f, 2.0f)},
                  Name("bn")),
            x.size, x.channels};
  }

  ValueId Shifted(ValueId x) {
    return b_.Op(graph::Clamp{0, 6},
                 {b_.Binary(BinaryKind::kAdd, x, b_.Scalar(Name("three"), 3.0f), Name("add"))},
                 Name("clip"));
  }

  Image Activation(const Image& x) {
    ValueId y = x.id;
    switch (random_.Below(7)) {
      case 0:
        y = b_.Op(graph::Clamp{0, 6}, {y}, Name("relu6"));
        break;
      case 1:
        y = b_.Op(graph::Clamp{0, INFINITY}, {y}, Name("relu"));
        break;
      case 2:
        y = b_.Op(graph::Unary{graph::UnaryKind::kHardSwish, 0, 0}, {y}, Name("swish"));
        break;
      case 3: {
        const ValueId gated = b_.Binary(BinaryKind::kMul, y, Shifted(y), Name("gated"));
        y = b_.Binary(BinaryKind::kDiv, gated, b_.Scalar(Name("six"), 6.0f), Name("swish"));
        break;
      }
      case 4: {
        const ValueId gate = b_.Binary(BinaryKind::kMul, Shifted(y),
                                       b_.Scalar(Name("sixth"), 1.0f / 6.0f), Name("gate"));
        y = b_.Binary(BinaryKind::kMul, gate, y, Name("swish"));
        break;
      }
      case 5: {
        const ValueId gate =
            b_.Op(graph::Unary{graph::UnaryKind::kSigmoid, 0, 0}, {y}, Name("sigmoid"));
        y = b_.Binary(BinaryKind::kMul, y, gate, Name("swish"));
        break;
      }
      default:
        y = b_.Op(graph::Unary{graph::UnaryKind::kLeakyRelu, 0.1f, 0}, {y}, Name("leaky"));
    }
    return {y, x.size, x.channels};
  }

  Image Pool(const Image& x) {
    if (x.size < 2) return x;
    graph::Pool2D op;
    op.kind = random_.OneIn(2) ? graph::PoolKind::kMax : graph::PoolKind::kAverage;
    op.layout = layout_;
    op.kernel_h = op.kernel_w = 2 + random_.Below(2);
    op.stride_h = op.stride_w = 1 + random_.Below(2);
    if (x.size < op.kernel_h) return x;
    op.count_include_pad = random_.OneIn(2);
    op.ceil_mode = random_.OneIn(4);
    if (random_.OneIn(2)) op.padding = {PadMode::kExplicit, 1, 1, 1, 1};
    const int64_t pad = op.padding.top;
    const graph::Window window = *graph::ResolveWindow(x.size, op.kernel_h, op.stride_h, 1,
                                                       op.padding.mode, pad, pad, op.ceil_mode);
    return {b_.Op(op, {x.id}, Name("pool")), window.output, x.channels};
  }

  Image Scale(const Image& x) {
    static constexpr BinaryKind kKinds[] = {BinaryKind::kAdd, BinaryKind::kSub, BinaryKind::kMul,
                                            BinaryKind::kDiv};
    const BinaryKind kind = kKinds[random_.Below(4)];
    const Shape shape = random_.OneIn(3) ? Shape{} : ChannelShape(x.channels);
    const ValueId c = b_.Weights(Name("c"), shape, 0.5f, 2.0f);
    const bool swap = random_.OneIn(3) && kind != BinaryKind::kDiv;
    return {b_.Binary(kind, swap ? c : x.id, swap ? x.id : c, Name("scaled")), x.size, x.channels};
  }

  // Squeeze-and-excite.
  Image Gate(const Image& x) {
    Image s = {GlobalMean(x, true), 1, x.channels};
    s = Conv(s, 2, 1);
    s = {b_.Op(graph::Clamp{0, INFINITY}, {s.id}, Name("relu")), 1, 2};
    s = Conv(s, x.channels, 1);
    const ValueId gate =
        random_.OneIn(2) ? b_.Op(graph::Unary{graph::UnaryKind::kHardSigmoid, 1.0f / 6.0f, 0.5f},
                                 {s.id}, Name("gate"))
                         : b_.Binary(BinaryKind::kDiv, Shifted(s.id), b_.Scalar(Name("six"), 6.0f),
                                     Name("gate"));
    return {b_.Binary(BinaryKind::kMul, x.id, gate, Name("excited")), x.size, x.channels};
  }

  Image Branches(const Image& x) {
    Image a = Activation(Conv(x, 1 + random_.Below(3), 1, true));
    const Image c = Conv(x, 1 + random_.Below(3), 1, true);
    if (random_.OneIn(4)) Output(a.id);
    return {b_.Op(graph::Concat{random_.OneIn(2) ? ChannelAxis() : ChannelAxis() - 4}, {a.id, c.id},
                  Name("concat")),
            x.size, a.channels + c.channels};
  }

  Image Residual(const Image& x) {
    Image y = Conv(x, x.channels, 1, true);
    if (random_.OneIn(2)) y = BatchNorm(y);
    if (random_.OneIn(4)) y = Activation(y);
    Image other = x;
    if (random_.OneIn(3)) other = Conv(x, x.channels, 1, true);
    if (random_.OneIn(6)) Output(y.id);
    const bool swap = random_.OneIn(2);
    const ValueId sum =
        b_.Binary(BinaryKind::kAdd, swap ? other.id : y.id, swap ? y.id : other.id, Name("sum"));
    const Image result = {sum, x.size, x.channels};
    return random_.OneIn(2) ? Activation(result) : result;
  }

  Image PadImage(const Image& x) {
    std::vector<int64_t> pads(8, 0);
    for (int64_t axis : ImageAxes()) {
      pads[static_cast<size_t>(axis)] = 1;
      pads[static_cast<size_t>(axis + 4)] = 1;
    }
    const float value = random_.OneIn(4) ? 0.5f : 0.0f;
    const ValueId padded =
        random_.OneIn(2)
            ? b_.Op(graph::Pad{graph::PadFill::kConstant, pads, value}, {x.id}, Name("pad"))
            : b_.Op(graph::Pad{},
                    {x.id, b_.Ints(Name("pads"), pads), b_.Scalar(Name("fill"), value)},
                    Name("pad"));
    const Image y = {padded, x.size + 2, x.channels};
    return random_.OneIn(2) ? Pool(y) : Conv(y, 2, 1);
  }

  Image ChannelSlice(const Image& x) {
    if (x.channels < 2) return x;
    const int64_t end = 1 + random_.Below(x.channels - 1);
    return {b_.Op(graph::Slice{{0}, {end}, {ChannelAxis()}, {}}, {x.id}, Name("slice")), x.size,
            end};
  }

  ValueId GlobalMean(const Image& x, bool keep_dims) {
    if (random_.OneIn(2)) {
      return b_.Op(graph::Reduce{graph::ReduceKind::kMean, ImageAxes(), keep_dims}, {x.id},
                   Name("mean"));
    }
    graph::Pool2D op;
    op.kind = graph::PoolKind::kAverage;
    op.layout = layout_;
    op.kernel_h = op.kernel_w = x.size;
    op.padding.mode = PadMode::kValid;
    const ValueId pooled = b_.Op(op, {x.id}, Name("pool"));
    return keep_dims ? pooled : b_.Op(graph::Squeeze{ImageAxes()}, {pooled}, Name("squeeze"));
  }

  // [N, features] of an image, by one of the ways that models have.
  ValueId Flat(const Image& x, int64_t* features) {
    *features = x.channels;
    if (random_.OneIn(3)) return GlobalMean(x, false);
    ValueId y = x.id;
    if (random_.OneIn(2)) {
      y = GlobalMean(x, true);
    } else {
      *features = x.channels * x.size * x.size;
    }
    if (random_.OneIn(2)) return b_.Op(graph::Flatten{1}, {y}, Name("flat"));
    const ValueId batch = b_.Op(graph::Slice{{0}, {1}, {0}, {}},
                                {b_.Op(graph::ShapeOf{}, {y}, Name("shape"))}, Name("batch"));
    const ValueId rest = b_.Ints(Name("rest"), {random_.OneIn(2) ? -1 : *features});
    return b_.Op(graph::Reshape{}, {y, b_.Op(graph::Concat{0}, {batch, rest}, Name("target"))},
                 Name("flat"));
  }

  ValueId Head(const Image& x) {
    int64_t features = 0;
    ValueId y = Flat(x, &features);
    if (random_.OneIn(2)) {
      graph::Gemm op;
      op.transpose_b = random_.OneIn(2);
      op.alpha = random_.OneIn(2) ? 1.0f : 0.5f;
      op.beta = random_.OneIn(2) ? 1.0f : 2.0f;
      const ValueId w =
          b_.Weights(Name("w"), op.transpose_b ? Shape{3, features} : Shape{features, 3});
      static const Shape kBiases[] = {Shape{3}, Shape{1, 3}, Shape{}, Shape{1}};
      y = b_.Op(op, {y, w, b_.Weights(Name("c"), kBiases[random_.Below(4)])}, Name("gemm"));
    } else {
      y = b_.Op(graph::MatMul{}, {y, b_.Weights(Name("w"), {features, 3})}, Name("product"));
      y = b_.Binary(BinaryKind::kAdd, y, b_.Weights(Name("c"), {3}), Name("biased"));
    }
    if (random_.OneIn(3)) y = b_.Op(graph::Softmax{}, {y}, Name("softmax"));
    return random_.OneIn(3) ? b_.Op(graph::Identity{}, {y}, Name("output")) : y;
  }

  GraphBuilder b_;
  Random& random_;
  DataLayout layout_;
  int next_name_ = 0;
};

}  // namespace

graph::Graph RandomNetwork(uint64_t seed) { return NetworkBuilder(seed).Build(); }

}  // namespace minnow::passes
