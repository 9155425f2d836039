// A vocabulary for operators that are written out as several ops.
#ifndef MINNOW_IMPORTERS_ONNX_WIRING_H_
#define MINNOW_IMPORTERS_ONNX_WIRING_H_

#include <algorithm>
#include <initializer_list>
#include <numeric>
#include <utility>
#include <vector>

#include "importers/node_view.h"

namespace minnow::importers::onnx {

// first, first + 1, … before `end`.
inline std::vector<int64_t> AxesBetween(int64_t first, int64_t end) {
  std::vector<int64_t> axes(static_cast<size_t>(std::max<int64_t>(0, end - first)));
  std::iota(axes.begin(), axes.end(), first);
  return axes;
}

// Values inside one node. Like NodeView's getters, the functions record what is wrong and go on
// with kNoValue, which Output() reports.
class Wiring {
 public:
  using Value = graph::ValueId;

  Wiring(const NodeView& node, ImportContext* context) : node_(node), context_(context) {}

  DType DTypeOf(Value x) const { return context_->DTypeOf(x).value_or(DType::kF32); }
  // kUnsupported where the rank is not known before run time.
  int RankOf(Value x) const;

  Value Add(Value a, Value b) const { return Binary(graph::BinaryKind::kAdd, a, b); }
  Value Sub(Value a, Value b) const { return Binary(graph::BinaryKind::kSub, a, b); }
  Value Mul(Value a, Value b) const { return Binary(graph::BinaryKind::kMul, a, b); }
  Value Div(Value a, Value b) const { return Binary(graph::BinaryKind::kDiv, a, b); }
  Value Binary(graph::BinaryKind kind, Value a, Value b) const {
    return node_.Add(graph::Binary{kind, {}}, {a, b});
  }
  Value Unary(graph::UnaryKind kind, Value x) const { return node_.Add(graph::Unary{kind}, {x}); }
  Value Where(Value condition, Value x, Value y) const {
    return node_.Add(graph::Where{}, {condition, x, y});
  }
  Value Cast(Value x, DType dtype) const;
  Value Reduce(graph::ReduceKind kind, Value x, std::vector<int64_t> axes, bool keep_dims) const {
    return node_.Add(graph::Reduce{kind, std::move(axes), keep_dims}, {x});
  }
  Value Unsqueeze(Value x, std::vector<int64_t> axes) const {
    return node_.Add(graph::Unsqueeze{std::move(axes)}, {x});
  }
  Value Reshape(Value x, std::vector<int64_t> shape) const {
    return node_.Add(graph::Reshape{std::move(shape), false}, {x});
  }
  Value Transpose(Value x, std::vector<int64_t> perm) const {
    return node_.Add(graph::Transpose{std::move(perm)}, {x});
  }
  // The dims [start, end) of x as an i64 list.
  Value ShapeOf(Value x, int64_t start, int64_t end) const {
    return node_.Add(graph::ShapeOf{start, end, DType::kS64}, {x});
  }
  // One dim of x as an i64 scalar.
  Value DimOf(Value x, int64_t axis) const;
  // 0, 1, … before `count`, an i64 scalar.
  Value Count(Value count) const;

  // Constants.
  Value Scalar(double value, DType dtype) const;
  Value Like(double value, Value x) const { return Scalar(value, DTypeOf(x)); }
  Value Ints(const std::vector<int64_t>& values) const;

 private:
  const NodeView& node_;
  ImportContext* context_;
};

}  // namespace minnow::importers::onnx

#endif  // MINNOW_IMPORTERS_ONNX_WIRING_H_
