// The executable steps other than convolutions. Shapes are logical and static; f32 unless said.
#ifndef MINNOW_RUNTIME_OPERATORS_OPERATORS_H_
#define MINNOW_RUNTIME_OPERATORS_OPERATORS_H_

#include <memory>
#include <vector>

#include "base/cpu_features.h"
#include "base/status.h"
#include "graph/ops.h"
#include "kernels/epilogue.h"
#include "runtime/layout.h"
#include "runtime/operator.h"
#include "runtime/operators/convolution.h"
#include "runtime/weight_cache.h"
#include "tensor/tensor.h"

namespace minnow::runtime {

// y [rows, n] = epilogue(x [rows, k] · weightsᵀ + bias), row-major. weights [n][k], bias [n] or
// null.
StatusOr<std::unique_ptr<Operator>> MakeFullyConnected(int64_t rows, int64_t k, int64_t n,
                                                       SlotId input, SlotId output,
                                                       const Tensor& weights, const Tensor* bias,
                                                       const kernels::Epilogue& epilogue, Isa isa,
                                                       WeightCache* cache);

// Blocked in and out; `geometry` as of a depthwise convolution (in_c == out_c). Null beyond 64
// kernel rows.
std::unique_ptr<Operator> MakePool(const ConvGeometry& geometry, graph::PoolKind kind,
                                   bool count_padding, SlotId input, SlotId output, Isa isa);

// Mean over H and W of a blocked [N,H,W,C]; blocked out, or row-major [N,C].
std::unique_ptr<Operator> MakeGlobalMean(const Shape& shape, SlotId input, SlotId output,
                                         Layout output_layout, Isa isa);

// out[i] = epilogue(a[i] op b[…]) over `groups` runs of `group_elems` elements. How b moves:
// kSame: with a; kScalar: one element; kPerChannel: blocked a, b has one value a channel and lies
// in blocks of 16, `b_groups` of them, repeated over the groups.
struct BinaryOperands {
  enum class Step : uint8_t { kSame, kScalar, kPerChannel } step = Step::kSame;
  SlotId a = kNoSlot, b = kNoSlot, output = kNoSlot;
  int64_t groups = 1;       // kPerChannel: images * blocks
  int64_t group_elems = 0;  // kPerChannel: pixels * 16
  int64_t b_groups = 1;     // kPerChannel: groups, or the blocks of one image
};
// Null when `kind` has no fast kernel.
std::unique_ptr<Operator> MakeBinary(graph::BinaryKind kind, const BinaryOperands& operands,
                                     const kernels::Epilogue& epilogue, Isa isa);

// out[i] = epilogue(scale * in[i] + shift), i in [0, elems).
std::unique_ptr<Operator> MakeAffine(int64_t elems, float scale, float shift,
                                     const kernels::Epilogue& epilogue, SlotId input, SlotId output,
                                     Isa isa);

// Blocked inputs whose channels are whole blocks, joined along the channels.
std::unique_ptr<Operator> MakeChannelConcat(int64_t images, int64_t pixels,
                                            std::vector<int64_t> blocks, std::vector<SlotId> inputs,
                                            SlotId output);

// Softmax of `rows` rows of n.
std::unique_ptr<Operator> MakeSoftmax(int64_t rows, int64_t n, bool log, SlotId input,
                                      SlotId output);

// A copy into another layout of the same [N,H,W,C] value.
std::unique_ptr<Operator> MakeReorder(const Shape& shape, Layout from, Layout to, SlotId input,
                                      SlotId output);

// Any op, by the interpreter. All operands row-major (or flat, where the op is elementwise).
struct GenericOperand {
  SlotId slot = kNoSlot;
  DType dtype = DType::kF32;
  Shape shape;
};
std::unique_ptr<Operator> MakeGeneric(const graph::Op& op, std::vector<GenericOperand> inputs,
                                      std::vector<GenericOperand> outputs);

}  // namespace minnow::runtime

#endif  // MINNOW_RUNTIME_OPERATORS_OPERATORS_H_
