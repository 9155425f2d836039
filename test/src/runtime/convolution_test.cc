// Do convolutions of every kind give what the interpreter gives, on every level and thread count?
#include "runtime/runtime_testing.h"

namespace minnow::runtime {
namespace {

using graph::Activation;
using graph::Conv2D;
using graph::PadMode;
using graph::ValueId;

struct Layer {
  int64_t out_c = 1, kernel_h = 1, kernel_w = 1;
  Conv2D conv;
  bool bias = true;
};

Activation Relu6() {
  Activation activation;
  activation.min = 0;
  activation.max = 6;
  return activation;
}

Activation HardSwish() {
  Activation activation;
  activation.kind = Activation::Kind::kHardSwish;
  return activation;
}

int64_t ChannelsOf(GraphBuilder* b, ValueId x) {
  EXPECT_TRUE(graph::InferShapes(&b->graph()).ok());
  return (*b->graph().value(x).shape)[3];
}

ValueId Add(GraphBuilder* b, ValueId x, const Layer& layer, ValueId residual = graph::kNoValue) {
  const int64_t in_c = ChannelsOf(b, x) / layer.conv.groups;
  const float scale = 1.0f / std::sqrt(static_cast<float>(layer.kernel_h * layer.kernel_w * in_c));
  std::vector<ValueId> inputs = {
      x, b->Weights("w", {layer.out_c, layer.kernel_h, layer.kernel_w, in_c}, -scale, scale)};
  inputs.push_back(layer.bias ? b->Weights("b", {layer.out_c}) : graph::kNoValue);
  if (residual != graph::kNoValue) inputs.push_back(residual);
  return b->Op(layer.conv, inputs, "conv");
}

Layer Window(int64_t out_c, int64_t kernel, int64_t stride, PadMode mode = PadMode::kSameUpper) {
  Layer layer;
  layer.out_c = out_c;
  layer.kernel_h = layer.kernel_w = kernel;
  layer.conv.stride_h = layer.conv.stride_w = stride;
  layer.conv.padding.mode = mode;
  return layer;
}

Layer Depthwise(int64_t channels, int64_t kernel, int64_t stride) {
  Layer layer = Window(channels, kernel, stride);
  layer.conv.groups = channels;
  layer.conv.activation = Relu6();
  return layer;
}

Layer Explicit(Layer layer, int64_t top, int64_t left, int64_t bottom, int64_t right) {
  layer.conv.padding = {PadMode::kExplicit, top, left, bottom, right};
  return layer;
}

// One layer on an input, alone.
void Check(const Shape& input, const Layer& layer) {
  SCOPED_TRACE(input.ToString());
  GraphBuilder b;
  b.Output(Add(&b, b.Input("x", input), layer));
  ExpectMatchesInterpreter(&b);
}

TEST(Convolution, PointwiseMatchesForAllChannelsAndPixels) {
  for (const int64_t in_c : {1, 3, 16, 17, 32, 40}) {
    for (const int64_t out_c : {1, 16, 31, 33, 80}) {
      Layer layer;
      layer.out_c = out_c;
      layer.bias = in_c % 2 == 0;
      layer.conv.activation = out_c % 2 == 0 ? HardSwish() : Relu6();
      for (const Shape& input : {Shape{1, 1, 1, in_c}, Shape{3, 1, 1, in_c}, Shape{20, 1, 1, in_c},
                                 Shape{1, 5, 7, in_c}, Shape{3, 4, 4, in_c}}) {
        Check(input, layer);
      }
    }
  }
}

TEST(Convolution, WindowsMatchForFewAndManyChannels) {
  for (const int64_t channels : {1, 2, 3, 8, 9, 16, 20}) {
    for (const int64_t kernel : {1, 2, 3, 5}) {
      for (const int64_t stride : {1, 2, 3}) {
        Check({2, 9, 11, channels}, Window(5 + channels * kernel % 40, kernel, stride));
        Check({1, 9, 10, channels}, Window(18, kernel, stride, PadMode::kValid));
      }
    }
  }
}

// 3x3 of stride 1 from 16 channels to 32 and more: by Winograd's algorithm.
TEST(Convolution, SquareWindowsOfManyChannelsMatchAtEveryEdge) {
  for (const int64_t in_c : {16, 24, 64}) {
    for (const int64_t out_c : {32, 40, 56}) {
      Layer layer = Explicit(Window(out_c, 3, 1), 1, 1, 1, 1);
      layer.bias = out_c != 40;
      layer.conv.activation = out_c == 56 ? HardSwish() : Relu6();
      for (const auto& [h, w] : {std::pair{4, 4}, {5, 9}, {13, 13}, {8, 61}}) {
        Check({in_c == 24 ? 2 : 1, h, w, in_c}, layer);
      }
      Check({1, 8, 9, in_c}, Explicit(layer, 2, 0, 1, 2));
      Check({1, 8, 9, in_c}, Explicit(layer, 0, 2, 0, 0));
    }
  }
}

TEST(Convolution, SquareWindowsOfManyChannelsAddTheirResidual) {
  GraphBuilder b;
  const ValueId x = b.Input("x", {2, 9, 7, 48});
  Layer layer = Window(48, 3, 1);
  layer.conv.activation = Relu6();
  b.Output(Add(&b, x, layer, x));
  ExpectMatchesInterpreter(&b);
}

TEST(Convolution, OblongKernelsDilationsAndUnevenPadsMatch) {
  for (const int64_t channels : {3, 8, 18}) {
    Layer layer = Explicit(Window(20, 1, 1), 2, 0, 1, 3);
    layer.kernel_h = 3;
    layer.kernel_w = 2;
    layer.conv.stride_h = 2;
    Check({1, 8, 9, channels}, layer);
    layer.conv.dilation_h = 2;
    Check({2, 8, 9, channels}, layer);
    layer.conv.dilation_w = 3;
    Check({1, 8, 9, channels}, layer);
    // Pads wider than the window: outputs without any input.
    Check({1, 4, 5, channels}, Explicit(Window(17, 3, 2), 5, 7, 6, 4));
    // Only at the end.
    Check({1, 4, 5, channels}, Explicit(Window(17, 3, 1), 0, 0, 2, 1));
  }
}

TEST(Convolution, TallImagesAreCutIntoGroupsOfRows) {
  Check({1, 70, 40, 48}, Window(24, 3, 1));
  Check({2, 67, 33, 40}, Window(24, 5, 2));
}

TEST(Convolution, DepthwiseMatches) {
  for (const int64_t channels : {2, 16, 17, 40}) {
    for (const int64_t kernel : {1, 2, 3, 5, 7}) {
      for (const int64_t stride : {1, 2, 3}) {
        Layer layer = Depthwise(channels, kernel, stride);
        Check({2, 9, 8, channels}, layer);
        layer.conv.dilation_h = 2;
        Check({1, 15, 14, channels}, layer);
        layer.conv.dilation_w = 2;
        Check({1, 15, 16, channels}, Explicit(layer, 1, 2, 3, 0));
      }
    }
  }
}

TEST(Convolution, DepthwiseWindowsTallerThanTheRowTableMatch) {
  for (const int64_t kernel_h : {63, 64, 65, 70}) {
    Layer layer = Explicit(Depthwise(5, 1, 1), 40, 0, 40, 0);
    layer.kernel_h = kernel_h;
    Check({1, 9, 3, 5}, layer);
    layer.conv.stride_h = 40;
    Check({1, 90, 3, 5}, layer);
  }
  Layer far = Explicit(Depthwise(5, 3, 1), 100, 1, 100, 1);
  far.conv.dilation_h = 90;
  Check({1, 9, 3, 5}, far);
}

TEST(Convolution, GroupsMatch) {
  for (const int64_t groups : {2, 4}) {
    Layer layer = Window(24, 3, 2);
    layer.conv.groups = groups;
    Check({2, 7, 7, 8}, layer);
    // A depth multiplier.
    layer.out_c = 2 * groups;
    Check({1, 7, 7, groups}, layer);
  }
}

TEST(Convolution, PaddingFarWiderThanTheImageMatches) {
  // SAME padding of a kernel dilated by 2^20: only the middle tap meets the image.
  Layer layer = Window(3, 3, 1);
  layer.conv.dilation_h = layer.conv.dilation_w = int64_t{1} << 20;
  Check({1, 4, 4, 2}, layer);
  Check({1, 4, 4, 20}, layer);
  layer.conv.groups = layer.out_c = 4;
  Check({1, 4, 4, 4}, layer);
}

TEST(Convolution, ResidualsMatchInEveryKind) {
  for (const int64_t channels : {16, 24}) {
    for (const int64_t batch : {1, 3}) {
      Layer point;
      point.out_c = channels;
      point.conv.activation = HardSwish();
      Layer grouped = Window(channels, 3, 1);
      grouped.conv.groups = 4;
      for (const Layer& layer :
           {point, Window(channels, 3, 1), Depthwise(channels, 3, 1), grouped}) {
        GraphBuilder b;
        const ValueId x = b.Input("x", {batch, 6, 5, channels});
        const ValueId y = Add(&b, x, point);
        b.Output(Add(&b, y, layer, x));
        b.Output(Add(&b, y, layer, b.Weights("r", {batch, 6, 5, channels})));
        ExpectMatchesInterpreter(&b);
      }
    }
  }
}

// A block of three convolutions on an image that is large enough for the fused operator.
ValueId AddBlock(GraphBuilder* b, ValueId x, int64_t wide, int64_t narrow, int64_t kernel,
                 int64_t stride, bool residual) {
  Layer expand;
  expand.out_c = wide;
  expand.conv.activation = Relu6();
  Layer project;
  project.out_c = narrow;
  const ValueId y = Add(b, Add(b, x, expand), Depthwise(wide, kernel, stride));
  return Add(b, y, project, residual ? x : graph::kNoValue);
}

TEST(FusedBlock, MatchesForEveryKernelStrideAndTail) {
  for (const int64_t kernel : {3, 5}) {
    for (const int64_t stride : {1, 2, 3}) {
      for (const int64_t size : {57, 64}) {
        GraphBuilder b;
        const ValueId x = b.Input("x", {2, size, size + 5, 20});
        b.Output(AddBlock(&b, x, 72, 20, kernel, stride, stride == 1));
        EXPECT_NE(OperatorsOf(b.graph()).find("FusedBlock"), std::string::npos);
        ExpectMatchesInterpreter(&b);
      }
    }
  }
}

TEST(FusedBlock, MatchesWithDilationAndPadsWiderThanTheWindow) {
  GraphBuilder b;
  const ValueId x = b.Input("x", {1, 60, 60, 16});
  Layer expand;
  expand.out_c = 96;
  Layer depthwise = Explicit(Depthwise(96, 3, 2), 9, 4, 8, 9);
  depthwise.conv.dilation_h = 3;
  Layer project;
  project.out_c = 10;
  b.Output(Add(&b, Add(&b, Add(&b, x, expand), depthwise), project));
  EXPECT_NE(OperatorsOf(b.graph()).find("FusedBlock"), std::string::npos);
  ExpectMatchesInterpreter(&b);
}

TEST(FusedBlock, MatchesBehindAFirstConvolutionOfEitherLayout) {
  for (const bool planar : {false, true}) {
    GraphBuilder b;
    ValueId x = planar ? b.Input("x", {1, 3, 120, 130}) : b.Input("x", {1, 120, 130, 3});
    if (planar) x = b.Op(graph::Transpose{{0, 2, 3, 1}}, {x}, "nhwc");
    Layer project;
    project.out_c = 16;
    const ValueId first = Add(&b, x, Window(48, 3, 2));
    b.Output(Add(&b, Add(&b, first, Depthwise(48, 3, 1)), project));
    EXPECT_NE(OperatorsOf(b.graph()).find("FusedBlock"), std::string::npos);
    ExpectMatchesInterpreter(&b);
  }
}

// MobileNetV1: each pointwise convolution is the narrow end of one block and the wide of the next.
TEST(FusedBlock, AlternatingDepthwiseAndPointwiseMatches) {
  GraphBuilder b;
  ValueId x = b.Input("x", {1, 100, 100, 3});
  x = Add(&b, x, Window(32, 3, 1));
  int64_t channels = 32;
  for (const int64_t out_c : {40, 48, 48}) {
    Layer point;
    point.out_c = out_c;
    point.conv.activation = Relu6();
    x = Add(&b, Add(&b, x, Depthwise(channels, 3, 1)), point);
    channels = out_c;
  }
  b.Output(x);
  ExpectMatchesInterpreter(&b);
}

TEST(FusedBlock, InnerValuesThatOthersReadAreKept) {
  GraphBuilder b;
  const ValueId x = b.Input("x", {1, 60, 60, 16});
  Layer expand;
  expand.out_c = 96;
  const ValueId wide = Add(&b, x, expand);
  const ValueId deep = Add(&b, wide, Depthwise(96, 3, 1));
  Layer project;
  project.out_c = 16;
  b.Output(Add(&b, deep, project, x));
  b.Output(deep);
  ExpectMatchesInterpreter(&b);
}

}  // namespace
}  // namespace minnow::runtime
