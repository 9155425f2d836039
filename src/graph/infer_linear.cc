// Shapes of matrix products: FullyConnected, Gemm, MatMul.
#include <cmath>
#include <utility>

#include "graph/op_rules.h"

namespace minnow::graph {
namespace {

Status CheckRank(const InputFact& input, int rank, const char* what) {
  if (!input.shape || input.shape->rank() == rank) return OkStatus();
  return InvalidModel("%s has the shape %s, expected rank %d", what,
                      input.shape->ToString().c_str(), rank);
}

Status CheckDTypes(const OpInputs& inputs) {
  MINNOW_RETURN_IF_ERROR(CheckFloat(inputs[0]));
  for (size_t i = 1; i < inputs.size(); ++i) {
    MINNOW_RETURN_IF_ERROR(CheckSameDType(inputs, 0, i));
  }
  return OkStatus();
}

struct MatrixDims {
  int64_t rows, columns;
};

// The last two dims, exchanged when transposed. REQUIRES: rank >= 2.
MatrixDims MatrixDimsOf(const Shape& shape, bool transpose) {
  MatrixDims dims = {shape[shape.rank() - 2], shape[shape.rank() - 1]};
  if (transpose) std::swap(dims.rows, dims.columns);
  return dims;
}

}  // namespace

Status Infer(const FullyConnected& op, const OpInputs& inputs, OutputFact* output) {
  MINNOW_RETURN_IF_ERROR(CheckActivation(op.activation));
  MINNOW_RETURN_IF_ERROR(CheckDTypes(inputs));
  MINNOW_RETURN_IF_ERROR(CheckRank(inputs[1], 2, "the weights"));
  output->dtype = inputs[0].dtype;
  if (!inputs[1].shape) return OkStatus();
  const Shape& weights = *inputs[1].shape;
  int64_t merged = 0;
  if (inputs.Has(2)) {
    MINNOW_RETURN_IF_ERROR(CheckRank(inputs[2], 1, "the bias"));
    if (inputs[2].shape) {
      MINNOW_RETURN_IF_ERROR(
          MergeDims((*inputs[2].shape)[0], weights[0], "bias and output channels", &merged));
    }
  }
  if (!inputs[0].shape) return OkStatus();
  Shape result = *inputs[0].shape;
  if (result.rank() < 1) return InvalidModel("the input is a scalar");
  int64_t& last = result[result.rank() - 1];
  MINNOW_RETURN_IF_ERROR(MergeDims(last, weights[1], "input and weight columns", &merged));
  last = weights[0];
  output->shape = result;
  return OkStatus();
}

Status Infer(const Gemm& op, const OpInputs& inputs, OutputFact* output) {
  if (!std::isfinite(op.alpha) || !std::isfinite(op.beta)) {
    return InvalidModel("alpha %g or beta %g is not finite", static_cast<double>(op.alpha),
                        static_cast<double>(op.beta));
  }
  MINNOW_RETURN_IF_ERROR(CheckDTypes(inputs));
  MINNOW_RETURN_IF_ERROR(CheckRank(inputs[0], 2, "A"));
  MINNOW_RETURN_IF_ERROR(CheckRank(inputs[1], 2, "B"));
  output->dtype = inputs[0].dtype;
  if (!inputs[0].shape || !inputs[1].shape) return OkStatus();
  const MatrixDims a = MatrixDimsOf(*inputs[0].shape, op.transpose_a);
  const MatrixDims b = MatrixDimsOf(*inputs[1].shape, op.transpose_b);
  int64_t inner = 0;
  MINNOW_RETURN_IF_ERROR(MergeDims(a.columns, b.rows, "columns of A and rows of B", &inner));
  output->shape = Shape{a.rows, b.columns};
  if (!inputs.Has(2) || !inputs[2].shape) return OkStatus();
  const Shape& c = *inputs[2].shape;
  if (c.rank() > 2) {
    return InvalidModel("C has the shape %s, expected rank 2 at most", c.ToString().c_str());
  }
  for (int axis = 0; axis < c.rank(); ++axis) {
    const int64_t dim = c[axis];
    const int64_t target = (*output->shape)[axis + 2 - c.rank()];
    if (dim == 1) continue;
    int64_t merged = 0;
    MINNOW_RETURN_IF_ERROR(MergeDims(dim, target, "C and the product", &merged));
  }
  return OkStatus();
}

Status Infer(const MatMul& op, const OpInputs& inputs, OutputFact* output) {
  MINNOW_RETURN_IF_ERROR(CheckDTypes(inputs));
  output->dtype = inputs[0].dtype;
  if (!inputs[0].shape || !inputs[1].shape) return OkStatus();
  Shape a = *inputs[0].shape;
  Shape b = *inputs[1].shape;
  if (a.rank() == 0 || b.rank() == 0) return InvalidModel("an operand is a scalar");
  if ((a.rank() == 1 && op.transpose_a) || (b.rank() == 1 && op.transpose_b)) {
    return InvalidModel("an operand of rank 1 cannot be transposed");
  }
  // numpy: a list on the left is a row, on the right a column; that axis is dropped from the
  // result.
  const bool row = a.rank() == 1;
  const bool column = b.rank() == 1;
  if (row) a = Shape{1, a[0]};
  if (column) b = Shape{b[0], 1};
  const MatrixDims left = MatrixDimsOf(a, op.transpose_a);
  const MatrixDims right = MatrixDimsOf(b, op.transpose_b);
  int64_t inner = 0;
  MINNOW_RETURN_IF_ERROR(MergeDims(left.columns, right.rows, "columns of A and rows of B", &inner));
  Shape batch_a, batch_b;
  for (int axis = 0; axis < a.rank() - 2; ++axis) batch_a.Append(a[axis]);
  for (int axis = 0; axis < b.rank() - 2; ++axis) batch_b.Append(b[axis]);
  const StatusOr<Shape> batch = BroadcastShapes(batch_a, batch_b);
  if (!batch.ok()) return batch.status();
  Shape result = *batch;
  if (!row) result.Append(left.rows);
  if (!column) result.Append(right.columns);
  output->shape = result;
  return OkStatus();
}

}  // namespace minnow::graph
