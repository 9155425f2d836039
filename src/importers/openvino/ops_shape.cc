// OpenVINO operators that move, select, describe or convert elements.
#include <limits>
#include <utility>

#include "importers/common_rows.h"
#include "importers/openvino/attributes.h"
#include "importers/openvino/ops.h"

namespace minnow::importers::openvino {
namespace {

using graph::kNoValue;
using graph::ValueId;

using List = std::vector<int64_t>;

// Input `index` as a list where it is constant, else as the value that `inputs` gets.
List ListOrInput(const NodeView& node, size_t index, std::vector<ValueId>* inputs) {
  if (std::optional<List> list = node.ConstantInts(index)) return std::move(*list);
  if (node.HasInput(index)) inputs->push_back(node.Input(index));
  return {};
}

// Bit i of the result is entry i of the list.
int64_t ReadMask(const NodeView& node, const char* name) {
  const List list = ReadInts(node, name);
  int64_t mask = 0;
  for (size_t i = 0; i < list.size(); ++i) {
    if (list[i] < 0 || list[i] > 1 || (list[i] == 1 && i >= kMaxRank)) {
      node.Record(InvalidModel("%s is %s", name, Quote(node.Text(name, "")).c_str()));
      return 0;
    }
    mask |= list[i] << (i % kMaxRank);
  }
  return mask;
}

ValueId AddList(const NodeView& node, ImportContext* context, const List& list) {
  StatusOr<Tensor> tensor =
      Tensor::From<int64_t>(Shape{static_cast<int64_t>(list.size())}, list.data());
  if (!tensor.ok()) {
    node.Record(tensor.status());
    return kNoValue;
  }
  return context->graph().AddConstant(node.OutputName(0) + "/list", std::move(*tensor));
}

// A constant list of integers in the other integer type, so that it is still found as a constant.
std::optional<Status> ConvertList(const NodeView& node, ImportContext* context, DType to) {
  const Tensor* constant = node.ConstantInput(0);
  if (constant == nullptr) return std::nullopt;
  const DType from = constant->dtype();
  if (from == to) return ImportIdentity(node, context);
  if (from == DType::kS32 && to == DType::kS64) {
    StatusOr<Tensor> wide = Tensor::Allocate(to, constant->shape());
    if (!wide.ok()) return node.Fail(wide.status());
    for (int64_t i = 0; i < wide->ElementCount(); ++i) {
      wide->mutable_as<int64_t>()[i] = constant->as<int32_t>()[i];
    }
    return node.Fail(context->DefineConstant(node.OutputName(0), std::move(*wide)));
  }
  return std::nullopt;
}

}  // namespace

Status ImportBroadcast(const NodeView& node, ImportContext*) {
  const std::string_view mode = node.Text("mode", "numpy");
  if (mode != "numpy" && mode != "bidirectional") {
    return node.Fail(
        Unsupported("mode %s is not supported (numpy and bidirectional are)", Quote(mode).c_str()));
  }
  return node.Output(0, graph::Expand{}, {node.Input(0), node.Input(1)});
}

Status ImportConcat(const NodeView& node, ImportContext*) {
  return node.Output(0, graph::Concat{ReadRequiredInt(node, "axis")}, node.Inputs());
}

Status ImportConvert(const NodeView& node, ImportContext* context) {
  if (node.Find("destination_type") == nullptr) {
    return node.Fail(InvalidModel("attribute \"destination_type\" is missing"));
  }
  const DType to = ReadType(node, "destination_type", DType::kF32);
  if (const std::optional<Status> done = ConvertList(node, context, to)) return *done;
  return node.Output(0, graph::Cast{to}, {node.Input(0)});
}

Status ImportGather(const NodeView& node, ImportContext*) {
  if (const int64_t dims = ReadInt(node, "batch_dims", 0); dims != 0) {
    return node.Fail(Unsupported("batch_dims %lld is not supported", static_cast<long long>(dims)));
  }
  const graph::Gather gather{node.RequiredInt(2, "the axis")};
  return node.Output(0, gather, {node.Input(0), node.Input(1)});
}

Status ImportPad(const NodeView& node, ImportContext*) {
  graph::Pad pad;
  const std::string_view mode = node.Text("pad_mode", "constant");
  if (mode == "reflect") {
    pad.fill = graph::PadFill::kReflect;
  } else if (mode == "edge") {
    pad.fill = graph::PadFill::kEdge;
  } else if (mode != "constant") {
    return node.Fail(Unsupported("pad_mode %s is not supported (constant, reflect and edge are)",
                                 Quote(mode).c_str()));
  }
  pad.pads = node.RequiredInts(1, "pads_begin");
  const List end = node.RequiredInts(2, "pads_end");
  if (end.size() != pad.pads.size()) {
    return node.Fail(InvalidModel("%zu pads_begin and %zu pads_end", pad.pads.size(), end.size()));
  }
  pad.pads.insert(pad.pads.end(), end.begin(), end.end());
  std::vector<ValueId> inputs = {node.Input(0)};
  if (const std::optional<double> value = node.ConstantNumber(3)) {
    pad.value = static_cast<float>(*value);
  } else if (node.HasInput(3)) {
    inputs.insert(inputs.end(), {kNoValue, node.Input(3)});
  }
  return node.Output(0, pad, std::move(inputs));
}

Status ImportReshape(const NodeView& node, ImportContext*) {
  graph::Reshape reshape;
  reshape.allow_zero = !ReadBool(node, "special_zero", false);
  std::vector<ValueId> inputs = {node.Input(0)};
  if (!node.HasInput(1)) return node.Fail(InvalidModel("input 1 is missing"));
  reshape.shape = ListOrInput(node, 1, &inputs);
  return node.Output(0, reshape, std::move(inputs));
}

Status ImportShapeOf(const NodeView& node, ImportContext*) {
  graph::ShapeOf shape;
  shape.dtype = ReadType(node, "output_type", DType::kS64);
  if (shape.dtype != DType::kS64 && shape.dtype != DType::kS32) {
    return node.Fail(InvalidModel("output_type is %s", DTypeName(shape.dtype)));
  }
  return node.Output(0, shape, {node.Input(0)});
}

// data, start, stop, step and optional axes.
Status ImportSlice(const NodeView& node, ImportContext*) {
  const std::optional<List> start = node.ConstantInts(1), stop = node.ConstantInts(2),
                            step = node.ConstantInts(3), axes = node.ConstantInts(4);
  const ValueId x = node.Input(0);
  if (start && stop && step && (axes || !node.HasInput(4))) {
    return node.Output(0, graph::Slice{*start, *stop, axes.value_or(List()), *step}, {x});
  }
  return node.Output(0, graph::Slice{},
                     {x, node.Input(1), node.Input(2), node.OptionalInput(4), node.Input(3)});
}

Status ImportSplit(const NodeView& node, ImportContext* context) {
  const ValueId x = node.Input(0);
  const int64_t axis = node.RequiredInt(1, "the axis");
  const int64_t parts = ReadRequiredInt(node, "num_splits");
  if (parts < 1 || parts != static_cast<int64_t>(node.record().outputs.size())) {
    return node.Fail(InvalidModel("num_splits is %lld, it has %zu outputs",
                                  static_cast<long long>(parts), node.record().outputs.size()));
  }
  const int64_t size = KnownDim(node, context, x, axis);
  MINNOW_RETURN_IF_ERROR(context->status());
  if (size % parts != 0) {
    return node.Fail(InvalidModel("axis %lld of size %lld does not split into %lld equal parts",
                                  static_cast<long long>(axis), static_cast<long long>(size),
                                  static_cast<long long>(parts)));
  }
  return OutputSplits(node, x, axis, List(static_cast<size_t>(parts), size / parts));
}

Status ImportSqueeze(const NodeView& node, ImportContext*) {
  std::vector<ValueId> inputs = {node.Input(0)};
  const graph::Squeeze squeeze{ListOrInput(node, 1, &inputs)};
  return node.Output(0, squeeze, std::move(inputs));
}

Status ImportStridedSlice(const NodeView& node, ImportContext* context) {
  if (ReadMask(node, "new_axis_mask") != 0 || ReadMask(node, "ellipsis_mask") != 0) {
    return node.Fail(Unsupported("new_axis_mask and ellipsis_mask are not supported"));
  }
  const graph::StridedSlice slice{ReadMask(node, "begin_mask"), ReadMask(node, "end_mask"),
                                  ReadMask(node, "shrink_axis_mask")};
  const ValueId x = node.Input(0), begin = node.Input(1), end = node.Input(2);
  if (node.HasInput(3)) return node.Output(0, slice, {x, begin, end, node.Input(3)});
  const std::optional<Shape> list = context->ShapeOf(begin);
  if (!list || list->rank() != 1 || (*list)[0] < 0 || (*list)[0] > kMaxRank) {
    return node.Fail(Unsupported("begin is not a list of known length"));
  }
  const List ones(static_cast<size_t>((*list)[0]), 1);
  return node.Output(0, slice, {x, begin, end, AddList(node, context, ones)});
}

// Copies side by side, one axis after the other.
Status ImportTile(const NodeView& node, ImportContext* context) {
  constexpr int64_t kMaxCopies = 256;
  const List repeats = node.RequiredInts(1, "repeats");
  ValueId x = node.Input(0);
  const std::optional<Shape> shape = context->ShapeOf(x);
  MINNOW_RETURN_IF_ERROR(context->status());
  if (!shape) return node.Fail(Unsupported("an input of unknown rank"));
  // The shorter of the two gets ones in front.
  const size_t rank = static_cast<size_t>(shape->rank());
  if (repeats.size() > kMaxRank) return node.Fail(InvalidModel("%zu repeats", repeats.size()));
  if (repeats.size() > rank) {
    List axes;
    for (size_t i = 0; i < repeats.size() - rank; ++i) axes.push_back(static_cast<int64_t>(i));
    x = node.Add(graph::Unsqueeze{axes}, {x});
  }
  const size_t skipped = rank > repeats.size() ? rank - repeats.size() : 0;
  for (size_t i = 0; i < repeats.size(); ++i) {
    if (repeats[i] < 1 || repeats[i] > kMaxCopies) {
      return node.Fail(Unsupported("%lld copies; 1 to %lld are supported",
                                   static_cast<long long>(repeats[i]),
                                   static_cast<long long>(kMaxCopies)));
    }
    if (repeats[i] == 1) continue;
    const std::vector<ValueId> copies(static_cast<size_t>(repeats[i]), x);
    x = node.Add(graph::Concat{static_cast<int64_t>(skipped + i)}, copies);
  }
  return node.Output(0, graph::Identity{}, {x});
}

Status ImportTranspose(const NodeView& node, ImportContext*) {
  return node.Output(0, graph::Transpose{node.RequiredInts(1, "the order")}, {node.Input(0)});
}

Status ImportUnsqueeze(const NodeView& node, ImportContext*) {
  std::vector<ValueId> inputs = {node.Input(0)};
  const graph::Unsqueeze unsqueeze{ListOrInput(node, 1, &inputs)};
  return node.Output(0, unsqueeze, std::move(inputs));
}

// One length may be -1: what is left.
Status ImportVariadicSplit(const NodeView& node, ImportContext* context) {
  const ValueId x = node.Input(0);
  const int64_t axis = node.RequiredInt(1, "the axis");
  List sizes = node.RequiredInts(2, "split_lengths");
  MINNOW_RETURN_IF_ERROR(context->status());
  if (sizes.size() != node.record().outputs.size()) {
    return node.Fail(InvalidModel("it has %zu split_lengths for %zu outputs", sizes.size(),
                                  node.record().outputs.size()));
  }
  int64_t* open = nullptr;
  int64_t sum = 0;
  for (int64_t& size : sizes) {
    if (size < -1 || size > kMaxElements || sum > kMaxElements || (size == -1 && open != nullptr)) {
      return node.Fail(InvalidModel("split_lengths hold %lld", static_cast<long long>(size)));
    }
    if (size == -1) {
      open = &size;
    } else {
      sum += size;
    }
  }
  if (open != nullptr) *open = KnownDim(node, context, x, axis) - sum;
  MINNOW_RETURN_IF_ERROR(context->status());
  return OutputSplits(node, x, axis, sizes);
}

}  // namespace minnow::importers::openvino
