// How one op is checked and dispatched, and how a whole graph is run value by value.
#include "interpreter/interpreter.h"

#include <cstring>
#include <utility>

#include "graph/op_rules.h"
#include "graph/validate.h"
#include "interpreter/evaluators.h"
#include "interpreter/facts.h"

namespace minnow::interpreter {
namespace {

Status InferOne(const graph::Op& op, const std::vector<TensorView>& inputs,
                graph::OutputFact* output) {
  for (const TensorView& input : inputs) {
    if (input.data != nullptr && !input.shape.IsStatic()) {
      return InvalidArgument("an input has the shape %s", input.shape.ToString().c_str());
    }
  }
  MINNOW_RETURN_IF_ERROR(graph::InferOp(op, FactsOf(inputs), output));
  if (output->shape && output->shape->IsStatic()) return OkStatus();
  return Internal("the output shape of %s is not known from its inputs", graph::OpName(op));
}

bool Fits(const Shape& declared, const Shape& given) {
  if (declared.rank() != given.rank()) return false;
  for (int axis = 0; axis < given.rank(); ++axis) {
    if (declared[axis] != kUnknownDim && declared[axis] != given[axis]) return false;
  }
  return given.IsStatic();
}

Status CheckGraphInput(const graph::Value& declared, const TensorView& given) {
  if (declared.dtype != given.dtype) {
    return InvalidArgument("input \"%s\" has the type %s, expected %s", declared.name.c_str(),
                           DTypeName(given.dtype), DTypeName(declared.dtype));
  }
  if (declared.shape ? !Fits(*declared.shape, given.shape) : !given.shape.IsStatic()) {
    return InvalidArgument("input \"%s\" has the shape %s, expected %s", declared.name.c_str(),
                           given.shape.ToString().c_str(),
                           declared.shape ? declared.shape->ToString().c_str() : "a static one");
  }
  if (given.data == nullptr && given.ElementCount() > 0) {
    return InvalidArgument("input \"%s\" has no elements", declared.name.c_str());
  }
  return OkStatus();
}

StatusOr<Tensor> CopyOf(const TensorView& view) {
  StatusOr<Tensor> tensor = Tensor::Allocate(view.dtype, view.shape);
  if (tensor.ok() && view.size_bytes() > 0) {
    std::memcpy(tensor->mutable_data(), view.data, view.size_bytes());
  }
  return tensor;
}

// The values of one run. A node's result is freed after its last reader.
class GraphRun {
 public:
  explicit GraphRun(const graph::Graph& graph)
      : graph_(graph),
        tensors_(static_cast<size_t>(graph.value_count())),
        uses_(graph.UseCounts()) {}

  Status Start(const std::vector<TensorView>& inputs) {
    if (inputs.size() != graph_.inputs().size()) {
      return InvalidArgument("%zu inputs given, the graph has %zu", inputs.size(),
                             graph_.inputs().size());
    }
    for (size_t i = 0; i < inputs.size(); ++i) {
      const graph::ValueId id = graph_.inputs()[i];
      MINNOW_RETURN_IF_ERROR(CheckGraphInput(graph_.value(id), inputs[i]));
      StatusOr<Tensor> copy = CopyOf(inputs[i]);
      if (!copy.ok()) return copy.status();
      tensors_[static_cast<size_t>(id)] = std::move(*copy);
    }
    for (graph::ValueId id = 0; id < graph_.value_count(); ++id) {
      if (graph_.IsConstant(id)) tensors_[static_cast<size_t>(id)] = *graph_.ConstantOf(id);
    }
    return OkStatus();
  }

  Status Step(const graph::Node& node) {
    std::vector<TensorView> inputs(node.inputs.size());
    for (size_t i = 0; i < inputs.size(); ++i) {
      if (node.inputs[i] == graph::kNoValue) continue;
      inputs[i] = tensors_[static_cast<size_t>(node.inputs[i])]->view();
    }
    StatusOr<std::vector<Tensor>> outputs = AllocateOutputs(node.op, inputs);
    if (!outputs.ok()) return outputs.status();
    std::vector<MutableTensorView> views;
    for (Tensor& output : *outputs) views.push_back(output.mutable_view());
    MINNOW_RETURN_IF_ERROR(Evaluate(node.op, inputs, views));
    for (size_t i = 0; i < node.outputs.size(); ++i) {
      tensors_[static_cast<size_t>(node.outputs[i])] = std::move((*outputs)[i]);
    }
    for (graph::ValueId id : node.inputs) {
      if (id == graph::kNoValue) continue;
      const size_t index = static_cast<size_t>(id);
      if (--uses_[index] == 0) tensors_[index].reset();
    }
    return OkStatus();
  }

  std::vector<Tensor> Finish() const {
    std::vector<Tensor> outputs;
    for (graph::ValueId id : graph_.outputs())
      outputs.push_back(*tensors_[static_cast<size_t>(id)]);
    return outputs;
  }

 private:
  const graph::Graph& graph_;
  std::vector<std::optional<Tensor>> tensors_;
  std::vector<int> uses_;
};

}  // namespace

Status Evaluate(const graph::Op& op, const std::vector<TensorView>& inputs,
                const std::vector<MutableTensorView>& outputs) {
  graph::OutputFact expected;
  MINNOW_RETURN_IF_ERROR(InferOne(op, inputs, &expected));
  if (outputs.size() != 1) return InvalidArgument("%zu outputs, expected one", outputs.size());
  if (outputs[0].dtype != expected.dtype || outputs[0].shape != *expected.shape) {
    return InvalidArgument("the output is %s%s, expected %s%s", DTypeName(outputs[0].dtype),
                           outputs[0].shape.ToString().c_str(), DTypeName(expected.dtype),
                           expected.shape->ToString().c_str());
  }
  if (outputs[0].ElementCount() == 0) return OkStatus();
  return std::visit([&](const auto& concrete) { return Run(concrete, inputs, outputs[0]); }, op);
}

StatusOr<std::vector<Tensor>> AllocateOutputs(const graph::Op& op,
                                              const std::vector<TensorView>& inputs) {
  graph::OutputFact fact;
  MINNOW_RETURN_IF_ERROR(InferOne(op, inputs, &fact));
  StatusOr<Tensor> tensor = Tensor::Allocate(fact.dtype, *fact.shape);
  if (!tensor.ok()) return tensor.status();
  std::vector<Tensor> outputs;
  outputs.push_back(std::move(*tensor));
  return outputs;
}

StatusOr<std::vector<Tensor>> RunGraph(const graph::Graph& graph,
                                       const std::vector<TensorView>& inputs) {
  MINNOW_RETURN_IF_ERROR(graph::Validate(graph));
  const StatusOr<std::vector<graph::NodeId>> order = graph.TopologicalOrder();
  if (!order.ok()) return order.status();
  GraphRun run(graph);
  MINNOW_RETURN_IF_ERROR(run.Start(inputs));
  for (graph::NodeId id : *order) {
    const graph::Node& node = graph.node(id);
    MINNOW_RETURN_IF_ERROR(run.Step(node).WithContext(graph::NodeContext(node)));
  }
  return run.Finish();
}

}  // namespace minnow::interpreter
