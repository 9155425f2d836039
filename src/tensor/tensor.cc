#include "tensor/tensor.h"

#include <atomic>
#include <cstring>
#include <utility>

#include "tensor/load_limits.h"

namespace minnow {
namespace {

// Kernels read weights in blocks of so many rows. Large ones get room for the rows that are missing
// in the last block, so that they can be packed where they lie.
constexpr int64_t kBlockRows = 16;
constexpr size_t kRoomFrom = 64 * 1024;

size_t RoomBytes(const Shape& shape, size_t size) {
  if (size < kRoomFrom || shape.rank() < 2 || shape[0] < kBlockRows) return 0;
  const auto rows = static_cast<size_t>(shape[0]);
  return (RoundUp(rows, kBlockRows) - rows) * (size / rows);
}

uint64_t NextIdentity() {
  static std::atomic<uint64_t> last{0};
  return last.fetch_add(1, std::memory_order_relaxed) + 1;
}

}  // namespace

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
  const size_t size = static_cast<size_t>(count) * DTypeSize(dtype);
  StatusOr<AlignedBuffer> buffer = AlignedBuffer::AllocateUnfilled(size, RoomBytes(shape, size));
  if (!buffer.ok()) return buffer.status();
  return Over(dtype, shape, std::move(*buffer));
}

Tensor Tensor::Over(DType dtype, const Shape& shape, AlignedBuffer buffer) {
  Tensor tensor;
  tensor.dtype_ = dtype;
  tensor.shape_ = shape;
  tensor.buffer_ = std::make_shared<AlignedBuffer>(std::move(buffer));
  tensor.identity_ = NextIdentity();
  return tensor;
}

StatusOr<Tensor> Tensor::AllocateAgain(const Tensor& tensor) {
  StatusOr<Tensor> again = AllocateUnfilled(tensor.dtype(), tensor.shape());
  if (again.ok()) again->identity_ = tensor.identity_;
  return again;
}

Tensor Tensor::Rewritable() const {
  Tensor tensor = *this;
  tensor.identity_ = NextIdentity();
  return tensor;
}

Tensor Tensor::WithoutElements() const {
  Tensor tensor = *this;
  tensor.buffer_.reset();
  return tensor;
}

bool Tensor::MoveMemory(size_t size, AlignedBuffer* buffer) {
  if (!IsSoleOwner() || !buffer_->Extend(size)) return false;
  *buffer = std::move(*buffer_);
  buffer_.reset();
  return true;
}

}  // namespace minnow
