// Which operator runs an op on quantised integers.
#include "kernels/requant.h"
#include "runtime/lowering.h"
#include "runtime/operators/quantized.h"

namespace minnow::runtime {
namespace {

// What is added to the bytes of a type to make them unsigned.
int32_t BiasOf(DType dtype) { return dtype == DType::kS8 ? 128 : 0; }

// Of the same elements as the last axes of `whole`, once for each index of the others.
bool IsSuffix(const Shape& part, const Shape& whole) {
  const int shift = whole.rank() - part.rank();
  int64_t elements = 1;
  for (int axis = part.rank() - 1; axis >= 0 && part[axis] == whole[axis + shift]; --axis) {
    elements *= part[axis];
  }
  return shift >= 0 && elements == part.ElementCount() && elements > 1;
}

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
  const bool is_planar = Has(input(0), Layout::kPlanar) && !Has(input(0), Layout::kRowMajor);
  const QconvTaps taps = TapsOf(*geometry, is_planar);
  const bool is_matrix = geometry->IsPointwise() && !is_planar;
  const int64_t rows = is_matrix ? out[0] * out[1] * out[2] : out[2];
  StatusOr<std::optional<QgemmLayer>> layer = QgemmLayer::Make(
      *product, static_cast<int64_t>(taps.rows.size()), taps.order, rows, options_.isa, cache_);
  if (!layer.ok()) return layer.status();
  if (!*layer) return false;
  const StatusOr<SlotId> x = Require(input(0), is_planar ? Layout::kPlanar : ByteLayout(input(0)));
  if (!x.ok()) return x.status();
  const SlotId y = Define(output(), ByteLayout(output()));
  Emit(MakeQconv(*geometry, is_planar, std::move(**layer), *x, y));
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
  const int64_t rows = shape(output()).ElementCount() / weights[0];
  StatusOr<std::optional<QgemmLayer>> layer =
      QgemmLayer::Make(*product, 1, {}, rows, options_.isa, cache_);
  if (!layer.ok()) return layer.status();
  if (!*layer) return false;
  const StatusOr<SlotId> x = Require(input(0), ByteLayout(input(0)));
  if (!x.ok()) return x.status();
  const SlotId y = Define(output(), ByteLayout(output()));
  Emit(MakeQfullyConnected(rows, std::move(**layer), *x, y));
  return true;
}

StatusOr<bool> Lowering::LowerOp(const graph::QBinary& op) {
  graph::ValueId a = input(0), b = input(1);
  QuantParams a_params = op.a, b_params = op.b;
  const Shape& out = shape(output());
  const bool swaps = shape(a) != out;
  if (swaps) {
    std::swap(a, b);
    std::swap(a_params, b_params);
  }
  if (shape(a) != out || out.ElementCount() == 0 || !IsSuffix(shape(b), out)) return false;
  kernels::QbinaryArgs args;
  args.is_product = op.binary.kind == graph::BinaryKind::kMul;
  args.a_zero = a_params.zero_point + BiasOf(graph_.value(a).dtype);
  args.b_zero = b_params.zero_point + BiasOf(graph_.value(b).dtype);
  args.a_scale = static_cast<double>(a_params.scale);
  args.b_scale = static_cast<double>(b_params.scale);
  if (op.binary.kind == graph::BinaryKind::kSub) {
    double& subtrahend = swaps ? args.a_scale : args.b_scale;
    subtrahend = -subtrahend;
  }
  args.requant.y_scale = static_cast<double>(op.y.scale);
  args.requant.zero_point = op.y.zero_point + BiasOf(op.dtype);
  if (!BoundsOf(op.binary.activation, op.y, op.dtype, &args.requant.min, &args.requant.max)) {
    return false;
  }
  if (!kernels::FillQbinaryFactors(&args)) return false;
  QbinaryOperands operands;
  operands.b_repeats = shape(b) != out;
  operands.elems = shape(b).ElementCount();
  operands.groups = out.ElementCount() / operands.elems;
  const StatusOr<SlotId> a_slot = Require(a, ByteLayout(a));
  if (!a_slot.ok()) return a_slot.status();
  const StatusOr<SlotId> b_slot = Require(b, ByteLayout(b));
  if (!b_slot.ok()) return b_slot.status();
  operands.a = *a_slot;
  operands.b = *b_slot;
  operands.output = Define(output(), ByteLayout(output()));
  Emit(MakeQbinary(operands, args, options_.isa));
  return true;
}

StatusOr<bool> Lowering::LowerByteMean(const graph::ByteParams& params) {
  const Shape& in = shape(input(0));
  const ByteMeanShape mean = {in[0], in[1] * in[2], in[3]};
  if (mean.pixels >= kMostMeanPixels) return false;
  graph::ByteParams as_they_lie = params;
  as_they_lie.x.zero_point += BiasOf(graph_.value(input(0)).dtype);
  as_they_lie.y.zero_point += BiasOf(params.dtype);
  const StatusOr<SlotId> x = Require(input(0), ByteLayout(input(0)));
  if (!x.ok()) return x.status();
  Emit(MakeByteMean(mean, as_they_lie, *x, Define(output(), ByteLayout(output()))));
  return true;
}

StatusOr<bool> Lowering::LowerOp(const graph::ByteMap& op) {
  // The table is by the bits of i8; adding 128 turns their first.
  const int in_bias = BiasOf(graph_.value(input(0)).dtype), out_bias = BiasOf(op.dtype);
  std::array<uint8_t, 256> table;
  for (int i = 0; i < 256; ++i) {
    table[static_cast<size_t>(i)] =
        static_cast<uint8_t>(op.table[static_cast<size_t>(i ^ in_bias)] ^ out_bias);
  }
  const StatusOr<SlotId> x = Require(input(0), ByteLayout(input(0)));
  if (!x.ok()) return x.status();
  const int64_t elems = shape(output()).ElementCount();
  Emit(MakeByteTable(elems, table, *x, Define(output(), ByteLayout(output()))));
  return true;
}

std::optional<QuantParams> Lowering::ParamsOf(DType dtype) const {
  const Tensor* scale = graph_.ConstantOf(input(1));
  const Tensor* zero = graph_.ConstantOf(input(2));
  if (dtype != DType::kU8 && dtype != DType::kS8) return std::nullopt;
  if (scale == nullptr || scale->ElementCount() != 1) return std::nullopt;
  QuantParams params = {*scale->as<float>(), BiasOf(dtype)};
  if (input(2) == graph::kNoValue) return params;
  if (zero == nullptr || zero->ElementCount() != 1 || zero->dtype() != dtype) return std::nullopt;
  params.zero_point += dtype == DType::kU8 ? static_cast<int32_t>(*zero->as<uint8_t>())
                                           : static_cast<int32_t>(*zero->as<int8_t>());
  return params;
}

StatusOr<bool> Lowering::LowerOp(const graph::Quantize&) {
  const std::optional<QuantParams> params = ParamsOf(graph_.value(output()).dtype);
  if (!params || !IsF32(input(0))) return false;
  const StatusOr<SlotId> x = Require(input(0), Layout::kRowMajor);
  if (!x.ok()) return x.status();
  const SlotId y = Define(output(), ByteLayout(output()));
  Emit(MakeQuantize(shape(output()).ElementCount(), params->scale, params->zero_point, *x, y,
                    options_.isa));
  return true;
}

StatusOr<bool> Lowering::LowerOp(const graph::Dequantize&) {
  const std::optional<QuantParams> params = ParamsOf(graph_.value(input(0)).dtype);
  if (!params) return false;
  const StatusOr<SlotId> x = Require(input(0), ByteLayout(input(0)));
  if (!x.ok()) return x.status();
  const SlotId y = Define(output(), Layout::kRowMajor);
  Emit(MakeDequantize(shape(output()).ElementCount(), params->scale, params->zero_point, *x, y,
                      options_.isa));
  return true;
}

bool Lowering::LowerByteTranspose(const graph::Transpose& transpose) {
  const graph::ValueId in = input(0);
  const bool is_image = graph_.value(in).dtype == DType::kU8 && shape(in).rank() == 4;
  if (!is_image || graph_.IsConstant(in) || !Has(in, Layout::kRowMajor)) return false;
  const std::vector<int64_t> to_nhwc = {0, 2, 3, 1};
  if (transpose.perm != to_nhwc || shape(in)[1] > kFewChannels) return false;
  // The same memory under its NHWC name: the first convolution reads planes.
  Define(output(), Layout::kPlanar, SlotOf(in, Layout::kRowMajor));
  touching_.clear();
  return true;
}

}  // namespace minnow::runtime
