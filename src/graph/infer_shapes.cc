// How shapes travel along a graph, and what the rules of all ops share: broadcasting, lists held by
// constants, axes.
#include "graph/infer_shapes.h"

#include <algorithm>
#include <limits>

#include "base/memory_reserve.h"
#include "graph/op_rules.h"

namespace minnow::graph {
namespace {

// Lists longer than this are no shapes; reading them would only cost memory.
constexpr int64_t kMaxConstantInts = 4096;

struct ArityVisitor {
  Arity operator()(const Conv2D&) const { return {2, 4}; }
  Arity operator()(const FullyConnected&) const { return {2, 3}; }
  Arity operator()(const Gemm&) const { return {2, 3}; }
  Arity operator()(const MatMul&) const { return {2, 2}; }
  Arity operator()(const BatchNorm&) const { return {5, 5}; }
  Arity operator()(const Unary&) const { return {1, 1}; }
  Arity operator()(const Clamp&) const { return {1, 1}; }
  Arity operator()(const Binary&) const { return {2, 2}; }
  Arity operator()(const Pool2D&) const { return {1, 1}; }
  Arity operator()(const Reduce&) const { return {1, 2}; }
  Arity operator()(const Softmax&) const { return {1, 1}; }
  Arity operator()(const Concat&) const { return {1, std::numeric_limits<size_t>::max()}; }
  Arity operator()(const Pad&) const { return {1, 3}; }
  Arity operator()(const Reshape&) const { return {1, 2}; }
  Arity operator()(const Squeeze&) const { return {1, 2}; }
  Arity operator()(const Unsqueeze&) const { return {1, 2}; }
  Arity operator()(const Flatten&) const { return {1, 1}; }
  Arity operator()(const Transpose&) const { return {1, 1}; }
  Arity operator()(const ShapeOf&) const { return {1, 1}; }
  Arity operator()(const Gather&) const { return {2, 2}; }
  Arity operator()(const Slice&) const { return {1, 5}; }
  Arity operator()(const StridedSlice&) const { return {4, 4}; }
  Arity operator()(const Cast&) const { return {1, 1}; }
  Arity operator()(const Expand&) const { return {2, 2}; }
  Arity operator()(const Fill&) const { return {1, 1}; }
  Arity operator()(const Where&) const { return {3, 3}; }
  Arity operator()(const Identity&) const { return {1, 1}; }
  Arity operator()(const Quantize&) const { return {3, 3}; }
  Arity operator()(const Dequantize&) const { return {2, 3}; }
  Arity operator()(const QConv2D&) const { return {2, 3}; }
  Arity operator()(const QFullyConnected&) const { return {2, 3}; }
  Arity operator()(const QBinary&) const { return {2, 2}; }
  Arity operator()(const ByteMap&) const { return {1, 1}; }
  Arity operator()(const CumSum&) const { return {2, 2}; }
  Arity operator()(const Trilu&) const { return {1, 2}; }
  Arity operator()(const Range&) const { return {3, 3}; }
  Arity operator()(const Tile&) const { return {2, 2}; }
  Arity operator()(const GatherElements&) const { return {2, 2}; }
  Arity operator()(const GatherNd&) const { return {2, 2}; }
  Arity operator()(const ScatterElements&) const { return {3, 3}; }
  Arity operator()(const ScatterNd&) const { return {3, 3}; }
  Arity operator()(const TopK&) const { return {2, 2}; }
  Arity operator()(const ReverseSequence&) const { return {2, 2}; }
  Arity operator()(const Compress&) const { return {2, 2}; }
  Arity operator()(const NonMaxSuppression&) const { return {2, 5}; }
  Arity operator()(const Resize&) const { return {1, 4}; }
  Arity operator()(const GridSample&) const { return {2, 2}; }
  Arity operator()(const ConvNd&) const { return {2, 3}; }
  Arity operator()(const PoolNd&) const { return {1, 1}; }
  Arity operator()(const ArgReduce&) const { return {1, 1}; }
  Arity operator()(const Det&) const { return {1, 1}; }
  Arity operator()(const Lrn&) const { return {1, 1}; }
  Arity operator()(const NonZero&) const { return {1, 1}; }
  Arity operator()(const Unique&) const { return {1, 1}; }
};

Status CheckArity(const Op& op, const std::vector<InputFact>& inputs) {
  const Arity arity = ArityOf(op);
  if (inputs.size() < arity.min || inputs.size() > arity.max) {
    return InvalidModel("%zu inputs, but it takes %zu%s", inputs.size(), arity.min,
                        arity.max > arity.min ? " or more" : "");
  }
  const size_t required = arity.max == ArityVisitor()(Concat()).max ? inputs.size() : arity.min;
  for (size_t i = 0; i < required; ++i) {
    if (!inputs[i].present) return InvalidModel("input %zu is missing", i);
  }
  return OkStatus();
}

}  // namespace

Arity ArityOf(const Op& op) { return std::visit(ArityVisitor(), op); }

std::string NodeContext(const Node& node) {
  return "node \"" + node.name + "\" (" + OpName(node.op) + ")";
}

Status InferOp(const Op& op, const std::vector<InputFact>& inputs, OutputFact* output) {
  MINNOW_RETURN_IF_ERROR(CheckArity(op, inputs));
  const OpInputs facts(inputs);
  MINNOW_RETURN_IF_ERROR(
      std::visit([&](const auto& concrete) { return Infer(concrete, facts, output); }, op));
  if (!output->shape) return OkStatus();
  const StatusOr<Shape> checked =
      Shape::Make(output->shape->begin(), static_cast<size_t>(output->shape->rank()));
  if (checked.ok()) return OkStatus();
  return InvalidModel("the output: %s", checked.status().message().c_str());
}

namespace {

// `facts` is memory for the inputs' facts, from node to node.
Status InferOne(Graph* graph, NodeId id, std::vector<InputFact>* facts) {
  MINNOW_RETURN_IF_ERROR(MemoryReserve::Check());
  const Node& node = graph->node(id);
  std::vector<InputFact>& inputs = *facts;
  inputs.assign(node.inputs.size(), InputFact());
  for (size_t i = 0; i < inputs.size(); ++i) {
    if (node.inputs[i] == kNoValue) continue;
    const Value& value = graph->value(node.inputs[i]);
    inputs[i].present = true;
    inputs[i].dtype = value.dtype;
    inputs[i].shape = value.shape;
    if (value.constant) inputs[i].data = value.constant->data();
  }
  OutputFact output;
  // Who it was is put into words only where something is wrong: this runs after every pass.
  if (const Status status = InferOp(node.op, inputs, &output); !status.ok()) {
    return status.WithContext(NodeContext(node));
  }
  if (node.outputs.size() != 1) {
    return InvalidModel("%zu outputs, but it has one", node.outputs.size())
        .WithContext(NodeContext(node));
  }
  Value& value = graph->value(node.outputs[0]);
  value.dtype = output.dtype;
  value.shape = output.shape;
  return OkStatus();
}

}  // namespace

Status InferNode(Graph* graph, NodeId id) {
  std::vector<InputFact> facts;
  return InferOne(graph, id, &facts);
}

Status InferShapes(Graph* graph) {
  const StatusOr<std::vector<NodeId>> order = graph->TopologicalOrder();
  if (!order.ok()) return order.status();
  std::vector<InputFact> facts;
  for (NodeId id : *order) MINNOW_RETURN_IF_ERROR(InferOne(graph, id, &facts));
  return OkStatus();
}

StatusOr<Shape> BroadcastShapes(const Shape& a, const Shape& b) {
  const int rank = std::max(a.rank(), b.rank());
  Shape result;
  for (int axis = 0; axis < rank; ++axis) {
    const int axis_a = axis - (rank - a.rank());
    const int axis_b = axis - (rank - b.rank());
    const int64_t dim_a = axis_a < 0 ? 1 : a[axis_a];
    const int64_t dim_b = axis_b < 0 ? 1 : b[axis_b];
    if (dim_a == dim_b || dim_b == 1) {
      result.Append(dim_a);
    } else if (dim_a == 1) {
      result.Append(dim_b);
    } else if (dim_a == kUnknownDim || dim_b == kUnknownDim) {
      const int64_t known = std::max(dim_a, dim_b);
      result.Append(known > 1 ? known : kUnknownDim);
    } else {
      return InvalidModel("shapes %s and %s do not broadcast", a.ToString().c_str(),
                          b.ToString().c_str());
    }
  }
  return result;
}

std::vector<int64_t> ReadInts(DType dtype, const void* data, int64_t count) {
  std::vector<int64_t> values(static_cast<size_t>(count));
  for (size_t i = 0; i < values.size(); ++i) {
    values[i] = dtype == DType::kS32 ? static_cast<const int32_t*>(data)[i]
                                     : static_cast<const int64_t*>(data)[i];
  }
  return values;
}

std::optional<std::vector<int64_t>> ConstantInts(const Graph& graph, ValueId id) {
  const Tensor* tensor = graph.ConstantOf(id);
  if (tensor == nullptr) return std::nullopt;
  if (tensor->dtype() != DType::kS32 && tensor->dtype() != DType::kS64) return std::nullopt;
  if (tensor->shape().rank() > 1 || tensor->ElementCount() > kMaxConstantInts) return std::nullopt;
  return ReadInts(tensor->dtype(), tensor->data(), tensor->ElementCount());
}

Status ReadList(const OpInputs& inputs, size_t index, const char* what,
                const std::vector<int64_t>& attribute, MaybeInts* list) {
  if (!inputs.Has(index)) {
    if (attribute.size() > kMaxListLength) {
      return InvalidModel("%s has %zu entries", what, attribute.size());
    }
    *list = attribute;
    return OkStatus();
  }
  const InputFact& input = inputs[index];
  if (input.dtype != DType::kS32 && input.dtype != DType::kS64) {
    return InvalidModel("%s has the type %s, expected i32 or i64", what, DTypeName(input.dtype));
  }
  list->reset();
  if (!input.shape) return OkStatus();
  const int64_t count = input.shape->ElementCount();
  if (input.shape->rank() > 1 || count > static_cast<int64_t>(kMaxListLength)) {
    return InvalidModel("%s has the shape %s, expected a short list", what,
                        input.shape->ToString().c_str());
  }
  if (input.data != nullptr) *list = ReadInts(input.dtype, input.data, count);
  return OkStatus();
}

Status ReadInt(const OpInputs& inputs, size_t index, const char* what,
               std::optional<int64_t>* value) {
  value->reset();
  if (!inputs.Has(index)) return OkStatus();
  MaybeInts list;
  MINNOW_RETURN_IF_ERROR(ReadList(inputs, index, what, {}, &list));
  if (!list) return OkStatus();
  if (list->size() != 1) return InvalidModel("%s has %zu elements, expected 1", what, list->size());
  *value = (*list)[0];
  return OkStatus();
}

Status CheckIndices(const InputFact& input) {
  if (input.dtype == DType::kS32 || input.dtype == DType::kS64) return OkStatus();
  return InvalidModel("indices of type %s, expected i32 or i64", DTypeName(input.dtype));
}

Status NormalizeAxes(const std::vector<int64_t>& axes, int rank, std::vector<int>* normalized) {
  bool seen[kMaxRank] = {};
  normalized->clear();
  for (int64_t axis : axes) {
    const StatusOr<int> positive = NormalizeAxis(axis, rank);
    if (!positive.ok()) return positive.status();
    if (seen[*positive]) return InvalidModel("axis %d is named twice", *positive);
    seen[*positive] = true;
    normalized->push_back(*positive);
  }
  return OkStatus();
}

Status MergeDims(int64_t a, int64_t b, const char* what, int64_t* merged) {
  if (a != b && a != kUnknownDim && b != kUnknownDim) {
    return InvalidModel("%s: %lld does not match %lld", what, static_cast<long long>(a),
                        static_cast<long long>(b));
  }
  *merged = std::max(a, b);
  return OkStatus();
}

Status CheckFloat(const InputFact& input) {
  if (input.dtype == DType::kF32 || input.dtype == DType::kF64 || input.dtype == DType::kF16) {
    return OkStatus();
  }
  return Unsupported("elements of type %s; f32, f64 and f16 are supported", DTypeName(input.dtype));
}

Status CheckSameDType(const OpInputs& inputs, size_t first, size_t second) {
  if (!inputs.Has(second) || inputs[first].dtype == inputs[second].dtype) return OkStatus();
  return InvalidModel("input %zu has the type %s and input %zu %s", first,
                      DTypeName(inputs[first].dtype), second, DTypeName(inputs[second].dtype));
}

Status CheckActivation(const Activation& activation) {
  // Written so that a NaN bound fails too.
  if (!(activation.min <= activation.min) || !(activation.max <= activation.max)) {
    return InvalidModel("an activation bound is not a number");
  }
  return OkStatus();
}

}  // namespace minnow::graph
