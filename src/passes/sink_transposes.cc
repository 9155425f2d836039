// How far down can a Transpose go? op(T(x)) becomes T(op'(x)) in one walk from inputs to outputs;
// where a Transpose meets another the two become one, and nothing when they are inverses.
#include <algorithm>
#include <map>
#include <numeric>
#include <utility>

#include "passes/passes.h"
#include "passes/permutation.h"
#include "passes/rewrite.h"

namespace minnow::passes {
namespace {

using graph::Graph;
using graph::kNoValue;
using graph::Node;
using graph::NodeId;
using graph::ValueId;

class Sinker {
 public:
  explicit Sinker(Graph* graph) : graph_(graph) {}

  Status Visit(NodeId id) {
    const Node node = graph_->node(id);  // a copy: visiting adds nodes
    return std::visit([&](const auto& op) { return Sink(id, op); }, node.op);
  }

 private:
  // --- One rule an op ---------------------------------------------------------------------------

  template <typename Op>
  Status Sink(NodeId id, const Op&) {
    using namespace graph;  // NOLINT: names of ops
    if constexpr (std::is_same_v<Op, Unary> || std::is_same_v<Op, Clamp> ||
                  std::is_same_v<Op, Cast> || std::is_same_v<Op, Binary> ||
                  std::is_same_v<Op, Where> || std::is_same_v<Op, QBinary> ||
                  std::is_same_v<Op, ByteMap>) {
      return SinkElementwise(id);
    }
    return OkStatus();
  }

  Status Sink(NodeId id, const graph::Quantize&) { return SinkQuantization(id); }
  Status Sink(NodeId id, const graph::Dequantize&) { return SinkQuantization(id); }

  // Elementwise where there is one scale.
  Status SinkQuantization(NodeId id) {
    for (size_t i = 1; i < graph_->node(id).inputs.size(); ++i) {
      const ValueId list = graph_->node(id).inputs[i];
      if (list == kNoValue) continue;
      const Tensor* constant = graph_->ConstantOf(list);
      if (constant == nullptr || constant->ElementCount() != 1) return OkStatus();
    }
    return SinkElementwise(id);
  }

  Status Sink(NodeId id, const graph::Transpose&) {
    const std::optional<TransposedValue> outer = AsTranspose(*graph_, graph_->node(id).outputs[0]);
    if (!outer) return OkStatus();
    TransposedValue whole = *outer;
    if (const std::optional<TransposedValue> inner = AsTranspose(*graph_, outer->source)) {
      whole = {inner->source, Compose(inner->perm, outer->perm)};
    }
    if (IsIdentity(whole.perm)) {
      ReplaceNode(graph_, id, whole.source);
      return OkStatus();
    }
    const auto [same, is_new] =
        made_.try_emplace({whole.source, whole.perm}, graph_->node(id).outputs[0]);
    if (!is_new && !graph_->IsOutput(graph_->node(id).outputs[0])) {
      ReplaceNode(graph_, id, same->second);
      return OkStatus();
    }
    graph_->node(id).inputs = {whole.source};
    graph_->node(id).op = graph::Transpose{whole.perm};
    return OkStatus();
  }

  Status Sink(NodeId id, const graph::Concat& op) {
    const std::optional<Permutation> perm = PermOfInputs(id, /*broadcasts=*/false);
    if (!perm) return OkStatus();
    const StatusOr<int> axis = NormalizeAxis(op.axis, static_cast<int>(perm->size()));
    if (!axis.ok()) return axis.status();
    MINNOW_RETURN_IF_ERROR(UntransposeInputs(id, *perm));
    graph_->node(id).op = graph::Concat{(*perm)[static_cast<size_t>(*axis)]};
    TransposeOutput(id, *perm);
    return OkStatus();
  }

  Status Sink(NodeId id, const graph::Softmax& op) {
    return SinkOneInput(id, [&](const Permutation& perm) -> StatusOr<graph::Op> {
      graph::Softmax moved = op;
      const StatusOr<int> axis = NormalizeAxis(op.axis, static_cast<int>(perm.size()));
      if (!axis.ok()) return axis.status();
      moved.axis = perm[static_cast<size_t>(*axis)];
      return graph::Op(moved);
    });
  }

  Status Sink(NodeId id, const graph::Pad& op) {
    if (graph_->node(id).inputs.size() > 1) return OkStatus();
    return SinkOneInput(id, [&](const Permutation& perm) -> StatusOr<graph::Op> {
      if (op.pads.size() != 2 * perm.size()) return InvalidModel("pads do not fit the rank");
      graph::Pad moved = op;
      for (size_t i = 0; i < perm.size(); ++i) {
        const size_t axis = static_cast<size_t>(perm[i]);
        moved.pads[axis] = op.pads[i];
        moved.pads[axis + perm.size()] = op.pads[i + perm.size()];
      }
      return graph::Op(moved);
    });
  }

  Status Sink(NodeId id, const graph::Slice& op) {
    if (graph_->node(id).inputs.size() > 1) return OkStatus();
    return SinkOneInput(id, [&](const Permutation& perm) -> StatusOr<graph::Op> {
      graph::Slice moved = op;
      if (moved.axes.empty()) {
        moved.axes.resize(moved.starts.size());
        std::iota(moved.axes.begin(), moved.axes.end(), 0);
      }
      MINNOW_RETURN_IF_ERROR(MapAxes(perm, &moved.axes));
      return graph::Op(moved);
    });
  }

  // The axes that stay may still be out of order: T then is over those alone.
  Status Sink(NodeId id, const graph::Reduce& op) {
    const std::optional<TransposedValue> input = Sinkable(graph_->node(id).inputs[0]);
    if (!input || graph_->node(id).inputs.size() > 1) return OkStatus();
    graph::Reduce moved = op;
    MINNOW_RETURN_IF_ERROR(MapAxes(input->perm, &moved.axes));
    Permutation left = input->perm;
    if (!op.keep_dims) {
      std::vector<int64_t> kept;
      for (int64_t axis : input->perm) {
        if (std::count(moved.axes.begin(), moved.axes.end(), axis) == 0 && !moved.axes.empty()) {
          kept.push_back(axis);
        }
      }
      left.clear();
      for (int64_t axis : kept) {
        left.push_back(std::count_if(kept.begin(), kept.end(),
                                     [axis](int64_t other) { return other < axis; }));
      }
    }
    graph_->node(id).op = moved;
    graph_->node(id).inputs[0] = input->source;
    if (!IsIdentity(left)) TransposeOutput(id, left);
    return OkStatus();
  }

  // The shape of T(x) is the shape of x in another order.
  Status Sink(NodeId id, const graph::ShapeOf& op) {
    const std::optional<TransposedValue> input = AsTranspose(*graph_, graph_->node(id).inputs[0]);
    if (!input) return OkStatus();
    const int64_t rank = static_cast<int64_t>(input->perm.size());
    const auto clip = [rank](int64_t axis) {
      return std::clamp<int64_t>(axis < 0 ? axis + rank : axis, 0, rank);
    };
    const int64_t first = clip(op.start), last = std::max(first, clip(op.end));
    const std::vector<int64_t> wanted(input->perm.begin() + first, input->perm.begin() + last);
    StatusOr<Tensor> indices =
        Tensor::From(Shape{static_cast<int64_t>(wanted.size())}, wanted.data());
    if (!indices.ok()) return indices.status();
    const ValueId output = graph_->node(id).outputs[0];
    const ValueId list =
        graph_->AddConstant(graph_->value(output).name + "/axes", std::move(*indices));
    graph_->node(id).op = graph::ShapeOf{0, rank, op.dtype};
    graph_->node(id).inputs[0] = input->source;
    const ValueId gathered = InsertAfter(graph_, output, graph::Gather{0}, "/unordered");
    graph_->node(graph_->value(gathered).producer).inputs.push_back(list);
    graph_->value(gathered).shape = graph_->value(output).shape;
    graph_->value(output).shape = Shape{rank};
    return OkStatus();
  }

  // --- Shared by the rules ----------------------------------------------------------------------

  // The Transpose that makes `value`, unless it is one to channels last: what follows it is in the
  // order that all operators are to have.
  std::optional<TransposedValue> Sinkable(ValueId value) const {
    std::optional<TransposedValue> transposed = AsTranspose(*graph_, value);
    if (transposed && transposed->perm == Permutation{0, 2, 3, 1}) return std::nullopt;
    return transposed;
  }

  static Status MapAxes(const Permutation& perm, std::vector<int64_t>* axes) {
    for (int64_t& axis : *axes) {
      const StatusOr<int> normalized = NormalizeAxis(axis, static_cast<int>(perm.size()));
      if (!normalized.ok()) return normalized.status();
      axis = perm[static_cast<size_t>(*normalized)];
    }
    return OkStatus();
  }

  // `move` gives the op that does on x what the node does on T(x).
  template <typename Move>
  Status SinkOneInput(NodeId id, const Move& move) {
    const std::optional<TransposedValue> input = Sinkable(graph_->node(id).inputs[0]);
    if (!input) return OkStatus();
    StatusOr<graph::Op> moved = move(input->perm);
    if (!moved.ok()) return moved.status().WithContext(NodeContext(graph_->node(id)));
    graph_->node(id).op = std::move(*moved);
    graph_->node(id).inputs[0] = input->source;
    TransposeOutput(id, input->perm);
    return OkStatus();
  }

  Status SinkElementwise(NodeId id) {
    const std::optional<Permutation> perm = PermOfInputs(id, /*broadcasts=*/true);
    if (!perm) return OkStatus();
    MINNOW_RETURN_IF_ERROR(UntransposeInputs(id, *perm));
    TransposeOutput(id, *perm);
    return OkStatus();
  }

  // The node's output is now in the order of x; its readers get it transposed.
  void TransposeOutput(NodeId id, const Permutation& perm) {
    const ValueId output = graph_->node(id).outputs[0];
    const std::optional<Shape> shape = graph_->value(output).shape;
    const ValueId transposed = InsertAfter(graph_, output, graph::Transpose{perm}, "/sunk");
    graph_->value(transposed).shape = shape;
    graph_->value(output).shape.reset();
    if (shape && shape->rank() == static_cast<int>(perm.size())) {
      graph_->value(output).shape = Permuted(*shape, Inverse(perm));
    }
  }

  // The perm of the inputs that are Transposes, when the others can be had in the same order
  // without moving data in a run: constants, values that only need another shape, and values of
  // which the other order exists already.
  std::optional<Permutation> PermOfInputs(NodeId id, bool broadcasts) const {
    std::optional<Permutation> perm;
    for (ValueId input : graph_->node(id).inputs) {
      const std::optional<TransposedValue> transposed = Sinkable(input);
      if (transposed && !perm) perm = transposed->perm;
    }
    if (!perm) return std::nullopt;
    for (ValueId input : graph_->node(id).inputs) {
      const std::optional<TransposedValue> transposed = AsTranspose(*graph_, input);
      if (transposed && transposed->perm == *perm) continue;
      if (!IsFree(input, *perm, broadcasts)) return std::nullopt;
    }
    return perm;
  }

  bool IsFree(ValueId input, const Permutation& perm, bool broadcasts) const {
    const int rank = static_cast<int>(perm.size());
    const std::optional<Shape>& shape = graph_->value(input).shape;
    if (!shape || shape->rank() > rank || (!broadcasts && shape->rank() != rank)) return false;
    if (graph_->IsConstant(input)) return true;
    if (made_.count({input, Inverse(perm)}) > 0) return true;
    const Shape padded = WithLeadingOnes(*shape, rank);
    return MovesNothing(padded, Inverse(perm)) && ReshapeTarget(padded).has_value();
  }

  // REQUIRES: PermOfInputs gave `perm`.
  Status UntransposeInputs(NodeId id, const Permutation& perm) {
    for (size_t i = 0; i < graph_->node(id).inputs.size(); ++i) {
      const ValueId input = graph_->node(id).inputs[i];
      StatusOr<ValueId> source = Untransposed(input, perm);
      if (!source.ok()) return source.status();
      graph_->node(id).inputs[i] = *source;
    }
    return OkStatus();
  }

  StatusOr<ValueId> Untransposed(ValueId input, const Permutation& perm) {
    const std::optional<TransposedValue> transposed = AsTranspose(*graph_, input);
    if (transposed && transposed->perm == perm) return transposed->source;
    const Permutation inverse = Inverse(perm);
    if (graph_->IsConstant(input)) return TransposeConstant(graph_, input, inverse);
    const auto made = made_.find({input, inverse});
    if (made != made_.end()) return made->second;
    const Shape moved = Permuted(
        WithLeadingOnes(*graph_->value(input).shape, static_cast<int>(perm.size())), inverse);
    const ValueId view =
        Derive(graph_, input, graph::Reshape{*ReshapeTarget(moved), false}, "/view");
    graph_->value(view).shape = moved;
    return view;
  }

  Graph* graph_;
  // Transposes of the graph so far, by what they transpose and how.
  std::map<std::pair<ValueId, Permutation>, ValueId> made_;
};

}  // namespace

Status SinkTransposes(Graph* graph) {
  Sinker sinker(graph);
  return ForEachNode(graph, [&](NodeId id) { return sinker.Visit(id); });
}

}  // namespace minnow::passes
