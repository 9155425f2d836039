// TensorFlow operators that move, select or describe elements, and where values come from.
#include <limits>

#include "importers/common_rows.h"
#include "importers/tensorflow/graph_def.h"
#include "importers/tensorflow/ops.h"
#include "importers/tensorflow/tensors.h"

namespace minnow::importers::tensorflow {
namespace {

using graph::ValueId;

// The element type that attribute `name` says.
DType ReadType(const NodeView& node, const char* name, int64_t otherwise) {
  const int64_t type = otherwise == 0 ? node.RequiredInt(name) : node.Int(name, otherwise);
  const std::optional<DType> dtype = ToDType(type);
  if (!dtype) {
    node.Record(
        Unsupported("%s: element type %lld is not supported", name, static_cast<long long>(type)));
  }
  return dtype.value_or(DType::kF32);
}

// Input 1, [rank, 2], as graph::Pad has it: all begins, then all ends.
std::vector<int64_t> ReadPaddings(const NodeView& node) {
  const std::vector<int64_t> pairs = node.RequiredInts(1, "paddings");
  const Tensor* tensor = node.ConstantInput(1);
  if (tensor == nullptr) return {};
  if (tensor->shape().rank() != 2 || tensor->shape()[1] != 2) {
    node.Record(InvalidModel("paddings have the shape %s, [rank,2] was expected",
                             tensor->shape().ToString().c_str()));
    return {};
  }
  std::vector<int64_t> pads(pairs.size());
  const size_t rank = pairs.size() / 2;
  for (size_t i = 0; i < pairs.size(); ++i) {
    if (pairs[i] < 0 || pairs[i] > kMaxWindow) {
      node.Record(InvalidModel("paddings hold %lld", static_cast<long long>(pairs[i])));
      return {};
    }
    pads[i / 2 + (i % 2) * rank] = pairs[i];
  }
  return pads;
}

Status ImportConcatOf(const NodeView& node, size_t axis_index, size_t first, size_t last) {
  if (node.input_count() < 2) return node.Fail(InvalidModel("it has no inputs to join"));
  std::vector<ValueId> inputs;
  for (size_t i = first; i < last; ++i) inputs.push_back(node.Input(i));
  return node.Output(0, graph::Concat{node.RequiredInt(axis_index, "axis")}, std::move(inputs));
}

}  // namespace

Status ImportCast(const NodeView& node, ImportContext*) {
  return node.Output(0, graph::Cast{ReadType(node, "DstT", 0)}, {node.Input(0)});
}

Status ImportConcat(const NodeView& node, ImportContext*) {
  return ImportConcatOf(node, 0, 1, node.input_count());
}

Status ImportConcatV2(const NodeView& node, ImportContext*) {
  const size_t last = node.input_count() == 0 ? 0 : node.input_count() - 1;
  return ImportConcatOf(node, last, 0, last);
}

Status ImportConst(const NodeView& node, ImportContext* context) {
  const Attribute* value = node.Find("value");
  if (value == nullptr || value->kind != Attribute::Kind::kTensor) {
    return node.Fail(InvalidModel("attribute \"value\" is not a tensor"));
  }
  StatusOr<Tensor> tensor = DecodeTensor(value->blob, context->expansion_budget_bytes());
  if (!tensor.ok()) return node.Fail(tensor.status());
  return node.Fail(context->DefineConstant(node.OutputName(0), std::move(*tensor)));
}

Status ImportExpandDims(const NodeView& node, ImportContext*) {
  return node.Output(0, graph::Unsqueeze{{node.RequiredInt(1, "dim")}}, {node.Input(0)});
}

Status ImportFill(const NodeView& node, ImportContext*) {
  const Tensor* tensor = node.ConstantInput(1);
  const std::optional<double> value = node.ConstantNumber(1);
  if (value) return node.Output(0, graph::Fill{*value, tensor->dtype()}, {node.Input(0)});
  return node.Output(0, graph::Expand{}, {node.Input(1), node.Input(0)});
}

Status ImportGather(const NodeView& node, ImportContext*) {
  return node.Output(0, graph::Gather{0}, {node.Input(0), node.Input(1)});
}

Status ImportGatherV2(const NodeView& node, ImportContext*) {
  if (node.Int("batch_dims", 0) != 0) {
    return node.Fail(Unsupported("batch_dims other than 0 are not supported"));
  }
  const graph::Gather gather{node.RequiredInt(2, "axis")};
  return node.Output(0, gather, {node.Input(0), node.Input(1)});
}

Status ImportMirrorPad(const NodeView& node, ImportContext*) {
  const std::string_view mode = node.Text("mode", "");
  if (mode != "REFLECT") {
    return node.Fail(Unsupported("mode %s is not supported (REFLECT is)", Quote(mode).c_str()));
  }
  const graph::Pad pad{graph::PadFill::kReflect, ReadPaddings(node), 0.0f};
  return node.Output(0, pad, {node.Input(0)});
}

Status ImportPack(const NodeView& node, ImportContext*) {
  const int64_t axis = node.Int("axis", 0);
  std::vector<ValueId> parts;
  for (ValueId input : node.Inputs()) {
    parts.push_back(node.Add(graph::Unsqueeze{{axis}}, {input}));
  }
  return node.Output(0, graph::Concat{axis}, std::move(parts));
}

// Pad, and PadV2 with its fill value as input 2.
Status ImportPad(const NodeView& node, ImportContext*) {
  graph::Pad pad{graph::PadFill::kConstant, ReadPaddings(node), 0.0f};
  std::vector<ValueId> inputs = {node.Input(0)};
  if (const std::optional<double> value = node.ConstantNumber(2)) {
    pad.value = static_cast<float>(*value);
  } else if (node.HasInput(2)) {
    inputs.insert(inputs.end(), {graph::kNoValue, node.Input(2)});
  }
  return node.Output(0, pad, std::move(inputs));
}

Status ImportPlaceholder(const NodeView& node, ImportContext* context) {
  const DType dtype = ReadType(node, "dtype", 0);
  std::optional<Shape> shape;
  if (const Attribute* attribute = node.Find("shape")) {
    const StatusOr<std::optional<Shape>> parsed = ParseShape(attribute->blob);
    if (!parsed.ok()) return node.Fail(parsed.status());
    shape = *parsed;
  }
  MINNOW_RETURN_IF_ERROR(context->status());
  const std::string name = node.OutputName(0);
  return node.Fail(context->DefineValue(name, context->graph().AddInput(name, dtype, shape)));
}

// Unlike in ONNX a 0 is a size, not a copy.
Status ImportReshape(const NodeView& node, ImportContext*) {
  graph::Reshape reshape{{}, true};
  std::vector<ValueId> inputs = {node.Input(0)};
  if (const std::optional<std::vector<int64_t>> shape = node.ConstantInts(1)) {
    reshape.shape = *shape;
  } else {
    inputs.push_back(node.Input(1));
  }
  return node.Output(0, reshape, std::move(inputs));
}

Status ImportShape(const NodeView& node, ImportContext*) {
  graph::ShapeOf shape;
  shape.dtype = ReadType(node, "out_type", 3);
  if (shape.dtype != DType::kS32 && shape.dtype != DType::kS64) {
    return node.Fail(
        InvalidModel("out_type is %s, i32 or i64 was expected", DTypeName(shape.dtype)));
  }
  return node.Output(0, shape, {node.Input(0)});
}

Status ImportSlice(const NodeView& node, ImportContext*) {
  const std::vector<int64_t> begin = node.RequiredInts(1, "begin");
  const std::vector<int64_t> size = node.RequiredInts(2, "size");
  if (begin.size() != size.size()) {
    return node.Fail(
        InvalidModel("begin has %zu numbers, size has %zu", begin.size(), size.size()));
  }
  graph::Slice slice;
  for (size_t i = 0; i < begin.size(); ++i) {
    if (begin[i] < 0 || begin[i] > kMaxElements || size[i] < -1 || size[i] > kMaxElements) {
      return node.Fail(InvalidModel("axis %zu begins at %lld with the size %lld", i,
                                    static_cast<long long>(begin[i]),
                                    static_cast<long long>(size[i])));
    }
    slice.starts.push_back(begin[i]);
    // -1: all that is left.
    slice.ends.push_back(size[i] == -1 ? std::numeric_limits<int64_t>::max() : begin[i] + size[i]);
    slice.axes.push_back(static_cast<int64_t>(i));
    slice.steps.push_back(1);
  }
  return node.Output(0, slice, {node.Input(0)});
}

Status ImportSplit(const NodeView& node, ImportContext* context) {
  constexpr int64_t kMaxParts = 4096;
  const int64_t axis = node.RequiredInt(0, "axis");
  const int64_t parts = node.RequiredInt("num_split");
  const ValueId x = node.Input(1);
  MINNOW_RETURN_IF_ERROR(context->status());
  if (parts < 1) return node.Fail(InvalidModel("num_split is %lld", static_cast<long long>(parts)));
  if (parts > kMaxParts) {
    return node.Fail(Unsupported("more than %lld parts", static_cast<long long>(kMaxParts)));
  }
  const int64_t size = KnownDim(node, context, x, axis);
  if (size % parts != 0) {
    return node.Fail(InvalidModel("axis %lld of size %lld does not split into %lld parts",
                                  static_cast<long long>(axis), static_cast<long long>(size),
                                  static_cast<long long>(parts)));
  }
  return OutputSplits(node, x, axis,
                      std::vector<int64_t>(static_cast<size_t>(parts), size / parts));
}

// At most one size may be -1: what the others leave.
Status ImportSplitV(const NodeView& node, ImportContext* context) {
  const ValueId x = node.Input(0);
  std::vector<int64_t> sizes = node.RequiredInts(1, "size_splits");
  const int64_t axis = node.RequiredInt(2, "axis");
  MINNOW_RETURN_IF_ERROR(context->status());
  int64_t* rest = nullptr;
  int64_t sum = 0;
  for (int64_t& size : sizes) {
    if (size < -1 || size > kMaxElements || sum > kMaxElements || (size == -1 && rest != nullptr)) {
      return node.Fail(InvalidModel("size_splits hold %lld", static_cast<long long>(size)));
    }
    if (size == -1) {
      rest = &size;
    } else {
      sum += size;
    }
  }
  if (rest != nullptr) *rest = KnownDim(node, context, x, axis) - sum;
  return OutputSplits(node, x, axis, sizes);
}

Status ImportSqueeze(const NodeView& node, ImportContext*) {
  const char* name = node.Find("squeeze_dims") != nullptr ? "squeeze_dims" : "axis";
  return node.Output(0, graph::Squeeze{node.Ints(name)}, {node.Input(0)});
}

Status ImportStridedSlice(const NodeView& node, ImportContext*) {
  if (node.Int("ellipsis_mask", 0) != 0 || node.Int("new_axis_mask", 0) != 0) {
    return node.Fail(Unsupported("ellipsis_mask and new_axis_mask are not supported"));
  }
  graph::StridedSlice slice;
  slice.begin_mask = node.Int("begin_mask", 0);
  slice.end_mask = node.Int("end_mask", 0);
  slice.shrink_axis_mask = node.Int("shrink_axis_mask", 0);
  return node.Output(0, slice, {node.Input(0), node.Input(1), node.Input(2), node.Input(3)});
}

Status ImportTranspose(const NodeView& node, ImportContext*) {
  return node.Output(0, graph::Transpose{node.RequiredInts(1, "perm")}, {node.Input(0)});
}

}  // namespace minnow::importers::tensorflow
