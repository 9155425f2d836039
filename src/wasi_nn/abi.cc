// The numbers of the wasi-nn ABI: look-ups in its tables.
#include "wasi_nn/abi.h"

namespace minnow::wasi_nn {
namespace {

// 1 and 2 changed places for some months in 2021; 5 and 6 mean autodetect to some and GGML to
// others. So the bytes decide wherever they can, and the number is a hint.
constexpr EncodingRow kEncodings[] = {
    {0, "openvino", "openvino", 2},
    {1, "onnx", "onnx", 1},
    {2, "tensorflow", "tensorflow", 1},
    {3, "pytorch", "pytorch", 1},
    {4, "tensorflowlite", "tflite", 1},
    {5, "autodetect", "", 0},
    {6, "ggml", "", 0},
    {7, "neuralspeed", "neuralspeed", 1},
    {8, "burn", "burn", 1},
    {9, "whisper", "whisper", 1},
    {10, "mlx", "mlx", 1},
    {11, "piper", "piper", 1},
    {12, "chattts", "chattts", 1},
    {13, "openvinogenai", "openvinogenai", 1},
    {14, "bitnet", "bitnet", 1},
};

struct TypeRow {
  uint8_t number;
  uint64_t element_bytes;
  DType dtype;
};

// No (number, size) pair has two meanings.
constexpr TypeRow kTensorTypes[] = {
    {0, 2, DType::kF16}, {1, 4, DType::kF32}, {2, 1, DType::kU8},  {2, 8, DType::kF64},
    {3, 1, DType::kU8},  {3, 4, DType::kS32}, {4, 4, DType::kS32}, {5, 8, DType::kS64},
};

uint32_t Encode2020(Errno code) {
  switch (code) {
    case Errno::kSuccess:
      return 0;
    case Errno::kMissingMemory:
      return 2;
    case Errno::kBusy:
      return 3;
    default:
      return 1;
  }
}

}  // namespace

const char* ErrnoName(Errno code) {
  static constexpr const char* kNames[] = {
      "success",       "invalid_argument",      "invalid_encoding", "missing_memory", "busy",
      "runtime_error", "unsupported_operation", "too_large",        "not_found"};
  return kNames[static_cast<size_t>(code)];
}

std::optional<ErrnoSet> FindErrnoSet(const std::string& name) {
  if (name == "2020") return ErrnoSet::k2020;
  if (name == "2022") return ErrnoSet::k2022;
  if (name == "2023") return ErrnoSet::k2023;
  return std::nullopt;
}

uint32_t EncodeErrno(Errno code, ErrnoSet set) {
  if (set == ErrnoSet::k2020) return Encode2020(code);
  if (set == ErrnoSet::k2022) {
    if (code == Errno::kUnsupportedOperation) return static_cast<uint32_t>(Errno::kRuntimeError);
    if (code == Errno::kTooLarge || code == Errno::kNotFound) {
      return static_cast<uint32_t>(Errno::kInvalidArgument);
    }
  }
  return static_cast<uint32_t>(code);
}

Errno ErrnoOf(StatusCode code) {
  switch (code) {
    case StatusCode::kOk:
      return Errno::kSuccess;
    case StatusCode::kInvalidArgument:
      return Errno::kInvalidArgument;
    case StatusCode::kUnsupported:
      return Errno::kUnsupportedOperation;
    case StatusCode::kNotFound:
      return Errno::kNotFound;
    case StatusCode::kResourceExhausted:
      return Errno::kTooLarge;
    case StatusCode::kBusy:
      return Errno::kBusy;
    case StatusCode::kInvalidModel:
    case StatusCode::kInvalidImage:
    case StatusCode::kCancelled:
    case StatusCode::kInternal:
      break;
  }
  return Errno::kRuntimeError;
}

const EncodingRow* FindEncoding(uint32_t number) {
  for (const EncodingRow& row : kEncodings) {
    if (row.number == number) return &row;
  }
  return nullptr;
}

const EncodingRow* FindEncoding(const std::string& name) {
  for (const EncodingRow& row : kEncodings) {
    if (row.name == name) return &row;
  }
  return nullptr;
}

std::optional<DType> DecodeTensorType(uint8_t number, uint64_t elements, uint64_t bytes) {
  if (elements == 0 || bytes % elements != 0) return std::nullopt;
  for (const TypeRow& row : kTensorTypes) {
    if (row.number == number && row.element_bytes == bytes / elements) return row.dtype;
  }
  return std::nullopt;
}

std::optional<DType> CarrierOf(DType dtype) {
  switch (dtype) {
    case DType::kF16:
    case DType::kF32:
    case DType::kF64:
      return dtype;
    case DType::kU8:
    case DType::kS8:
    case DType::kBool:
      return DType::kU8;
    case DType::kS32:
    case DType::kU32:
      return DType::kS32;
    case DType::kS64:
    case DType::kU64:
      return DType::kS64;
    case DType::kU16:
    case DType::kS16:
      break;
  }
  return std::nullopt;
}

}  // namespace minnow::wasi_nn
