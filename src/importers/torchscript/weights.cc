#include "importers/torchscript/weights.h"

#include <cstring>
#include <optional>

#include "importers/import_context.h"

namespace minnow::importers::torchscript {
namespace {

constexpr struct {
  std::string_view storage;
  DType dtype;
} kStorages[] = {
    {"torch.FloatStorage", DType::kF32}, {"torch.DoubleStorage", DType::kF64},
    {"torch.HalfStorage", DType::kF16},  {"torch.LongStorage", DType::kS64},
    {"torch.IntStorage", DType::kS32},   {"torch.ShortStorage", DType::kS16},
    {"torch.CharStorage", DType::kS8},   {"torch.ByteStorage", DType::kU8},
    {"torch.BoolStorage", DType::kBool},
};

std::optional<DType> DTypeOfStorage(std::string_view storage) {
  for (const auto& row : kStorages) {
    if (row.storage == storage) return row.dtype;
  }
  return std::nullopt;
}

// Whether all elements lie in a storage of `count`. Written so that nothing can overflow: each
// step ahead is checked against what is left.
bool Fits(const StoredTensor& stored, int64_t count) {
  if (stored.shape.ElementCount() == 0) return true;
  if (stored.offset >= count) return false;
  int64_t left = count - 1 - stored.offset;
  for (int axis = 0; axis < stored.shape.rank(); ++axis) {
    const int64_t steps = stored.shape[axis] - 1;
    const int64_t stride = stored.strides[static_cast<size_t>(axis)];
    if (stride < 0) return false;
    if (steps == 0 || stride == 0) continue;
    if (stride > left / steps) return false;
    left -= stride * steps;
  }
  return true;
}

bool IsContiguous(const StoredTensor& stored) {
  int64_t expected = 1;
  for (int axis = stored.shape.rank() - 1; axis >= 0; --axis) {
    if (stored.shape[axis] != 1 && stored.strides[static_cast<size_t>(axis)] != expected) {
      return false;
    }
    expected *= stored.shape[axis];
  }
  return true;
}

void CopyStrided(const StoredTensor& stored, const uint8_t* from, size_t element, uint8_t* to) {
  int64_t index[kMaxRank] = {};
  const int64_t count = stored.shape.ElementCount();
  int64_t at = stored.offset;
  for (int64_t i = 0; i < count; ++i) {
    std::memcpy(to + static_cast<size_t>(i) * element, from + static_cast<size_t>(at) * element,
                element);
    for (int axis = stored.shape.rank() - 1; axis >= 0; --axis) {
      const int64_t stride = stored.strides[static_cast<size_t>(axis)];
      at += stride;
      if (++index[axis] < stored.shape[axis]) break;
      at -= stride * index[axis];
      index[axis] = 0;
    }
  }
}

}  // namespace

StatusOr<Tensor> ReadTensor(const StoredTensor& stored, ZipArchive* archive,
                            int64_t* budget_bytes) {
  const std::optional<DType> dtype = DTypeOfStorage(stored.storage_type);
  if (!dtype) {
    return Unsupported("a tensor in a %s is not supported", Quote(stored.storage_type).c_str());
  }
  const StatusOr<Bytes> bytes = archive->Read(stored.storage);
  if (!bytes.ok()) return bytes.status();
  const size_t element = DTypeSize(*dtype);
  if (!Fits(stored, static_cast<int64_t>(bytes->size / element))) {
    return InvalidModel("a tensor %s does not lie in the %zu bytes of its storage %s",
                        stored.shape.ToString().c_str(), bytes->size,
                        Quote(stored.storage).c_str());
  }
  const int64_t size = stored.shape.ElementCount() * static_cast<int64_t>(element);
  if (size > *budget_bytes) {
    return ResourceExhausted("the tensors are many times larger than the file");
  }
  *budget_bytes -= size;
  StatusOr<Tensor> tensor = Tensor::Allocate(*dtype, stored.shape);
  if (!tensor.ok()) return tensor;
  uint8_t* to = tensor->mutable_as<uint8_t>();
  if (size != 0 && IsContiguous(stored)) {
    std::memcpy(to, bytes->data + static_cast<size_t>(stored.offset) * element,
                static_cast<size_t>(size));
  } else {
    CopyStrided(stored, bytes->data, element, to);
  }
  if (*dtype == DType::kBool) {
    for (int64_t i = 0; i < size; ++i) to[i] = to[i] != 0;
  }
  return tensor;
}

}  // namespace minnow::importers::torchscript
