// NumPy .npy files as tensors, and where the test data lie.
#ifndef MINNOW_TEST_SUPPORT_NPY_H_
#define MINNOW_TEST_SUPPORT_NPY_H_

#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>

#include "base/status.h"
#include "tensor/tensor.h"

namespace minnow::test {

// $MINNOW_TEST_DATA, else the build's default, else the folder beside the repository.
inline std::string DataFolder() {
  const char* folder = std::getenv("MINNOW_TEST_DATA");
  if (folder != nullptr) return folder;
#ifdef MINNOW_DEFAULT_TEST_DATA
  return MINNOW_DEFAULT_TEST_DATA;
#else
  return "../shared/data";
#endif
}

// A file of the test data, e.g. "models/x.onnx". Nothing where it is absent: skip the test then.
inline std::optional<std::string> ReadDataFile(const std::string& name) {
  std::ifstream file(DataFolder() + "/" + name, std::ios::binary);
  if (!file) return std::nullopt;
  return std::string(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
}

inline std::optional<DType> NpyDType(const std::string& descr) {
  if (descr == "<f4") return DType::kF32;
  if (descr == "<f8") return DType::kF64;
  if (descr == "|u1") return DType::kU8;
  if (descr == "|i1") return DType::kS8;
  if (descr == "<i4") return DType::kS32;
  if (descr == "<i8") return DType::kS64;
  return std::nullopt;
}

// Format versions 1 to 3, C order.
inline StatusOr<Tensor> ParseNpy(const std::string& bytes) {
  if (bytes.size() < 12 || bytes.compare(0, 6, "\x93NUMPY") != 0) {
    return InvalidArgument("npy: no magic number");
  }
  const auto byte = [&](size_t i) { return static_cast<size_t>(static_cast<uint8_t>(bytes[i])); };
  size_t start = 10;
  size_t length = byte(8) | byte(9) << 8;
  if (byte(6) > 1) {
    start = 12;
    length |= byte(10) << 16 | byte(11) << 24;
  }
  if (bytes.size() < start + length) return InvalidArgument("npy: the header is cut off");
  const std::string header = bytes.substr(start, length);
  const size_t descr = header.find("'descr': '");
  const size_t open = header.find("'shape': (");
  if (descr == std::string::npos || open == std::string::npos ||
      header.find("'fortran_order': False") == std::string::npos) {
    return InvalidArgument("npy: the header is %s", header.c_str());
  }
  const std::optional<DType> dtype =
      NpyDType(header.substr(descr + 10, header.find('\'', descr + 10) - descr - 10));
  if (!dtype) return InvalidArgument("npy: the dtype in %s", header.c_str());
  Shape shape;
  const char* text = header.c_str() + open + 10;
  for (char* end = nullptr; *text != ')' && *text != '\0'; text = end + std::strspn(end, ", ")) {
    const int64_t dim = std::strtoll(text, &end, 10);
    if (end == text || shape.rank() == kMaxRank) return InvalidArgument("npy: the shape");
    shape.Append(dim);
  }
  StatusOr<Tensor> tensor = Tensor::Allocate(*dtype, shape);
  if (!tensor.ok()) return tensor;
  if (bytes.size() - start - length != tensor->size_bytes()) {
    return InvalidArgument("npy: %zu bytes for the shape %s", bytes.size() - start - length,
                           shape.ToString().c_str());
  }
  std::memcpy(tensor->mutable_data(), bytes.data() + start + length, tensor->size_bytes());
  return tensor;
}

// The array in a file of the test data, e.g. "reference/x.npy"; kNotFound where it is absent.
inline StatusOr<Tensor> ReadNpy(const std::string& name) {
  const std::optional<std::string> bytes = ReadDataFile(name);
  if (!bytes) return NotFound("npy: %s is not there", name.c_str());
  StatusOr<Tensor> tensor = ParseNpy(*bytes);
  return tensor.ok() ? tensor : StatusOr<Tensor>(tensor.status().WithContext(name));
}

}  // namespace minnow::test

#endif  // MINNOW_TEST_SUPPORT_NPY_H_
