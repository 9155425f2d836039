// Shapes and types of quantised ops: those that enter and leave integers, and products of integers.
#include <cmath>

#include "graph/op_rules.h"

namespace minnow::graph {
namespace {

// Products of two 9-bit differences: that many of them stay inside 31 bits.
constexpr int64_t kMaxTerms = 32768;

bool IsByte(DType dtype) { return dtype == DType::kU8 || dtype == DType::kS8; }

bool IsQuantized(DType dtype) {
  return IsByte(dtype) || dtype == DType::kU16 || dtype == DType::kS16 || dtype == DType::kS32;
}

Status CheckByte(const InputFact& input, const char* what) {
  if (IsByte(input.dtype)) return OkStatus();
  return Unsupported("%s of type %s; u8 and i8 are supported", what, DTypeName(input.dtype));
}

// A list is one element, or one for each index of the axis.
Status CheckParameter(const InputFact& list, const InputFact& x, int64_t axis, const char* what) {
  if (!list.shape) return OkStatus();
  const Shape& shape = *list.shape;
  if (shape.rank() > 1) {
    return Unsupported("the %s has the shape %s; one element, or one for each index of an axis",
                       what, shape.ToString().c_str());
  }
  if (shape.rank() == 0 || shape[0] == 1 || !x.shape) return OkStatus();
  const StatusOr<int> normal = NormalizeAxis(axis, x.shape->rank());
  if (!normal.ok()) return normal.status();
  int64_t merged = 0;
  return MergeDims(shape[0], (*x.shape)[*normal], what, &merged);
}

Status CheckParams(const QuantParams& params, DType dtype) {
  const int32_t low = dtype == DType::kU8 ? 0 : -128;
  if (params.zero_point < low || params.zero_point > low + 255) {
    return InvalidModel("the zero point %d is no %s", static_cast<int>(params.zero_point),
                        DTypeName(dtype));
  }
  if (std::isfinite(params.scale) && params.scale > 0.0f) return OkStatus();
  return InvalidModel("the scale %g is not a positive number", static_cast<double>(params.scale));
}

// What a product's rule sees where the integers are replaced by the numbers they stand for.
Status AsFloats(const ProductQuantization& q, const OpInputs& inputs,
                std::vector<InputFact>* floats) {
  MINNOW_RETURN_IF_ERROR(CheckByte(inputs[0], "an input"));
  MINNOW_RETURN_IF_ERROR(CheckByte(inputs[1], "weights"));
  if (inputs.Has(2) && inputs[2].dtype != DType::kS32) {
    return InvalidModel("a bias of type %s, expected i32", DTypeName(inputs[2].dtype));
  }
  if (!IsByte(q.dtype)) return Unsupported("an output of type %s", DTypeName(q.dtype));
  MINNOW_RETURN_IF_ERROR(CheckParams(q.x, inputs[0].dtype));
  MINNOW_RETURN_IF_ERROR(CheckParams(q.y, q.dtype));
  for (float scale : q.weight_scales) {
    MINNOW_RETURN_IF_ERROR(CheckParams({scale, q.weight_zero_point}, inputs[1].dtype));
  }
  for (size_t i = 0; i < inputs.size(); ++i) {
    floats->push_back(inputs[i]);
    floats->back().dtype = DType::kF32;
    floats->back().data = nullptr;
  }
  return OkStatus();
}

Status CheckProduct(const ProductQuantization& q, int64_t channels, int64_t terms) {
  const size_t scales = q.weight_scales.size();
  if (scales != 1 && static_cast<int64_t>(scales) != channels) {
    return InvalidModel("%zu weight scales for %lld output channels", scales,
                        static_cast<long long>(channels));
  }
  if (terms <= kMaxTerms) return OkStatus();
  return Unsupported("sums of %lld products; %lld are supported", static_cast<long long>(terms),
                     static_cast<long long>(kMaxTerms));
}

}  // namespace

Status Infer(const Quantize& op, const OpInputs& inputs, OutputFact* output) {
  if (inputs[0].dtype != DType::kF32 || inputs[1].dtype != DType::kF32) {
    return Unsupported("elements of type %s with a scale of type %s; f32 is supported",
                       DTypeName(inputs[0].dtype), DTypeName(inputs[1].dtype));
  }
  if (!IsQuantized(inputs[2].dtype)) {
    return Unsupported("a zero point of type %s", DTypeName(inputs[2].dtype));
  }
  MINNOW_RETURN_IF_ERROR(CheckParameter(inputs[1], inputs[0], op.axis, "scale"));
  MINNOW_RETURN_IF_ERROR(CheckParameter(inputs[2], inputs[0], op.axis, "zero point"));
  output->dtype = inputs[2].dtype;
  output->shape = inputs[0].shape;
  return OkStatus();
}

Status Infer(const Dequantize& op, const OpInputs& inputs, OutputFact* output) {
  if (!IsQuantized(inputs[0].dtype) || inputs[1].dtype != DType::kF32) {
    return Unsupported("elements of type %s with a scale of type %s", DTypeName(inputs[0].dtype),
                       DTypeName(inputs[1].dtype));
  }
  MINNOW_RETURN_IF_ERROR(CheckSameDType(inputs, 0, 2));
  MINNOW_RETURN_IF_ERROR(CheckParameter(inputs[1], inputs[0], op.axis, "scale"));
  if (inputs.Has(2)) {
    MINNOW_RETURN_IF_ERROR(CheckParameter(inputs[2], inputs[0], op.axis, "zero point"));
  }
  output->dtype = DType::kF32;
  output->shape = inputs[0].shape;
  return OkStatus();
}

Status Infer(const QConv2D& op, const OpInputs& inputs, OutputFact* output) {
  std::vector<InputFact> floats;
  MINNOW_RETURN_IF_ERROR(AsFloats(op.quantization, inputs, &floats));
  MINNOW_RETURN_IF_ERROR(Infer(op.conv, OpInputs(floats), output));
  output->dtype = op.quantization.dtype;
  if (!inputs[1].shape || !inputs[1].shape->IsStatic()) return OkStatus();
  const WeightDims dims = WeightDimsOf(*inputs[1].shape, op.conv.weight_layout);
  if (dims.output_channels == 0) return OkStatus();
  return CheckProduct(op.quantization, dims.output_channels,
                      inputs[1].shape->ElementCount() / dims.output_channels);
}

Status Infer(const QFullyConnected& op, const OpInputs& inputs, OutputFact* output) {
  std::vector<InputFact> floats;
  MINNOW_RETURN_IF_ERROR(AsFloats(op.quantization, inputs, &floats));
  MINNOW_RETURN_IF_ERROR(Infer(op.product, OpInputs(floats), output));
  output->dtype = op.quantization.dtype;
  if (!inputs[1].shape || !inputs[1].shape->IsStatic()) return OkStatus();
  return CheckProduct(op.quantization, (*inputs[1].shape)[0], (*inputs[1].shape)[1]);
}

namespace {

template <typename Op>
Status InferAsReal(const Op& op, const OpInputs& inputs, OutputFact* output) {
  MINNOW_RETURN_IF_ERROR(CheckByte(inputs[0], "an input"));
  if (!IsByte(op.bytes->dtype)) {
    return Unsupported("an output of type %s", DTypeName(op.bytes->dtype));
  }
  MINNOW_RETURN_IF_ERROR(CheckParams(op.bytes->x, inputs[0].dtype));
  MINNOW_RETURN_IF_ERROR(CheckParams(op.bytes->y, op.bytes->dtype));
  std::vector<InputFact> facts;
  for (size_t i = 0; i < inputs.size(); ++i) {
    facts.push_back(inputs.Has(i) ? inputs[i] : InputFact());
  }
  facts[0].dtype = DType::kF32;
  facts[0].data = nullptr;
  Op real = op;
  real.bytes.reset();
  MINNOW_RETURN_IF_ERROR(Infer(real, OpInputs(facts), output));
  output->dtype = op.bytes->dtype;
  return OkStatus();
}

}  // namespace

Status InferOnBytes(const Pool2D& op, const OpInputs& inputs, OutputFact* output) {
  return InferAsReal(op, inputs, output);
}

Status InferOnBytes(const Reduce& op, const OpInputs& inputs, OutputFact* output) {
  return InferAsReal(op, inputs, output);
}

Status InferOnBytes(const Softmax& op, const OpInputs& inputs, OutputFact* output) {
  return InferAsReal(op, inputs, output);
}

Status Infer(const ByteMap& op, const OpInputs& inputs, OutputFact* output) {
  MINNOW_RETURN_IF_ERROR(CheckByte(inputs[0], "an input"));
  if (!IsByte(op.dtype)) return Unsupported("an output of type %s", DTypeName(op.dtype));
  output->dtype = op.dtype;
  output->shape = inputs[0].shape;
  return OkStatus();
}

Status Infer(const QBinary& op, const OpInputs& inputs, OutputFact* output) {
  const BinaryKind kind = op.binary.kind;
  if (kind != BinaryKind::kAdd && kind != BinaryKind::kSub && kind != BinaryKind::kMul) {
    return Unsupported("other integer arithmetic than add, sub and mul");
  }
  MINNOW_RETURN_IF_ERROR(CheckByte(inputs[0], "an input"));
  MINNOW_RETURN_IF_ERROR(CheckByte(inputs[1], "an input"));
  if (!IsByte(op.dtype)) return Unsupported("an output of type %s", DTypeName(op.dtype));
  MINNOW_RETURN_IF_ERROR(CheckParams(op.a, inputs[0].dtype));
  MINNOW_RETURN_IF_ERROR(CheckParams(op.b, inputs[1].dtype));
  MINNOW_RETURN_IF_ERROR(CheckParams(op.y, op.dtype));
  std::vector<InputFact> floats = {inputs[0], inputs[1]};
  for (InputFact& fact : floats) fact.dtype = DType::kF32;
  MINNOW_RETURN_IF_ERROR(Infer(op.binary, OpInputs(floats), output));
  output->dtype = op.dtype;
  return OkStatus();
}

}  // namespace minnow::graph
