// Parts of tensors, and tensors put together.
#include "importers/common_rows.h"
#include "importers/torchscript/ops.h"

namespace minnow::importers::torchscript {
namespace {

using graph::ValueId;
using Kind = Value::Kind;

constexpr int64_t kToTheEnd = std::numeric_limits<int64_t>::max();
// Lists of tensors longer than this are no network's.
constexpr int64_t kMaxParts = 4096;

ValueId SliceOf(const Call& call, ValueId x, int64_t start, int64_t end, int64_t axis,
                int64_t step) {
  return call.Add(graph::Slice{{start}, {end}, {axis}, {step}}, {x});
}

// The size of an axis, which must be known.
int64_t KnownSize(const Call& call, ValueId x, int axis) {
  const Shape shape = call.ShapeOf(x);
  if (axis < shape.rank() && shape[axis] != kUnknownDim) return shape[axis];
  call.Fail(Unsupported("the size of axis %d is not known before run time", axis));
  return 0;
}

Value Parts(const Call& call, ValueId x, int axis, const std::vector<int64_t>& sizes) {
  std::vector<Value> parts;
  int64_t start = 0;
  for (int64_t size : sizes) {
    if (size < 0 || size > kMaxElements || start > kMaxElements) {
      return call.Fail(InvalidModel("a part has the size %lld", static_cast<long long>(size)));
    }
    parts.push_back(call.Result(SliceOf(call, x, start, start + size, axis, 1)));
    start += size;
  }
  return call.trace().heap().MakeList(std::move(parts));
}

// Parts of `size`, the last one maybe smaller.
Value EqualParts(const Call& call, ValueId x, int axis, int64_t size) {
  const int64_t total = KnownSize(call, x, axis);
  if (size < 1 || total / size >= kMaxParts) {
    return call.Fail(InvalidModel("parts of %lld", static_cast<long long>(size)));
  }
  std::vector<int64_t> sizes;
  for (int64_t start = 0; start < total; start += size) {
    sizes.push_back(std::min(size, total - start));
  }
  return Parts(call, x, axis, sizes);
}

// PyTorch's order is [begin, end] of the last axis, then of the one before, …
Value PadWith(const Call& call, graph::PadFill fill, double value) {
  const ValueId x = call.Tensor(0, "input");
  const int rank = call.ShapeOf(x).rank();
  const std::vector<int64_t> list = call.Ints(1, "pad");
  if (list.size() % 2 != 0 || list.size() / 2 > static_cast<size_t>(rank)) {
    return call.Fail(InvalidModel("pad has %zu numbers", list.size()));
  }
  graph::Pad pad;
  pad.fill = fill;
  pad.value = static_cast<float>(value);
  pad.pads.assign(2 * static_cast<size_t>(rank), 0);
  for (size_t i = 0; i < list.size(); ++i) {
    if (list[i] < -kMaxWindow || list[i] > kMaxWindow) {
      return call.Fail(InvalidModel("pad holds %lld", static_cast<long long>(list[i])));
    }
    const size_t axis = static_cast<size_t>(rank) - 1 - i / 2;
    pad.pads[axis + (i % 2) * static_cast<size_t>(rank)] = list[i];
  }
  return call.Result(pad, {x});
}

Value SliceItems(const Call& call, const Value& list) {
  const int64_t count = static_cast<int64_t>(list.items->items.size());
  const auto bound = [count](int64_t at) {
    return std::min(std::max<int64_t>(at < 0 ? at + count : at, 0), count);
  };
  const int64_t start = bound(call.Int(1, "start", 0));
  const int64_t end = bound(call.Int(2, "end", count));
  if (call.Int(3, "step", 1) != 1) return call.Fail(Unsupported("a step other than 1"));
  std::vector<Value> items;
  for (int64_t i = start; i < end; ++i) items.push_back(list.items->items[static_cast<size_t>(i)]);
  return call.trace().heap().MakeItems(list.kind, &items);
}

}  // namespace

Value RunCat(const Call& call) {
  std::vector<ValueId> tensors = call.Tensors(0, "tensors");
  if (tensors.empty()) return Value();
  const int axis = call.Axis(call.Int(1, "dim", 0), call.ShapeOf(tensors[0]).rank());
  return call.Result(graph::Concat{axis}, std::move(tensors));
}

Value RunStack(const Call& call) {
  std::vector<ValueId> tensors = call.Tensors(0, "tensors");
  if (tensors.empty()) return Value();
  const int axis = call.Axis(call.Int(1, "dim", 0), call.ShapeOf(tensors[0]).rank() + 1);
  for (ValueId& tensor : tensors) tensor = call.Add(graph::Unsqueeze{{axis}}, {tensor});
  return call.Result(graph::Concat{axis}, std::move(tensors));
}

Value RunChunk(const Call& call) {
  const ValueId x = call.Tensor(0, "self");
  const int64_t parts = call.RequiredInt(1, "chunks");
  const int axis = call.Axis(call.Int(2, "dim", 0), call.ShapeOf(x).rank());
  if (parts < 1 || parts > kMaxParts) {
    return call.Fail(InvalidModel("%lld chunks", static_cast<long long>(parts)));
  }
  const int64_t size = KnownSize(call, x, axis);
  return EqualParts(call, x, axis, std::max<int64_t>((size + parts - 1) / parts, 1));
}

Value RunSplit(const Call& call) {
  const ValueId x = call.Tensor(0, "self");
  const int axis = call.Axis(call.Int(2, "dim", 0), call.ShapeOf(x).rank());
  if (call.Argument(1, "split_size").Is(Kind::kInt)) {
    return EqualParts(call, x, axis, call.RequiredInt(1, "split_size"));
  }
  const std::vector<int64_t> sizes = call.Ints(1, "split_sizes");
  if (sizes.size() > static_cast<size_t>(kMaxParts)) {
    return call.Fail(InvalidModel("%zu parts", sizes.size()));
  }
  return Parts(call, x, axis, sizes);
}

// (x, dim, start, end, step); of a list (list, start, end, step).
Value RunSlice(const Call& call) {
  const Value& list = call.Argument(0, "self");
  if (list.Is(Kind::kList) || list.Is(Kind::kTuple)) return SliceItems(call, list);
  const ValueId x = call.Tensor(0, "self");
  const int axis = call.Axis(call.Int(1, "dim", 0), call.ShapeOf(x).rank());
  const int64_t start = call.Int(2, "start", 0), end = call.Int(3, "end", kToTheEnd);
  const int64_t step = call.Int(4, "step", 1);
  if (step < 1) return call.Fail(InvalidModel("step is %lld", static_cast<long long>(step)));
  return call.Result(SliceOf(call, x, start, end, axis, step));
}

Value RunSelect(const Call& call) {
  const ValueId x = call.Tensor(0, "self");
  const int axis = call.Axis(call.RequiredInt(1, "dim"), call.ShapeOf(x).rank());
  const int64_t index = call.RequiredInt(2, "index");
  const ValueId part = SliceOf(call, x, index, index == -1 ? kToTheEnd : index + 1, axis, 1);
  const Shape shape = call.ShapeOf(part);
  if (axis >= shape.rank() || shape[axis] != 1) {
    return call.Fail(InvalidModel("index %lld of axis %d of %s", static_cast<long long>(index),
                                  axis, call.ShapeOf(x).ToString().c_str()));
  }
  return call.Result(graph::Squeeze{{axis}}, {part});
}

Value RunNarrow(const Call& call) {
  const ValueId x = call.Tensor(0, "self");
  const int axis = call.Axis(call.RequiredInt(1, "dim"), call.ShapeOf(x).rank());
  const int64_t start = call.RequiredInt(2, "start"), length = call.RequiredInt(3, "length");
  if (start < 0 || length < 0 || start > kMaxElements || length > kMaxElements) {
    return call.Fail(InvalidModel("start %lld, length %lld", static_cast<long long>(start),
                                  static_cast<long long>(length)));
  }
  return call.Result(SliceOf(call, x, start, start + length, axis, 1));
}

Value RunPad(const Call& call) {
  const std::string_view mode = call.Text(2, "mode", "constant");
  if (mode == "constant") {
    return PadWith(call, graph::PadFill::kConstant, call.Number(3, "value", 0.0));
  }
  if (mode == "reflect") return PadWith(call, graph::PadFill::kReflect, 0.0);
  if (mode == "replicate") return PadWith(call, graph::PadFill::kEdge, 0.0);
  return call.Fail(Unsupported("mode %s is not supported (constant, reflect and replicate are)",
                               Quote(mode).c_str()));
}

Value RunConstantPad(const Call& call) {
  return PadWith(call, graph::PadFill::kConstant, call.Number(2, "value", 0.0));
}

Value RunReflectionPad(const Call& call) { return PadWith(call, graph::PadFill::kReflect, 0.0); }

Value RunReplicationPad(const Call& call) { return PadWith(call, graph::PadFill::kEdge, 0.0); }

}  // namespace minnow::importers::torchscript
