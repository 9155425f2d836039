// Arithmetic of tensors, products, normalisation and reductions.
#include <cmath>

#include "importers/import_context.h"
#include "importers/torchscript/ops.h"

namespace minnow::importers::torchscript {
namespace {

using graph::Binary;
using graph::BinaryKind;
using graph::kNoValue;
using graph::ValueId;

Value BinaryOf(const Call& call, BinaryKind kind) {
  if (!call.HasTensor(0) && !call.HasTensor(1)) return RunScalar(call);
  return call.Result(Binary{kind, {}}, {call.Operand(0, "self"), call.Operand(1, "other")});
}

// a + alpha * b, a - alpha * b
Value AddScaled(const Call& call, BinaryKind kind) {
  if (!call.HasTensor(0) && !call.HasTensor(1)) return RunScalar(call);
  const ValueId a = call.Operand(0, "self");
  ValueId b = call.Operand(1, "other");
  const double alpha = call.Number(2, "alpha", 1.0);
  if (alpha != 1.0) {
    const ValueId factor = call.trace().AddFloats("alpha", Shape(), {static_cast<float>(alpha)});
    b = call.Add(Binary{BinaryKind::kMul, {}}, {b, factor});
  }
  return call.Result(Binary{kind, {}}, {a, b});
}

// (x, dims, keepdim); no dims: all of them. A reduction to another dtype is not one of floats.
Value ReduceOf(const Call& call, graph::ReduceKind kind) {
  const ValueId x = call.Tensor(0, "self");
  if (call.Int(kKeywordOnly, "dtype", 6) != 6) {
    return call.Fail(Unsupported("only dtype 6, float32, is supported"));
  }
  graph::Reduce reduce;
  reduce.kind = kind;
  reduce.axes = call.Ints(1, "dim");
  reduce.keep_dims = call.Bool(2, "keepdim", false);
  return call.Result(reduce, {x});
}

// A constant of rank 1 where the argument is absent.
ValueId TensorOr(const Call& call, size_t index, std::string_view keyword, int64_t channels,
                 float otherwise) {
  if (call.Has(index, keyword)) return call.Tensor(index, keyword);
  return call.trace().AddFloats(keyword, Shape{channels},
                                std::vector<float>(static_cast<size_t>(channels), otherwise));
}

}  // namespace

Value RunAdd(const Call& call) { return AddScaled(call, BinaryKind::kAdd); }

Value RunSub(const Call& call) { return AddScaled(call, BinaryKind::kSub); }

// other - alpha * self
Value RunRsub(const Call& call) {
  if (call.Number(2, "alpha", 1.0) != 1.0) {
    return call.Fail(Unsupported("alpha other than 1 is not supported"));
  }
  return call.Result(Binary{BinaryKind::kSub, {}},
                     {call.Operand(1, "other"), call.Operand(0, "self")});
}

Value RunMul(const Call& call) { return BinaryOf(call, BinaryKind::kMul); }

Value RunDiv(const Call& call) {
  const std::string_view mode = call.Text(kKeywordOnly, "rounding_mode", "");
  if (mode.empty()) return BinaryOf(call, BinaryKind::kDiv);
  return call.Fail(Unsupported("rounding_mode %s is not supported", Quote(mode).c_str()));
}

Value RunFloorDivide(const Call& call) {
  if (call.HasTensor(0) || call.HasTensor(1)) {
    return call.Fail(Unsupported("only numbers are supported"));
  }
  return RunScalar(call);
}

Value RunPow(const Call& call) { return BinaryOf(call, BinaryKind::kPow); }

Value RunMaximum(const Call& call) { return BinaryOf(call, BinaryKind::kMax); }

Value RunMinimum(const Call& call) { return BinaryOf(call, BinaryKind::kMin); }

// x + value * a * b
Value RunAddcmul(const Call& call) {
  const ValueId product = call.Add(Binary{BinaryKind::kMul, {}},
                                   {call.Tensor(1, "tensor1"), call.Tensor(2, "tensor2")});
  if (call.Number(kKeywordOnly, "value", 1.0) != 1.0) {
    return call.Fail(Unsupported("value other than 1 is not supported"));
  }
  return call.Result(Binary{BinaryKind::kAdd, {}}, {call.Tensor(0, "self"), product});
}

Value RunMean(const Call& call) { return ReduceOf(call, graph::ReduceKind::kMean); }

Value RunSum(const Call& call) { return ReduceOf(call, graph::ReduceKind::kSum); }

Value RunAmax(const Call& call) { return ReduceOf(call, graph::ReduceKind::kMax); }

Value RunAmin(const Call& call) { return ReduceOf(call, graph::ReduceKind::kMin); }

// x · weightᵀ + bias
Value RunLinear(const Call& call) {
  const ValueId x = call.Tensor(0, "input"), weight = call.Tensor(1, "weight");
  const ValueId bias = call.OptionalTensor(2, "bias");
  if (call.ShapeOf(x).rank() == 2) {
    std::vector<ValueId> inputs = {x, weight};
    if (bias != kNoValue) inputs.push_back(bias);
    return call.Result(graph::Gemm{1.0f, 1.0f, false, true}, std::move(inputs));
  }
  const ValueId product = call.Add(graph::MatMul{false, true}, {x, weight});
  if (bias == kNoValue) return call.Result(product);
  return call.Result(Binary{BinaryKind::kAdd, {}}, {product, bias});
}

// beta * bias + alpha * a · b
Value RunAddmm(const Call& call) {
  graph::Gemm gemm;
  gemm.beta = static_cast<float>(call.Number(kKeywordOnly, "beta", 1.0));
  gemm.alpha = static_cast<float>(call.Number(kKeywordOnly, "alpha", 1.0));
  return call.Result(gemm,
                     {call.Tensor(1, "mat1"), call.Tensor(2, "mat2"), call.Tensor(0, "self")});
}

Value RunMatmul(const Call& call) {
  return call.Result(graph::MatMul{}, {call.Tensor(0, "self"), call.Tensor(1, "other")});
}

// (x, weight, bias, running_mean, running_var, training, momentum, eps, cudnn_enabled)
Value RunBatchNorm(const Call& call) {
  if (call.Bool(5, "training", false)) {
    return call.Fail(Unsupported("batch_norm as in training; save the model after eval()"));
  }
  if (!call.Has(3, "running_mean") || !call.Has(4, "running_var")) {
    return call.Fail(Unsupported("batch_norm without running statistics is not supported"));
  }
  const ValueId x = call.Tensor(0, "input");
  const ValueId mean = call.Tensor(3, "running_mean"), variance = call.Tensor(4, "running_var");
  const int64_t channels = call.ShapeOf(mean).ElementCount();
  if (channels < 0 || call.ShapeOf(x).rank() < 2) {
    return call.Fail(
        Unsupported("batch_norm of %s is not supported", call.ShapeOf(x).ToString().c_str()));
  }
  const ValueId scale = TensorOr(call, 1, "weight", channels, 1.0f);
  const ValueId offset = TensorOr(call, 2, "bias", channels, 0.0f);
  const float epsilon = static_cast<float>(call.Number(7, "eps", 1e-5));
  return call.Result(graph::BatchNorm{epsilon, graph::DataLayout::kNCHW},
                     {x, scale, offset, mean, variance});
}

// (x - mean) / sqrt(variance + eps) * weight + bias, over the last axes.
Value RunLayerNorm(const Call& call) {
  const ValueId x = call.Tensor(0, "input");
  const size_t axes = call.Ints(1, "normalized_shape").size();
  if (axes == 0 || axes > static_cast<size_t>(call.ShapeOf(x).rank())) {
    return call.Fail(InvalidModel("normalized_shape has %zu axes", axes));
  }
  graph::Reduce mean;
  for (size_t i = axes; i > 0; --i) mean.axes.push_back(-static_cast<int64_t>(i));
  const ValueId centred = call.Add(Binary{BinaryKind::kSub, {}}, {x, call.Add(mean, {x})});
  const ValueId squares = call.Add(graph::Unary{graph::UnaryKind::kSquare}, {centred});
  const ValueId epsilon =
      call.trace().AddFloats("eps", Shape(), {static_cast<float>(call.Number(4, "eps", 1e-5))});
  const ValueId variance =
      call.Add(Binary{BinaryKind::kAdd, {}}, {call.Add(mean, {squares}), epsilon});
  const ValueId factor = call.Add(graph::Unary{graph::UnaryKind::kRsqrt}, {variance});
  ValueId result = call.Add(Binary{BinaryKind::kMul, {}}, {centred, factor});
  if (call.Has(2, "weight")) {
    result = call.Add(Binary{BinaryKind::kMul, {}}, {result, call.Tensor(2, "weight")});
  }
  if (call.Has(3, "bias")) {
    result = call.Add(Binary{BinaryKind::kAdd, {}}, {result, call.Tensor(3, "bias")});
  }
  return call.Result(result);
}

}  // namespace minnow::importers::torchscript
