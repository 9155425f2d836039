// Shapes, elements and scales of a .tflite file's tensors.
#include <cmath>
#include <cstring>

#include "importers/tflite/model.h"

namespace minnow::importers::tflite {
namespace {

struct Range {
  int64_t low, high;
};

// Which zero points an integer type has; none for the others.
std::optional<Range> ZeroPointsOf(DType dtype) {
  switch (dtype) {
    case DType::kU8:
      return Range{0, 255};
    case DType::kS8:
      return Range{-128, 127};
    case DType::kU16:
      return Range{0, 65535};
    case DType::kS16:
      return Range{-32768, 32767};
    case DType::kS32:
      return Range{-(int64_t{1} << 31), (int64_t{1} << 31) - 1};
    default:
      return std::nullopt;
  }
}

}  // namespace

StatusOr<Shape> ShapeOf(const TensorRecord& record) {
  const std::vector<int64_t> dims(record.dims.begin(), record.dims.end());
  StatusOr<Shape> shape = Shape::Make(dims.data(), dims.size());
  if (!shape.ok()) return InvalidModel("%s", shape.status().message().c_str());
  return shape;
}

StatusOr<Tensor> CopyConstant(const TensorRecord& record) {
  if (!record.dtype) return Unsupported("element type %d is not supported", record.type);
  const StatusOr<Shape> shape = ShapeOf(record);
  if (!shape.ok()) return shape.status();
  const int64_t count = shape->ElementCount();
  if (count < 0) return InvalidModel("a dimension of a constant is open");
  // Before the memory is asked for: the file must hold every element.
  const size_t size_bytes = static_cast<size_t>(count) * DTypeSize(*record.dtype);
  if (record.data.size != size_bytes) {
    return InvalidModel("the shape %s of %s needs %zu bytes, the file has %zu",
                        shape->ToString().c_str(), DTypeName(*record.dtype), size_bytes,
                        record.data.size);
  }
  StatusOr<Tensor> tensor = Tensor::Allocate(*record.dtype, *shape);
  if (!tensor.ok() || size_bytes == 0) return tensor;
  std::memcpy(tensor->mutable_data(), record.data.data, size_bytes);
  if (*record.dtype == DType::kBool) {
    uint8_t* bytes = tensor->mutable_as<uint8_t>();
    for (int64_t i = 0; i < count; ++i) bytes[i] = bytes[i] != 0;
  }
  return tensor;
}

Status CheckQuantization(const TensorRecord& record) {
  if (record.is_custom_quantized) return Unsupported("custom quantisation is not supported");
  if (!record.quantization || !record.dtype) return OkStatus();
  const std::optional<Range> range = ZeroPointsOf(*record.dtype);
  if (!range) return OkStatus();
  const Quantization& q = *record.quantization;
  if (q.zero_points.size() != q.scales.size()) {
    return InvalidModel("%zu zero points for %zu scales", q.zero_points.size(), q.scales.size());
  }
  for (size_t i = 0; i < q.scales.size(); ++i) {
    if (!std::isfinite(q.scales[i]) || q.scales[i] < 0.0f) {
      return InvalidModel("the scale %g", static_cast<double>(q.scales[i]));
    }
    if (q.zero_points[i] < range->low || q.zero_points[i] > range->high) {
      return InvalidModel("the zero point %d of %s", static_cast<int>(q.zero_points[i]),
                          DTypeName(*record.dtype));
    }
  }
  if (q.scales.size() == 1) return OkStatus();
  const bool has_axis = q.axis >= 0 && static_cast<size_t>(q.axis) < record.dims.size();
  if (has_axis &&
      record.dims[static_cast<size_t>(q.axis)] == static_cast<int64_t>(q.scales.size())) {
    return OkStatus();
  }
  return InvalidModel("%zu scales along axis %d of %zu", q.scales.size(), q.axis,
                      record.dims.size());
}

StatusOr<Tensor> DepthwiseToOhwi(const Tensor& weights) {
  const Shape& shape = weights.shape();
  if (shape.rank() != 4 || shape[0] != 1) {
    return InvalidModel("the weights have the shape %s, expected [1,H,W,O]",
                        shape.ToString().c_str());
  }
  const int64_t taps = shape[1] * shape[2], channels = shape[3];
  StatusOr<Tensor> moved =
      Tensor::Allocate(weights.dtype(), Shape{channels, shape[1], shape[2], 1});
  if (!moved.ok()) return moved;
  const size_t size = DTypeSize(weights.dtype());
  const char* from = weights.as<char>();
  char* to = moved->mutable_as<char>();
  for (int64_t tap = 0; tap < taps; ++tap) {
    for (int64_t c = 0; c < channels; ++c, from += size) {
      std::memcpy(to + static_cast<size_t>(c * taps + tap) * size, from, size);
    }
  }
  return moved;
}

}  // namespace minnow::importers::tflite
