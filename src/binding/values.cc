// JavaScript values to C++ ones and back.
#include "binding/values.h"

#include <cstring>
#include <utility>

namespace minnow::binding {
namespace {

size_t ElementSize(napi_typedarray_type type) {
  switch (type) {
    case napi_int8_array:
    case napi_uint8_array:
    case napi_uint8_clamped_array:
      return 1;
    case napi_int16_array:
    case napi_uint16_array:
      return 2;
    case napi_int32_array:
    case napi_uint32_array:
    case napi_float32_array:
      return 4;
    default:
      return 8;
  }
}

bool TypeFits(napi_typedarray_type type, DType dtype) {
  const napi_typedarray_type wanted = ArrayTypeOf(dtype);
  return type == wanted || (wanted == napi_uint8_array && type == napi_uint8_clamped_array);
}

StatusOr<Shape> ReadShape(Napi::Value value, const std::string& name) {
  if (!value.IsArray()) return InvalidArgument("tensor \"%s\": no shape", name.c_str());
  const Napi::Array list = value.As<Napi::Array>();
  if (list.Length() > static_cast<uint32_t>(kMaxRank)) {
    return InvalidArgument("tensor \"%s\": rank %u, at most %d is supported", name.c_str(),
                           list.Length(), kMaxRank);
  }
  int64_t dims[kMaxRank] = {};
  for (uint32_t i = 0; i < list.Length(); ++i) {
    const Napi::Value dim = list.Get(i);
    dims[i] = dim.IsNumber() ? dim.As<Napi::Number>().Int64Value() : -1;
    if (dims[i] < 0) return InvalidArgument("tensor \"%s\": a dimension is negative", name.c_str());
  }
  return Shape::Make(dims, list.Length());
}

}  // namespace

StatusOr<ArrayBytes> ReadTypedArray(Napi::Value value) {
  if (!value.IsTypedArray()) return InvalidArgument("not a typed array");
  ArrayBytes bytes;
  size_t length = 0;
  void* data = nullptr;
  napi_value buffer = nullptr;
  size_t offset = 0;
  if (napi_get_typedarray_info(value.Env(), value, &bytes.type, &length, &data, &buffer, &offset) !=
      napi_ok) {
    return InvalidArgument("not a typed array");
  }
  // After a detach (transfer, memory.grow) the length is 0 and the pointer may be null.
  bool detached = false;
  if (napi_is_detached_arraybuffer(value.Env(), buffer, &detached) == napi_ok && detached) {
    return InvalidArgument("the array's buffer is detached");
  }
  if (length != 0 && data == nullptr) return InvalidArgument("the array has no memory");
  bytes.data = static_cast<uint8_t*>(data);
  bytes.size = length * ElementSize(bytes.type);
  return bytes;
}

StatusOr<ArrayBytes> ReadBytes(Napi::Value value) {
  StatusOr<ArrayBytes> bytes = ReadTypedArray(value);
  if (bytes.ok() && bytes->type != napi_uint8_array && bytes->type != napi_uint8_clamped_array) {
    return InvalidArgument("not a Uint8Array");
  }
  return bytes;
}

StatusOr<AlignedBuffer> CopyBytes(const ArrayBytes& bytes) {
  StatusOr<AlignedBuffer> copy = AlignedBuffer::Allocate(bytes.size);
  if (copy.ok() && bytes.size != 0) std::memcpy(copy->data(), bytes.data, bytes.size);
  return copy;
}

StatusOr<TensorView> ReadTensor(Napi::Value value, DType dtype, const std::string& name) {
  if (!value.IsObject()) return InvalidArgument("tensor \"%s\": not an object", name.c_str());
  const Napi::Object object = value.As<Napi::Object>();
  StatusOr<Shape> shape = ReadShape(object.Get("shape"), name);
  if (!shape.ok()) return shape.status();
  StatusOr<ArrayBytes> bytes = ReadTypedArray(object.Get("data"));
  if (!bytes.ok()) return bytes.status().WithContext("tensor \"" + name + "\"");
  if (!TypeFits(bytes->type, dtype)) {
    return InvalidArgument("tensor \"%s\": the array's type does not hold %s", name.c_str(),
                           DTypeName(dtype));
  }
  const TensorView view{dtype, *shape, bytes->data};
  if (view.size_bytes() != bytes->size) {
    return InvalidArgument("tensor \"%s\": shape %s needs %zu bytes, the array has %zu",
                           name.c_str(), shape->ToString().c_str(), view.size_bytes(), bytes->size);
  }
  return view;
}

napi_typedarray_type ArrayTypeOf(DType dtype) {
  switch (dtype) {
    case DType::kF32:
      return napi_float32_array;
    case DType::kF64:
      return napi_float64_array;
    case DType::kS8:
      return napi_int8_array;
    case DType::kF16:
    case DType::kU16:
      return napi_uint16_array;
    case DType::kS16:
      return napi_int16_array;
    case DType::kS32:
      return napi_int32_array;
    case DType::kU32:
      return napi_uint32_array;
    case DType::kS64:
      return napi_bigint64_array;
    case DType::kU64:
      return napi_biguint64_array;
    case DType::kU8:
    case DType::kBool:
      break;
  }
  return napi_uint8_array;
}

Napi::Value MakeTypedArray(Napi::Env env, const TensorView& tensor) {
  const size_t bytes = tensor.size_bytes();
  void* data = nullptr;
  napi_value buffer = nullptr;
  napi_value array = nullptr;
  if (napi_create_arraybuffer(env, bytes, &data, &buffer) != napi_ok) return Napi::Value();
  if (bytes != 0) std::memcpy(data, tensor.data, bytes);
  if (napi_create_typedarray(env, ArrayTypeOf(tensor.dtype),
                             static_cast<size_t>(tensor.ElementCount()), buffer, 0,
                             &array) != napi_ok) {
    return Napi::Value();
  }
  return Napi::Value(env, array);
}

Status CheckTarget(Napi::Value target, const TensorView& tensor, const std::string& name) {
  StatusOr<ArrayBytes> bytes = ReadTypedArray(target);
  if (!bytes.ok()) return bytes.status().WithContext("out \"" + name + "\"");
  if (!TypeFits(bytes->type, tensor.dtype) || bytes->size != tensor.size_bytes()) {
    return InvalidArgument("out \"%s\": needs %lld elements of %s, %zu bytes; the array has %zu",
                           name.c_str(), static_cast<long long>(tensor.ElementCount()),
                           DTypeName(tensor.dtype), tensor.size_bytes(), bytes->size);
  }
  return OkStatus();
}

Status CopyInto(Napi::Value target, const TensorView& tensor, const std::string& name) {
  MINNOW_RETURN_IF_ERROR(CheckTarget(target, tensor, name));
  StatusOr<ArrayBytes> bytes = ReadTypedArray(target);
  if (!bytes.ok()) return bytes.status();
  if (bytes->size != 0) std::memcpy(bytes->data, tensor.data, bytes->size);
  return OkStatus();
}

Napi::Array MakeShape(Napi::Env env, const Shape& shape) {
  Napi::Array list = Napi::Array::New(env, static_cast<size_t>(shape.rank()));
  for (int i = 0; i < shape.rank(); ++i) {
    list.Set(static_cast<uint32_t>(i), Napi::Number::New(env, static_cast<double>(shape[i])));
  }
  return list;
}

double NumberField(const Napi::Object& object, const char* name, double otherwise) {
  const Napi::Value value = object.Get(name);
  return value.IsNumber() ? value.As<Napi::Number>().DoubleValue() : otherwise;
}

std::string StringField(const Napi::Object& object, const char* name) {
  const Napi::Value value = object.Get(name);
  return value.IsString() ? value.As<Napi::String>().Utf8Value() : std::string();
}

LoadLimits ReadLoadLimits(Napi::Value value) {
  LoadLimits limits;
  if (!value.IsObject()) return limits;
  const auto object = value.As<Napi::Object>();
  const auto read = [&object](const char* name, auto* field) {
    *field = static_cast<std::decay_t<decltype(*field)>>(
        NumberField(object, name, static_cast<double>(*field)));
  };
  read("rank", &limits.rank);
  read("elements", &limits.elements);
  read("nodes", &limits.nodes);
  read("nesting", &limits.nesting);
  read("arenaBytes", &limits.arena_bytes);
  read("loadMs", &limits.milliseconds);
  return limits;
}

void TripleField(const Napi::Object& object, const char* name, float out[3]) {
  const Napi::Value value = object.Get(name);
  if (!value.IsArray() || value.As<Napi::Array>().Length() != 3) return;
  for (uint32_t i = 0; i < 3; ++i) {
    const Napi::Value element = value.As<Napi::Array>().Get(i);
    if (element.IsNumber()) out[i] = element.As<Napi::Number>().FloatValue();
  }
}

}  // namespace minnow::binding
