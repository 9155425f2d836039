// Do random small networks, as a front end might build them, give what the interpreter gives?
#include "runtime/runtime_testing.h"

namespace minnow::runtime {
namespace {

using graph::BinaryKind;
using graph::PadMode;
using graph::ValueId;

struct Image {
  ValueId id;
  int64_t h, w, c;
};

class RandomGraph {
 public:
  explicit RandomGraph(uint64_t seed) : b_(seed), random_(b_.random()) {}

  graph::Graph Build() {
    const int64_t channels = 1 + random_.Below(random_.OneIn(2) ? 5 : 40);
    const int64_t h = 1 + random_.Below(14), w = 1 + random_.Below(14);
    const int64_t batch = random_.OneIn(3) ? 3 : kUnknownDim;
    if (random_.OneIn(2)) {
      images_.push_back({b_.Input("x", {batch, h, w, channels}), h, w, channels});
    } else {
      const ValueId planes = b_.Input("x", {batch, channels, h, w});
      images_.push_back({b_.Op(graph::Transpose{{0, 2, 3, 1}}, {planes}, "nhwc"), h, w, channels});
    }
    for (int64_t step = 2 + random_.Below(9); step > 0; --step) {
      const size_t before = images_.size();
      Grow(Pick());
      if (images_.size() > before && random_.OneIn(5)) AddOutput();
    }
    AddOutput();
    if (random_.OneIn(6)) b_.Output(images_[0].id);
    return b_.graph();
  }

 private:
  // Late ones more often, so that the network gets deep.
  const Image& Pick() {
    const size_t last = images_.size() - 1;
    return random_.OneIn(4)
               ? images_[static_cast<size_t>(random_.Below(static_cast<int64_t>(images_.size())))]
               : images_[last];
  }

  graph::Activation Activation() {
    graph::Activation activation;
    switch (random_.Below(4)) {
      case 0:
        activation.kind = graph::Activation::Kind::kHardSwish;
        break;
      case 1:
        activation.min = 0;
        activation.max = 6;
        break;
      case 2:
        activation.min = 0;
        break;
    }
    return activation;
  }

  graph::Padding Padding(int64_t most) {
    graph::Padding padding;
    padding.mode = static_cast<PadMode>(random_.Below(4));
    if (padding.mode != PadMode::kExplicit) return padding;
    padding.top = random_.Below(most + 1);
    padding.left = random_.Below(most + 1);
    padding.bottom = random_.Below(most + 1);
    padding.right = random_.Below(most + 1);
    return padding;
  }

  // Adds `id` with the shape that the graph finds for it; drops it where the op does not fit.
  void Keep(graph::Graph before, ValueId id) {
    if (!graph::InferShapes(&b_.graph()).ok()) {
      b_.graph() = std::move(before);
      return;
    }
    const Shape& shape = *b_.graph().value(id).shape;
    if (shape.rank() != 4 || shape[1] < 1 || shape[2] < 1 || shape[1] * shape[2] > 400) return;
    images_.push_back({id, shape[1], shape[2], shape[3]});
  }

  void AddConv(const Image& x) {
    graph::Conv2D conv;
    const int64_t form = random_.Below(5);
    int64_t kernel_h = 1, kernel_w = 1, out_c = 1 + random_.Below(50);
    if (form >= 1) {
      kernel_h = 1 + random_.Below(5);
      kernel_w = random_.OneIn(3) ? 1 + random_.Below(5) : kernel_h;
      conv.stride_h = 1 + random_.Below(3);
      conv.stride_w = random_.OneIn(4) ? 1 + random_.Below(3) : conv.stride_h;
      if (random_.OneIn(3)) conv.dilation_h = 1 + random_.Below(3);
      if (random_.OneIn(3)) conv.dilation_w = 1 + random_.Below(3);
      conv.padding = Padding(kernel_h);
    }
    if (form == 3) conv.groups = out_c = x.c;
    if (form == 4 && x.c % 2 == 0) {
      conv.groups = 2;
      out_c = 2 * (1 + random_.Below(10));
    }
    conv.activation = Activation();
    const int64_t in_c = x.c / conv.groups;
    const float scale = 1.0f / std::sqrt(static_cast<float>(kernel_h * kernel_w * in_c));
    std::vector<ValueId> inputs = {
        x.id, b_.Weights("w", {out_c, kernel_h, kernel_w, in_c}, -scale, scale)};
    if (!random_.OneIn(3)) inputs.push_back(b_.Weights("b", {out_c}));
    const graph::Graph before = b_.graph();
    Keep(before, b_.Op(conv, inputs, "conv"));
  }

  void AddPool(const Image& x) {
    graph::Pool2D pool;
    pool.kind = random_.OneIn(2) ? graph::PoolKind::kMax : graph::PoolKind::kAverage;
    pool.kernel_h = 1 + random_.Below(4);
    pool.kernel_w = 1 + random_.Below(4);
    pool.stride_h = 1 + random_.Below(3);
    pool.stride_w = 1 + random_.Below(3);
    pool.padding = Padding(std::min(pool.kernel_h, pool.kernel_w) - 1);
    pool.ceil_mode = random_.OneIn(3);
    pool.count_include_pad = random_.OneIn(2);
    const graph::Graph before = b_.graph();
    Keep(before, b_.Op(pool, {x.id}, "pool"));
  }

  void AddBinary(const Image& x) {
    constexpr BinaryKind kKinds[] = {BinaryKind::kAdd, BinaryKind::kSub, BinaryKind::kMul,
                                     BinaryKind::kMin, BinaryKind::kMax, BinaryKind::kDiv};
    const BinaryKind kind = kKinds[random_.Below(6)];
    ValueId other = graph::kNoValue;
    switch (random_.Below(kind == BinaryKind::kDiv ? 4 : 6)) {
      case 0:
        other = b_.Scalar("k", random_.Float(0.5f, 2.0f));
        break;
      case 1:
        other = b_.Weights("k", {x.c}, 0.5f, 2.0f);
        break;
      case 2:
        other = b_.Weights("k", {1, 1, 1, x.c}, 0.5f, 2.0f);
        break;
      case 3:
        other = b_.Weights("k", {x.h, x.w, 1}, 0.5f, 2.0f);
        break;
      case 4: {
        graph::Reduce mean;
        mean.axes = {1, 2};
        other = b_.Op(mean, {x.id}, "mean");
        break;
      }
      case 5:
        for (const Image& image : images_) {
          if (image.h == x.h && image.w == x.w && image.c == x.c) other = image.id;
        }
        break;
    }
    graph::Binary binary = {kind, Activation()};
    const bool swapped = kind != BinaryKind::kDiv && random_.OneIn(3);
    const graph::Graph before = b_.graph();
    Keep(before, b_.Op(binary, {swapped ? other : x.id, swapped ? x.id : other}, "binary"));
  }

  void AddConcat(const Image& x) {
    std::vector<ValueId> parts = {x.id};
    for (const Image& image : images_) {
      if (image.h == x.h && image.w == x.w && random_.OneIn(2)) parts.push_back(image.id);
    }
    const graph::Graph before = b_.graph();
    Keep(before, b_.Op(graph::Concat{random_.OneIn(2) ? 3 : -1}, parts, "joined"));
  }

  void AddMovement(const Image& x) {
    const graph::Graph before = b_.graph();
    switch (random_.Below(4)) {
      case 0:
        return Keep(before, b_.Op(graph::Transpose{{0, 2, 1, 3}}, {x.id}, "turned"));
      case 1: {
        const ValueId planes = b_.Op(graph::Transpose{{0, 3, 1, 2}}, {x.id}, "nchw");
        if (random_.OneIn(2)) b_.Output(planes);
        return Keep(before, b_.Op(graph::Transpose{{0, 2, 3, 1}}, {planes}, "nhwc"));
      }
      case 2:
        return Keep(before, b_.Op(graph::Reshape{{0, x.w, x.h, x.c}, false}, {x.id}, "reshaped"));
      default: {
        graph::Pad pad;
        pad.pads = {0, random_.Below(3), 0, 0, 0, 0, random_.Below(3), 0};
        return Keep(before, b_.Op(pad, {x.id}, "padded"));
      }
    }
  }

  void AddUnary(const Image& x) {
    using graph::UnaryKind;
    constexpr UnaryKind kKinds[] = {UnaryKind::kHardSwish, UnaryKind::kHardSigmoid,
                                    UnaryKind::kSigmoid,   UnaryKind::kTanh,
                                    UnaryKind::kAbs,       UnaryKind::kLeakyRelu};
    const graph::Graph before = b_.graph();
    if (random_.OneIn(3)) return Keep(before, b_.Op(graph::Clamp{-0.5f, 1.5f}, {x.id}, "clamp"));
    Keep(before, b_.Op(graph::Unary{kKinds[random_.Below(6)], 0.2f, 0.5f}, {x.id}, "unary"));
  }

  void Grow(Image x) {
    switch (random_.Below(10)) {
      case 0:
        return AddPool(x);
      case 1:
      case 2:
        return AddBinary(x);
      case 3:
        return AddConcat(x);
      case 4:
        return AddMovement(x);
      case 5:
        return AddUnary(x);
      default:
        return AddConv(x);
    }
  }

  void AddOutput() {
    const Image& x = images_.back();
    graph::Reduce mean;
    mean.axes = {1, 2};
    mean.keep_dims = false;
    switch (random_.Below(4)) {
      case 0:
        return b_.Output(b_.Op(graph::Flatten{1}, {x.id}, "flat"));
      case 1: {
        const ValueId pooled = b_.Op(mean, {x.id}, "mean");
        const ValueId weights = b_.Weights("w", {1 + random_.Below(60), x.c});
        const ValueId classes = b_.Op(graph::FullyConnected{}, {pooled, weights}, "fc");
        return b_.Output(b_.Op(graph::Softmax{-1, random_.OneIn(3)}, {classes}, "softmax"));
      }
      case 2:
        return b_.Output(b_.Op(graph::Transpose{{0, 3, 1, 2}}, {x.id}, "planes"));
      default:
        return b_.Output(b_.Op(graph::Identity{}, {x.id}, "out"));
    }
  }

  GraphBuilder b_;
  Random& random_;
  std::vector<Image> images_;
};

TEST(RandomGraphs, MatchTheInterpreterForEveryBatch) {
  for (uint64_t seed = 0; seed < 500; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    const graph::Graph graph = RandomGraph(seed).Build();
    const bool open = (*graph.value(graph.inputs()[0]).shape)[0] == kUnknownDim;
    ExpectMatchesInterpreter(graph, RandomInputs(graph, open && seed % 2 == 0 ? 1 : 3, seed));
    if (HasFailure()) return;
  }
}

}  // namespace
}  // namespace minnow::runtime
