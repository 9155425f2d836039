#include "tensor/tensor.h"

#include <cstring>

#include "tensor/load_limits.h"

namespace minnow {

StatusOr<Tensor> Tensor::Allocate(DType dtype, const Shape& shape) {
  StatusOr<Tensor> tensor = AllocateUnfilled(dtype, shape);
  if (tensor.ok()) std::memset(tensor->mutable_data(), 0, tensor->size_bytes());
  return tensor;
}

StatusOr<Tensor> Tensor::AllocateUnfilled(DType dtype, const Shape& shape) {
  const int64_t count = shape.ElementCount();
  if (count < 0) {
    return InvalidArgument("a tensor of shape %s cannot be allocated", shape.ToString().c_str());
  }
  MINNOW_RETURN_IF_ERROR(CheckTensorLimits(shape));
  StatusOr<AlignedBuffer> buffer =
      AlignedBuffer::AllocateUnfilled(static_cast<size_t>(count) * DTypeSize(dtype));
  if (!buffer.ok()) return buffer.status();
  Tensor tensor;
  tensor.dtype_ = dtype;
  tensor.shape_ = shape;
  tensor.buffer_ = std::make_shared<AlignedBuffer>(std::move(*buffer));
  return tensor;
}

}  // namespace minnow
