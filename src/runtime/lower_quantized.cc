// Which operator runs an op on quantised integers.
#include <algorithm>

#include "graph/infer_shapes.h"
#include "kernels/requant.h"
#include "runtime/lowering.h"
#include "runtime/operators/quantized.h"
#include "runtime/operators/window_rows.h"

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

bool AverageFits(const graph::ByteParams& params, int64_t taps) {
  return kernels::QaverageFits(static_cast<double>(params.x.scale),
                               static_cast<double>(params.y.scale), taps);
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
  if (!AverageFits(params, mean.pixels)) return false;
  return EmitOnBytes([&](SlotId x, SlotId y) {
    return MakeByteMean(mean, AsTheyLie(params), x, y, options_.isa);
  });
}

graph::ByteParams Lowering::AsTheyLie(graph::ByteParams params) const {
  params.x.zero_point += BiasOf(graph_.value(input(0)).dtype);
  params.y.zero_point += BiasOf(params.dtype);
  return params;
}

template <typename Make>
StatusOr<bool> Lowering::EmitOnBytes(const Make& make) {
  const StatusOr<SlotId> x = Require(input(0), ByteLayout(input(0)));
  if (!x.ok()) return x.status();
  Emit(make(*x, Define(output(), ByteLayout(output()))));
  return true;
}

StatusOr<bool> Lowering::LowerBytePool(const graph::Pool2D& pool, const ConvGeometry& geometry) {
  const bool is_max = pool.kind == graph::PoolKind::kMax;
  const int64_t taps = geometry.kernel_h * geometry.kernel_w;
  if (geometry.kernel_h > kMaxWindowRows) return false;
  if (!is_max && (!pool.bytes || !AverageFits(*pool.bytes, taps))) return false;
  const graph::ByteParams params = is_max ? graph::ByteParams() : AsTheyLie(*pool.bytes);
  return EmitOnBytes([&](SlotId x, SlotId y) {
    return MakeQpool(geometry, pool.kind, pool.count_include_pad, params, x, y, options_.isa);
  });
}

StatusOr<bool> Lowering::LowerByteSoftmax(const graph::ByteParams& params, int64_t rows,
                                          int64_t n) {
  return EmitOnBytes([&](SlotId x, SlotId y) {
    return MakeByteSoftmax(rows, n, AsTheyLie(params), x, y, options_.isa);
  });
}

StatusOr<bool> Lowering::LowerByteConcat(int axis) {
  const Shape& out = shape(output());
  const Layout layout = ByteLayout(output());
  std::vector<BytePart> parts;
  for (const graph::ValueId id : node_->inputs) {
    const StatusOr<SlotId> slot = Require(id, layout);
    if (!slot.ok()) return slot.status();
    parts.push_back({*slot, shape(id).ElementCount(axis, out.rank())});
  }
  const SlotId y = Define(output(), layout);
  Emit(MakeByteConcat(out.ElementCount(0, axis), std::move(parts), y));
  return true;
}

StatusOr<bool> Lowering::LowerOp(const graph::Pad& pad) {
  const graph::ValueId in = input(0);
  const Shape& s = shape(in);
  if (!IsByte(in) || pad.fill != graph::PadFill::kConstant || s.rank() != 4) return false;
  if (s.ElementCount() == 0 || input(2) != graph::kNoValue) return false;
  std::vector<int64_t> pads = pad.pads;
  if (input(1) != graph::kNoValue) pads = graph::ConstantInts(graph_, input(1)).value_or(pads);
  // Of images and channels none, and nothing is cut off.
  if (pads.size() != 8 || pads[0] != 0 || pads[4] != 0 || pads[3] != 0 || pads[7] != 0 ||
      *std::min_element(pads.begin(), pads.end()) < 0) {
    return false;
  }
  const auto value = static_cast<int32_t>(pad.value) + BiasOf(graph_.value(in).dtype);
  if (value < 0 || value > 255) return false;
  BytePadShape padded = {s[0], s[1], s[2] * s[3], pads[1], pads[5], 0, 0};
  padded.left = pads[2] * s[3];
  padded.right = pads[6] * s[3];
  return EmitOnBytes(
      [&](SlotId x, SlotId y) { return MakeBytePad(padded, static_cast<uint8_t>(value), x, y); });
}

StatusOr<bool> Lowering::LowerOp(const graph::ByteMap& op) {
  // The table is by the bits of i8; adding 128 turns their first.
  const int in_bias = BiasOf(graph_.value(input(0)).dtype), out_bias = BiasOf(op.dtype);
  std::array<uint8_t, 256> table;
  bool changes = false;
  for (int i = 0; i < 256; ++i) {
    uint8_t& entry = table[static_cast<size_t>(i)];
    entry = static_cast<uint8_t>(op.table[static_cast<size_t>(i ^ in_bias)] ^ out_bias);
    changes |= entry != i;
  }
  if (!changes) {
    // From u8 to i8 with a zero point of 128 less, for one.
    const StatusOr<SlotId> x = Require(input(0), ByteLayout(input(0)));
    if (!x.ok()) return x.status();
    Define(output(), ByteLayout(output()), *x);
    touching_.clear();
    return true;
  }
  return EmitOnBytes([&](SlotId x, SlotId y) {
    return MakeByteTable(shape(output()).ElementCount(), table, x, y, options_.isa);
  });
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
