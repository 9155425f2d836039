// Constants of a GraphDef: raw little-endian bytes, or a typed list with the last value repeated.
#include "importers/tensorflow/tensors.h"

#include <cstring>
#include <vector>

#include "importers/protobuf_reader.h"
#include "importers/tensorflow/graph_def.h"

namespace minnow::importers::tensorflow {
namespace {

struct TensorProto {
  int64_t dtype = 0;
  Shape shape;
  Bytes content;
  std::vector<float> floats;
  std::vector<double> doubles;
  std::vector<int64_t> ints;  // every integer list; a tensor has one of them
};

Status ParseTensor(Bytes message, TensorProto* proto) {
  ProtobufReader reader(message);
  while (reader.Next()) {
    switch (reader.field()) {
      case 1:
        proto->dtype = reader.Int();
        break;
      case 2: {
        const StatusOr<std::optional<Shape>> shape = ParseShape(reader.Blob());
        if (!shape.ok()) return shape.status();
        if (!*shape || !(*shape)->IsStatic()) return InvalidModel("its shape is not known");
        proto->shape = **shape;
        break;
      }
      case 4:
        proto->content = reader.Blob();
        break;
      case 5:
        reader.AppendFloats(&proto->floats);
        break;
      case 6:
        reader.AppendDoubles(&proto->doubles);
        break;
      case 7:   // int_val: i32 and smaller
      case 10:  // int64_val
      case 11:  // bool_val
      case 13:  // half_val: the bits of f16
      case 16:  // uint32_val
      case 17:  // uint64_val
        reader.AppendInts(&proto->ints);
        break;
    }
  }
  return reader.status();
}

template <typename To, typename From>
Status CopyList(const std::vector<From>& values, Tensor* tensor) {
  const size_t count = static_cast<size_t>(tensor->ElementCount());
  if (values.size() > count) {
    return InvalidModel("it lists %zu values for the shape %s", values.size(),
                        tensor->shape().ToString().c_str());
  }
  To* to = tensor->mutable_as<To>();
  const To last = values.empty() ? To() : static_cast<To>(values.back());
  for (size_t i = 0; i < count; ++i) to[i] = i < values.size() ? static_cast<To>(values[i]) : last;
  return OkStatus();
}

Status CopyLists(const TensorProto& proto, Tensor* tensor) {
  switch (tensor->dtype()) {
    case DType::kF32:
      return CopyList<float>(proto.floats, tensor);
    case DType::kF64:
      return CopyList<double>(proto.doubles, tensor);
    case DType::kS64:
      return CopyList<int64_t>(proto.ints, tensor);
    case DType::kU64:
      return CopyList<uint64_t>(proto.ints, tensor);
    case DType::kU32:
      return CopyList<uint32_t>(proto.ints, tensor);
    case DType::kS32:
      return CopyList<int32_t>(proto.ints, tensor);
    case DType::kU16:
    case DType::kF16:
      return CopyList<uint16_t>(proto.ints, tensor);
    case DType::kS16:
      return CopyList<int16_t>(proto.ints, tensor);
    case DType::kU8:
    case DType::kBool:
      return CopyList<uint8_t>(proto.ints, tensor);
    case DType::kS8:
      return CopyList<int8_t>(proto.ints, tensor);
  }
  return Internal("dtype %d", static_cast<int>(tensor->dtype()));
}

}  // namespace

std::optional<DType> ToDType(int64_t data_type) {
  switch (data_type) {
    case 1:
      return DType::kF32;
    case 2:
      return DType::kF64;
    case 3:
      return DType::kS32;
    case 4:
      return DType::kU8;
    case 5:
      return DType::kS16;
    case 6:
      return DType::kS8;
    case 9:
      return DType::kS64;
    case 10:
      return DType::kBool;
    case 17:
      return DType::kU16;
    case 19:
      return DType::kF16;
    case 22:
      return DType::kU32;
    case 23:
      return DType::kU64;
    default:
      return std::nullopt;
  }
}

StatusOr<Tensor> DecodeTensor(Bytes message, int64_t* expansion_budget_bytes) {
  TensorProto proto;
  MINNOW_RETURN_IF_ERROR(ParseTensor(message, &proto).WithContext("a tensor"));
  const std::optional<DType> dtype = ToDType(proto.dtype);
  if (!dtype) {
    return Unsupported("element type %lld is not supported", static_cast<long long>(proto.dtype));
  }
  const size_t size_bytes = static_cast<size_t>(proto.shape.ElementCount()) * DTypeSize(*dtype);
  if (proto.content.size != 0 && proto.content.size != size_bytes) {
    return InvalidModel("the shape %s of %s needs %zu bytes, the file has %zu",
                        proto.shape.ToString().c_str(), DTypeName(*dtype), size_bytes,
                        proto.content.size);
  }
  const size_t listed = proto.floats.size() + proto.doubles.size() + proto.ints.size();
  if (proto.content.size == 0 && size_bytes > listed * DTypeSize(*dtype)) {
    *expansion_budget_bytes -= static_cast<int64_t>(size_bytes - listed * DTypeSize(*dtype));
    if (*expansion_budget_bytes < 0) {
      return ResourceExhausted(
          "constants of one repeated value, the last of shape %s, are too large",
          proto.shape.ToString().c_str());
    }
  }
  StatusOr<Tensor> tensor = Tensor::Allocate(*dtype, proto.shape);
  if (!tensor.ok()) return tensor;
  if (proto.content.size == 0) {
    MINNOW_RETURN_IF_ERROR(CopyLists(proto, &*tensor));
  } else {
    std::memcpy(tensor->mutable_data(), proto.content.data, size_bytes);
  }
  if (*dtype == DType::kBool) {
    uint8_t* bytes = tensor->mutable_as<uint8_t>();
    for (size_t i = 0; i < size_bytes; ++i) bytes[i] = bytes[i] != 0;
  }
  return tensor;
}

}  // namespace minnow::importers::tensorflow
