// Sizes, views, and what leaves the elements as they are.
#include <algorithm>

#include "importers/torchscript/ops.h"

namespace minnow::importers::torchscript {
namespace {

using graph::ValueId;
using Kind = Value::Kind;

// The integers of a list that is computed at run time, as one i64 list of the graph.
ValueId ComputedShape(const Call& call, const std::vector<Value>& items) {
  std::vector<ValueId> parts;
  parts.reserve(items.size());
  for (const Value& item : items) {
    if (item.Is(Kind::kSymbol)) {
      parts.push_back(call.Add(graph::Reshape{{1}, false}, {static_cast<ValueId>(item.number)}));
    } else {
      parts.push_back(call.trace().AddInts(Shape{1}, {IntOf(item, &call.trace()).value_or(-1)}));
    }
  }
  return call.Add(graph::Concat{0}, std::move(parts));
}

// The list of a view: sizes that are computed become -1, or 0 where the input has the same size at
// the same place; only where neither serves, the list is computed at run time.
Value ViewAs(const Call& call, ValueId x, const std::vector<Value>& items) {
  graph::Reshape reshape;
  reshape.allow_zero = true;
  size_t symbols = 0, open = 0;
  for (const Value& item : items) {
    const std::optional<int64_t> size = IntOf(item, &call.trace());
    if (!size && !item.Is(Kind::kSymbol)) {
      return call.Fail(InvalidModel("a size is %s", KindName(item.kind)));
    }
    symbols += item.Is(Kind::kSymbol) ? 1 : 0;
    open += size == -1 ? 1 : 0;
    reshape.shape.push_back(size.value_or(-1));
  }
  if (symbols == 0 || symbols + open == 1) return call.Result(reshape, {x});
  const bool no_zeros = std::count(reshape.shape.begin(), reshape.shape.end(), 0) == 0;
  if (symbols == 1 && items[0].is_batch && call.trace().HasBatch(x) && no_zeros) {
    reshape.shape[0] = 0;
    reshape.allow_zero = false;
    return call.Result(reshape, {x});
  }
  return call.Result(graph::Reshape{{}, true}, {x, ComputedShape(call, items)});
}

}  // namespace

Value RunSize(const Call& call) {
  const ValueId x = call.Tensor(0, "self");
  const int rank = call.ShapeOf(x).rank();
  if (call.Has(1, "dim")) {
    return call.trace().DimOf(x, call.Axis(call.RequiredInt(1, "dim"), rank));
  }
  std::vector<Value> dims;
  dims.reserve(static_cast<size_t>(rank));
  for (int axis = 0; axis < rank; ++axis) dims.push_back(call.trace().DimOf(x, axis));
  return call.trace().heap().MakeList(std::move(dims));
}

Value RunDim(const Call& call) { return MakeInt(call.ShapeOf(call.Tensor(0, "self")).rank()); }

Value RunNumel(const Call& call) {
  const int64_t count = call.ShapeOf(call.Tensor(0, "self")).ElementCount();
  if (count < 0) return call.Fail(Unsupported("the size is not known before run time"));
  return MakeInt(count);
}

Value RunView(const Call& call) {
  const ValueId x = call.Tensor(0, "self");
  const Value& size = call.Argument(1, "size");
  if (size.Is(Kind::kList)) return ViewAs(call, x, size.items->items);
  return call.Fail(Unsupported("a view as another dtype is not supported"));
}

Value RunFlatten(const Call& call) {
  const ValueId x = call.Tensor(0, "self");
  const Shape shape = call.ShapeOf(x);
  if (shape.rank() == 0) return call.Result(graph::Reshape{{1}, false}, {x});
  const int start = call.Axis(call.Int(1, "start_dim", 0), shape.rank());
  const int end = call.Axis(call.Int(2, "end_dim", -1), shape.rank());
  if (start > end) return call.Fail(InvalidModel("start_dim %d is after end_dim %d", start, end));
  if (start == 1 && end == shape.rank() - 1) return call.Result(graph::Flatten{1}, {x});
  std::vector<Value> sizes;
  for (int axis = 0; axis < shape.rank(); ++axis) {
    if (axis <= start || axis > end) sizes.push_back(call.trace().DimOf(x, axis));
  }
  sizes[static_cast<size_t>(start)] = MakeInt(-1);
  return ViewAs(call, x, sizes);
}

Value RunPermute(const Call& call) {
  const ValueId x = call.Tensor(0, "self");
  const int rank = call.ShapeOf(x).rank();
  graph::Transpose transpose;
  for (int64_t axis : call.Ints(1, "dims")) transpose.perm.push_back(call.Axis(axis, rank));
  return call.Result(transpose, {x});
}

Value RunTranspose(const Call& call) {
  const ValueId x = call.Tensor(0, "self");
  const int rank = call.ShapeOf(x).rank();
  const int a = call.Axis(call.RequiredInt(1, "dim0"), rank);
  const int b = call.Axis(call.RequiredInt(2, "dim1"), rank);
  if (rank == 0) return call.Argument(0, "self");
  graph::Transpose transpose;
  for (int axis = 0; axis < rank; ++axis) transpose.perm.push_back(axis);
  std::swap(transpose.perm[static_cast<size_t>(a)], transpose.perm[static_cast<size_t>(b)]);
  return call.Result(transpose, {x});
}

Value RunT(const Call& call) {
  const ValueId x = call.Tensor(0, "self");
  const int rank = call.ShapeOf(x).rank();
  if (rank > 2) return call.Fail(InvalidModel("a tensor of %d dimensions", rank));
  if (rank < 2) return call.Argument(0, "self");
  return call.Result(graph::Transpose{{1, 0}}, {x});
}

// One axis, or all of size 1. An axis of another size stays.
Value RunSqueeze(const Call& call) {
  const ValueId x = call.Tensor(0, "self");
  const Shape shape = call.ShapeOf(x);
  if (shape.rank() == 0) return call.Argument(0, "self");
  graph::Squeeze squeeze;
  if (call.Has(1, "dim")) {
    squeeze.axes.push_back(call.Axis(call.RequiredInt(1, "dim"), shape.rank()));
  } else {
    for (int axis = 0; axis < shape.rank(); ++axis) squeeze.axes.push_back(axis);
  }
  std::vector<int64_t> dropped;
  for (int64_t axis : squeeze.axes) {
    const int64_t dim = shape[static_cast<int>(axis)];
    if (dim == kUnknownDim) {
      return call.Fail(Unsupported("whether axis %lld has size 1 is not known before run time",
                                   static_cast<long long>(axis)));
    }
    if (dim == 1) dropped.push_back(axis);
  }
  if (dropped.empty()) return call.Argument(0, "self");
  return call.Result(graph::Squeeze{dropped}, {x});
}

Value RunUnsqueeze(const Call& call) {
  const ValueId x = call.Tensor(0, "self");
  const int axis = call.Axis(call.RequiredInt(1, "dim"), call.ShapeOf(x).rank() + 1);
  return call.Result(graph::Unsqueeze{{axis}}, {x});
}

// -1 keeps the size. So does 1 in the numpy broadcast that Expand is.
Value RunExpand(const Call& call) {
  const ValueId x = call.Tensor(0, "self");
  const Value& list = call.Argument(1, "size");
  if (!list.Is(Kind::kList)) return call.Fail(InvalidModel("the size is no list"));
  std::vector<Value> sizes = list.items->items;
  if (sizes.empty() || sizes.size() > static_cast<size_t>(kMaxRank)) {
    return call.Fail(InvalidModel("the size has %zu numbers", sizes.size()));
  }
  for (Value& size : sizes) {
    if (size.Is(Kind::kInt) && size.number == -1) size = MakeInt(1);
    if (!size.Is(Kind::kInt) && !size.Is(Kind::kSymbol)) {
      return call.Fail(InvalidModel("a size is %s", KindName(size.kind)));
    }
  }
  const bool known = std::all_of(sizes.begin(), sizes.end(),
                                 [](const Value& size) { return size.Is(Kind::kInt); });
  if (!known) return call.Result(graph::Expand{}, {x, ComputedShape(call, sizes)});
  std::vector<int64_t> numbers;
  numbers.reserve(sizes.size());
  for (const Value& size : sizes) numbers.push_back(size.number);
  const Shape list_shape{static_cast<int64_t>(numbers.size())};
  return call.Result(graph::Expand{}, {x, call.trace().AddInts(list_shape, numbers)});
}

Value RunExpandAs(const Call& call) {
  const ValueId shape = call.Add(graph::ShapeOf{}, {call.Tensor(1, "other")});
  return call.Result(graph::Expand{}, {call.Tensor(0, "self"), shape});
}

// To a device, a memory format or float32: nothing happens. Other dtypes are refused.
Value RunTo(const Call& call) {
  constexpr int64_t kFloat32 = 6;
  const bool has_device = call.Has(1, "device") && !call.Argument(1, "").Is(Kind::kInt);
  const int64_t dtype =
      has_device ? call.Int(2, "dtype", kFloat32) : call.Int(1, "dtype", kFloat32);
  if (dtype != kFloat32) {
    return call.Fail(
        Unsupported("dtype %lld is not supported (6, float32, is)", static_cast<long long>(dtype)));
  }
  return RunSame(call);
}

Value RunSame(const Call& call) {
  call.Tensor(0, "self");
  return call.Argument(0, "self");
}

// A cell of its own: what changes one in place leaves the other.
Value RunClone(const Call& call) { return call.Result(call.Tensor(0, "self")); }

}  // namespace minnow::importers::torchscript
