// Tensors in row-major order: Tensor owns its elements, TensorView points at somebody else's.
#ifndef MINNOW_TENSOR_TENSOR_H_
#define MINNOW_TENSOR_TENSOR_H_

#include <cstdint>
#include <memory>

#include "base/aligned_buffer.h"
#include "base/status.h"
#include "tensor/dtype.h"
#include "tensor/shape.h"

namespace minnow {

// Borrowed. `data` must stay live while the view is used; it may be unaligned only where the
// receiving function says so.
struct TensorView {
  DType dtype = DType::kF32;
  Shape shape;
  const void* data = nullptr;

  template <typename T>
  const T* as() const {
    return static_cast<const T*>(data);
  }
  int64_t ElementCount() const { return shape.ElementCount(); }
  size_t size_bytes() const { return static_cast<size_t>(ElementCount()) * DTypeSize(dtype); }
};

struct MutableTensorView {
  DType dtype = DType::kF32;
  Shape shape;
  void* data = nullptr;

  template <typename T>
  T* as() const {
    return static_cast<T*>(data);
  }
  int64_t ElementCount() const { return shape.ElementCount(); }
  size_t size_bytes() const { return static_cast<size_t>(ElementCount()) * DTypeSize(dtype); }
};

// Shape is static. Copying a Tensor shares the elements; treat them as immutable once shared.
//
// A tensor can do without its elements while something else holds them in another form; then only
// dtype, shape and identity may be asked for.
class Tensor {
 public:
  Tensor() = default;
  // Zero-filled. Fails with kResourceExhausted (no memory) or kInvalidArgument (shape not static,
  // above kMaxElements).
  static StatusOr<Tensor> Allocate(DType dtype, const Shape& shape);
  // The same for a caller who writes every element.
  static StatusOr<Tensor> AllocateUnfilled(DType dtype, const Shape& shape);
  // Elements again for one that has none, for a caller who writes them all as they were.
  static StatusOr<Tensor> AllocateAgain(const Tensor& tensor);
  // Elements that lie in `buffer` already. REQUIRES: it holds as many, aligned to their size.
  static Tensor Over(DType dtype, const Shape& shape, AlignedBuffer buffer);
  // A one-element or list tensor for constants made by passes and importers. REQUIRES: memory.
  template <typename T>
  static StatusOr<Tensor> From(const Shape& shape, const T* values);

  DType dtype() const { return dtype_; }
  const Shape& shape() const { return shape_; }
  int64_t ElementCount() const { return shape_.ElementCount(); }
  size_t size_bytes() const { return static_cast<size_t>(ElementCount()) * DTypeSize(dtype_); }

  const void* data() const { return buffer_->data(); }
  void* mutable_data() { return buffer_->data(); }
  template <typename T>
  const T* as() const {
    return static_cast<const T*>(data());
  }
  template <typename T>
  T* mutable_as() {
    return static_cast<T*>(mutable_data());
  }
  // Which elements these are: a number that no others ever have.
  uint64_t identity() const { return identity_; }
  // Whether nobody else holds these elements.
  bool IsSoleOwner() const { return buffer_.use_count() == 1; }
  // The same memory for other elements. REQUIRES: IsSoleOwner().
  Tensor Rewritable() const;

  bool HasElements() const { return buffer_ != nullptr; }
  Tensor WithoutElements() const;
  // Moves the memory to `buffer`, for `size` bytes, where nobody else holds it and it has room for
  // them; then there are no elements any more. Else nothing happens, and false.
  bool MoveMemory(size_t size, AlignedBuffer* buffer);

  TensorView view() const { return {dtype_, shape_, buffer_->data()}; }
  MutableTensorView mutable_view() { return {dtype_, shape_, buffer_->data()}; }

  // The same elements under another shape. REQUIRES: equal element counts.
  Tensor Reshaped(const Shape& shape) const {
    Tensor tensor = *this;
    tensor.shape_ = shape;
    return tensor;
  }

 private:
  DType dtype_ = DType::kF32;
  Shape shape_;
  std::shared_ptr<AlignedBuffer> buffer_;
  uint64_t identity_ = 0;
};

template <typename T>
StatusOr<Tensor> Tensor::From(const Shape& shape, const T* values) {
  StatusOr<Tensor> tensor = Allocate(DTypeOf<T>::value, shape);
  if (!tensor.ok()) return tensor;
  T* out = tensor->template mutable_as<T>();
  for (int64_t i = 0; i < tensor->ElementCount(); ++i) out[i] = values[i];
  return tensor;
}

}  // namespace minnow

#endif  // MINNOW_TENSOR_TENSOR_H_
