// Operators whose axes mean something: images are channels last in the graph, first in ONNX.
#include <algorithm>
#include <utility>

#include "exporters/onnx_ops.h"

namespace minnow::exporters {
namespace {

using graph::ValueId;

OnnxAttribute Pair(const char* name, int64_t h, int64_t w) {
  return {name, std::vector<int64_t>{h, w}};
}

OnnxAttribute Pads(const graph::Padding& padding) {
  switch (padding.mode) {
    case graph::PadMode::kSameUpper:
      return {"auto_pad", std::string("SAME_UPPER")};
    case graph::PadMode::kSameLower:
      return {"auto_pad", std::string("SAME_LOWER")};
    case graph::PadMode::kValid:
      return {"auto_pad", std::string("VALID")};
    case graph::PadMode::kExplicit:
    default:
      return {"pads",
              std::vector<int64_t>{padding.top, padding.left, padding.bottom, padding.right}};
  }
}

// Height and width of an image are 1, so that both forms have their elements in one order.
bool IsOnePixel(const Shape& shape) { return shape.rank() == 4 && shape[1] == 1 && shape[2] == 1; }

}  // namespace

Status OnnxOps::EmitPlanar(const char* op, std::vector<std::string> more,
                           const Attributes& attributes) {
  StringOr x = forms_->Planar(input(0));
  if (!x.ok()) return x.status();
  std::vector<std::string> inputs = {*x};
  for (std::string& name : more) inputs.push_back(std::move(name));
  builder_->AddNode(op, inputs, forms_->DefinePlanar(output()), attributes);
  return OkStatus();
}

bool OnnxOps::PrefersPlanar() const {
  if (forms_->ShapeOf(output()).rank() != 4) return false;
  bool only_planar = false;
  for (const ValueId id : node_->inputs) {
    const Shape shape = forms_->ShapeOf(id);
    if (shape.rank() != 4 && shape.ElementCount() != 1 && !graph_.IsConstant(id)) return false;
    only_planar = only_planar || forms_->IsOnlyPlanar(id);
  }
  return only_planar;
}

// Operands of lower rank are constants, or one element.
StatusOr<std::string> OnnxOps::PlanarOperand(ValueId id) {
  const Shape shape = forms_->ShapeOf(id);
  if (shape.rank() == 4) return forms_->Planar(id);
  const Tensor* tensor = graph_.ConstantOf(id);
  if (tensor == nullptr || shape.ElementCount() == 1) return forms_->Plain(id);
  // Numpy puts ones before the axes; then channels go first: [C] is [C,1,1].
  Shape planar = {1, 1, 1, 1};
  for (int axis = 0; axis < shape.rank(); ++axis) planar[4 - shape.rank() + axis] = shape[axis];
  if (planar[1] != 1 || planar[2] != 1) {
    return Unsupported("a constant of the shape %s beside an image", shape.ToString().c_str());
  }
  return forms_->Constant(graph_.value(id).name,
                          tensor->Reshaped(Shape{planar[3], planar[1], planar[2]}));
}

Status OnnxOps::Write(const graph::Conv2D& op) {
  if (op.layout != graph::DataLayout::kNHWC || op.weight_layout != graph::WeightLayout::kOHWI) {
    return Unsupported("a convolution that to_nhwc did not rewrite");
  }
  const StringOr x = forms_->Planar(input(0));
  if (!x.ok()) return x.status();
  const StringOr weights = forms_->Permuted(input(1), {0, 3, 1, 2});
  if (!weights.ok()) return weights.status();
  std::vector<std::string> inputs = {*x, *weights};
  if (input(2) != graph::kNoValue) {
    const StringOr bias = forms_->Plain(input(2));
    if (!bias.ok()) return bias.status();
    inputs.push_back(*bias);
  }
  const Shape kernel = InputShape(1);
  const Attributes attributes = {Pair("kernel_shape", kernel[1], kernel[2]),
                                 Pair("strides", op.stride_h, op.stride_w),
                                 Pair("dilations", op.dilation_h, op.dilation_w),
                                 {"group", op.groups},
                                 Pads(op.padding)};
  const std::string y = forms_->DefinePlanar(output());
  const std::string sum = BeforeActivation(op.activation, y);
  if (input(3) == graph::kNoValue) {
    builder_->AddNode("Conv", inputs, sum, attributes);
  } else {
    const StringOr residual = forms_->Planar(input(3));
    if (!residual.ok()) return residual.status();
    const std::string conv = Intermediate("/convolution");
    builder_->AddNode("Conv", inputs, conv, attributes);
    builder_->AddNode("Add", {conv, *residual}, sum, {});
  }
  return EmitActivation(op.activation, sum, y);
}

Status OnnxOps::Write(const graph::Pool2D& op) {
  if (op.layout != graph::DataLayout::kNHWC) return Unsupported("a pool with channels first");
  Attributes attributes = {Pair("kernel_shape", op.kernel_h, op.kernel_w),
                           Pair("strides", op.stride_h, op.stride_w),
                           Pads(op.padding),
                           {"ceil_mode", int64_t{op.ceil_mode}}};
  if (op.kind == graph::PoolKind::kMax) {
    attributes.push_back(Pair("dilations", op.dilation_h, op.dilation_w));
    return EmitPlanar("MaxPool", {}, attributes);
  }
  if (op.dilation_h != 1 || op.dilation_w != 1) return Unsupported("a dilated average pool");
  attributes.push_back({"count_include_pad", int64_t{op.count_include_pad}});
  return EmitPlanar("AveragePool", {}, attributes);
}

Status OnnxOps::Write(const graph::BatchNorm& op) {
  if (op.layout != graph::DataLayout::kNHWC || InputShape(0).rank() != 4) {
    return Unsupported("a batch normalisation of other than images");
  }
  std::vector<std::string> parameters;
  for (size_t i = 1; i < 5; ++i) {
    const StringOr name = forms_->Plain(input(i));
    if (!name.ok()) return name.status();
    parameters.push_back(*name);
  }
  return EmitPlanar("BatchNormalization", std::move(parameters), {{"epsilon", op.epsilon}});
}

Status OnnxOps::Write(const graph::Reduce& op) {
  static constexpr const char* kNames[] = {"ReduceMean", "ReduceSum", "ReduceMax", "ReduceMin",
                                           "ReduceProd"};
  if (node_->inputs.size() > 1) return Unsupported("axes computed at run time");
  std::vector<int64_t> axes = op.axes;
  const bool planar = forms_->IsOnlyPlanar(input(0)) && op.keep_dims;
  const bool to_vector =
      forms_->IsOnlyPlanar(input(0)) && !op.keep_dims && axes == std::vector<int64_t>{1, 2};
  if (planar || to_vector) {
    for (int64_t& axis : axes) axis = PlanarAxis(axis < 0 ? axis + 4 : axis);
    std::sort(axes.begin(), axes.end());
  }
  if (planar && op.kind == graph::ReduceKind::kMean && axes == std::vector<int64_t>{2, 3}) {
    return EmitPlanar("GlobalAveragePool", {}, {});
  }
  Attributes attributes = {{"keepdims", int64_t{op.keep_dims}}};
  std::vector<std::string> more;
  // ReduceSum has had its axes as an input since opset 13, the others since 18.
  if (op.kind == graph::ReduceKind::kSum && !axes.empty()) {
    const StringOr name = forms_->Ints(graph_.value(output()).name + "/axes", axes);
    if (!name.ok()) return name.status();
    more.push_back(*name);
  } else if (!axes.empty()) {
    attributes.push_back({"axes", axes});
  }
  const char* name = kNames[static_cast<size_t>(op.kind)];
  if (planar) return EmitPlanar(name, std::move(more), attributes);
  if (!to_vector) return EmitPlain(name, 1, std::move(more), attributes);
  std::vector<std::string> inputs = {*forms_->Planar(input(0))};
  inputs.insert(inputs.end(), more.begin(), more.end());
  builder_->AddNode(name, inputs, forms_->DefinePlain(output()), attributes);
  return OkStatus();
}

Status OnnxOps::Write(const graph::Pad& op) {
  static constexpr const char* kModes[] = {"constant", "reflect", "edge"};
  if (node_->inputs.size() > 1) return Unsupported("pads computed at run time");
  const bool planar = forms_->IsOnlyPlanar(input(0));
  std::vector<int64_t> pads = op.pads;
  const size_t rank = pads.size() / 2;
  for (size_t axis = 0; planar && axis < rank; ++axis) {
    const auto to = static_cast<size_t>(PlanarAxis(static_cast<int64_t>(axis)));
    pads[to] = op.pads[axis];
    pads[to + rank] = op.pads[axis + rank];
  }
  const std::string& name = graph_.value(output()).name;
  const StringOr list = forms_->Ints(name + "/pads", pads);
  if (!list.ok()) return list.status();
  const StringOr fill = forms_->Scalar(name + "/fill", op.value);
  if (!fill.ok()) return fill.status();
  return EmitElementwise("Pad", {*list, *fill},
                         {{"mode", std::string(kModes[static_cast<size_t>(op.fill)])}});
}

Status OnnxOps::Write(const graph::Concat& op) {
  const bool planar = PrefersPlanar();
  std::vector<std::string> inputs;
  for (const ValueId id : node_->inputs) {
    const StringOr name = planar ? forms_->Planar(id) : forms_->Plain(id);
    if (!name.ok()) return name.status();
    inputs.push_back(*name);
  }
  const int64_t axis = op.axis < 0 ? op.axis + forms_->ShapeOf(output()).rank() : op.axis;
  builder_->AddNode("Concat", inputs,
                    planar ? forms_->DefinePlanar(output()) : forms_->DefinePlain(output()),
                    {{"axis", planar ? PlanarAxis(axis) : axis}});
  return OkStatus();
}

Status OnnxOps::Write(const graph::Softmax& op) {
  const bool planar = forms_->IsOnlyPlanar(input(0));
  const int64_t axis = op.axis < 0 && planar ? op.axis + 4 : op.axis;
  return EmitElementwise(op.log ? "LogSoftmax" : "Softmax", {},
                         {{"axis", planar ? PlanarAxis(axis) : axis}});
}

Status OnnxOps::Write(const graph::Transpose& op) {
  const bool to_planar = op.perm == std::vector<int64_t>{0, 3, 1, 2};
  const bool to_plain = op.perm == std::vector<int64_t>{0, 2, 3, 1};
  if (to_planar) {
    const StringOr name = forms_->Planar(input(0));
    if (name.ok()) forms_->SetPlain(output(), *name);
    return name.status();
  }
  if (to_plain) {
    const StringOr name = forms_->Plain(input(0));
    if (name.ok()) forms_->SetPlanar(output(), *name);
    return name.status();
  }
  Attributes attributes;
  if (!op.perm.empty()) attributes.push_back({"perm", op.perm});
  return EmitPlain("Transpose", 1, {}, attributes);
}

Status OnnxOps::Write(const graph::Reshape& op) {
  if (node_->inputs.size() > 1) {
    return EmitPlain("Reshape", 2, {}, {{"allowzero", int64_t{op.allow_zero}}});
  }
  const bool any_form = forms_->IsOnlyPlanar(input(0)) && IsOnePixel(InputShape(0)) &&
                        std::find(op.shape.begin(), op.shape.end(), 0) == op.shape.end();
  const StringOr x = any_form ? forms_->Planar(input(0)) : forms_->Plain(input(0));
  if (!x.ok()) return x.status();
  const StringOr shape = forms_->Ints(graph_.value(output()).name + "/shape", op.shape);
  if (!shape.ok()) return shape.status();
  builder_->AddNode("Reshape", {*x, *shape}, forms_->DefinePlain(output()),
                    {{"allowzero", int64_t{op.allow_zero}}});
  return OkStatus();
}

}  // namespace minnow::exporters
