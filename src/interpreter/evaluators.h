// One evaluator an op. Internal to interpreter/: Evaluate has checked the inputs and the output
// against the op's shape rule before it calls one of these.
#ifndef MINNOW_INTERPRETER_EVALUATORS_H_
#define MINNOW_INTERPRETER_EVALUATORS_H_

#include <type_traits>
#include <vector>

#include "base/status.h"
#include "graph/ops.h"
#include "tensor/tensor.h"

namespace minnow::interpreter {

using Inputs = std::vector<TensorView>;

// An optional input that is there.
inline bool Has(const Inputs& inputs, size_t i) {
  return i < inputs.size() && inputs[i].data != nullptr;
}

// convolution.cc
Status Run(const graph::Conv2D& op, const Inputs& inputs, const MutableTensorView& output);

// quantize.cc
Status Run(const graph::Quantize& op, const Inputs& inputs, const MutableTensorView& output);
Status Run(const graph::Dequantize& op, const Inputs& inputs, const MutableTensorView& output);

// quantized.cc
Status Run(const graph::QConv2D& op, const Inputs& inputs, const MutableTensorView& output);
Status Run(const graph::QFullyConnected& op, const Inputs& inputs, const MutableTensorView& output);
Status Run(const graph::QBinary& op, const Inputs& inputs, const MutableTensorView& output);

// bytes.cc
Status Run(const graph::ByteMap& op, const Inputs& inputs, const MutableTensorView& output);
// Those whose `bytes` is set.
Status RunOnBytes(const graph::Pool2D& op, const Inputs& inputs, const MutableTensorView& output);
Status RunOnBytes(const graph::Reduce& op, const Inputs& inputs, const MutableTensorView& output);
Status RunOnBytes(const graph::Softmax& op, const Inputs& inputs, const MutableTensorView& output);

// linear.cc
Status Run(const graph::FullyConnected& op, const Inputs& inputs, const MutableTensorView& output);
Status Run(const graph::Gemm& op, const Inputs& inputs, const MutableTensorView& output);
Status Run(const graph::MatMul& op, const Inputs& inputs, const MutableTensorView& output);

// elementwise.cc
Status Run(const graph::BatchNorm& op, const Inputs& inputs, const MutableTensorView& output);
Status Run(const graph::Unary& op, const Inputs& inputs, const MutableTensorView& output);
Status Run(const graph::Clamp& op, const Inputs& inputs, const MutableTensorView& output);
Status Run(const graph::Where& op, const Inputs& inputs, const MutableTensorView& output);

// binary.cc
Status Run(const graph::Binary& op, const Inputs& inputs, const MutableTensorView& output);

// cast.cc
Status Run(const graph::Cast& op, const Inputs& inputs, const MutableTensorView& output);
Status Run(const graph::Fill& op, const Inputs& inputs, const MutableTensorView& output);
// Writes `value` as one element of `dtype`, converted as Cast does.
void StoreNumber(double value, DType dtype, void* element);

// reduction.cc
Status Run(const graph::Pool2D& op, const Inputs& inputs, const MutableTensorView& output);
Status Run(const graph::Reduce& op, const Inputs& inputs, const MutableTensorView& output);
Status Run(const graph::Softmax& op, const Inputs& inputs, const MutableTensorView& output);

// movement.cc
Status Run(const graph::Reshape& op, const Inputs& inputs, const MutableTensorView& output);
Status Run(const graph::Squeeze& op, const Inputs& inputs, const MutableTensorView& output);
Status Run(const graph::Unsqueeze& op, const Inputs& inputs, const MutableTensorView& output);
Status Run(const graph::Flatten& op, const Inputs& inputs, const MutableTensorView& output);
Status Run(const graph::Identity& op, const Inputs& inputs, const MutableTensorView& output);
Status Run(const graph::Transpose& op, const Inputs& inputs, const MutableTensorView& output);
Status Run(const graph::ShapeOf& op, const Inputs& inputs, const MutableTensorView& output);
Status Run(const graph::Slice& op, const Inputs& inputs, const MutableTensorView& output);
Status Run(const graph::StridedSlice& op, const Inputs& inputs, const MutableTensorView& output);
Status Run(const graph::Expand& op, const Inputs& inputs, const MutableTensorView& output);
Status Run(const graph::Concat& op, const Inputs& inputs, const MutableTensorView& output);
Status Run(const graph::Pad& op, const Inputs& inputs, const MutableTensorView& output);
Status Run(const graph::Gather& op, const Inputs& inputs, const MutableTensorView& output);

// indexing.cc
Status Run(const graph::GatherElements& op, const Inputs& inputs, const MutableTensorView& output);
Status Run(const graph::GatherNd& op, const Inputs& inputs, const MutableTensorView& output);
Status Run(const graph::ScatterElements& op, const Inputs& inputs, const MutableTensorView& output);
Status Run(const graph::ScatterNd& op, const Inputs& inputs, const MutableTensorView& output);
Status Run(const graph::ReverseSequence& op, const Inputs& inputs, const MutableTensorView& output);

// ordering.cc
Status Run(const graph::ArgReduce& op, const Inputs& inputs, const MutableTensorView& output);
Status Run(const graph::TopK& op, const Inputs& inputs, const MutableTensorView& output);
Status Run(const graph::CumSum& op, const Inputs& inputs, const MutableTensorView& output);

// generic.cc
Status Run(const graph::Trilu& op, const Inputs& inputs, const MutableTensorView& output);
Status Run(const graph::Range& op, const Inputs& inputs, const MutableTensorView& output);
Status Run(const graph::Tile& op, const Inputs& inputs, const MutableTensorView& output);
Status Run(const graph::Det& op, const Inputs& inputs, const MutableTensorView& output);
Status Run(const graph::Lrn& op, const Inputs& inputs, const MutableTensorView& output);

// resize.cc
Status Run(const graph::Resize& op, const Inputs& inputs, const MutableTensorView& output);

// sampling.cc
Status Run(const graph::GridSample& op, const Inputs& inputs, const MutableTensorView& output);

// spatial.cc
Status Run(const graph::ConvNd& op, const Inputs& inputs, const MutableTensorView& output);
Status Run(const graph::PoolNd& op, const Inputs& inputs, const MutableTensorView& output);

// discovery.cc: ops whose output shape is known only when they are done. They make the output.
StatusOr<Tensor> Make(const graph::NonZero& op, const Inputs& inputs);
StatusOr<Tensor> Make(const graph::Compress& op, const Inputs& inputs);
StatusOr<Tensor> Make(const graph::Unique& op, const Inputs& inputs);
StatusOr<Tensor> Make(const graph::NonMaxSuppression& op, const Inputs& inputs);

template <typename Op>
inline constexpr bool kMakesOutput =
    std::is_same_v<Op, graph::NonZero> || std::is_same_v<Op, graph::Compress> ||
    std::is_same_v<Op, graph::Unique> || std::is_same_v<Op, graph::NonMaxSuppression>;

}  // namespace minnow::interpreter

#endif  // MINNOW_INTERPRETER_EVALUATORS_H_
