// What FullyConnected, Gemm and MatMul compute: one dot product an element, accumulated in double.
#include "graph/infer_shapes.h"
#include "interpreter/elements.h"
#include "interpreter/evaluators.h"

namespace minnow::interpreter {
namespace {

// A matrix inside a tensor.
template <typename T>
struct Matrix {
  const T* data;
  int64_t row_step, column_step;

  double At(int64_t row, int64_t column) const {
    return static_cast<double>(data[row * row_step + column * column_step]);
  }
};

// The last two dims of a row-major tensor, or a list as a row or a column.
template <typename T>
Matrix<T> MatrixOf(const TensorView& tensor, bool transpose) {
  const int64_t columns = tensor.shape[tensor.shape.rank() - 1];
  if (transpose) return {tensor.as<T>(), 1, columns};
  return {tensor.as<T>(), columns, 1};
}

template <typename T>
double Dot(const Matrix<T>& a, int64_t row, const Matrix<T>& b, int64_t column, int64_t length) {
  double sum = 0.0;
  for (int64_t k = 0; k < length; ++k) sum += a.At(row, k) * b.At(k, column);
  return sum;
}

// Dims of a MatMul operand without the last two, which are the matrix.
Shape BatchDims(const Shape& shape) {
  Shape batch;
  for (int axis = 0; axis < shape.rank() - 2; ++axis) batch.Append(shape[axis]);
  return batch;
}

// Strides of an operand's batch dims, in elements, as read at the indices of `batch`.
Strides BatchStrides(const Shape& operand, const Shape& batch) {
  Strides strides = BroadcastStrides(BatchDims(operand), batch);
  const int rank = operand.rank();
  const int64_t matrix = rank >= 2 ? operand[rank - 2] * operand[rank - 1] : 0;
  for (int64_t& stride : strides) stride *= matrix;
  return strides;
}

template <typename T>
Status MultiplyBatches(const graph::MatMul& op, const Inputs& inputs, T* y) {
  const Shape& a_shape = inputs[0].shape;
  const Shape& b_shape = inputs[1].shape;
  const StatusOr<Shape> batch = graph::BroadcastShapes(BatchDims(a_shape), BatchDims(b_shape));
  if (!batch.ok()) return batch.status();
  Matrix<T> a = MatrixOf<T>(inputs[0], op.transpose_a);
  Matrix<T> b = MatrixOf<T>(inputs[1], op.transpose_b);
  if (b_shape.rank() == 1) b = {b.data, 1, 0};
  const int last_a = a_shape.rank() - 1;
  const int64_t rows = last_a == 0 ? 1 : a_shape[op.transpose_a ? last_a : last_a - 1];
  const int64_t inner = a_shape[op.transpose_a ? last_a - 1 : last_a];
  const int last_b = b_shape.rank() - 1;
  const int64_t columns = last_b == 0 ? 1 : b_shape[op.transpose_b ? last_b - 1 : last_b];
  // An axis of one element more, so that each "row" of the walk is one pair of matrices.
  Shape walked = *batch;
  walked.Append(1);
  const std::array<Strides, 2> strides = {BatchStrides(a_shape, *batch),
                                          BatchStrides(b_shape, *batch)};
  return ForEachRow<2>(walked, strides, [&](const std::array<int64_t, 2>& offsets) {
    const Matrix<T> left = {a.data + offsets[0], a.row_step, a.column_step};
    const Matrix<T> right = {b.data + offsets[1], b.row_step, b.column_step};
    for (int64_t row = 0; row < rows; ++row) {
      for (int64_t column = 0; column < columns; ++column) {
        *y++ = static_cast<T>(Dot(left, row, right, column, inner));
      }
    }
    return OkStatus();
  });
}

}  // namespace

Status Run(const graph::FullyConnected& op, const Inputs& inputs, const MutableTensorView& output) {
  return ForFloat(output.dtype, [&](auto tag) {
    using T = decltype(tag);
    const int64_t inner = inputs[1].shape[1];
    const int64_t columns = inputs[1].shape[0];
    const int64_t rows = output.ElementCount() / columns;
    const Matrix<T> x = {inputs[0].as<T>(), inner, 1};
    const Matrix<T> weights = {inputs[1].as<T>(), 1, inner};
    const T* bias = Has(inputs, 2) ? inputs[2].as<T>() : nullptr;
    T* y = output.as<T>();
    for (int64_t row = 0; row < rows; ++row) {
      for (int64_t column = 0; column < columns; ++column) {
        double sum = Dot(x, row, weights, column, inner);
        if (bias != nullptr) sum += static_cast<double>(bias[column]);
        *y++ = static_cast<T>(Activate(op.activation, sum));
      }
    }
    return OkStatus();
  });
}

Status Run(const graph::Gemm& op, const Inputs& inputs, const MutableTensorView& output) {
  return ForFloat(output.dtype, [&](auto tag) {
    using T = decltype(tag);
    const Matrix<T> a = MatrixOf<T>(inputs[0], op.transpose_a);
    const Matrix<T> b = MatrixOf<T>(inputs[1], op.transpose_b);
    const int64_t inner = inputs[0].shape[op.transpose_a ? 0 : 1];
    const T* c = Has(inputs, 2) ? inputs[2].as<T>() : nullptr;
    const Strides c_steps =
        c == nullptr ? Strides{} : BroadcastStrides(inputs[2].shape, output.shape);
    T* y = output.as<T>();
    for (int64_t row = 0; row < output.shape[0]; ++row) {
      for (int64_t column = 0; column < output.shape[1]; ++column) {
        double sum = static_cast<double>(op.alpha) * Dot(a, row, b, column, inner);
        if (c != nullptr) {
          sum += static_cast<double>(op.beta) *
                 static_cast<double>(c[row * c_steps[0] + column * c_steps[1]]);
        }
        *y++ = static_cast<T>(sum);
      }
    }
    return OkStatus();
  });
}

Status Run(const graph::MatMul& op, const Inputs& inputs, const MutableTensorView& output) {
  return ForFloat(output.dtype, [&](auto tag) {
    using T = decltype(tag);
    return MultiplyBatches(op, inputs, output.as<T>());
  });
}

}  // namespace minnow::interpreter
