// Weights of an ONNX file: raw little-endian bytes, or one of the typed lists.
#include "importers/onnx/tensors.h"

#include <algorithm>
#include <atomic>
#include <cstring>

#include "base/thread_pool.h"
#include "importers/import_context.h"
#include "importers/protobuf_reader.h"

namespace minnow::importers::onnx {
namespace {

// What a thread copies at a time.
constexpr size_t kPieceBytes = 256 * 1024;
constexpr size_t kSharedBytes = 512 * 1024;

struct TensorProto {
  std::string_view name;
  std::vector<int64_t> dims;
  int64_t data_type = 0;
  bool has_raw = false;
  Bytes raw;
  std::vector<float> floats;
  std::vector<double> doubles;
  std::vector<int64_t> int32s;  // also bool, 8- and 16-bit integers and the bits of f16
  std::vector<int64_t> int64s;
  std::vector<int64_t> uint64s;  // also u32
  bool is_external = false;
  bool is_segment = false;
};

Status ParseTensor(Bytes message, TensorProto* proto) {
  ProtobufReader reader(message);
  while (reader.Next()) {
    switch (reader.field()) {
      case 1:
        reader.AppendInts(&proto->dims);
        break;
      case 2:
        proto->data_type = reader.Int();
        break;
      case 3:
        proto->is_segment = true;
        break;
      case 4:
        reader.AppendFloats(&proto->floats);
        break;
      case 5:
        reader.AppendInts(&proto->int32s);
        break;
      case 7:
        reader.AppendInts(&proto->int64s);
        break;
      case 8:
        proto->name = reader.Text();
        break;
      case 9:
        proto->raw = reader.Blob();
        proto->has_raw = true;
        break;
      case 10:
        reader.AppendDoubles(&proto->doubles);
        break;
      case 11:
        reader.AppendInts(&proto->uint64s);
        break;
      case 13:
        proto->is_external = true;
        break;
      case 14:
        proto->is_external = proto->is_external || reader.Int() != 0;
        break;
    }
  }
  return reader.status();
}

template <typename To, typename From>
Status CopyList(const std::vector<From>& values, Tensor* tensor) {
  if (static_cast<int64_t>(values.size()) != tensor->ElementCount()) {
    return InvalidModel("it lists %zu values for the shape %s", values.size(),
                        tensor->shape().ToString().c_str());
  }
  To* to = tensor->mutable_as<To>();
  for (size_t i = 0; i < values.size(); ++i) to[i] = static_cast<To>(values[i]);
  return OkStatus();
}

Status CopyLists(const TensorProto& proto, Tensor* tensor) {
  switch (tensor->dtype()) {
    case DType::kF32:
      return CopyList<float>(proto.floats, tensor);
    case DType::kF64:
      return CopyList<double>(proto.doubles, tensor);
    case DType::kS64:
      return CopyList<int64_t>(proto.int64s, tensor);
    case DType::kU64:
      return CopyList<uint64_t>(proto.uint64s, tensor);
    case DType::kU32:
      return CopyList<uint32_t>(proto.uint64s, tensor);
    case DType::kS32:
      return CopyList<int32_t>(proto.int32s, tensor);
    case DType::kU16:
    case DType::kF16:
      return CopyList<uint16_t>(proto.int32s, tensor);
    case DType::kS16:
      return CopyList<int16_t>(proto.int32s, tensor);
    case DType::kU8:
    case DType::kBool:
      return CopyList<uint8_t>(proto.int32s, tensor);
    case DType::kS8:
      return CopyList<int8_t>(proto.int32s, tensor);
  }
  return Internal("dtype %d", static_cast<int>(tensor->dtype()));
}

StatusOr<Tensor> ToTensor(const TensorProto& proto, RawCopies* later) {
  if (proto.is_external) return Unsupported("external data is not followed");
  if (proto.is_segment) return Unsupported("data in segments is not supported");
  const std::optional<DType> dtype = ToDType(proto.data_type);
  if (!dtype) {
    return Unsupported("element type %lld is not supported",
                       static_cast<long long>(proto.data_type));
  }
  const StatusOr<Shape> shape = Shape::Make(proto.dims.data(), proto.dims.size());
  if (!shape.ok()) return InvalidModel("%s", shape.status().message().c_str());
  const int64_t count = shape->ElementCount();
  if (count < 0) return InvalidModel("a dimension is negative");
  // Before the memory is asked for: the file must hold every element.
  const size_t size_bytes = static_cast<size_t>(count) * DTypeSize(*dtype);
  const size_t listed = proto.floats.size() + proto.doubles.size() + proto.int32s.size() +
                        proto.int64s.size() + proto.uint64s.size();
  if (proto.has_raw ? proto.raw.size != size_bytes : static_cast<int64_t>(listed) != count) {
    return InvalidModel("the shape %s of %s needs %zu bytes, the file has %zu %s",
                        shape->ToString().c_str(), DTypeName(*dtype), size_bytes,
                        proto.has_raw ? proto.raw.size : listed,
                        proto.has_raw ? "bytes" : "listed values");
  }
  StatusOr<Tensor> tensor = Tensor::AllocateUnfilled(*dtype, *shape);
  if (!tensor.ok()) return tensor;
  if (!proto.has_raw) {
    MINNOW_RETURN_IF_ERROR(CopyLists(proto, &*tensor));
  } else if (later == nullptr) {
    MINNOW_RETURN_IF_ERROR(RawCopies(nullptr).Copy(proto.raw, tensor->mutable_data()));
  } else if (*dtype == DType::kBool) {  // is what is not 0: looked at below
    MINNOW_RETURN_IF_ERROR(later->Copy(proto.raw, tensor->mutable_data()));
  } else {
    later->Add(proto.raw, tensor->mutable_data());
  }
  if (*dtype == DType::kBool) {
    uint8_t* bytes = tensor->mutable_as<uint8_t>();
    for (int64_t i = 0; i < count; ++i) bytes[i] = bytes[i] != 0;
  }
  return tensor;
}

}  // namespace

std::optional<DType> ToDType(int64_t data_type) {
  switch (data_type) {
    case 1:
      return DType::kF32;
    case 2:
      return DType::kU8;
    case 3:
      return DType::kS8;
    case 4:
      return DType::kU16;
    case 5:
      return DType::kS16;
    case 6:
      return DType::kS32;
    case 7:
      return DType::kS64;
    case 9:
      return DType::kBool;
    case 10:
      return DType::kF16;
    case 11:
      return DType::kF64;
    case 12:
      return DType::kU32;
    case 13:
      return DType::kU64;
    default:
      return std::nullopt;
  }
}

void RawCopies::Add(const Bytes& from, void* to) {
  for (size_t at = 0; at < from.size; at += kPieceBytes) {
    const size_t size = std::min(kPieceBytes, from.size - at);
    pieces_.push_back({{from.data + at, size}, static_cast<char*>(to) + at});
  }
  bytes_ += from.size;
}

Status RawCopies::Copy(const Bytes& from, void* to) const {
  if (from.size == 0) return OkStatus();
  if (payload_ == nullptr) {
    std::memcpy(to, from.data, from.size);
  } else if (!payload_->Copy(from.data, from.size, to)) {
    return NotFound("the file could not be read to its end");
  }
  return OkStatus();
}

Status RawCopies::CopyAll() const {
  Team team(&ThreadPool::Shared(), bytes_ < kSharedBytes ? 1 : ThreadPool::DefaultThreads());
  std::atomic<bool> whole{true};
  team.ParallelFor(static_cast<int64_t>(pieces_.size()), [&](int64_t i, int) {
    const Piece& piece = pieces_[static_cast<size_t>(i)];
    if (!Copy(piece.from, piece.to).ok()) whole.store(false, std::memory_order_relaxed);
  });
  return whole ? OkStatus() : NotFound("the file could not be read to its end");
}

StatusOr<NamedTensor> DecodeTensor(Bytes message, RawCopies* later) {
  TensorProto proto;
  MINNOW_RETURN_IF_ERROR(ParseTensor(message, &proto).WithContext("a tensor"));
  StatusOr<Tensor> tensor = ToTensor(proto, later);
  if (!tensor.ok()) return tensor.status().WithContext("tensor " + Quote(proto.name));
  return NamedTensor{proto.name, std::move(*tensor)};
}

}  // namespace minnow::importers::onnx
