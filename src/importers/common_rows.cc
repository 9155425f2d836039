// Wiring that several formats need in the same way.
#include "importers/common_rows.h"

#include <cmath>

namespace minnow::importers {

using graph::kNoValue;
using graph::ValueId;

Status ImportIdentity(const NodeView& node, ImportContext* context) {
  if (const Tensor* constant = node.ConstantInput(0)) {
    return node.Fail(context->DefineConstant(node.OutputName(0), Tensor(*constant)));
  }
  return node.Output(0, graph::Identity{}, {node.Input(0)});
}

Status ImportClampByInputs(const NodeView& node, ImportContext*) {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  graph::Clamp clamp{-kInfinity, kInfinity};
  bool constant = true;
  for (size_t i : {size_t{1}, size_t{2}}) {
    if (!node.HasInput(i)) continue;
    const Tensor* bound = node.ConstantInput(i);
    if (bound == nullptr || bound->dtype() != DType::kF32 || bound->ElementCount() != 1) {
      constant = false;
      continue;
    }
    const float value = *bound->as<float>();
    if (std::isnan(value)) return node.Fail(InvalidModel("a bound is not a number"));
    (i == 1 ? clamp.min : clamp.max) = value;
  }
  if (constant) return node.Output(0, clamp, {node.Input(0)});
  using graph::Binary;
  using graph::BinaryKind;
  const ValueId min = node.OptionalInput(1);
  const ValueId max = node.OptionalInput(2);
  ValueId x = node.Input(0);
  if (max == kNoValue) return node.Output(0, Binary{BinaryKind::kMax, {}}, {x, min});
  if (min != kNoValue) x = node.Add(Binary{BinaryKind::kMax, {}}, {x, min});
  return node.Output(0, Binary{BinaryKind::kMin, {}}, {x, max});
}

Status CheckWindowList(const NodeView& node, const std::vector<int64_t>& list, size_t size,
                       int64_t least, const char* what) {
  if (!list.empty() && list.size() != size) {
    return node.Fail(
        InvalidModel("%s has %zu numbers, %zu were expected", what, list.size(), size));
  }
  for (int64_t number : list) {
    if (number < least || number > kMaxWindow) {
      return node.Fail(InvalidModel("%s holds %lld, at least %lld and at most %lld was expected",
                                    what, static_cast<long long>(number),
                                    static_cast<long long>(least),
                                    static_cast<long long>(kMaxWindow)));
    }
  }
  return OkStatus();
}

Status OutputSplits(const NodeView& node, ValueId x, int64_t axis,
                    const std::vector<int64_t>& sizes) {
  int64_t start = 0;
  for (size_t i = 0; i < sizes.size(); ++i) {
    if (sizes[i] < 0 || sizes[i] > kMaxElements || start > kMaxElements) {
      return node.Fail(
          InvalidModel("part %zu has the size %lld", i, static_cast<long long>(sizes[i])));
    }
    const int64_t end = start + sizes[i];
    if (node.OutputUsed(i)) {
      MINNOW_RETURN_IF_ERROR(node.Output(i, graph::Slice{{start}, {end}, {axis}, {1}}, {x}));
    }
    start = end;
  }
  return OkStatus();
}

int64_t KnownDim(const NodeView& node, ImportContext* context, ValueId x, int64_t axis) {
  const std::optional<Shape> shape = context->ShapeOf(x);
  if (shape) {
    const StatusOr<int> normal = NormalizeAxis(axis, shape->rank());
    if (!normal.ok()) {
      node.Record(normal.status());
      return 0;
    }
    if ((*shape)[*normal] != kUnknownDim) return (*shape)[*normal];
  }
  node.Record(Unsupported("equal parts of axis %lld, whose size is not known before run time",
                          static_cast<long long>(axis)));
  return 0;
}

}  // namespace minnow::importers
