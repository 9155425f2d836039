// Rows that mean the same in every format: one op, no attributes, numpy broadcasting.
#ifndef MINNOW_IMPORTERS_COMMON_ROWS_H_
#define MINNOW_IMPORTERS_COMMON_ROWS_H_

#include <limits>

#include "importers/node_view.h"

namespace minnow::importers {

// Window sizes, strides and pads beyond this are refused, so that later sums cannot overflow.
inline constexpr int64_t kMaxWindow = int64_t{1} << 30;

template <graph::UnaryKind kKind>
Status ImportUnary(const NodeView& node, ImportContext*) {
  return node.Output(0, graph::Unary{kKind}, {node.Input(0)});
}

template <graph::BinaryKind kKind>
Status ImportBinary(const NodeView& node, ImportContext*) {
  return node.Output(0, graph::Binary{kKind, {}}, {node.Input(0), node.Input(1)});
}

inline Status ImportRelu(const NodeView& node, ImportContext*) {
  return node.Output(0, graph::Clamp{0.0f, std::numeric_limits<float>::infinity()},
                     {node.Input(0)});
}

inline Status ImportWhere(const NodeView& node, ImportContext*) {
  return node.Output(0, graph::Where{}, {node.Input(0), node.Input(1), node.Input(2)});
}

// An Identity; of a constant that constant under a second name, so that weights and axes are found
// where they are needed. Frozen TensorFlow variables are read so, and PyTorch writes equal
// initializers once.
Status ImportIdentity(const NodeView& node, ImportContext* context);

// min(max(x, input 1), input 2): a Clamp where the bounds are constant f32, else two ops.
Status ImportClampByInputs(const NodeView& node, ImportContext* context);

// Checks `list` to be empty or `size` numbers in [least, kMaxWindow].
Status CheckWindowList(const NodeView& node, const std::vector<int64_t>& list, size_t size,
                       int64_t least, const char* what);

// Slices of `sizes` along `axis`, one an output; outputs that nobody reads are left out.
Status OutputSplits(const NodeView& node, graph::ValueId x, int64_t axis,
                    const std::vector<int64_t>& sizes);

// The size of x along `axis`; kUnsupported where it is not known before run time.
int64_t KnownDim(const NodeView& node, ImportContext* context, graph::ValueId x, int64_t axis);

}  // namespace minnow::importers

#endif  // MINNOW_IMPORTERS_COMMON_ROWS_H_
