// JavaScript values to C++ ones and back. lib has validated what people wrote; these checks are for
// what can still be wrong: a detached buffer, an array that changed since.
#ifndef MINNOW_BINDING_VALUES_H_
#define MINNOW_BINDING_VALUES_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/aligned_buffer.h"
#include "base/status.h"
#include "binding/node.h"
#include "tensor/load_limits.h"
#include "tensor/tensor.h"

namespace minnow::binding {

// The memory of a typed array at this moment. Valid until JavaScript runs again.
struct ArrayBytes {
  napi_typedarray_type type = napi_uint8_array;
  uint8_t* data = nullptr;
  size_t size = 0;  // bytes
};

// kInvalidArgument when `value` is no typed array or its buffer is detached.
StatusOr<ArrayBytes> ReadTypedArray(Napi::Value value);
// The same for bytes: a Uint8Array.
StatusOr<ArrayBytes> ReadBytes(Napi::Value value);

// A copy that outlives the call. kResourceExhausted when there is no memory.
StatusOr<AlignedBuffer> CopyBytes(const ArrayBytes& bytes);

// {data, shape} as the tensor `name` of `dtype`, borrowed. kInvalidArgument when the array's type
// is not that dtype's or its length is not the shape's.
StatusOr<TensorView> ReadTensor(Napi::Value value, DType dtype, const std::string& name);

// The typed array class of a dtype; f16 travels as Uint16Array, bool as Uint8Array.
napi_typedarray_type ArrayTypeOf(DType dtype);
// A new typed array with a copy of the elements; empty with an exception pending without memory.
Napi::Value MakeTypedArray(Napi::Env env, const TensorView& tensor);
// Copies the elements into `target`, a typed array of the same type and length.
Status CopyInto(Napi::Value target, const TensorView& tensor, const std::string& name);
// Whether CopyInto would succeed.
Status CheckTarget(Napi::Value target, const TensorView& tensor, const std::string& name);

Napi::Array MakeShape(Napi::Env env, const Shape& shape);

// Fields of an options object, with a default for those that are absent.
double NumberField(const Napi::Object& object, const char* name, double otherwise);
std::string StringField(const Napi::Object& object, const char* name);
// {rank, elements, nodes, nesting, arenaBytes, loadMs}; the defaults for what is not there.
LoadLimits ReadLoadLimits(Napi::Value value);
// Exactly three numbers, else left as they are.
void TripleField(const Napi::Object& object, const char* name, float out[3]);

}  // namespace minnow::binding

#endif  // MINNOW_BINDING_VALUES_H_
