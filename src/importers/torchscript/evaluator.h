// Runs a TorchScript program on tensors that are still to be computed: calls are inlined, control
// flow on what is known is followed, and every operator becomes nodes of the trace's graph.
#ifndef MINNOW_IMPORTERS_TORCHSCRIPT_EVALUATOR_H_
#define MINNOW_IMPORTERS_TORCHSCRIPT_EVALUATOR_H_

#include <string>
#include <unordered_map>
#include <vector>

#include "base/status.h"
#include "importers/torchscript/ops.h"
#include "importers/torchscript/program.h"
#include "importers/torchscript/trace.h"

namespace minnow::importers::torchscript {

// Lives for one import. Errors name the source line and the innermost expression that failed.
class Evaluator {
 public:
  // What one import may do: an endless loop ends here.
  static constexpr int64_t kMaxSteps = 4000000;
  // Nested calls, blocks and expressions, all together.
  static constexpr int kMaxDepth = 400;

  // `constants` are those of constants.pkl.
  Evaluator(Program* program, Trace* trace, std::vector<Value> constants)
      : program_(program), trace_(trace), constants_(std::move(constants)) {}

  // Calls a method of an object.
  StatusOr<Value> CallMethod(const Value& object, const Function& method,
                             const std::vector<Value>& arguments);

 private:
  struct Frame {
    const Function* function = nullptr;
    std::unordered_map<std::string_view, Value> variables;
    Value result;
  };
  enum class Flow : uint8_t { kNext, kReturned };
  class Depth;

  Status Step(int64_t cost);
  Status Locate(const Frame& frame, const Expression& expression, const Status& status);

  StatusOr<Flow> RunBlock(const std::vector<const Statement*>& body, Frame* frame);
  StatusOr<Flow> RunStatement(const Statement& statement, Frame* frame);
  StatusOr<Flow> RunWhile(const Statement& statement, Frame* frame);
  StatusOr<Flow> RunFor(const Statement& statement, Frame* frame);
  Status Assign(const Expression& target, const Value& value, Frame* frame);
  StatusOr<bool> Condition(const Expression& expression, Frame* frame);

  // Evaluates and, on an error, says where.
  StatusOr<Value> Evaluate(const Expression& expression, Frame* frame);
  StatusOr<Value> EvaluateKind(const Expression& expression, Frame* frame);
  StatusOr<Value> EvaluateName(std::string_view name, const Frame& frame) const;
  StatusOr<Value> EvaluateItems(const Expression& expression, Frame* frame);
  StatusOr<Value> EvaluateAttribute(const Expression& expression, Frame* frame);
  StatusOr<Value> EvaluateSubscript(const Expression& expression, Frame* frame);
  StatusOr<Value> EvaluateCall(const Expression& expression, Frame* frame);
  StatusOr<Value> AttributeOf(const Value& base, std::string_view name, Frame* frame);
  StatusOr<Value> Constant(std::string_view name);

  struct Arguments {
    std::vector<Value> values;
    Call::Keywords keywords;
  };
  Status EvaluateArguments(const Expression& call, size_t first, Frame* frame,
                           Arguments* arguments);
  // getattr, annotate, unchecked_cast, uninitialized, range: what takes types or names.
  bool IsSpecial(std::string_view name) const;
  StatusOr<Value> CallSpecial(std::string_view name, const Expression& call, Frame* frame);
  StatusOr<Value> CallName(std::string_view name, Arguments arguments);
  StatusOr<Value> CallOperator(std::string_view name, Arguments arguments);
  StatusOr<Value> CallObject(const Value& object, std::string_view method,
                             const Arguments& arguments);
  StatusOr<Value> Invoke(const Function& function, const Arguments& arguments);

  Program* program_;
  Trace* trace_;
  std::vector<Value> constants_;
  int64_t steps_ = 0;
  int depth_ = 0;
  bool is_located_ = false;
};

}  // namespace minnow::importers::torchscript

#endif  // MINNOW_IMPORTERS_TORCHSCRIPT_EVALUATOR_H_
