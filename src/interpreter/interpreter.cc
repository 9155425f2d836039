// How one op is checked and dispatched, and how a whole graph is run value by value.
#include "interpreter/interpreter.h"

#include <algorithm>
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
  // Types that an op's rule does not read, such as sizes in f16.
  return Unsupported("the output shape of %s does not follow from its inputs", graph::OpName(op));
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

bool MakesOutput(const graph::Op& op) {
  return std::visit(
      [](const auto& concrete) { return kMakesOutput<std::decay_t<decltype(concrete)>>; }, op);
}

// REQUIRES: MakesOutput(op).
StatusOr<Tensor> MakeOutput(const graph::Op& op, const std::vector<TensorView>& inputs) {
  graph::OutputFact fact;
  MINNOW_RETURN_IF_ERROR(graph::InferOp(op, FactsOf(inputs), &fact));
  return std::visit(
      [&](const auto& concrete) -> StatusOr<Tensor> {
        if constexpr (kMakesOutput<std::decay_t<decltype(concrete)>>) {
          return Make(concrete, inputs);
        } else {
          return Internal("the output shape is known beforehand");
        }
      },
      op);
}

Status RunOp(const graph::Op& op, const std::vector<TensorView>& inputs,
             const MutableTensorView& output) {
  return std::visit(
      [&](const auto& concrete) {
        if constexpr (kMakesOutput<std::decay_t<decltype(concrete)>>) {
          return Internal("the output shape is not known beforehand");
        } else {
          return Run(concrete, inputs, output);
        }
      },
      op);
}

bool HasHalves(const std::vector<TensorView>& inputs) {
  return std::any_of(inputs.begin(), inputs.end(), [](const TensorView& input) {
    return input.data != nullptr && input.dtype == DType::kF16;
  });
}

// f16 as f32, the result rounded once.
Status RunInSingles(const graph::Op& op, const std::vector<TensorView>& inputs,
                    const MutableTensorView& output) {
  std::vector<TensorView> views = inputs;
  std::vector<Tensor> singles;
  singles.reserve(inputs.size() + 1);
  for (TensorView& view : views) {
    if (view.data == nullptr || view.dtype != DType::kF16) continue;
    StatusOr<Tensor> single = Tensor::Allocate(DType::kF32, view.shape);
    if (!single.ok()) return single.status();
    MINNOW_RETURN_IF_ERROR(Run(graph::Cast{DType::kF32}, {view}, single->mutable_view()));
    singles.push_back(std::move(*single));
    view = singles.back().view();
  }
  if (output.dtype != DType::kF16) return RunOp(op, views, output);
  StatusOr<Tensor> result = Tensor::Allocate(DType::kF32, output.shape);
  if (!result.ok()) return result.status();
  MINNOW_RETURN_IF_ERROR(RunOp(op, views, result->mutable_view()));
  return Run(graph::Cast{DType::kF16}, {result->view()}, output);
}

size_t SizeOf(const graph::OutputFact& fact) {
  return static_cast<size_t>(fact.shape->ElementCount()) * DTypeSize(fact.dtype);
}

// The values of one run. A node's result is freed after its last reader.
class GraphRun {
 public:
  GraphRun(const graph::Graph& graph, size_t max_bytes)
      : graph_(graph),
        max_bytes_(max_bytes),
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
      MINNOW_RETURN_IF_ERROR(Charge(inputs[i].size_bytes()));
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
    StatusOr<Tensor> output = Compute(node.op, inputs);
    if (!output.ok()) return output.status();
    tensors_[static_cast<size_t>(node.outputs[0])] = std::move(*output);
    for (graph::ValueId id : node.inputs) {
      if (id == graph::kNoValue) continue;
      const size_t index = static_cast<size_t>(id);
      if (--uses_[index] > 0) continue;
      if (!graph_.IsConstant(id)) live_bytes_ -= tensors_[index]->size_bytes();
      tensors_[index].reset();
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
  // An op that makes its output may list an index an axis for every element, and work on one more.
  Status CheckFits(const std::vector<TensorView>& inputs) const {
    uint64_t bytes = 0;
    for (const TensorView& input : inputs) {
      if (input.data == nullptr) continue;
      bytes += static_cast<uint64_t>(input.ElementCount()) * sizeof(int64_t) *
               (static_cast<uint64_t>(input.shape.rank()) + 2);
    }
    if (bytes <= max_bytes_ - live_bytes_) return OkStatus();
    return ResourceExhausted("%llu bytes may be needed beside the %zu in use; the limit is %zu",
                             static_cast<unsigned long long>(bytes), live_bytes_, max_bytes_);
  }

  StatusOr<Tensor> Compute(const graph::Op& op, const std::vector<TensorView>& inputs) {
    if (MakesOutput(op)) {
      MINNOW_RETURN_IF_ERROR(CheckFits(inputs));
      StatusOr<Tensor> made = MakeOutput(op, inputs);
      if (made.ok()) MINNOW_RETURN_IF_ERROR(Charge(made->size_bytes()));
      return made;
    }
    graph::OutputFact fact;
    MINNOW_RETURN_IF_ERROR(InferOne(op, inputs, &fact));
    MINNOW_RETURN_IF_ERROR(Charge(SizeOf(fact)));
    StatusOr<Tensor> output = Tensor::Allocate(fact.dtype, *fact.shape);
    if (output.ok()) MINNOW_RETURN_IF_ERROR(Evaluate(op, inputs, {output->mutable_view()}));
    return output;
  }

  Status Charge(size_t bytes) {
    if (bytes > max_bytes_ - live_bytes_) {
      return ResourceExhausted("%zu bytes more than the %zu in use are above the limit of %zu",
                               bytes, live_bytes_, max_bytes_);
    }
    live_bytes_ += bytes;
    return OkStatus();
  }

  const graph::Graph& graph_;
  const size_t max_bytes_;
  size_t live_bytes_ = 0;
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
  Status status = RunOp(op, inputs, outputs[0]);
  const bool retries = status.code() == StatusCode::kUnsupported && HasHalves(inputs);
  return retries ? RunInSingles(op, inputs, outputs[0]) : status;
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
                                       const std::vector<TensorView>& inputs,
                                       const RunLimits& limits) {
  MINNOW_RETURN_IF_ERROR(graph::Validate(graph));
  const StatusOr<std::vector<graph::NodeId>> order = graph.TopologicalOrder();
  if (!order.ok()) return order.status();
  GraphRun run(graph, limits.max_bytes);
  MINNOW_RETURN_IF_ERROR(run.Start(inputs));
  for (graph::NodeId id : *order) {
    const graph::Node& node = graph.node(id);
    if (limits.before_node) MINNOW_RETURN_IF_ERROR(limits.before_node(node));
    MINNOW_RETURN_IF_ERROR(run.Step(node).WithContext(graph::NodeContext(node)));
  }
  return run.Finish();
}

}  // namespace minnow::interpreter
