// TensorFlow Lite operators that move elements, and those about shapes and types.
#include <limits>

#include "importers/tflite/ops.h"

namespace minnow::importers::tflite {
namespace {

using graph::ValueId;

// The one number of a list; 0 and an error where there are more.
int64_t RequiredInt(const Node& node, size_t i, const char* what) {
  const std::vector<int64_t> values = node.RequiredInts(i, what);
  if (values.size() == 1) return values[0];
  node.Record(InvalidModel("%s has %zu numbers", what, values.size()));
  return 0;
}

std::vector<int64_t> DimsOf(const Shape& shape) { return {shape.begin(), shape.end()}; }

// One element of the input's type that stands for 0.
ValueId ZeroOf(const Node& node, const Quantization& q) {
  const auto zero = static_cast<uint8_t>(q.zero_points[0]);
  if (node.OutputType(0) == DType::kU8) return node.AddConstant(Tensor::From(Shape{}, &zero));
  const auto signed_zero = static_cast<int8_t>(q.zero_points[0]);
  return node.AddConstant(Tensor::From(Shape{}, &signed_zero));
}

}  // namespace

Status ImportCast(const Node& node) {
  return node.OutputStored(0, graph::Cast{node.OutputType(0)}, {node.Stored(0)});
}

Status ImportConcatenation(const Node& node) {
  const graph::Activation activation = ReadActivation(node, 1);
  const bool is_stored = node.KeepsQuantization() && activation.IsNone();
  std::vector<ValueId> inputs;
  for (size_t i = 0; i < node.input_count(); ++i) {
    inputs.push_back(is_stored ? node.Stored(i) : node.Real(i));
  }
  const graph::Concat concat{node.options().S32(0, 0)};
  if (is_stored) return node.OutputStored(0, concat, std::move(inputs));
  return OutputActivated(node, concat, std::move(inputs), activation);
}

Status ImportExpandDims(const Node& node) {
  return node.OutputMoved(graph::Unsqueeze{node.RequiredInts(1, "the axis")});
}

Status ImportGather(const Node& node) {
  if (node.options().S32(1, 0) != 0) return node.Fail(Unsupported("batch dimensions"));
  const graph::Gather gather{node.options().S32(0, 0)};
  if (node.KeepsQuantization()) {
    return node.OutputStored(0, gather, {node.Stored(0), node.Stored(1)});
  }
  return node.OutputReal(0, gather, {node.Real(0), node.Stored(1)});
}

// PAD and PADV2, whose third input is what to fill with. The paddings are [before, after] pairs.
Status ImportPad(const Node& node) {
  const std::vector<int64_t> pairs = node.RequiredInts(1, "paddings");
  graph::Pad pad;
  for (size_t i = 0; i + 1 < pairs.size(); i += 2) pad.pads.push_back(pairs[i]);
  for (size_t i = 1; i < pairs.size(); i += 2) pad.pads.push_back(pairs[i]);
  const std::optional<Quantization> q = node.InputQuantization(0);
  const bool has_fill = node.HasInput(2);
  const bool is_byte = node.OutputType(0) == DType::kU8 || node.OutputType(0) == DType::kS8;
  if (q && is_byte && q->scales.size() == 1 && node.KeepsQuantization()) {
    const ValueId fill = has_fill ? node.Stored(2) : ZeroOf(node, *q);
    return node.OutputStored(0, pad, {node.Stored(0), graph::kNoValue, fill});
  }
  if (has_fill) return node.OutputReal(0, pad, {node.Real(0), graph::kNoValue, node.Real(2)});
  return node.OutputReal(0, pad, {node.Real(0)});
}

// The new shape is an input, else an option, else the output's.
Status ImportReshape(const Node& node) {
  graph::Reshape reshape;
  reshape.allow_zero = true;
  const std::optional<std::vector<int64_t>> shape = node.Ints(1);
  if (shape) {
    reshape.shape = *shape;
  } else if (node.options().present()) {
    for (int32_t dim : node.options().Ints(0)) reshape.shape.push_back(dim);
  } else if (!node.HasInput(1)) {
    reshape.shape = DimsOf(node.OutputShape(0));
  }
  if (!shape && node.HasInput(1) && reshape.shape.empty()) {
    const bool is_stored = node.KeepsQuantization();
    const std::vector<ValueId> inputs = {is_stored ? node.Stored(0) : node.Real(0), node.Stored(1)};
    return is_stored ? node.OutputStored(0, reshape, inputs) : node.OutputReal(0, reshape, inputs);
  }
  return node.OutputMoved(reshape);
}

Status ImportShape(const Node& node) {
  graph::ShapeOf shape;
  shape.dtype = node.OutputType(0);
  return node.OutputStored(0, shape, {node.Stored(0)});
}

Status ImportSlice(const Node& node) {
  graph::Slice slice;
  slice.starts = node.RequiredInts(1, "begin");
  const std::vector<int64_t> sizes = node.RequiredInts(2, "size");
  if (sizes.size() != slice.starts.size()) {
    return node.Fail(InvalidModel("%zu begins and %zu sizes", slice.starts.size(), sizes.size()));
  }
  for (size_t i = 0; i < sizes.size(); ++i) {
    const int64_t start = slice.starts[i];
    if (start < 0 || start > kMaxElements || sizes[i] < -1 || sizes[i] > kMaxElements) {
      return node.Fail(InvalidModel("a slice of %lld from %lld", static_cast<long long>(sizes[i]),
                                    static_cast<long long>(start)));
    }
    slice.ends.push_back(sizes[i] == -1 ? std::numeric_limits<int64_t>::max() : start + sizes[i]);
    slice.axes.push_back(static_cast<int64_t>(i));
    slice.steps.push_back(1);
  }
  return node.OutputMoved(slice);
}

Status ImportSplit(const Node& node) {
  const int64_t axis = RequiredInt(node, 0, "the axis");
  const Shape shape = node.InputShape(1);
  const StatusOr<int> normal = NormalizeAxis(axis, shape.rank());
  if (!normal.ok()) return node.Fail(normal.status());
  const auto parts = static_cast<int64_t>(node.output_count());
  const int64_t dim = shape[*normal];
  if (parts == 0 || dim < 0 || dim % parts != 0) {
    return node.Fail(InvalidModel("%lld equal parts of %lld", static_cast<long long>(parts),
                                  static_cast<long long>(dim)));
  }
  for (int64_t i = 0; i < parts; ++i) {
    const int64_t start = i * (dim / parts);
    const graph::Slice slice{{start}, {start + dim / parts}, {axis}, {1}};
    MINNOW_RETURN_IF_ERROR(node.OutputReal(static_cast<size_t>(i), slice, {node.Real(1)}));
  }
  return OkStatus();
}

Status ImportSqueeze(const Node& node) {
  graph::Squeeze squeeze;
  for (int32_t axis : node.options().Ints(0)) squeeze.axes.push_back(axis);
  return node.OutputMoved(squeeze);
}

Status ImportStridedSlice(const Node& node) {
  const Table& options = node.options();
  if (options.S32(2, 0) != 0 || options.S32(3, 0) != 0) {
    return node.Fail(Unsupported("an ellipsis or a new axis in a slice"));
  }
  if (options.Bool(5, false)) return node.Fail(Unsupported("ends relative to begins"));
  const graph::StridedSlice slice{options.S32(0, 0), options.S32(1, 0), options.S32(4, 0)};
  const bool is_stored = node.KeepsQuantization();
  const std::vector<ValueId> inputs = {is_stored ? node.Stored(0) : node.Real(0), node.Stored(1),
                                       node.Stored(2), node.Stored(3)};
  return is_stored ? node.OutputStored(0, slice, inputs) : node.OutputReal(0, slice, inputs);
}

Status ImportTranspose(const Node& node) {
  return node.OutputMoved(graph::Transpose{node.RequiredInts(1, "the permutation")});
}

}  // namespace minnow::importers::tflite
