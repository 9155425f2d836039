#include "graph/snapshot.h"

#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>

#include "graph/validate.h"

namespace minnow::graph {
namespace {

// The members of what owns memory, all of them: a new one does not compile until it is listed. Ops
// without lists are copied as they lie.
auto Members(Reduce& op) {
  auto& [kind, axes, keep_dims, bytes] = op;
  return std::tie(kind, axes, keep_dims, bytes);
}
auto Members(Pad& op) {
  auto& [fill, pads, value] = op;
  return std::tie(fill, pads, value);
}
auto Members(Reshape& op) {
  auto& [shape, allow_zero] = op;
  return std::tie(shape, allow_zero);
}
auto Members(Squeeze& op) {
  auto& [axes] = op;
  return std::tie(axes);
}
auto Members(Unsqueeze& op) {
  auto& [axes] = op;
  return std::tie(axes);
}
auto Members(Transpose& op) {
  auto& [perm] = op;
  return std::tie(perm);
}
auto Members(Slice& op) {
  auto& [starts, ends, axes, steps] = op;
  return std::tie(starts, ends, axes, steps);
}
auto Members(ConvNd& op) {
  auto& [strides, dilations, pads, mode, groups, transposed, output_padding, output_sizes] = op;
  return std::tie(strides, dilations, pads, mode, groups, transposed, output_padding, output_sizes);
}
auto Members(PoolNd& op) {
  auto& [average, kernel, strides, dilations, pads, mode, ceil_mode, count_include_pad, indices,
         column_major] = op;
  return std::tie(average, kernel, strides, dilations, pads, mode, ceil_mode, count_include_pad,
                  indices, column_major);
}
auto Members(ProductQuantization& q) {
  auto& [x, y, weight_scales, weight_zero_point, dtype] = q;
  return std::tie(x, y, weight_scales, weight_zero_point, dtype);
}
auto Members(QConv2D& op) {
  auto& [conv, quantization] = op;
  return std::tie(conv, quantization);
}
auto Members(QFullyConnected& op) {
  auto& [product, quantization] = op;
  return std::tie(product, quantization);
}
auto Members(Quantization& q) {
  auto& [scales, zero_points, axis] = q;
  return std::tie(scales, zero_points, axis);
}

template <typename T>
void DoMembers(T* value, ByteStream* stream);

template <typename T>
void DoMember(T* value, ByteStream* stream) {
  if constexpr (std::is_trivially_copyable_v<T>) {
    stream->Do(value);
  } else {
    DoMembers(value, stream);
  }
}
template <typename T>
void DoMember(std::vector<T>* value, ByteStream* stream) {
  stream->Do(value);
}

template <typename T>
void DoMembers(T* value, ByteStream* stream) {
  std::apply([&](auto&... members) { (DoMember(&members, stream), ...); }, Members(*value));
}

template <size_t... kIndex>
bool MakeOp(size_t index, Op* op, std::index_sequence<kIndex...>) {
  return ((index == kIndex && (op->emplace<kIndex>(), true)) || ...);
}

Status DoOp(Op* op, ByteStream* stream) {
  size_t index = op->index();
  stream->Do(&index);
  if (stream->reads() && !MakeOp(index, op, std::make_index_sequence<std::variant_size_v<Op>>())) {
    return InvalidModel("a snapshot has no op %zu", index);
  }
  std::visit([&](auto& alternative) { DoMember(&alternative, stream); }, *op);
  return OkStatus();
}

// Whether there is an optional part.
template <typename T>
bool DoPresence(std::optional<T>* value, ByteStream* stream) {
  bool is_there = value->has_value();
  stream->Do(&is_there);
  if (stream->reads() && is_there) value->emplace();
  return is_there;
}

Status DoValue(Value* value, const DoTensor& do_tensor, ByteStream* stream) {
  stream->Do(&value->name);
  stream->Do(&value->dtype);
  stream->Do(&value->producer);
  stream->Do(&value->shape);
  if (DoPresence(&value->quantization, stream)) DoMembers(&*value->quantization, stream);
  return DoPresence(&value->constant, stream) ? do_tensor(&*value->constant) : OkStatus();
}

}  // namespace

Status DoGraph(Graph* graph, const DoTensor& do_tensor, ByteStream* stream) {
  std::vector<Value> values;
  std::vector<Node> nodes;
  std::vector<ValueId> inputs, outputs;
  if (!stream->reads()) {
    for (ValueId id = 0; id < graph->value_count(); ++id) values.push_back(graph->value(id));
    for (NodeId id = 0; id < graph->node_count(); ++id) nodes.push_back(graph->node(id));
    inputs = graph->inputs();
    outputs = graph->outputs();
  }
  values.resize(stream->DoCount(values.size(), 1));
  for (Value& value : values) MINNOW_RETURN_IF_ERROR(DoValue(&value, do_tensor, stream));
  nodes.resize(stream->DoCount(nodes.size(), 1));
  for (Node& node : nodes) {
    stream->Do(&node.name);
    stream->Do(&node.inputs);
    stream->Do(&node.outputs);
    stream->Do(&node.dead);
    MINNOW_RETURN_IF_ERROR(DoOp(&node.op, stream));
  }
  stream->Do(&inputs);
  stream->Do(&outputs);
  if (!stream->reads()) return OkStatus();
  if (!stream->ok()) return InvalidModel("a snapshot ends early");
  *graph = Graph(std::move(values), std::move(nodes), std::move(inputs), std::move(outputs));
  return Validate(*graph);
}

}  // namespace minnow::graph
