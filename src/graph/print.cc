// How a graph reads as text.
#include "graph/print.h"

#include <cstdio>
#include <limits>

#include "graph/infer_shapes.h"

namespace minnow::graph {
namespace {

// Integer constants up to this length print their elements: they are shapes, axes and pads.
constexpr size_t kMaxPrintedInts = 8;

// Scales differ in the last digits.
std::string Precise(float value) {
  char text[32];
  std::snprintf(text, sizeof(text), "%.9g", static_cast<double>(value));
  return text;
}

std::string Number(double value) {
  char text[32];
  std::snprintf(text, sizeof(text), "%g", value);
  return text;
}

std::string List(const std::vector<int64_t>& values) {
  std::string text;
  for (int64_t value : values) {
    if (!text.empty()) text += ',';
    text += std::to_string(value);
  }
  return text;
}

void AddPair(const char* name, int64_t first, int64_t second, std::string* text) {
  if (first == 1 && second == 1) return;
  *text += std::string(" ") + name + "=" + std::to_string(first) + "x" + std::to_string(second);
}

void AddList(const char* name, const std::vector<int64_t>& values, std::string* text) {
  if (!values.empty()) *text += std::string(" ") + name + "=[" + List(values) + "]";
}

void AddInt(const char* name, int64_t value, int64_t fallback, std::string* text) {
  if (value != fallback) *text += std::string(" ") + name + "=" + std::to_string(value);
}

void AddNumber(const char* name, double value, double fallback, std::string* text) {
  if (value != fallback) *text += std::string(" ") + name + "=" + Number(value);
}

void AddFlag(const char* name, bool set, std::string* text) {
  if (set) *text += std::string(" ") + name;
}

void AddWord(const char* name, const char* word, std::string* text) {
  *text += std::string(" ") + name + "=" + word;
}

void AddPadding(const Padding& pad, std::string* text) {
  switch (pad.mode) {
    case PadMode::kValid:
      return AddWord("pad", "valid", text);
    case PadMode::kSameUpper:
      return AddWord("pad", "same_upper", text);
    case PadMode::kSameLower:
      return AddWord("pad", "same_lower", text);
    case PadMode::kExplicit:
      break;
  }
  if (pad.top == 0 && pad.left == 0 && pad.bottom == 0 && pad.right == 0) return;
  AddWord("pad", List({pad.top, pad.left, pad.bottom, pad.right}).c_str(), text);
}

void AddActivation(const Activation& activation, std::string* text) {
  if (activation.IsNone()) return;
  if (activation.kind == Activation::Kind::kHardSwish) return AddWord("act", "hard_swish", text);
  *text += " act=clamp(" + Number(static_cast<double>(activation.min)) + "," +
           Number(static_cast<double>(activation.max)) + ")";
}

void AddLayout(DataLayout layout, std::string* text) {
  if (layout == DataLayout::kNCHW) AddWord("layout", "nchw", text);
}

const char* WeightLayoutName(WeightLayout layout) {
  switch (layout) {
    case WeightLayout::kOHWI:
      return "ohwi";
    case WeightLayout::kOIHW:
      return "oihw";
    case WeightLayout::kHWIO:
      return "hwio";
    case WeightLayout::kHWCM:
      return "hwcm";
  }
  return "?";
}

// In the order of the enums.
constexpr const char* kUnaryNames[] = {
    "neg",     "abs",    "sqrt",       "rsqrt",    "exp",  "log",          "reciprocal",
    "sigmoid", "tanh",   "erf",        "floor",    "ceil", "round",        "sign",
    "not",     "square", "hard_swish", "softplus", "gelu", "hard_sigmoid", "leaky_relu",
    "elu",     "sin",    "cos",        "tan",      "asin", "acos",         "atan",
    "sinh",    "cosh",   "asinh",      "acosh",    "atanh"};
static_assert(sizeof(kUnaryNames) / sizeof(kUnaryNames[0]) ==
                  static_cast<size_t>(UnaryKind::kAtanh) + 1,
              "a name is missing");
constexpr const char* kBinaryNames[] = {
    "add", "sub",   "mul",  "div",        "min",        "max",           "pow",
    "mod", "equal", "less", "greater",    "less_equal", "greater_equal", "and",
    "or",  "xor",   "fmod", "shift_left", "shift_right"};
static_assert(sizeof(kBinaryNames) / sizeof(kBinaryNames[0]) ==
                  static_cast<size_t>(BinaryKind::kShiftRight) + 1,
              "a name is missing");
constexpr const char* kReduceNames[] = {"mean", "sum", "max", "min", "prod"};
constexpr const char* kSampleNames[] = {"nearest", "linear", "cubic"};
constexpr const char* kPadFillNames[] = {"constant", "reflect", "edge"};

// One overload an op; kinds are always printed, the rest where it is not the default.
struct AttributePrinter {
  std::string* text;

  void operator()(const Conv2D& op) const {
    AddPair("stride", op.stride_h, op.stride_w, text);
    AddPair("dilation", op.dilation_h, op.dilation_w, text);
    AddInt("groups", op.groups, 1, text);
    AddPadding(op.padding, text);
    AddLayout(op.layout, text);
    if (op.weight_layout != WeightLayout::kOHWI) {
      AddWord("weights", WeightLayoutName(op.weight_layout), text);
    }
    AddActivation(op.activation, text);
  }
  void operator()(const FullyConnected& op) const { AddActivation(op.activation, text); }
  void operator()(const Gemm& op) const {
    AddNumber("alpha", static_cast<double>(op.alpha), 1.0, text);
    AddNumber("beta", static_cast<double>(op.beta), 1.0, text);
    AddFlag("transpose_a", op.transpose_a, text);
    AddFlag("transpose_b", op.transpose_b, text);
  }
  void operator()(const MatMul& op) const {
    AddFlag("transpose_a", op.transpose_a, text);
    AddFlag("transpose_b", op.transpose_b, text);
  }
  void operator()(const BatchNorm& op) const {
    AddNumber("epsilon", static_cast<double>(op.epsilon), static_cast<double>(1e-5f), text);
    AddLayout(op.layout, text);
  }
  void operator()(const Unary& op) const {
    AddWord("kind", kUnaryNames[static_cast<size_t>(op.kind)], text);
    AddNumber("alpha", static_cast<double>(op.alpha), 0.0, text);
    AddNumber("beta", static_cast<double>(op.beta), 0.0, text);
  }
  void operator()(const Clamp& op) const {
    constexpr double kInfinity = std::numeric_limits<double>::infinity();
    AddNumber("min", static_cast<double>(op.min), -kInfinity, text);
    AddNumber("max", static_cast<double>(op.max), kInfinity, text);
  }
  void operator()(const Binary& op) const {
    AddWord("kind", kBinaryNames[static_cast<size_t>(op.kind)], text);
    AddActivation(op.activation, text);
  }
  void operator()(const Pool2D& op) const {
    AddWord("kind", op.kind == PoolKind::kMax ? "max" : "average", text);
    AddPair("kernel", op.kernel_h, op.kernel_w, text);
    AddPair("stride", op.stride_h, op.stride_w, text);
    AddPair("dilation", op.dilation_h, op.dilation_w, text);
    AddPadding(op.padding, text);
    AddFlag("ceil_mode", op.ceil_mode, text);
    AddFlag("count_include_pad", op.count_include_pad, text);
    AddLayout(op.layout, text);
    AddBytes(op.bytes);
  }
  void operator()(const Reduce& op) const {
    AddWord("kind", kReduceNames[static_cast<size_t>(op.kind)], text);
    AddList("axes", op.axes, text);
    AddFlag("drop_dims", !op.keep_dims, text);
    AddBytes(op.bytes);
  }
  void operator()(const Softmax& op) const {
    AddInt("axis", op.axis, -1, text);
    AddFlag("log", op.log, text);
    AddBytes(op.bytes);
  }
  void operator()(const Concat& op) const { AddInt("axis", op.axis, 0, text); }
  void operator()(const Pad& op) const {
    if (op.fill != PadFill::kConstant) {
      AddWord("fill", kPadFillNames[static_cast<size_t>(op.fill)], text);
    }
    AddList("pads", op.pads, text);
    AddNumber("value", static_cast<double>(op.value), 0.0, text);
  }
  void operator()(const Reshape& op) const {
    AddList("shape", op.shape, text);
    AddFlag("allow_zero", op.allow_zero, text);
  }
  void operator()(const Squeeze& op) const { AddList("axes", op.axes, text); }
  void operator()(const Unsqueeze& op) const { AddList("axes", op.axes, text); }
  void operator()(const Flatten& op) const { AddInt("axis", op.axis, 1, text); }
  void operator()(const Transpose& op) const { AddList("perm", op.perm, text); }
  void operator()(const ShapeOf& op) const {
    AddInt("start", op.start, 0, text);
    AddInt("end", op.end, ShapeOf().end, text);
    if (op.dtype != DType::kS64) AddWord("dtype", DTypeName(op.dtype), text);
  }
  void operator()(const Gather& op) const { AddInt("axis", op.axis, 0, text); }
  void operator()(const Slice& op) const {
    AddList("starts", op.starts, text);
    AddList("ends", op.ends, text);
    AddList("axes", op.axes, text);
    AddList("steps", op.steps, text);
  }
  void operator()(const StridedSlice& op) const {
    AddInt("begin_mask", op.begin_mask, 0, text);
    AddInt("end_mask", op.end_mask, 0, text);
    AddInt("shrink_axis_mask", op.shrink_axis_mask, 0, text);
  }
  void operator()(const Cast& op) const { AddWord("dtype", DTypeName(op.dtype), text); }
  void operator()(const Expand&) const {}
  void operator()(const Fill& op) const {
    AddNumber("value", op.value, 0.0, text);
    AddWord("dtype", DTypeName(op.dtype), text);
  }
  void operator()(const Where&) const {}
  void operator()(const Identity&) const {}
  void operator()(const Quantize& op) const { AddInt("axis", op.axis, 1, text); }
  void operator()(const Dequantize& op) const { AddInt("axis", op.axis, 1, text); }
  void operator()(const QConv2D& op) const {
    (*this)(op.conv);
    AddProduct(op.quantization);
  }
  void operator()(const QFullyConnected& op) const {
    (*this)(op.product);
    AddProduct(op.quantization);
  }
  void operator()(const QBinary& op) const {
    (*this)(op.binary);
    AddParams("a", op.a);
    AddParams("b", op.b);
    AddParams("y", op.y);
  }

  void operator()(const ByteMap& op) const {
    AddWord("dtype", DTypeName(op.dtype), text);
    AddInt("at0", op.table[0], -1, text);
    AddInt("at127", op.table[127], -1, text);
    AddInt("at255", op.table[255], -1, text);
  }

  void AddBytes(const std::optional<ByteParams>& bytes) const {
    if (!bytes) return;
    AddParams("x", bytes->x);
    AddParams("y", bytes->y);
  }
  void operator()(const ArgReduce& op) const {
    AddWord("kind", op.min ? "min" : "max", text);
    AddInt("axis", op.axis, 0, text);
    AddFlag("drop_dims", !op.keep_dims, text);
    AddFlag("last", op.last, text);
  }
  void operator()(const CumSum& op) const {
    AddFlag("exclusive", op.exclusive, text);
    AddFlag("reverse", op.reverse, text);
  }
  void operator()(const Trilu& op) const { AddWord("part", op.upper ? "upper" : "lower", text); }
  void operator()(const Range&) const {}
  void operator()(const Tile&) const {}
  void operator()(const GatherElements& op) const { AddInt("axis", op.axis, 0, text); }
  void operator()(const GatherNd& op) const { AddInt("batch_dims", op.batch_dims, 0, text); }
  void operator()(const ScatterElements& op) const {
    AddInt("axis", op.axis, 0, text);
    AddScatter(op.kind);
  }
  void operator()(const ScatterNd& op) const { AddScatter(op.kind); }
  void operator()(const TopK& op) const {
    AddInt("axis", op.axis, -1, text);
    AddFlag("smallest", !op.largest, text);
    AddFlag("indices", op.indices, text);
  }
  void operator()(const ReverseSequence& op) const {
    AddInt("time_axis", op.time_axis, 0, text);
    AddInt("batch_axis", op.batch_axis, 1, text);
  }
  void operator()(const Det&) const {}
  void operator()(const Lrn& op) const {
    AddInt("size", op.size, 1, text);
    AddNumber("alpha", static_cast<double>(op.alpha), 0.0, text);
    AddNumber("beta", static_cast<double>(op.beta), 0.0, text);
    AddNumber("bias", static_cast<double>(op.bias), 0.0, text);
  }
  void operator()(const NonZero&) const {}
  void operator()(const Compress& op) const {
    if (!op.flat) AddWord("axis", std::to_string(op.axis).c_str(), text);
  }
  void operator()(const Unique& op) const {
    constexpr const char* kResults[] = {"values", "first_indices", "inverse", "counts"};
    AddWord("result", kResults[static_cast<size_t>(op.result)], text);
    if (!op.flat) AddWord("axis", std::to_string(op.axis).c_str(), text);
    AddFlag("unsorted", !op.sorted, text);
  }
  void operator()(const NonMaxSuppression& op) const { AddFlag("center", op.center, text); }
  void operator()(const Resize& op) const {
    constexpr const char* kCoordinates[] = {"half_pixel",           "pytorch_half_pixel",
                                            "align_corners",        "asymmetric",
                                            "tf_half_pixel_for_nn", "tf_crop_and_resize"};
    constexpr const char* kRoundings[] = {"round_prefer_floor", "round_prefer_ceil", "floor",
                                          "ceil"};
    AddWord("mode", kSampleNames[static_cast<size_t>(op.mode)], text);
    AddWord("coordinates", kCoordinates[static_cast<size_t>(op.coordinates)], text);
    AddWord("rounding", kRoundings[static_cast<size_t>(op.rounding)], text);
  }
  void operator()(const GridSample& op) const {
    constexpr const char* kBorders[] = {"zeros", "edge", "reflect"};
    AddWord("mode", kSampleNames[static_cast<size_t>(op.mode)], text);
    AddWord("border", kBorders[static_cast<size_t>(op.border)], text);
    AddFlag("align_corners", op.align_corners, text);
  }

  void operator()(const ConvNd& op) const {
    AddFlag("transposed", op.transposed, text);
    AddList("strides", op.strides, text);
    AddList("dilations", op.dilations, text);
    AddPads(op.mode, op.pads);
    AddInt("groups", op.groups, 1, text);
    AddList("output_padding", op.output_padding, text);
    AddList("output_sizes", op.output_sizes, text);
  }
  void operator()(const PoolNd& op) const {
    AddWord("kind", op.average ? "average" : "max", text);
    AddList("kernel", op.kernel, text);
    AddList("strides", op.strides, text);
    AddList("dilations", op.dilations, text);
    AddPads(op.mode, op.pads);
    AddFlag("ceil_mode", op.ceil_mode, text);
    AddFlag("count_include_pad", op.count_include_pad, text);
    AddFlag("indices", op.indices, text);
  }

  void AddPads(PadMode mode, const std::vector<int64_t>& pads) const {
    if (mode == PadMode::kExplicit) return AddList("pads", pads, text);
    AddWord("pad",
            mode == PadMode::kValid       ? "valid"
            : mode == PadMode::kSameUpper ? "same_upper"
                                          : "same_lower",
            text);
  }
  void AddScatter(ScatterKind kind) const {
    constexpr const char* kKinds[] = {"replace", "add", "mul", "min", "max"};
    if (kind != ScatterKind::kReplace) AddWord("kind", kKinds[static_cast<size_t>(kind)], text);
  }
  void AddParams(const char* name, const QuantParams& params) const {
    *text += std::string(" ") + name + "=" + Precise(params.scale) + "*(q-" +
             std::to_string(params.zero_point) + ")";
  }
  void AddProduct(const ProductQuantization& q) const {
    AddParams("x", q.x);
    if (q.weight_scales.size() == 1) {
      AddParams("w", {q.weight_scales[0], q.weight_zero_point});
    } else {
      AddWord("w", "per_channel", text);
    }
    AddParams("y", q.y);
  }
};

// Names come from files: a control character would break the one line a node.
std::string Printable(const std::string& name) {
  std::string text;
  for (char c : name) {
    const unsigned char byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte != 0x7f) {
      text += c;
    } else {
      char escape[8];
      std::snprintf(escape, sizeof(escape), "\\x%02x", byte);
      text += escape;
    }
  }
  return text;
}

std::string Reference(const Graph& graph, ValueId id) {
  if (id == kNoValue) return "none";
  const std::string& name = graph.value(id).name;
  return "%" + (name.empty() ? std::to_string(id) : Printable(name));
}

std::string TypeOf(const Value& value) {
  const std::string shape = value.shape ? value.shape->ToString() : "[*]";
  return std::string(DTypeName(value.dtype)) + shape;
}

void PrintConstant(const Graph& graph, ValueId id, std::string* text) {
  *text += Reference(graph, id) + " = const " + TypeOf(graph.value(id));
  const std::optional<std::vector<int64_t>> ints = ConstantInts(graph, id);
  if (ints && ints->size() <= kMaxPrintedInts) *text += " {" + List(*ints) + "}";
  *text += '\n';
}

void PrintNode(const Graph& graph, const Node& node, std::string* text) {
  std::string results;
  for (ValueId id : node.outputs) {
    if (!results.empty()) results += ", ";
    results += Reference(graph, id) + " " + TypeOf(graph.value(id));
  }
  std::string operands;
  for (ValueId id : node.inputs) {
    if (!operands.empty()) operands += ", ";
    operands += Reference(graph, id);
  }
  *text += results + " = " + OpName(node.op) + "(" + operands + ")" + PrintAttributes(node.op);
  if (!node.name.empty()) *text += "  # " + Printable(node.name);
  *text += '\n';
}

}  // namespace

std::string PrintAttributes(const Op& op) {
  std::string text;
  std::visit(AttributePrinter{&text}, op);
  return text;
}

std::string Print(const Graph& graph) {
  const StatusOr<std::vector<NodeId>> order = graph.TopologicalOrder();
  if (!order.ok()) return order.status().message() + "\n";
  std::string text;
  for (ValueId id : graph.inputs()) {
    text += "input " + Reference(graph, id) + " " + TypeOf(graph.value(id)) + "\n";
  }
  const std::vector<int> uses = graph.UseCounts();
  for (ValueId id = 0; id < graph.value_count(); ++id) {
    if (graph.IsConstant(id) && uses[static_cast<size_t>(id)] > 0) PrintConstant(graph, id, &text);
  }
  for (NodeId id : *order) PrintNode(graph, graph.node(id), &text);
  for (ValueId id : graph.outputs()) {
    text += "output " + Reference(graph, id) + " " + TypeOf(graph.value(id)) + "\n";
  }
  return text;
}

}  // namespace minnow::graph
