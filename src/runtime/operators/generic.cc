// Any op without a fast kernel: the interpreter on the arena's memory.
#include "interpreter/interpreter.h"
#include "runtime/operators/operators.h"

namespace minnow::runtime {
namespace {

class Generic : public Operator {
 public:
  Generic(const graph::Op& op, std::vector<GenericOperand> inputs,
          std::vector<GenericOperand> outputs)
      : op_(op), inputs_(std::move(inputs)), outputs_(std::move(outputs)) {}

  Status Run(const RunContext& context) const override {
    // Kept from run to run, so that a warm thread allocates nothing.
    thread_local std::vector<TensorView> inputs;
    thread_local std::vector<MutableTensorView> outputs;
    inputs.clear();
    outputs.clear();
    for (const GenericOperand& operand : inputs_) {
      inputs.push_back({operand.dtype, operand.shape, context.buffer<const void>(operand.slot)});
    }
    for (const GenericOperand& operand : outputs_) {
      outputs.push_back({operand.dtype, operand.shape, context.buffer<void>(operand.slot)});
    }
    return interpreter::Evaluate(op_, inputs, outputs);
  }
  const char* kernel() const override { return "interpreter"; }

 private:
  graph::Op op_;
  std::vector<GenericOperand> inputs_;
  std::vector<GenericOperand> outputs_;
};

}  // namespace

std::unique_ptr<Operator> MakeGeneric(const graph::Op& op, std::vector<GenericOperand> inputs,
                                      std::vector<GenericOperand> outputs) {
  return std::unique_ptr<Operator>(new Generic(op, std::move(inputs), std::move(outputs)));
}

}  // namespace minnow::runtime
