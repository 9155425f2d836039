// Which shape lists are known in spite of unknown dimensions?
//
// A model with a dynamic batch N often ends in Reshape(x, [ShapeOf(x)[0], 1280]). Written as
// [-1, 1280] it needs no shape arithmetic in a run. That is sound whenever all entries but one are
// known: a Reshape only runs where the element counts agree, which leaves one value for the entry
// not known, the one that -1 infers. (Where the model's own list would disagree with the input,
// the model fails in a run and the rewritten one does not; no correct result changes.)
#include <algorithm>

#include "passes/passes.h"
#include "passes/rewrite.h"
#include "passes/symbolic_shapes.h"

namespace minnow::passes {
namespace {

using graph::Graph;
using graph::kNoValue;
using graph::Node;
using graph::NodeId;
using graph::ValueId;

// Elements as a tensor of `dtype` when all are constant.
StatusOr<std::optional<Tensor>> AsTensor(const IntElements& list, DType dtype) {
  std::vector<int64_t> wide;
  for (const std::optional<Dim>& element : list.elements) {
    if (!element || !element->IsConstant()) return std::optional<Tensor>();
    wide.push_back(element->factor);
  }
  const std::vector<int32_t> narrow(wide.begin(), wide.end());
  StatusOr<Tensor> tensor = dtype == DType::kS32 ? Tensor::From(list.shape, narrow.data())
                                                 : Tensor::From(list.shape, wide.data());
  if (!tensor.ok()) return tensor.status();
  return std::optional<Tensor>(std::move(*tensor));
}

// Replaces a node that makes a list of constant elements by a constant.
Status FoldList(Graph* graph, NodeId id, const SymbolicShapes& shapes) {
  const ValueId output = graph->node(id).outputs[0];
  const DType dtype = graph->value(output).dtype;
  const IntElements* list = shapes.ElementsOf(output);
  if (list == nullptr || (dtype != DType::kS64 && dtype != DType::kS32)) return OkStatus();
  if (std::holds_alternative<graph::Identity>(graph->node(id).op)) return OkStatus();
  StatusOr<std::optional<Tensor>> tensor = AsTensor(*list, dtype);
  if (!tensor.ok()) return tensor.status();
  if (*tensor) {
    const std::string name = graph->value(output).name + "/folded";
    ReplaceNode(graph, id, graph->AddConstant(name, std::move(**tensor)));
  }
  return OkStatus();
}

// The attribute form of a computed target: constants, -1 for the one entry that is not known, 0
// for entries that are the input's dimension at the same place.
std::optional<std::vector<int64_t>> TargetOf(const graph::Reshape& op, const Dims* input,
                                             const IntElements& list) {
  std::vector<int64_t> target;
  std::vector<size_t> open;
  for (const std::optional<Dim>& element : list.elements) {
    const bool is_constant = element && element->IsConstant();
    if (is_constant && element->factor == 0 && op.allow_zero) return std::nullopt;
    if (!is_constant) open.push_back(target.size());
    target.push_back(is_constant ? element->factor : kUnknownDim);
  }
  const size_t unknown = static_cast<size_t>(std::count(target.begin(), target.end(), kUnknownDim));
  if (unknown <= 1) return target;
  for (size_t i : open) {
    const bool is_copy = input != nullptr && i < input->size() && list.elements[i] &&
                         *list.elements[i] == (*input)[i];
    if (is_copy) target[i] = 0;
  }
  if (std::count(target.begin(), target.end(), kUnknownDim) > 1) return std::nullopt;
  return target;
}

void FoldTarget(Graph* graph, NodeId id, const SymbolicShapes& shapes) {
  const Node& node = graph->node(id);
  const auto* op = std::get_if<graph::Reshape>(&node.op);
  if (op == nullptr || InputOf(node, 1) == kNoValue) return;
  const IntElements* list = shapes.ElementsOf(node.inputs[1]);
  if (list == nullptr || list->shape.rank() != 1) return;
  const auto target = TargetOf(*op, shapes.DimsOf(node.inputs[0]), *list);
  if (!target) return;
  graph->node(id).inputs.resize(1);
  graph->node(id).op = graph::Reshape{*target, false};
}

}  // namespace

Status FoldShapes(Graph* graph) {
  const StatusOr<SymbolicShapes> shapes = SymbolicShapes::Analyze(*graph);
  if (!shapes.ok()) return shapes.status();
  return ForEachNode(graph, [&](NodeId id) {
    FoldTarget(graph, id, *shapes);
    return FoldList(graph, id, *shapes);
  });
}

}  // namespace minnow::passes
