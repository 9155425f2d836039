// Convolutions and poolings: windows over the two spatial axes of NCHW.
#include "importers/common_rows.h"
#include "importers/torchscript/ops.h"

namespace minnow::importers::torchscript {
namespace {

using graph::DataLayout;
using graph::kNoValue;
using graph::ValueId;
using IntPair = std::pair<int64_t, int64_t>;

IntPair ReadPair(const Call& call, size_t index, const char* keyword, int64_t otherwise,
                 int64_t least) {
  const IntPair pair = call.Pair(index, keyword, otherwise);
  for (int64_t number : {pair.first, pair.second}) {
    if (number < least || number > kMaxWindow) {
      call.Fail(InvalidModel("%s holds %lld", keyword, static_cast<long long>(number)));
      return {least, least};
    }
  }
  return pair;
}

// The shape of x, which has the axes N, C, H, W.
Shape ImageShape(const Call& call, ValueId x) {
  const Shape shape = call.ShapeOf(x);
  if (shape.rank() == 4) return shape;
  call.Fail(Unsupported("the input has the shape %s; four dimensions are supported",
                        shape.ToString().c_str()));
  return Shape{1, 1, 1, 1};
}

graph::Conv2D ReadConv(const Call& call) {
  graph::Conv2D conv;
  const IntPair strides = ReadPair(call, 3, "stride", 1, 1);
  const IntPair dilations = ReadPair(call, 5, "dilation", 1, 1);
  conv.stride_h = strides.first;
  conv.stride_w = strides.second;
  conv.dilation_h = dilations.first;
  conv.dilation_w = dilations.second;
  conv.layout = DataLayout::kNCHW;
  conv.weight_layout = graph::WeightLayout::kOIHW;
  if (call.Argument(4, "padding").Is(Value::Kind::kText)) {
    // "same" puts the odd pixel at the end; PyTorch allows it with stride 1 only.
    const std::string_view mode = call.Text(4, "padding", "");
    conv.padding.mode = mode == "same" ? graph::PadMode::kSameUpper : graph::PadMode::kValid;
    return conv;
  }
  const IntPair pads = ReadPair(call, 4, "padding", 0, 0);
  conv.padding = {graph::PadMode::kExplicit, pads.first, pads.second, pads.first, pads.second};
  return conv;
}

Value Convolve(const Call& call, graph::Conv2D conv, int64_t groups) {
  std::vector<ValueId> inputs = {call.Tensor(0, "input"), call.Tensor(1, "weight")};
  ImageShape(call, inputs[0]);
  if (groups < 1 || groups > kMaxElements) {
    return call.Fail(InvalidModel("groups is %lld", static_cast<long long>(groups)));
  }
  conv.groups = groups;
  const ValueId bias = call.OptionalTensor(2, "bias");
  if (bias != kNoValue) inputs.push_back(bias);
  return call.Result(conv, std::move(inputs));
}

graph::Pool2D ReadPool(const Call& call, graph::PoolKind kind) {
  graph::Pool2D pool;
  pool.kind = kind;
  pool.layout = DataLayout::kNCHW;
  const IntPair kernel = ReadPair(call, 1, "kernel_size", 0, 1);
  pool.kernel_h = kernel.first;
  pool.kernel_w = kernel.second;
  IntPair strides = kernel;
  if (!call.Ints(2, "stride").empty()) strides = ReadPair(call, 2, "stride", 1, 1);
  pool.stride_h = strides.first;
  pool.stride_w = strides.second;
  const IntPair pads = ReadPair(call, 3, "padding", 0, 0);
  pool.padding = {graph::PadMode::kExplicit, pads.first, pads.second, pads.first, pads.second};
  return pool;
}

// To [height, width] where those divide the image: a pooling without overlap. To 1x1 whatever the
// image: a mean or maximum.
Value PoolTo(const Call& call, graph::PoolKind kind) {
  const bool is_max = kind == graph::PoolKind::kMax;
  const ValueId x = call.Tensor(0, "self");
  const Shape shape = ImageShape(call, x);
  IntPair target = {1, 1};
  const Value& size = call.Argument(1, "output_size");
  if (size.Is(Value::Kind::kList) || size.Is(Value::Kind::kTuple)) {
    // None leaves the axis as it is.
    const std::vector<Value>& items = size.items->items;
    if (items.size() != 2)
      return call.Fail(InvalidModel("output_size has %zu numbers", items.size()));
    const auto read = [&](const Value& item, int64_t same) {
      if (item.Is(Value::Kind::kNone)) return same;
      return IntOf(item, &call.trace()).value_or(0);
    };
    target = {read(items[0], shape[2]), read(items[1], shape[3])};
  } else {
    target.first = target.second = call.RequiredInt(1, "output_size");
  }
  if (target == IntPair{1, 1}) {
    const graph::ReduceKind reduce = is_max ? graph::ReduceKind::kMax : graph::ReduceKind::kMean;
    return call.Result(graph::Reduce{reduce, {2, 3}, true}, {x});
  }
  if (target.first < 1 || target.second < 1 || shape[2] == kUnknownDim || shape[3] == kUnknownDim ||
      shape[2] % target.first != 0 || shape[3] % target.second != 0) {
    return call.Fail(Unsupported("pooling %s to %lld x %lld; sizes that divide are supported",
                                 shape.ToString().c_str(), static_cast<long long>(target.first),
                                 static_cast<long long>(target.second)));
  }
  if (target == IntPair{shape[2], shape[3]}) return call.Result(graph::Identity{}, {x});
  graph::Pool2D pool;
  pool.kind = kind;
  pool.layout = DataLayout::kNCHW;
  pool.kernel_h = pool.stride_h = shape[2] / target.first;
  pool.kernel_w = pool.stride_w = shape[3] / target.second;
  return call.Result(pool, {x});
}

}  // namespace

// (input, weight, bias, stride, padding, dilation, groups)
Value RunConv2d(const Call& call) {
  return Convolve(call, ReadConv(call), call.Int(6, "groups", 1));
}

// (input, weight, bias, stride, padding, dilation, transposed, output_padding, groups, …)
Value RunConvolution(const Call& call) {
  if (call.Bool(6, "transposed", false)) {
    return call.Fail(Unsupported("a transposed convolution is not supported"));
  }
  return Convolve(call, ReadConv(call), call.Int(8, "groups", 1));
}

// (x, kernel_size, stride, padding, dilation, ceil_mode)
Value RunMaxPool2d(const Call& call) {
  const ValueId x = call.Tensor(0, "self");
  ImageShape(call, x);
  graph::Pool2D pool = ReadPool(call, graph::PoolKind::kMax);
  const IntPair dilations = ReadPair(call, 4, "dilation", 1, 1);
  pool.dilation_h = dilations.first;
  pool.dilation_w = dilations.second;
  pool.ceil_mode = call.Bool(5, "ceil_mode", false);
  return call.Result(pool, {x});
}

// (x, kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override)
Value RunAvgPool2d(const Call& call) {
  const ValueId x = call.Tensor(0, "self");
  ImageShape(call, x);
  graph::Pool2D pool = ReadPool(call, graph::PoolKind::kAverage);
  pool.ceil_mode = call.Bool(4, "ceil_mode", false);
  pool.count_include_pad = call.Bool(5, "count_include_pad", true);
  if (call.Has(6, "divisor_override")) {
    return call.Fail(Unsupported("divisor_override is not supported"));
  }
  return call.Result(pool, {x});
}

Value RunAdaptiveAvgPool2d(const Call& call) { return PoolTo(call, graph::PoolKind::kAverage); }

// Gives the positions of the maxima as well; nothing here can read those.
Value RunAdaptiveMaxPool2d(const Call& call) {
  const Value pooled = PoolTo(call, graph::PoolKind::kMax);
  return call.trace().heap().MakeTuple({pooled, Value()});
}

}  // namespace minnow::importers::torchscript
