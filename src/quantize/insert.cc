#include "quantize/insert.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "graph/infer_shapes.h"
#include "passes/rewrite.h"

namespace minnow::quantize {
namespace {

using graph::Graph;
using graph::kNoValue;
using graph::NodeId;
using graph::ValueId;

constexpr double kWeightSteps = 127.0;
// A bias takes half of what an i32 holds, so that the sums have the other half.
constexpr double kLargestBias = 1 << 30;
constexpr double kSmallestScale = 1e-12;

// Weights of one product, and what rounding did to them.
struct Weights {
  Tensor bytes;
  std::vector<float> scales;    // one an output channel
  std::vector<double> missing;  // a row an output channel: weight - quantised weight
};

// `floors`: scales below which the bias would not fit.
StatusOr<Weights> QuantizeWeights(const Tensor& weights, const std::vector<double>& floors) {
  StatusOr<Tensor> bytes = Tensor::Allocate(DType::kS8, weights.shape());
  if (!bytes.ok()) return bytes.status();
  Weights result;
  result.bytes = std::move(*bytes);
  result.missing.resize(static_cast<size_t>(weights.ElementCount()));
  const auto row = static_cast<size_t>(weights.ElementCount() / weights.shape()[0]);
  const float* w = weights.as<float>();
  auto* q = result.bytes.mutable_as<int8_t>();
  for (size_t o = 0; o < floors.size(); ++o) {
    double peak = 0.0;
    for (size_t i = o * row; i < (o + 1) * row; ++i) {
      peak = std::max(peak, static_cast<double>(std::fabs(w[i])));
    }
    if (!std::isfinite(peak)) return InvalidArgument("a weight is not finite");
    const auto scale =
        static_cast<float>(std::max({peak / kWeightSteps, floors[o], kSmallestScale}));
    result.scales.push_back(scale);
    for (size_t i = o * row; i < (o + 1) * row; ++i) {
      const double real = static_cast<double>(w[i]), step = static_cast<double>(scale);
      const double steps = std::clamp(std::nearbyint(real / step), -kWeightSteps, kWeightSteps);
      q[i] = static_cast<int8_t>(steps);
      result.missing[i] = real - steps * step;
    }
  }
  return result;
}

// How often each tap of one side of a kernel lies on the image and not on its padding, 0 to 1.
std::vector<double> TapShares(int64_t input, int64_t kernel, int64_t stride, int64_t dilation,
                              graph::PadMode mode, int64_t begin, int64_t end) {
  std::vector<double> shares(static_cast<size_t>(kernel), 1.0);
  if (input == kUnknownDim) return shares;
  const StatusOr<graph::Window> window =
      graph::ResolveWindow(input, kernel, stride, dilation, mode, begin, end, false);
  if (!window.ok() || window->output < 1) return shares;
  for (int64_t tap = 0; tap < kernel; ++tap) {
    int64_t inside = 0;
    for (int64_t out = 0; out < window->output; ++out) {
      const int64_t at = out * stride - window->pad_begin + tap * dilation;
      inside += at >= 0 && at < input ? 1 : 0;
    }
    shares[static_cast<size_t>(tap)] =
        static_cast<double>(inside) / static_cast<double>(window->output);
  }
  return shares;
}

// The mean of what every output channel misses: each weight's error times the mean of the input
// channel under it, where padding counts as 0.
std::vector<double> MissingMeans(const graph::Op& op, const Shape& x, const Weights& weights,
                                 const std::vector<double>& means) {
  const Shape& shape = weights.bytes.shape();
  const auto outputs = static_cast<size_t>(shape[0]);
  const auto inputs = static_cast<size_t>(shape[shape.rank() - 1]);
  const size_t row = weights.missing.size() / outputs;
  std::vector<double> shares(row / inputs, 1.0);
  size_t groups = 1;
  if (const auto* conv = std::get_if<graph::Conv2D>(&op)) {
    groups = static_cast<size_t>(conv->groups);
    const graph::Padding& pad = conv->padding;
    const int64_t height = x.rank() == 4 ? x[1] : kUnknownDim;
    const int64_t width = x.rank() == 4 ? x[2] : kUnknownDim;
    const std::vector<double> down = TapShares(height, shape[1], conv->stride_h, conv->dilation_h,
                                               pad.mode, pad.top, pad.bottom);
    const std::vector<double> across =
        TapShares(width, shape[2], conv->stride_w, conv->dilation_w, pad.mode, pad.left, pad.right);
    for (size_t tap = 0; tap < shares.size(); ++tap) {
      shares[tap] = down[tap / across.size()] * across[tap % across.size()];
    }
  }
  std::vector<double> result(outputs, 0.0);
  for (size_t o = 0; o < outputs; ++o) {
    const size_t first = o / (outputs / groups) * inputs;
    for (size_t i = 0; i < row; ++i) {
      result[o] += weights.missing[o * row + i] * means[first + i % inputs] * shares[i / inputs];
    }
  }
  return result;
}

class Inserter {
 public:
  Inserter(Graph* graph, const QuantPlan& plan, const std::vector<Observer>& observers,
           const InsertOptions& options)
      : graph_(graph), plan_(plan), observers_(observers), options_(options) {}

  Status Run() {
    ChooseParams();
    MINNOW_RETURN_IF_ERROR(passes::ForEachNode(graph_, [this](NodeId id) {
      if (!IsProduct(*graph_, graph_->node(id))) return OkStatus();
      const std::string context = passes::NodeContext(graph_->node(id));
      return QuantizeProduct(id).WithContext(context);
    }));
    for (ValueId id = 0; id < static_cast<ValueId>(plan_.group_of.size()); ++id) {
      if (GroupOf(id) >= 0) MINNOW_RETURN_IF_ERROR(QuantizeValue(id));
    }
    return OkStatus();
  }

 private:
  int GroupOf(ValueId id) const { return plan_.group_of[static_cast<size_t>(id)]; }
  const QuantParams& ParamsOf(ValueId id) const {
    return params_[static_cast<size_t>(GroupOf(id))];
  }

  // The member with the widest range speaks for its group: it holds what the others hold.
  void ChooseParams() {
    params_.resize(static_cast<size_t>(plan_.groups));
    scales_.assign(params_.size(), kNoValue);
    zeros_.assign(params_.size(), kNoValue);
    std::vector<const Observer*> widest(params_.size(), nullptr);
    for (ValueId id = 0; id < static_cast<ValueId>(plan_.group_of.size()); ++id) {
      if (GroupOf(id) < 0) continue;
      const Observer& seen = observers_[static_cast<size_t>(id)];
      const Observer*& kept = widest[static_cast<size_t>(GroupOf(id))];
      if (kept == nullptr || seen.high() - seen.low() > kept->high() - kept->low()) kept = &seen;
    }
    for (size_t i = 0; i < params_.size(); ++i) {
      params_[i] = widest[i]->ParamsOfU8(options_.range, options_.percentile);
    }
  }

  template <typename T>
  StatusOr<ValueId> AddList(const std::string& name, const Shape& shape, const T* values) {
    StatusOr<Tensor> tensor = Tensor::From(shape, values);
    if (!tensor.ok()) return tensor.status();
    return graph_->AddConstant(name, std::move(*tensor));
  }

  // Dequantize of `integers` by one scale an index of axis 0, named after `name`.
  StatusOr<ValueId> AddDequantized(const std::string& name, Tensor integers,
                                   const std::vector<float>& scales) {
    const Shape shape = integers.shape();
    const Shape channels = {static_cast<int64_t>(scales.size())};
    StatusOr<Tensor> zeros = Tensor::Allocate(integers.dtype(), channels);
    if (!zeros.ok()) return zeros.status();
    StatusOr<ValueId> scale = AddList(name + "/scale", channels, scales.data());
    if (!scale.ok()) return scale;
    const ValueId zero = graph_->AddConstant(name + "/zero_point", std::move(*zeros));
    const ValueId bytes = graph_->AddConstant(name + "/quantized", std::move(integers));
    const ValueId real = graph_->AddNode(name + "/dequantize", graph::Dequantize{0},
                                         {bytes, *scale, zero}, name + "/dequantized");
    graph_->value(real).shape = shape;
    return real;
  }

  Status QuantizeProduct(NodeId id) {
    const ValueId x = graph_->node(id).inputs[0], w = graph_->node(id).inputs[1];
    const ValueId b = passes::InputOf(graph_->node(id), 2);
    const Tensor weights = *graph_->ConstantOf(w);
    const auto outputs = static_cast<size_t>(weights.shape()[0]);
    std::vector<double> bias(outputs, 0.0), floors(outputs);
    if (b != kNoValue) bias = passes::ConstantFloats(*graph_, b).value_or(bias);
    const double x_scale = static_cast<double>(ParamsOf(x).scale);
    for (size_t o = 0; o < outputs; ++o) floors[o] = std::fabs(bias[o]) / (x_scale * kLargestBias);
    StatusOr<Weights> quantized = QuantizeWeights(weights, floors);
    if (!quantized.ok()) return quantized.status();
    if (options_.correct_bias) {
      const std::vector<double> missing =
          MissingMeans(graph_->node(id).op, graph_->value(x).shape.value_or(Shape()), *quantized,
                       observers_[static_cast<size_t>(x)].ChannelMeans());
      for (size_t o = 0; o < outputs; ++o) bias[o] += missing[o];
    }
    const std::string name = graph_->value(w).name;
    const StatusOr<ValueId> real = AddDequantized(name, quantized->bytes, quantized->scales);
    if (!real.ok()) return real.status();
    graph_->node(id).inputs[1] = *real;
    if (b == kNoValue && !options_.correct_bias) return OkStatus();
    return QuantizeBias(id, bias, quantized->scales);
  }

  Status QuantizeBias(NodeId id, const std::vector<double>& bias,
                      const std::vector<float>& weight_scales) {
    std::vector<float> scales;
    std::vector<int32_t> integers;
    for (size_t o = 0; o < bias.size(); ++o) {
      const double scale = static_cast<double>(ParamsOf(graph_->node(id).inputs[0]).scale) *
                           static_cast<double>(weight_scales[o]);
      scales.push_back(static_cast<float>(scale));
      const double steps = std::clamp(bias[o] / scale, -kLargestBias, kLargestBias);
      integers.push_back(static_cast<int32_t>(std::nearbyint(steps)));
    }
    StatusOr<Tensor> tensor =
        Tensor::From(Shape{static_cast<int64_t>(bias.size())}, integers.data());
    if (!tensor.ok()) return tensor.status();
    const ValueId old = passes::InputOf(graph_->node(id), 2);
    const std::string name =
        old == kNoValue ? graph_->node(id).name + "/bias" : graph_->value(old).name;
    const StatusOr<ValueId> real = AddDequantized(name, std::move(*tensor), scales);
    if (!real.ok()) return real.status();
    graph_->node(id).inputs.resize(3, kNoValue);
    graph_->node(id).inputs[2] = *real;
    return OkStatus();
  }

  Status QuantizeValue(ValueId id) {
    const auto group = static_cast<size_t>(GroupOf(id));
    if (scales_[group] == kNoValue) {
      const std::string name = graph_->value(id).name;
      const auto zero = static_cast<uint8_t>(params_[group].zero_point);
      const StatusOr<ValueId> scale = AddList(name + "/scale", Shape{}, &params_[group].scale);
      if (!scale.ok()) return scale.status();
      const StatusOr<ValueId> zero_point = AddList(name + "/zero_point", Shape{}, &zero);
      if (!zero_point.ok()) return zero_point.status();
      scales_[group] = *scale;
      zeros_[group] = *zero_point;
    }
    const ValueId bytes = passes::InsertAfter(graph_, id, graph::Quantize{}, "/quantized");
    const ValueId real = passes::InsertAfter(graph_, bytes, graph::Dequantize{}, "/dequantized");
    graph_->value(bytes).dtype = DType::kU8;
    graph_->value(real).dtype = DType::kF32;
    for (const ValueId value : {bytes, real}) {
      graph_->value(value).shape = graph_->value(id).shape;
      auto& inputs = graph_->node(graph_->value(value).producer).inputs;
      inputs.insert(inputs.end(), {scales_[group], zeros_[group]});
    }
    return OkStatus();
  }

  Graph* graph_;
  const QuantPlan& plan_;
  const std::vector<Observer>& observers_;
  const InsertOptions& options_;
  std::vector<QuantParams> params_;      // one a group
  std::vector<ValueId> scales_, zeros_;  // likewise; kNoValue until needed
};

}  // namespace

Status InsertQuantization(Graph* graph, const QuantPlan& plan,
                          const std::vector<Observer>& observers, const InsertOptions& options) {
  return Inserter(graph, plan, observers, options).Run();
}

}  // namespace minnow::quantize
