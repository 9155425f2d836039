// Element types of tensors.
#ifndef MINNOW_TENSOR_DTYPE_H_
#define MINNOW_TENSOR_DTYPE_H_

#include <cstddef>
#include <cstdint>

namespace minnow {

enum class DType : uint8_t {
  kF32,
  kF16,
  kF64,
  kU8,
  kS8,
  kU16,
  kS16,
  kS32,
  kU32,
  kS64,
  kU64,
  kBool
};

// Bytes of one element. kBool takes one byte, 0 or 1.
constexpr size_t DTypeSize(DType dtype) {
  switch (dtype) {
    case DType::kU8:
    case DType::kS8:
    case DType::kBool:
      return 1;
    case DType::kF16:
    case DType::kU16:
    case DType::kS16:
      return 2;
    case DType::kF32:
    case DType::kS32:
    case DType::kU32:
      return 4;
    case DType::kF64:
    case DType::kS64:
    case DType::kU64:
      return 8;
  }
  return 0;
}

// "f32", "u8", …: the names that the JavaScript API and messages use.
constexpr const char* DTypeName(DType dtype) {
  switch (dtype) {
    case DType::kF32:
      return "f32";
    case DType::kF16:
      return "f16";
    case DType::kF64:
      return "f64";
    case DType::kU8:
      return "u8";
    case DType::kS8:
      return "i8";
    case DType::kU16:
      return "u16";
    case DType::kS16:
      return "i16";
    case DType::kS32:
      return "i32";
    case DType::kU32:
      return "u32";
    case DType::kS64:
      return "i64";
    case DType::kU64:
      return "u64";
    case DType::kBool:
      return "bool";
  }
  return "?";
}

template <typename T>
struct DTypeOf;
template <>
struct DTypeOf<float> {
  static constexpr DType value = DType::kF32;
};
template <>
struct DTypeOf<double> {
  static constexpr DType value = DType::kF64;
};
template <>
struct DTypeOf<uint8_t> {
  static constexpr DType value = DType::kU8;
};
template <>
struct DTypeOf<int8_t> {
  static constexpr DType value = DType::kS8;
};
template <>
struct DTypeOf<uint16_t> {
  static constexpr DType value = DType::kU16;
};
template <>
struct DTypeOf<int16_t> {
  static constexpr DType value = DType::kS16;
};
template <>
struct DTypeOf<int32_t> {
  static constexpr DType value = DType::kS32;
};
template <>
struct DTypeOf<uint32_t> {
  static constexpr DType value = DType::kU32;
};
template <>
struct DTypeOf<int64_t> {
  static constexpr DType value = DType::kS64;
};
template <>
struct DTypeOf<uint64_t> {
  static constexpr DType value = DType::kU64;
};
template <>
struct DTypeOf<bool> {
  static constexpr DType value = DType::kBool;
};

}  // namespace minnow

#endif  // MINNOW_TENSOR_DTYPE_H_
