// Which lists that a node reads are constant, so that later passes find them in the op itself?
#include <numeric>

#include "graph/infer_shapes.h"
#include "passes/passes.h"
#include "passes/rewrite.h"

namespace minnow::passes {
namespace {

using graph::Graph;
using graph::kNoValue;
using graph::Node;
using graph::NodeId;

using Ints = std::optional<std::vector<int64_t>>;

class Inliner {
 public:
  Inliner(Graph* graph, NodeId id) : graph_(graph), id_(id) {}

  void operator()(graph::Reduce& op) const { InlineList(&op.axes, /*empty_means_all=*/true); }
  void operator()(graph::Squeeze& op) const { InlineList(&op.axes, true); }
  void operator()(graph::Unsqueeze& op) const { InlineList(&op.axes, false); }
  void operator()(graph::Reshape& op) const { InlineList(&op.shape, false); }
  void operator()(graph::Pad& op) const;
  void operator()(graph::Slice& op) const;
  template <typename Op>
  void operator()(Op&) const {}

 private:
  Node& node() const { return graph_->node(id_); }
  Ints List(size_t input) const { return graph::ConstantInts(*graph_, InputOf(node(), input)); }

  // Moves the list in input 1.
  void InlineList(std::vector<int64_t>* attribute, bool empty_means_all) const {
    const Ints list = List(1);
    // An empty list given as an input is left: "no axes" and "all axes" are told apart there.
    if (!list || (empty_means_all && list->empty())) return;
    *attribute = *list;
    node().inputs.resize(1);
  }

  Graph* graph_;
  NodeId id_;
};

void Inliner::operator()(graph::Pad& op) const {
  if (InputOf(node(), 1) == kNoValue) return;
  const Ints pads = List(1);
  const bool has_fill = InputOf(node(), 2) != kNoValue;
  const std::optional<double> fill = ConstantScalar(*graph_, InputOf(node(), 2));
  if (!pads || (has_fill && !fill)) return;
  op.pads = *pads;
  if (has_fill) op.value = static_cast<float>(*fill);
  node().inputs.resize(1);
}

void Inliner::operator()(graph::Slice& op) const {
  if (InputOf(node(), 1) == kNoValue) return;
  const Ints starts = List(1), ends = List(2);
  if (!starts || !ends) return;
  Ints axes = std::vector<int64_t>(starts->size());
  std::iota(axes->begin(), axes->end(), 0);
  if (InputOf(node(), 3) != kNoValue) axes = List(3);
  Ints steps = std::vector<int64_t>(starts->size(), 1);
  if (InputOf(node(), 4) != kNoValue) steps = List(4);
  if (!axes || !steps) return;
  op = graph::Slice{*starts, *ends, *axes, *steps};
  node().inputs.resize(1);
}

}  // namespace

Status InlineAttributes(Graph* graph) {
  return ForEachNode(graph, [graph](NodeId id) {
    std::visit(Inliner(graph, id), graph->node(id).op);
    return OkStatus();
  });
}

}  // namespace minnow::passes
