// Which operator runs an op on quantised integers.
#include "kernels/requant.h"
#include "runtime/lowering.h"
#include "runtime/operators/quantized.h"

namespace minnow::runtime {
namespace {

// What is added to the bytes of a type to make them unsigned.
int32_t BiasOf(DType dtype) { return dtype == DType::kS8 ? 128 : 0; }

// The bytes that an activation's bounds become. Requantising is monotonic, so bounding its results
// is bounding the numbers before. Nothing where the activation is no clamp.
bool BoundsOf(const graph::Activation& activation, const QuantParams& y, DType dtype, int32_t* min,
              int32_t* max) {
  if (activation.kind != graph::Activation::Kind::kClamp) return false;
  if (!(activation.min <= activation.max)) return false;
  kernels::Requant requant;
  requant.zero_point = y.zero_point + BiasOf(dtype);
  const auto scale = static_cast<double>(y.scale);
  *min = kernels::ToByte(static_cast<double>(activation.min) / scale, requant);
  *max = kernels::ToByte(static_cast<double>(activation.max) / scale, requant);
  return true;
}

}  // namespace

std::optional<QuantizedProduct> Lowering::ProductOf(const graph::ProductQuantization& q,
                                                    const graph::Activation& activation,
                                                    int64_t channels) const {
  QuantizedProduct product;
  product.weights = graph_.ConstantOf(input(1));
  product.bias = graph_.ConstantOf(input(2));
  if (product.weights == nullptr || product.weights->ElementCount() == 0) return std::nullopt;
  if (input(2) != graph::kNoValue && product.bias == nullptr) return std::nullopt;
  if (shape(input(0)).ElementCount() == 0 || shape(output()).ElementCount() == 0) {
    return std::nullopt;
  }
  product.channels = channels;
  product.weight_scales = &q.weight_scales;
  product.weight_zero_point = q.weight_zero_point;
  product.x_scale = q.x.scale;
  product.y_scale = q.y.scale;
  product.x_zero = q.x.zero_point + BiasOf(graph_.value(input(0)).dtype);
  product.y_zero = q.y.zero_point + BiasOf(q.dtype);
  if (!BoundsOf(activation, q.y, q.dtype, &product.min, &product.max)) return std::nullopt;
  return product;
}

Layout Lowering::ByteLayout(graph::ValueId id) const {
  return graph_.value(id).dtype == DType::kS8 ? Layout::kBiased : Layout::kRowMajor;
}

StatusOr<bool> Lowering::LowerOp(const graph::QConv2D& op) {
  const graph::Conv2D& conv = op.conv;
  if (conv.layout != graph::DataLayout::kNHWC || conv.weight_layout != graph::WeightLayout::kOHWI ||
      node_->inputs.size() > 3) {
    return false;
  }
  const Shape& in = shape(input(0));
  const Shape& out = shape(output());
  const Shape& weights = shape(input(1));
  const bool depthwise = conv.groups == in[3] && conv.groups == out[3] && conv.groups > 1;
  if (conv.groups != 1 && !depthwise) return false;
  const std::optional<QuantizedProduct> product =
      ProductOf(op.quantization, conv.activation, out[3]);
  if (!product) return false;
  const StatusOr<ConvGeometry> geometry = GeometryOf(conv, in, out, weights[1], weights[2]);
  if (!geometry.ok()) return geometry.status();
  if (depthwise) return LowerQdepthwise(*product, *geometry);
  const auto taps = static_cast<int64_t>(TapsOf(*geometry).rows.size());
  StatusOr<std::optional<QgemmLayer>> layer =
      QgemmLayer::Make(*product, taps, options_.isa, cache_);
  if (!layer.ok()) return layer.status();
  if (!*layer) return false;
  const StatusOr<SlotId> x = Require(input(0), ByteLayout(input(0)));
  if (!x.ok()) return x.status();
  const SlotId y = Define(output(), ByteLayout(output()));
  Emit(MakeQconv(*geometry, std::move(**layer), *x, y));
  return true;
}

StatusOr<bool> Lowering::LowerQdepthwise(const QuantizedProduct& product,
                                         const ConvGeometry& geometry) {
  StatusOr<std::optional<QdwconvLayer>> layer =
      QdwconvLayer::Make(product, geometry.kernel_h, geometry.kernel_w, options_.isa, cache_);
  if (!layer.ok()) return layer.status();
  if (!*layer) return false;
  const StatusOr<SlotId> x = Require(input(0), ByteLayout(input(0)));
  if (!x.ok()) return x.status();
  const SlotId y = Define(output(), ByteLayout(output()));
  StatusOr<std::unique_ptr<Operator>> step = MakeQdepthwise(geometry, std::move(**layer), *x, y);
  if (!step.ok()) return step.status();
  Emit(std::move(*step));
  return true;
}

StatusOr<bool> Lowering::LowerOp(const graph::QFullyConnected& op) {
  const Shape& weights = shape(input(1));
  const std::optional<QuantizedProduct> product =
      ProductOf(op.quantization, op.product.activation, weights[0]);
  if (!product) return false;
  StatusOr<std::optional<QgemmLayer>> layer = QgemmLayer::Make(*product, 1, options_.isa, cache_);
  if (!layer.ok()) return layer.status();
  if (!*layer) return false;
  const StatusOr<SlotId> x = Require(input(0), ByteLayout(input(0)));
  if (!x.ok()) return x.status();
  const SlotId y = Define(output(), ByteLayout(output()));
  Emit(MakeQfullyConnected(shape(output()).ElementCount() / weights[0], std::move(**layer), *x, y));
  return true;
}

}  // namespace minnow::runtime
