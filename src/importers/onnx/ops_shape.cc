// ONNX operators that move, select or describe elements, and those that make constants.
#include <limits>

#include "importers/common_rows.h"
#include "importers/onnx/ops.h"
#include "importers/onnx/tensors.h"
#include "importers/onnx/wiring.h"

namespace minnow::importers::onnx {
namespace {

using graph::kNoValue;
using graph::ValueId;

// A list that is an attribute in early opsets and an input later: as an attribute where it is
// constant, else as the value that `inputs` gets.
std::vector<int64_t> ListOrInput(const NodeView& node, const char* name,
                                 std::vector<ValueId>* inputs) {
  if (const std::optional<std::vector<int64_t>> list = node.ConstantInts(1)) return *list;
  if (node.HasInput(1)) inputs->push_back(node.Input(1));
  return node.Ints(name);
}

// Pads of the axes listed (opset 18) as pads of all axes.
Status SpreadPads(const NodeView& node, ImportContext* context, std::vector<int64_t>* pads) {
  const std::vector<int64_t> axes = node.RequiredInts(3, "axes");
  const std::optional<Shape> shape = context->ShapeOf(node.Input(0));
  MINNOW_RETURN_IF_ERROR(context->status());
  if (!shape) return node.Fail(Unsupported("axes for an input of unknown rank"));
  if (pads->size() != 2 * axes.size()) {
    return node.Fail(InvalidModel("it has %zu pads for %zu axes", pads->size(), axes.size()));
  }
  const size_t rank = static_cast<size_t>(shape->rank());
  std::vector<int64_t> all(2 * rank, 0);
  for (size_t i = 0; i < axes.size(); ++i) {
    const StatusOr<int> axis = NormalizeAxis(axes[i], shape->rank());
    if (!axis.ok()) return node.Fail(axis.status());
    all[static_cast<size_t>(*axis)] = (*pads)[i];
    all[rank + static_cast<size_t>(*axis)] = (*pads)[axes.size() + i];
  }
  *pads = std::move(all);
  return OkStatus();
}

// Pads and fill value as inputs 1 and 2, from opset 11 on.
Status ReadPadInputs(const NodeView& node, ImportContext* context, graph::Pad* pad,
                     std::vector<ValueId>* inputs) {
  const std::optional<std::vector<int64_t>> pads = node.ConstantInts(1);
  const std::optional<double> value = node.ConstantNumber(2);
  if (value) pad->value = static_cast<float>(*value);
  const bool value_is_computed = node.HasInput(2) && !value;
  if (pads) {
    pad->pads = *pads;
    if (node.HasInput(3)) MINNOW_RETURN_IF_ERROR(SpreadPads(node, context, &pad->pads));
    if (value_is_computed) {
      inputs->push_back(kNoValue);
      inputs->push_back(node.Input(2));
    }
    return OkStatus();
  }
  if (node.HasInput(3)) return node.Fail(Unsupported("axes together with computed pads"));
  inputs->push_back(node.Input(1));
  if (value_is_computed) inputs->push_back(node.Input(2));
  return OkStatus();
}

// Parts whose sizes the network computes: each a Slice from where the parts before it end.
Status OutputComputedSplits(const NodeView& node, const Wiring& w, ValueId x, int64_t axis) {
  const ValueId sizes = node.Input(1), first = w.Scalar(0.0, DType::kS64);
  const ValueId starts = node.Add(graph::CumSum{true, false}, {sizes, first});
  const ValueId ends = node.Add(graph::CumSum{false, false}, {sizes, first});
  for (size_t i = 0; i < node.record().outputs.size(); ++i) {
    const int64_t at = static_cast<int64_t>(i);
    const graph::Slice pick{{at}, {at + 1}, {0}, {1}};
    const std::vector<ValueId> inputs = {x, node.Add(pick, {starts}), node.Add(pick, {ends}),
                                         w.Ints({axis})};
    MINNOW_RETURN_IF_ERROR(node.Output(i, graph::Slice{}, inputs));
  }
  return OkStatus();
}

Status DefineConstantList(const NodeView& node, ImportContext* context,
                          const StatusOr<Tensor>& tensor) {
  if (!tensor.ok()) return node.Fail(tensor.status());
  return node.Fail(context->DefineConstant(node.OutputName(0), *tensor));
}

}  // namespace

Status ImportCast(const NodeView& node, ImportContext*) {
  const int64_t to = node.RequiredInt("to");
  const std::optional<DType> dtype = ToDType(to);
  if (!dtype) {
    return node.Fail(Unsupported("element type %lld is not supported", static_cast<long long>(to)));
  }
  return node.Output(0, graph::Cast{*dtype}, {node.Input(0)});
}

Status ImportConcat(const NodeView& node, ImportContext* context) {
  const int64_t axis = context->opset() < 4 ? node.Int("axis", 1) : node.RequiredInt("axis");
  return node.Output(0, graph::Concat{axis}, node.Inputs());
}

Status ImportConstant(const NodeView& node, ImportContext* context) {
  using Kind = Attribute::Kind;
  for (const Attribute& attribute : node.record().attributes) {
    const Shape list{static_cast<int64_t>(attribute.kind == Kind::kInts ? attribute.ints.size()
                                                                        : attribute.floats.size())};
    if (attribute.name == "value" && attribute.kind == Kind::kTensor) {
      StatusOr<NamedTensor> decoded = DecodeTensor(attribute.blob);
      if (!decoded.ok()) return node.Fail(decoded.status());
      return DefineConstantList(node, context, std::move(decoded->tensor));
    }
    if (attribute.name == "value_float" && attribute.kind == Kind::kFloat) {
      return DefineConstantList(node, context, Tensor::From<float>(Shape(), &attribute.real));
    }
    if (attribute.name == "value_int" && attribute.kind == Kind::kInt) {
      return DefineConstantList(node, context, Tensor::From<int64_t>(Shape(), &attribute.number));
    }
    if (attribute.name == "value_floats" && attribute.kind == Kind::kFloats) {
      return DefineConstantList(node, context, Tensor::From<float>(list, attribute.floats.data()));
    }
    if (attribute.name == "value_ints" && attribute.kind == Kind::kInts) {
      return DefineConstantList(node, context, Tensor::From<int64_t>(list, attribute.ints.data()));
    }
  }
  return node.Fail(
      Unsupported("it has none of the attributes value, value_float, value_floats, "
                  "value_int and value_ints in their types"));
}

Status ImportConstantOfShape(const NodeView& node, ImportContext*) {
  graph::Fill fill;
  if (const Attribute* value = node.Find("value")) {
    StatusOr<NamedTensor> decoded = DecodeTensor(value->blob);
    if (!decoded.ok()) return node.Fail(decoded.status());
    const std::optional<double> number = ScalarOf(decoded->tensor);
    if (!number) {
      return node.Fail(Unsupported("a value of %s%s is not supported",
                                   DTypeName(decoded->tensor.dtype()),
                                   decoded->tensor.shape().ToString().c_str()));
    }
    fill = {*number, decoded->tensor.dtype()};
  }
  return node.Output(0, fill, {node.Input(0)});
}

// At inference an identity.
Status ImportDropout(const NodeView& node, ImportContext* context) {
  if (node.HasInput(2) && node.ConstantNumber(2).value_or(1.0) != 0.0) {
    return node.Fail(Unsupported("training_mode is not supported"));
  }
  if (node.OutputUsed(1)) {
    // Everything is kept. Before opset 10 the mask has the type of x.
    const Wiring w(node, context);
    const ValueId x = node.Input(0);
    const DType dtype = context->opset() < 10 ? w.DTypeOf(x) : DType::kBool;
    MINNOW_RETURN_IF_ERROR(
        node.Output(1, graph::Fill{1.0, dtype}, {node.Add(graph::ShapeOf{}, {x})}));
  }
  return ImportIdentity(node, context);
}

Status ImportExpand(const NodeView& node, ImportContext*) {
  return node.Output(0, graph::Expand{}, {node.Input(0), node.Input(1)});
}

Status ImportFlatten(const NodeView& node, ImportContext*) {
  return node.Output(0, graph::Flatten{node.Int("axis", 1)}, {node.Input(0)});
}

Status ImportGather(const NodeView& node, ImportContext*) {
  return node.Output(0, graph::Gather{node.Int("axis", 0)}, {node.Input(0), node.Input(1)});
}

Status ImportPad(const NodeView& node, ImportContext* context) {
  graph::Pad pad;
  const std::string_view mode = node.Text("mode", "constant");
  if (mode == "reflect") {
    pad.fill = graph::PadFill::kReflect;
  } else if (mode == "edge") {
    pad.fill = graph::PadFill::kEdge;
  } else if (mode != "constant") {
    return node.Fail(Unsupported("mode %s is not supported (constant, reflect and edge are)",
                                 Quote(mode).c_str()));
  }
  std::vector<ValueId> inputs = {node.Input(0)};
  if (context->opset() < 11) {
    pad.pads = node.Ints("pads");
    pad.value = node.Float("value", 0.0f);
  } else {
    MINNOW_RETURN_IF_ERROR(ReadPadInputs(node, context, &pad, &inputs));
  }
  for (int64_t pixels : pad.pads) {
    if (pixels < -kMaxWindow || pixels > kMaxWindow) {
      return node.Fail(InvalidModel("pads hold %lld", static_cast<long long>(pixels)));
    }
  }
  return node.Output(0, pad, std::move(inputs));
}

Status ImportReshape(const NodeView& node, ImportContext* context) {
  graph::Reshape reshape;
  reshape.allow_zero = node.Bool("allowzero", false);
  std::vector<ValueId> inputs = {node.Input(0)};
  if (!node.HasInput(1) && context->opset() >= 5)
    return node.Fail(InvalidModel("input 1 is missing"));
  reshape.shape = ListOrInput(node, "shape", &inputs);
  return node.Output(0, reshape, std::move(inputs));
}

Status ImportShape(const NodeView& node, ImportContext*) {
  graph::ShapeOf shape;
  shape.start = node.Int("start", 0);
  shape.end = node.Int("end", std::numeric_limits<int64_t>::max());
  return node.Output(0, shape, {node.Input(0)});
}

// Attributes before opset 10, then inputs; attributes again where all of the inputs are constant.
Status ImportSlice(const NodeView& node, ImportContext* context) {
  graph::Slice slice;
  std::vector<ValueId> inputs = {node.Input(0)};
  if (context->opset() < 10) {
    slice = {node.Ints("starts"), node.Ints("ends"), node.Ints("axes"), {}};
    return node.Output(0, slice, std::move(inputs));
  }
  bool constant = node.ConstantInput(1) != nullptr && node.ConstantInput(2) != nullptr;
  for (size_t i : {size_t{3}, size_t{4}}) {
    constant = constant && (!node.HasInput(i) || node.ConstantInput(i) != nullptr);
  }
  if (!constant) {
    inputs.insert(inputs.end(), {node.Input(1), node.Input(2)});
    inputs.insert(inputs.end(), {node.OptionalInput(3), node.OptionalInput(4)});
    while (inputs.size() > 3 && inputs.back() == kNoValue) inputs.pop_back();
    return node.Output(0, slice, std::move(inputs));
  }
  using List = std::vector<int64_t>;
  slice = {node.ConstantInts(1).value_or(List()), node.ConstantInts(2).value_or(List()),
           node.ConstantInts(3).value_or(List()), node.ConstantInts(4).value_or(List())};
  return node.Output(0, slice, std::move(inputs));
}

Status ImportSplit(const NodeView& node, ImportContext* context) {
  const ValueId x = node.Input(0);
  const int64_t axis = node.Int("axis", 0);
  const int64_t parts = static_cast<int64_t>(node.record().outputs.size());
  std::vector<int64_t> sizes = node.Ints("split");
  if (parts == 0) return node.Fail(InvalidModel("it has no output"));
  if (node.HasInput(1)) {
    const std::optional<std::vector<int64_t>> given = node.ConstantInts(1);
    if (!given) return OutputComputedSplits(node, Wiring(node, context), x, axis);
    sizes = *given;
  }
  if (sizes.empty()) {
    // Opset 18 lets the last part be smaller.
    const int64_t size = KnownDim(node, context, x, axis);
    const int64_t part = (size + parts - 1) / parts;
    if (size % parts != 0 && (context->opset() < 18 || part * (parts - 1) > size)) {
      return node.Fail(InvalidModel("axis %lld of size %lld does not split into %lld parts",
                                    static_cast<long long>(axis), static_cast<long long>(size),
                                    static_cast<long long>(parts)));
    }
    sizes.assign(static_cast<size_t>(parts), part);
    sizes.back() = size - part * (parts - 1);
  }
  if (static_cast<int64_t>(sizes.size()) != parts) {
    return node.Fail(InvalidModel("it has %zu sizes for %lld outputs", sizes.size(),
                                  static_cast<long long>(parts)));
  }
  return OutputSplits(node, x, axis, sizes);
}

Status ImportSqueeze(const NodeView& node, ImportContext*) {
  graph::Squeeze squeeze;
  std::vector<ValueId> inputs = {node.Input(0)};
  squeeze.axes = ListOrInput(node, "axes", &inputs);
  return node.Output(0, squeeze, std::move(inputs));
}

Status ImportTranspose(const NodeView& node, ImportContext*) {
  return node.Output(0, graph::Transpose{node.Ints("perm")}, {node.Input(0)});
}

Status ImportUnsqueeze(const NodeView& node, ImportContext*) {
  graph::Unsqueeze unsqueeze;
  std::vector<ValueId> inputs = {node.Input(0)};
  unsqueeze.axes = ListOrInput(node, "axes", &inputs);
  return node.Output(0, unsqueeze, std::move(inputs));
}

}  // namespace minnow::importers::onnx
