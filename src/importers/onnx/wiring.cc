#include "importers/onnx/wiring.h"

#include <limits>

namespace minnow::importers::onnx {

using Value = Wiring::Value;

int Wiring::RankOf(Value x) const {
  const std::optional<Shape> shape = context_->ShapeOf(x);
  if (shape) return shape->rank();
  node_.Record(Unsupported("an input of unknown rank"));
  return 0;
}

Value Wiring::Cast(Value x, DType dtype) const {
  return DTypeOf(x) == dtype ? x : node_.Add(graph::Cast{dtype}, {x});
}

Value Wiring::DimOf(Value x, int64_t axis) const {
  const int64_t end = axis == -1 ? std::numeric_limits<int64_t>::max() : axis + 1;
  return node_.Add(graph::Squeeze{{0}}, {ShapeOf(x, axis, end)});
}

Value Wiring::Count(Value count) const {
  return node_.Add(graph::Range{}, {Scalar(0.0, DType::kS64), count, Scalar(1.0, DType::kS64)});
}

Value Wiring::Scalar(double value, DType dtype) const {
  const auto narrow = static_cast<float>(value);
  if (dtype == DType::kF32) return node_.AddConstant(Tensor::From<float>(Shape(), &narrow));
  const Value wide = node_.AddConstant(Tensor::From<double>(Shape(), &value));
  return dtype == DType::kF64 ? wide : node_.Add(graph::Cast{dtype}, {wide});
}

Value Wiring::Ints(const std::vector<int64_t>& values) const {
  const Shape shape{static_cast<int64_t>(values.size())};
  return node_.AddConstant(Tensor::From<int64_t>(shape, values.data()));
}

}  // namespace minnow::importers::onnx
