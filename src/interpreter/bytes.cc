// What a table of bytes gives, and what operators on real numbers mean on bytes: the numbers in
// double, the operator, one rounding.
#include "interpreter/evaluators.h"
#include "interpreter/requantize.h"

namespace minnow::interpreter {
namespace {

StatusOr<Tensor> Dequantized(const TensorView& x, const QuantParams& params, double scale) {
  StatusOr<Tensor> real = Tensor::Allocate(DType::kF64, x.shape);
  if (!real.ok()) return real;
  auto* y = real->mutable_as<double>();
  for (int64_t i = 0; i < x.ElementCount(); ++i) {
    y[i] = (ByteOf(x.dtype, x.as<uint8_t>()[i]) - params.zero_point) * scale;
  }
  return real;
}

// Where the op commutes with its input's scale, that is multiplied last, and `on_steps`: sums of
// whole numbers are exact in any order.
template <typename Op>
Status RunAsReal(const Op& op, bool on_steps, const Inputs& inputs,
                 const MutableTensorView& output) {
  const auto scale = static_cast<double>(op.bytes->x.scale);
  const StatusOr<Tensor> x = Dequantized(inputs[0], op.bytes->x, on_steps ? 1.0 : scale);
  if (!x.ok()) return x.status();
  StatusOr<Tensor> y = Tensor::Allocate(DType::kF64, output.shape);
  if (!y.ok()) return y.status();
  Op real = op;
  real.bytes.reset();
  Inputs reals = inputs;
  reals[0] = x->view();
  MINNOW_RETURN_IF_ERROR(Run(real, reals, y->mutable_view()));
  const Requantizer requantize(op.bytes->y, output.dtype, {});
  for (int64_t i = 0; i < output.ElementCount(); ++i) {
    output.as<uint8_t>()[i] = requantize(y->as<double>()[i] * (on_steps ? scale : 1.0));
  }
  return OkStatus();
}

}  // namespace

Status Run(const graph::ByteMap& op, const Inputs& inputs, const MutableTensorView& output) {
  const uint8_t* x = inputs[0].as<uint8_t>();
  uint8_t* y = output.as<uint8_t>();
  for (int64_t i = 0; i < output.ElementCount(); ++i) y[i] = op.table[x[i]];
  return OkStatus();
}

Status RunOnBytes(const graph::Pool2D& op, const Inputs& inputs, const MutableTensorView& output) {
  return RunAsReal(op, true, inputs, output);
}

Status RunOnBytes(const graph::Reduce& op, const Inputs& inputs, const MutableTensorView& output) {
  return RunAsReal(op, op.kind != graph::ReduceKind::kProd, inputs, output);
}

Status RunOnBytes(const graph::Softmax& op, const Inputs& inputs, const MutableTensorView& output) {
  return RunAsReal(op, false, inputs, output);
}

}  // namespace minnow::interpreter
