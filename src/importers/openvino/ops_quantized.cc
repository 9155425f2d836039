// FakeQuantize: rounding to `levels` steps of a range, in real numbers. Where the steps are those
// of a byte, it becomes Quantize and Dequantize, of which the pass fuse_quantized makes integers.
#include <cmath>
#include <utility>

#include "importers/common_rows.h"
#include "importers/openvino/attributes.h"
#include "importers/openvino/ops.h"

namespace minnow::importers::openvino {
namespace {

using graph::Binary;
using graph::BinaryKind;
using graph::ValueId;

// Inputs 1 to 4: f32 constants, low and high of a pair in one shape.
struct Ranges {
  const Tensor* low = nullptr;
  const Tensor* high = nullptr;
  const Tensor* out_low = nullptr;
  const Tensor* out_high = nullptr;
};

// How far a zero point may be from a whole number of steps.
constexpr double kZeroPointTolerance = 1e-3;

bool ReadRanges(const NodeView& node, Ranges* ranges) {
  const Tensor** const fields[] = {&ranges->low, &ranges->high, &ranges->out_low,
                                   &ranges->out_high};
  for (size_t i = 0; i < 4; ++i) {
    const Tensor* tensor = node.ConstantInput(i + 1);
    if (tensor == nullptr || tensor->dtype() != DType::kF32) {
      node.Record(Unsupported("input %zu is no constant of f32", i + 1));
      return false;
    }
    *fields[i] = tensor;
  }
  if (ranges->low->shape() != ranges->high->shape() ||
      ranges->out_low->shape() != ranges->out_high->shape()) {
    node.Record(Unsupported("a low bound of another shape than its high bound"));
    return false;
  }
  return true;
}

// One scale and zero point for u8, where the 256 levels before and after are those of a byte.
std::optional<QuantParams> ByteSteps(const Ranges& ranges, int64_t levels) {
  if (levels != 256 || ranges.low->ElementCount() != 1 || ranges.out_low->ElementCount() != 1) {
    return std::nullopt;
  }
  const double low = *ranges.low->as<float>(), high = *ranges.high->as<float>();
  const double scale = (high - low) / 255.0;
  if (low != *ranges.out_low->as<float>() || high != *ranges.out_high->as<float>() ||
      !std::isfinite(scale) || scale <= 0.0) {
    return std::nullopt;
  }
  const double zero = -low / scale, whole = std::nearbyint(zero);
  if (whole < 0.0 || whole > 255.0 || std::fabs(zero - whole) > kZeroPointTolerance) {
    return std::nullopt;
  }
  return QuantParams{static_cast<float>(scale), static_cast<int32_t>(whole)};
}

Status OutputBytes(const NodeView& node, ImportContext* context, const QuantParams& params) {
  const auto zero = static_cast<uint8_t>(params.zero_point);
  StatusOr<Tensor> zero_point = Tensor::From<uint8_t>(Shape(), &zero);
  if (!zero_point.ok()) return node.Fail(zero_point.status());
  const ValueId scale = node.AddConstant(Shape(), {params.scale});
  const ValueId offset =
      context->graph().AddConstant(node.OutputName(0) + "/zero_point", std::move(*zero_point));
  const ValueId bytes = node.Add(graph::Quantize{}, {node.Input(0), scale, offset});
  return node.Output(0, graph::Dequantize{}, {bytes, scale, offset});
}

// The constant (high - low) * factor, or its inverse; 0 where the range is empty.
ValueId Steps(const NodeView& node, const Tensor& low, const Tensor& high, double levels,
              bool inverse) {
  std::vector<float> values(static_cast<size_t>(low.ElementCount()));
  for (size_t i = 0; i < values.size(); ++i) {
    const double range =
        static_cast<double>(high.as<float>()[i]) - static_cast<double>(low.as<float>()[i]);
    const double step = range / levels;
    values[i] = static_cast<float>(!inverse ? step : range == 0.0 ? 0.0 : 1.0 / step);
  }
  return node.AddConstant(low.shape(), values);
}

ValueId Bound(const NodeView& node, const Tensor& tensor) {
  const auto* values = tensor.as<float>();
  return node.AddConstant(tensor.shape(), {values, values + tensor.ElementCount()});
}

// round((clamp(x) - low) * (levels - 1) / (high - low)) * step of the output + low of the output
Status OutputSteps(const NodeView& node, const Ranges& ranges, int64_t levels) {
  const auto wire = [&node](BinaryKind kind, ValueId a, ValueId b) {
    return node.Add(Binary{kind, {}}, {a, b});
  };
  const auto steps = static_cast<double>(levels - 1);
  const ValueId low = Bound(node, *ranges.low), high = Bound(node, *ranges.high);
  const ValueId above = wire(BinaryKind::kMax, node.Input(0), low);
  const ValueId clamped = wire(BinaryKind::kMin, above, high);
  const ValueId shifted = wire(BinaryKind::kSub, clamped, low);
  const ValueId scaled =
      wire(BinaryKind::kMul, shifted, Steps(node, *ranges.low, *ranges.high, steps, true));
  const ValueId rounded = node.Add(graph::Unary{graph::UnaryKind::kRound}, {scaled});
  const ValueId spread =
      wire(BinaryKind::kMul, rounded, Steps(node, *ranges.out_low, *ranges.out_high, steps, false));
  return node.Output(0, Binary{BinaryKind::kAdd, {}}, {spread, Bound(node, *ranges.out_low)});
}

}  // namespace

Status ImportFakeQuantize(const NodeView& node, ImportContext* context) {
  constexpr int64_t kMaxLevels = int64_t{1} << 24;  // whole numbers of f32
  MINNOW_RETURN_IF_ERROR(CheckBroadcast(node));
  const int64_t levels = ReadRequiredInt(node, "levels");
  Ranges ranges;
  if (!ReadRanges(node, &ranges)) return context->status();
  if (levels < 2 || levels > kMaxLevels) {
    return node.Fail(InvalidModel("levels is %lld", static_cast<long long>(levels)));
  }
  for (int64_t i = 0; i < ranges.low->ElementCount(); ++i) {
    if (!(ranges.low->as<float>()[i] <= ranges.high->as<float>()[i])) {
      return node.Fail(Unsupported("a low bound above its high bound"));
    }
  }
  if (const std::optional<QuantParams> params = ByteSteps(ranges, levels)) {
    return OutputBytes(node, context, *params);
  }
  return OutputSteps(node, ranges, levels);
}

}  // namespace minnow::importers::openvino
