#include "runtime/model.h"

#include <algorithm>
#include <mutex>
#include <utility>

#include "graph/infer_shapes.h"
#include "graph/print.h"
#include "graph/validate.h"
#include "passes/passes.h"
#include "passes/pipeline.h"
#include "runtime/lower.h"
#include "runtime/plan.h"
#include "tensor/load_limits.h"

namespace minnow::runtime {
namespace {

// Plans kept for input shapes seen lately (batch sizes).
constexpr size_t kKeptPlans = 8;

// How the network reads an image input: through the transpose that to_nhwc left, or, past
// elementwise ops, in a convolution.
std::string LayoutOf(const graph::Graph& graph, graph::ValueId id) {
  for (int hops = 0; hops < 8; ++hops) {
    const std::vector<graph::NodeId> consumers = graph.ConsumersOf(id);
    if (consumers.empty()) return "";
    const graph::Node& node = graph.node(consumers[0]);
    if (const auto* transpose = std::get_if<graph::Transpose>(&node.op)) {
      return transpose->perm == std::vector<int64_t>{0, 2, 3, 1} ? "NCHW" : "";
    }
    if (std::holds_alternative<graph::Conv2D>(node.op) ||
        std::holds_alternative<graph::QConv2D>(node.op) ||
        std::holds_alternative<graph::Pool2D>(node.op)) {
      return "NHWC";
    }
    if (!std::holds_alternative<graph::Binary>(node.op) &&
        !std::holds_alternative<graph::Pad>(node.op) &&
        !std::holds_alternative<graph::Unary>(node.op) &&
        !std::holds_alternative<graph::Quantize>(node.op) &&
        !std::holds_alternative<graph::Dequantize>(node.op) &&
        !std::holds_alternative<graph::Clamp>(node.op)) {
      return "";
    }
    id = node.outputs[0];
  }
  return "";
}

std::vector<TensorInfo> Describe(const graph::Graph& graph, const std::vector<graph::ValueId>& ids,
                                 bool inputs) {
  std::vector<TensorInfo> infos;
  for (const graph::ValueId id : ids) {
    const graph::Value& value = graph.value(id);
    TensorInfo info;
    info.name = value.name;
    info.dtype = value.dtype;
    info.quantization = value.quantization;
    if (value.shape.has_value()) info.shape = *value.shape;
    if (inputs && info.shape.rank() == 4) info.layout = LayoutOf(graph, id);
    infos.push_back(std::move(info));
  }
  return infos;
}

// While a model is compiled, shapes and constants are its own: nobody else can be wrong.
Status BlameModel(const Status& status) {
  const bool blames_caller = status.code() == StatusCode::kInvalidArgument;
  return blames_caller ? Status(StatusCode::kInvalidModel, status.message()) : status;
}

}  // namespace

int64_t Plan::macs() const {
  int64_t total = 0;
  for (const auto& op : operators) total += op->macs();
  return total;
}

struct Model::Cache {
  std::mutex mutex;
  std::vector<std::shared_ptr<const Plan>> plans;  // latest last
  LoadLimits limits;                               // of plans to come, too
  WeightCache weights;
};

Model::Model(const CompileOptions& options) : options_(options), cache_(std::make_unique<Cache>()) {
  options_.max_arena_bytes = std::min(options.max_arena_bytes, CurrentLoadLimits().arena_bytes);
  cache_->limits = CurrentLoadLimits();
}
Model::~Model() = default;

StatusOr<std::shared_ptr<const Model>> Model::Compile(graph::Graph graph,
                                                      const CompileOptions& options,
                                                      CompiledParts* parts) {
  const LoadScope scope(CurrentLoadLimits());
  std::shared_ptr<Model> model(new Model(options));
  model->imported_text_ = graph::Print(graph);
  if (options.in_floats) MINNOW_RETURN_IF_ERROR(passes::DropQuantization(&graph));
  MINNOW_RETURN_IF_ERROR(BlameModel(passes::Optimize(&graph)));
  model->graph_ = std::move(graph);
  const StatusOr<std::vector<Shape>> shapes = model->DeclaredShapes();
  if (!shapes.ok()) return shapes.status();
  StatusOr<graph::Graph> specialized = model->Specialized(*shapes);
  if (!specialized.ok()) return BlameModel(specialized.status());
  if (parts != nullptr) *parts = {model->imported_text_, model->graph_, *specialized, {}};
  graph::Graph* gives_weights = parts == nullptr ? &model->graph_ : nullptr;
  MINNOW_RETURN_IF_ERROR(BlameModel(model->Finish(std::move(*specialized), gives_weights)));
  if (parts != nullptr) parts->weights = model->cache_->weights.entries();
  return std::shared_ptr<const Model>(std::move(model));
}

StatusOr<std::shared_ptr<const Model>> Model::Restore(CompiledParts parts,
                                                      const CompileOptions& options) {
  const LoadScope scope(CurrentLoadLimits());
  std::shared_ptr<Model> model(new Model(options));
  model->imported_text_ = std::move(parts.imported_text);
  model->graph_ = std::move(parts.graph);
  model->cache_->weights.Add(std::move(parts.weights));
  MINNOW_RETURN_IF_ERROR(model->Finish(std::move(parts.specialized), nullptr));
  return std::shared_ptr<const Model>(std::move(model));
}

StatusOr<std::vector<Shape>> Model::DeclaredShapes() const {
  std::vector<Shape> shapes;
  for (const graph::ValueId id : graph_.inputs()) {
    const graph::Value& value = graph_.value(id);
    if (!value.shape.has_value()) {
      return Unsupported("input \"%s\" has no shape in the model", value.name.c_str());
    }
    Shape shape = *value.shape;
    for (int axis = 0; axis < shape.rank(); ++axis) {
      if (shape[axis] == kUnknownDim) shape[axis] = 1;
    }
    shapes.push_back(shape);
  }
  return shapes;
}

Status Model::Finish(graph::Graph specialized, graph::Graph* gives_weights) {
  inputs_ = Describe(graph_, graph_.inputs(), true);
  outputs_ = Describe(graph_, graph_.outputs(), false);
  StatusOr<std::shared_ptr<const Plan>> plan = MakePlan(std::move(specialized), gives_weights);
  if (!plan.ok()) return plan.status();
  default_plan_ = *plan;
  cache_->plans.push_back(std::move(*plan));
  return OkStatus();
}

int64_t Model::macs() const { return default_plan_->macs(); }
int64_t Model::weight_bytes() const { return cache_->weights.bytes(); }
std::string Model::optimized_text() const { return graph::Print(graph_); }

StatusOr<std::shared_ptr<const Plan>> Model::PlanFor(const std::vector<Shape>& input_shapes) const {
  std::lock_guard<std::mutex> lock(cache_->mutex);
  auto& plans = cache_->plans;
  const auto found = std::find_if(plans.begin(), plans.end(), [&](const auto& plan) {
    return plan->input_shapes == input_shapes;
  });
  if (found != plans.end()) {
    std::rotate(found, found + 1, plans.end());
    return plans.back();
  }
  const LoadScope scope(cache_->limits);
  StatusOr<graph::Graph> specialized = Specialized(input_shapes);
  if (!specialized.ok()) return specialized.status();
  StatusOr<std::shared_ptr<const Plan>> plan = MakePlan(std::move(*specialized), nullptr);
  if (plan.ok()) {
    if (plans.size() == kKeptPlans) plans.erase(plans.begin());
    plans.push_back(*plan);
  }
  // Constants can depend on the input's shape, and so can the form that a kernel wants.
  cache_->weights.ReleaseUnused();
  return plan;
}

StatusOr<std::shared_ptr<const Plan>> Model::MakePlan(graph::Graph specialized,
                                                      graph::Graph* gives_weights) const {
  WeightCache& weights = cache_->weights;
  StatusOr<std::shared_ptr<const Plan>> plan = Lower(specialized, options_, &weights);
  if (!plan.ok()) {
    weights.DropPending();
    return plan;
  }
  // Then nobody else holds the weights, and they are packed where they lie.
  specialized = graph::Graph();
  if (gives_weights != nullptr) weights.ReleaseSources(gives_weights);
  MINNOW_RETURN_IF_ERROR(weights.FillPending());
  return plan;
}

StatusOr<graph::Graph> Model::Specialized(const std::vector<Shape>& input_shapes) const {
  StatusOr<graph::Graph> specialized = graph();
  if (specialized.ok()) {
    MINNOW_RETURN_IF_ERROR(passes::Specialize(&*specialized, input_shapes));
  }
  return specialized;
}

StatusOr<graph::Graph> Model::graph() const {
  graph::Graph graph = graph_;
  MINNOW_RETURN_IF_ERROR(cache_->weights.Restore(&graph));
  return graph;
}

}  // namespace minnow::runtime
