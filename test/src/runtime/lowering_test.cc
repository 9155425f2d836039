// Do values keep their meaning through layouts, views, shared readers and odd outputs?
#include "runtime/runtime_testing.h"

namespace minnow::runtime {
namespace {

using graph::BinaryKind;
using graph::ValueId;

ValueId Pointwise(GraphBuilder* b, ValueId x, int64_t in_c, int64_t out_c) {
  return b->Op(graph::Conv2D{}, {x, b->Weights("w", {out_c, 1, 1, in_c}), b->Weights("b", {out_c})},
               "conv");
}

graph::Slice Columns(int64_t start, int64_t end) {
  graph::Slice slice;
  slice.starts = {start};
  slice.ends = {end};
  slice.axes = {2};
  return slice;
}

TEST(Lowering, AnOutputMayBeAnInputOrAConstant) {
  GraphBuilder b;
  const ValueId x = b.Input("x", {2, 3});
  b.Output(x);
  b.Output(b.Weights("k", {2, 2, 3, 5}));
  b.Output(b.Op(graph::Identity{}, {x}, "copy"));
  b.Output(b.Op(graph::Reshape{{3, 2}, false}, {x}, "view"));
  b.Output(b.Ints("list", {4, 5, 6}));
  ExpectMatchesInterpreter(&b);
}

TEST(Lowering, AnInputThatNobodyReadsHarmsNobody) {
  GraphBuilder b;
  const ValueId x = b.Input("x", {1, 4, 4, 16});
  b.Input("unused", {1, 64, 64, 16});
  const ValueId y = b.Input("y", {1, 4, 4, 16});
  b.Output(b.Binary(BinaryKind::kAdd, Pointwise(&b, x, 16, 16), y, "sum"));
  ExpectMatchesInterpreter(&b);
}

TEST(Lowering, AValueMayBeReadInThreeLayouts) {
  for (const int64_t channels : {16, 20}) {
    GraphBuilder b;
    const ValueId conv = Pointwise(&b, b.Input("x", {2, 5, 6, 7}), 7, channels);
    // Row-major by the slice, then planes, then blocks.
    const ValueId slice = b.Op(Columns(1, 4), {conv}, "slice");
    b.Output(slice);
    b.Output(b.Op(graph::Transpose{{0, 3, 1, 2}}, {conv}, "nchw"));
    b.Output(Pointwise(&b, conv, channels, 3));
    b.Output(conv);
    ExpectMatchesInterpreter(&b);
  }
}

TEST(Lowering, PlanarInputsServeEveryReader) {
  GraphBuilder b;
  const ValueId nchw = b.Input("x", {2, 3, 9, 8});
  const ValueId x = b.Op(graph::Transpose{{0, 2, 3, 1}}, {nchw}, "nhwc");
  graph::Conv2D conv;
  conv.stride_h = conv.stride_w = 2;
  conv.padding.mode = graph::PadMode::kSameUpper;
  b.Output(b.Op(conv, {x, b.Weights("w", {20, 3, 3, 3})}, "first"));
  b.Output(Pointwise(&b, x, 3, 5));
  b.Output(b.Op(Columns(0, 2), {x}, "slice"));
  b.Output(b.Binary(BinaryKind::kMul, x, b.Scalar("s", 0.5f), "scaled"));
  b.Output(b.Op(graph::Transpose{{0, 3, 1, 2}}, {x}, "back"));
  b.Output(x);
  ExpectMatchesInterpreter(&b);
}

TEST(Lowering, ReshapesOfBlockedPixelsAreInTheRightOrder) {
  for (const int64_t channels : {16, 24, 32}) {
    for (const int64_t side : {1, 3}) {
      GraphBuilder b;
      const ValueId x = Pointwise(&b, b.Input("x", {2, side, side, 5}), 5, channels);
      b.Output(b.Op(graph::Flatten{1}, {x}, "flat"));
      b.Output(b.Op(graph::Reshape{{2, side * side, channels}, false}, {x}, "reshaped"));
      if (side == 1) b.Output(b.Op(graph::Squeeze{{1, 2}}, {x}, "squeezed"));
      b.Output(b.Op(graph::Unsqueeze{{0}}, {x}, "unsqueezed"));
      ExpectMatchesInterpreter(&b);
    }
  }
}

TEST(Lowering, ChannelsJoinForWholeAndBrokenBlocks) {
  for (const int64_t second : {16, 8, 1}) {
    for (const int64_t axis : {-1, 3, 1, 0}) {
      GraphBuilder b;
      const ValueId x = b.Input("x", {2, 4, 3, 5});
      const ValueId a = Pointwise(&b, x, 5, 32);
      const ValueId c = Pointwise(&b, x, 5, axis == 3 || axis == -1 ? second : 32);
      b.Output(b.Op(graph::Concat{axis}, {a, c, a}, "joined"));
      ExpectMatchesInterpreter(&b);
    }
  }
}

// With one image the parts are made in their place, unless they cannot be.
TEST(Lowering, PartsOfOneImageJoinWhereverTheyAreMade) {
  for (const int64_t batch : {1, 2}) {
    GraphBuilder b;
    const ValueId x = b.Input("x", {batch, 4, 3, 16});
    const ValueId a = Pointwise(&b, x, 16, 32), c = Pointwise(&b, x, 16, 16);
    const ValueId both = b.Op(graph::Concat{3}, {a, c}, "both");
    const ValueId again = b.Op(graph::Concat{3}, {c, a, c}, "again");
    const ValueId nested = b.Op(graph::Concat{3}, {both, Pointwise(&b, a, 32, 48)}, "nested");
    // Parts that are an input, a constant, or read and given out after the joining.
    const ValueId mixed =
        b.Op(graph::Concat{3}, {x, nested, b.Weights("k", {batch, 4, 3, 16})}, "mixed");
    b.Output(Pointwise(&b, both, 48, 5));
    b.Output(again);
    b.Output(Pointwise(&b, nested, 96, 16));
    b.Output(mixed);
    b.Output(b.Op(graph::Clamp{0.0f, 1.0f}, {c}, "later"));
    b.Output(a);
    ExpectMatchesInterpreter(&b);
  }
}

TEST(Lowering, BinariesBroadcastInEveryForm) {
  const std::vector<Shape> shapes = {{},
                                     {1},
                                     {20},
                                     {1, 20},
                                     {1, 1, 20},
                                     {1, 1, 1, 20},
                                     {2, 1, 1, 20},
                                     {2, 5, 6, 20},
                                     {1, 5, 6, 20},
                                     {6, 20},
                                     {5, 6, 1},
                                     {2, 5, 6, 1},
                                     {2, 1, 1, 1},
                                     {1, 1, 1, 1}};
  for (const BinaryKind kind : {BinaryKind::kAdd, BinaryKind::kSub, BinaryKind::kMul,
                                BinaryKind::kDiv, BinaryKind::kMin, BinaryKind::kMax}) {
    GraphBuilder b;
    const ValueId input = b.Input("x", {2, 5, 6, 20});
    const ValueId conv = Pointwise(&b, input, 20, 20);
    for (const Shape& shape : shapes) {
      // Divisors stay away from zero on either side.
      const ValueId constant = b.Weights("k", shape, 0.5f, 2.0f);
      const ValueId given = b.Input("y", shape);
      const ValueId safe = b.Binary(BinaryKind::kAdd, given, b.Scalar("two", 2.0f), "safe");
      for (const ValueId a : {input, conv}) {
        b.Output(b.Binary(kind, a, constant, "ac"));
        b.Output(b.Binary(kind, a, safe, "as"));
        const ValueId positive = b.Binary(
            BinaryKind::kAdd, b.Op(graph::Clamp{-1.0f, 1.0f}, {a}, "c"), b.Scalar("k", 1.5f), "p");
        b.Output(b.Binary(kind, constant, positive, "cp"));
        b.Output(b.Binary(kind, safe, positive, "sp"));
      }
    }
    ExpectMatchesInterpreter(&b);
  }
}

TEST(Lowering, SqueezeAndExcitationScalesEachImageByItsOwn) {
  for (const int64_t batch : {1, 3}) {
    GraphBuilder b;
    const ValueId x = Pointwise(&b, b.Input("x", {kUnknownDim, 6, 5, 9}), 9, 40);
    graph::Reduce mean;
    mean.axes = {1, 2};
    const ValueId pooled = b.Op(mean, {x}, "mean");
    const ValueId few = b.Op(graph::Clamp{0.0f, INFINITY}, {Pointwise(&b, pooled, 40, 8)}, "relu");
    const graph::Unary gate = {graph::UnaryKind::kHardSigmoid, 1.0f / 6.0f, 0.5f};
    const ValueId scale = b.Op(gate, {Pointwise(&b, few, 8, 40)}, "gate");
    b.Output(b.Binary(BinaryKind::kMul, scale, x, "scaled"));
    ExpectMatchesInterpreter(&b, batch);
  }
}

TEST(Lowering, UnariesWorkInAnyLayout) {
  using graph::UnaryKind;
  for (const UnaryKind kind :
       {UnaryKind::kNeg, UnaryKind::kAbs, UnaryKind::kExp, UnaryKind::kSigmoid, UnaryKind::kTanh,
        UnaryKind::kFloor, UnaryKind::kSquare, UnaryKind::kHardSwish, UnaryKind::kHardSigmoid,
        UnaryKind::kLeakyRelu, UnaryKind::kElu, UnaryKind::kSoftplus, UnaryKind::kGelu}) {
    GraphBuilder b;
    const ValueId x = b.Input("x", {2, 3, 4, 18});
    const graph::Unary unary = {kind, 0.2f, 0.5f};
    b.Output(b.Op(unary, {x}, "plain"));
    b.Output(b.Op(unary, {b.Op(graph::Clamp{-1.0f, 1.0f}, {Pointwise(&b, x, 18, 18)}, "c")}, "u"));
    ExpectMatchesInterpreter(&b);
  }
}

graph::Pool2D Pool(graph::PoolKind kind, int64_t kernel, int64_t stride) {
  graph::Pool2D pool;
  pool.kind = kind;
  pool.kernel_h = pool.kernel_w = kernel;
  pool.stride_h = pool.stride_w = stride;
  return pool;
}

TEST(Lowering, PoolsMatchForEveryWindowPadAndRounding) {
  for (const graph::PoolKind kind : {graph::PoolKind::kMax, graph::PoolKind::kAverage}) {
    for (int form = 0; form < 16; ++form) {
      GraphBuilder b;
      const ValueId x = b.Input("x", {2, 11, 10, 19});
      graph::Pool2D pool = Pool(kind, 2 + form % 2, 1 + form % 3);
      pool.ceil_mode = (form & 1) != 0;
      pool.count_include_pad = (form & 2) != 0;
      if ((form & 4) != 0) pool.padding = {graph::PadMode::kExplicit, 1, 0, 0, 1};
      if ((form & 8) != 0) pool.padding.mode = graph::PadMode::kSameUpper;
      b.Output(b.Op(pool, {x}, "pool"));
      pool.kernel_w = 4;
      pool.stride_h = 1;
      if (kind == graph::PoolKind::kMax) pool.dilation_w = 2;
      b.Output(b.Op(pool, {Pointwise(&b, x, 19, 20)}, "oblong"));
      ExpectMatchesInterpreter(&b);
    }
  }
}

TEST(Lowering, ReductionsMatch) {
  using graph::ReduceKind;
  for (const ReduceKind kind : {ReduceKind::kMean, ReduceKind::kSum, ReduceKind::kMax}) {
    for (const std::vector<int64_t>& axes :
         {std::vector<int64_t>{1, 2}, {-3, -2}, {2, 1, 2}, {1}, {3}, {0, 1, 2}, {}}) {
      GraphBuilder b;
      const ValueId x = Pointwise(&b, b.Input("x", {3, 7, 5, 4}), 4, 37);
      if (axes.size() == 3 && axes[0] == 2) continue;
      for (const bool keep : {false, true}) {
        b.Output(b.Op(graph::Reduce{kind, axes, keep}, {x}, "reduced"));
      }
      ExpectMatchesInterpreter(&b);
    }
  }
}

TEST(Lowering, FullyConnectedLayersMatchForEveryWidth) {
  for (const int64_t k : {1, 2, 6, 16, 17, 32, 48, 100}) {
    for (const int64_t n : {1, 15, 16, 33, 70}) {
      for (const int64_t rows : {1, 3, 40}) {
        GraphBuilder b;
        const ValueId x = b.Input("x", {rows, k});
        const ValueId weights = b.Weights("w", {n, k});
        b.Output(b.Op(graph::FullyConnected{}, {x, weights, b.Weights("b", {n})}, "fc"));
        graph::FullyConnected swish;
        swish.activation.kind = graph::Activation::Kind::kHardSwish;
        b.Output(b.Op(swish, {x, weights}, "no bias"));
        ExpectMatchesInterpreter(&b);
      }
    }
  }
}

TEST(Lowering, ConstantsThatShareElementsInTwoShapesMatch) {
  GraphBuilder b;
  const Tensor weights = RandomTensor({10, 48}, 5);
  const ValueId x = b.Input("x", {2, 48});
  const ValueId y = b.Op(graph::FullyConnected{}, {x, b.graph().AddConstant("w", weights)}, "fc1");
  const ValueId again = b.graph().AddConstant("v", weights.Reshaped({48, 10}));
  b.Output(b.Op(graph::FullyConnected{}, {y, again}, "fc2"));
  const ValueId kernel = b.graph().AddConstant("u", weights.Reshaped({20, 1, 1, 24}));
  b.Output(b.Op(graph::Conv2D{}, {b.Input("z", {1, 2, 2, 24}), kernel}, "conv"));
  ExpectMatchesInterpreter(&b);
}

TEST(Lowering, SoftmaxMatchesOnAnyAxis) {
  for (const int64_t axis : {-1, 0, 1, 2, 3}) {
    for (const bool log : {false, true}) {
      GraphBuilder b;
      const ValueId x = Pointwise(&b, b.Input("x", {2, 3, 4, 5}), 5, 21);
      b.Output(b.Op(graph::Softmax{axis, log}, {x}, "softmax"));
      ExpectMatchesInterpreter(&b);
    }
  }
}

TEST(Lowering, EmptyBatchesRun) {
  GraphBuilder b;
  const ValueId x = b.Input("x", {kUnknownDim, 6, 5, 16});
  graph::Conv2D window;
  window.padding.mode = graph::PadMode::kSameUpper;
  ValueId y = b.Op(window, {x, b.Weights("w", {20, 3, 3, 16})}, "conv");
  y = b.Op(graph::Clamp{0.0f, 6.0f}, {Pointwise(&b, y, 20, 32)}, "relu");
  y = b.Op(Pool(graph::PoolKind::kMax, 2, 2), {y}, "pool");
  y = b.Binary(BinaryKind::kMul, y, b.Weights("k", {32}), "scaled");
  b.Output(b.Op(graph::Concat{3}, {y, y}, "joined"));
  b.Output(b.Op(graph::Softmax{}, {b.Op(graph::Flatten{1}, {y}, "flat")}, "softmax"));
  ExpectMatchesInterpreter(b.graph(), RandomInputs(b.graph(), 0, 1));
}

TEST(Lowering, OtherTypesGoThroughTheInterpreter) {
  GraphBuilder b;
  const ValueId x = b.graph().AddInput("x", DType::kS64, Shape{2, 3});
  const ValueId list = b.Ints("k", {1, 2, 3});
  const ValueId sum = b.Binary(BinaryKind::kAdd, x, list, "sum");
  b.Output(sum);
  b.Output(b.Op(graph::Cast{DType::kF32}, {sum}, "cast"));
  b.Output(b.Op(graph::Reshape{{6}, false}, {sum}, "flat"));
  b.Output(b.Binary(BinaryKind::kLess, x, list, "less"));
  const int64_t values[] = {5, -1, 3, 0, 2, 9};
  ExpectMatchesInterpreter(b.graph(), {*Tensor::From({2, 3}, values)});
}

}  // namespace
}  // namespace minnow::runtime
