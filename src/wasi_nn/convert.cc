// From a tensor in guest memory to what a graph reads: checks, layout, quantisation.
#include "wasi_nn/convert.h"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace minnow::wasi_nn {
namespace {

bool IsQuantised(const TensorSpec& spec) {
  return spec.quantization.has_value() && (spec.dtype == DType::kU8 || spec.dtype == DType::kS8);
}

// The graph's own order: as it shows it, else by which of the two axes has as many elements as a
// picture has channels.
std::string LayoutOf(const TensorSpec& spec, const Shape& shape) {
  if (!spec.layout.empty()) return spec.layout;
  for (const int64_t channels : {3, 1, 4}) {
    const bool first = shape[1] == channels, last = shape[3] == channels;
    if (first != last) return first ? "NCHW" : "NHWC";
    if (first) return "";
  }
  return "";
}

// Calls copy(out_index, in_index) for each element, in the order of the guest's bytes.
template <typename Copy>
void ForEachElement(const Shape& shape, bool transposed, bool to_nchw, const Copy& copy) {
  if (!transposed) {
    const int64_t count = shape.ElementCount();
    for (int64_t i = 0; i < count; ++i) copy(i, i);
    return;
  }
  const int64_t channels = to_nchw ? shape[1] : shape[3];
  const int64_t pixels = to_nchw ? shape[2] * shape[3] : shape[1] * shape[2];
  const int64_t rows = to_nchw ? pixels : channels;  // of the guest's matrix
  const int64_t columns = to_nchw ? channels : pixels;
  for (int64_t image = 0; image < shape[0]; ++image) {
    const int64_t base = image * channels * pixels;
    for (int64_t r = 0; r < rows; ++r) {
      for (int64_t c = 0; c < columns; ++c) copy(base + c * rows + r, base + r * columns + c);
    }
  }
}

template <size_t kBytes>
void Permute(const GuestTensor& tensor, bool to_nchw, uint8_t* out) {
  ForEachElement(tensor.shape, true, to_nchw, [&](int64_t to, int64_t from) {
    std::memcpy(out + static_cast<size_t>(to) * kBytes,
                tensor.data + static_cast<size_t>(from) * kBytes, kBytes);
  });
}

void PermuteBySize(const GuestTensor& tensor, bool to_nchw, uint8_t* out) {
  switch (DTypeSize(tensor.type)) {
    case 1:
      return Permute<1>(tensor, to_nchw, out);
    case 2:
      return Permute<2>(tensor, to_nchw, out);
    case 4:
      return Permute<4>(tensor, to_nchw, out);
    default:
      return Permute<8>(tensor, to_nchw, out);
  }
}

void Quantise(const GuestTensor& tensor, const TensorSpec& spec, bool transposed, bool to_nchw,
              uint8_t* out) {
  const float scale = spec.quantization->scale;
  const auto zero = static_cast<float>(spec.quantization->zero_point);
  const float low = spec.dtype == DType::kU8 ? 0.0f : -128.0f;
  const float high = low + 255.0f;
  ForEachElement(tensor.shape, transposed, to_nchw, [&](int64_t to, int64_t from) {
    float value;
    std::memcpy(&value, tensor.data + static_cast<size_t>(from) * sizeof(value), sizeof(value));
    float stored = std::round(value / scale) + zero;
    if (std::isnan(stored)) stored = zero;
    stored = std::min(std::max(stored, low), high);
    out[to] = static_cast<uint8_t>(static_cast<int>(stored));
  });
}

}  // namespace

Status CheckTensor(const GuestTensor& tensor, const TensorSpec& spec) {
  if (tensor.shape.rank() != spec.shape.rank()) {
    return InvalidArgument("input \"%s\" has shape %s, the tensor %s", spec.name.c_str(),
                           spec.shape.ToString().c_str(), tensor.shape.ToString().c_str());
  }
  for (int axis = 0; axis < spec.shape.rank(); ++axis) {
    if (spec.shape[axis] != kUnknownDim && spec.shape[axis] != tensor.shape[axis]) {
      return InvalidArgument("input \"%s\" has shape %s, the tensor %s", spec.name.c_str(),
                             spec.shape.ToString().c_str(), tensor.shape.ToString().c_str());
    }
  }
  const bool same = CarrierOf(spec.dtype) == tensor.type;
  if (!same && !(tensor.type == DType::kF32 && IsQuantised(spec))) {
    return InvalidArgument("input \"%s\" is %s, the tensor %s", spec.name.c_str(),
                           DTypeName(spec.dtype), DTypeName(tensor.type));
  }
  return OkStatus();
}

Status WriteTensor(const GuestTensor& tensor, const TensorSpec& spec, InputLayout layout,
                   void* out) {
  bool transposed = false, to_nchw = false;
  if (layout != InputLayout::kAuto && tensor.shape.rank() == 4) {
    const std::string own = LayoutOf(spec, tensor.shape);
    if (own.empty()) {
      return InvalidArgument("inputLayout is given, but input \"%s\" %s may be NHWC or NCHW",
                             spec.name.c_str(), spec.shape.ToString().c_str());
    }
    to_nchw = own == "NCHW";
    transposed = to_nchw != (layout == InputLayout::kNchw);
  }
  auto* bytes = static_cast<uint8_t*>(out);
  if (CarrierOf(spec.dtype) != tensor.type) {
    Quantise(tensor, spec, transposed, to_nchw, bytes);
  } else if (transposed) {
    PermuteBySize(tensor, to_nchw, bytes);
  } else if (tensor.size != 0) {
    std::memcpy(bytes, tensor.data, tensor.size);
  }
  return OkStatus();
}

}  // namespace minnow::wasi_nn
