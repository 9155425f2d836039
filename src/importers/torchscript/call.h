// One call of an operator as the rows of ops.cc see it: typed access to its arguments by position
// or keyword, and the making of graph nodes.
#ifndef MINNOW_IMPORTERS_TORCHSCRIPT_CALL_H_
#define MINNOW_IMPORTERS_TORCHSCRIPT_CALL_H_

#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "graph/ops.h"
#include "importers/torchscript/trace.h"
#include "importers/torchscript/value.h"

namespace minnow::importers::torchscript {

// The position of an argument that can only be given by keyword.
inline constexpr size_t kKeywordOnly = static_cast<size_t>(-1);

// Getters record what is wrong in the trace and give a harmless value, so that a row reads straight
// through. An argument that is absent and one that is None are the same.
class Call {
 public:
  using Keywords = std::vector<std::pair<std::string_view, Value>>;

  Call(std::string_view name, std::vector<Value> arguments, Keywords keywords, Trace* trace)
      : name_(name),
        arguments_(std::move(arguments)),
        keywords_(std::move(keywords)),
        trace_(trace) {}

  // The operator without "torch." and without the "_" of its in-place form.
  std::string_view name() const { return name_; }
  const std::vector<Value>& arguments() const { return arguments_; }
  Trace& trace() const { return *trace_; }

  // None where it is absent.
  const Value& Argument(size_t index, std::string_view keyword) const;
  bool Has(size_t index, std::string_view keyword) const {
    return !Argument(index, keyword).Is(Value::Kind::kNone);
  }
  // Whether an argument is a tensor that takes part with all its elements: a stored one of rank 0
  // counts as the number that it holds.
  bool HasTensor(size_t index) const;

  // A tensor is required.
  graph::ValueId Tensor(size_t index, std::string_view keyword) const;
  graph::ValueId OptionalTensor(size_t index, std::string_view keyword) const;
  // A list of tensors, at least one.
  std::vector<graph::ValueId> Tensors(size_t index, std::string_view keyword) const;
  // A tensor, or a number as a constant of rank 0.
  graph::ValueId Operand(size_t index, std::string_view keyword) const;

  int64_t Int(size_t index, std::string_view keyword, int64_t otherwise) const;
  int64_t RequiredInt(size_t index, std::string_view keyword) const;
  double Number(size_t index, std::string_view keyword, double otherwise) const;
  bool Bool(size_t index, std::string_view keyword, bool otherwise) const;
  std::string_view Text(size_t index, std::string_view keyword, std::string_view otherwise) const;
  // A list, or one number; empty where it is absent.
  std::vector<int64_t> Ints(size_t index, std::string_view keyword) const;
  // The same of two numbers, one standing for both: [height, width].
  std::pair<int64_t, int64_t> Pair(size_t index, std::string_view keyword, int64_t otherwise) const;

  // The shape of x, and an axis of it made positive.
  Shape ShapeOf(graph::ValueId x) const { return trace_->ShapeOf(x); }
  int Axis(int64_t axis, int rank) const;

  graph::ValueId Add(graph::Op op, std::vector<graph::ValueId> inputs) const {
    return trace_->Add(name_, std::move(op), std::move(inputs));
  }
  Value Result(graph::ValueId value) const { return trace_->heap().MakeTensor(value); }
  Value Result(graph::Op op, std::vector<graph::ValueId> inputs) const {
    return Result(Add(std::move(op), std::move(inputs)));
  }
  Value Fail(Status status) const {
    trace_->Fail(std::move(status));
    return Value();
  }

 private:
  Value Wrong(size_t index, std::string_view keyword, const Value& value,
              const char* expected) const;

  std::string_view name_;
  std::vector<Value> arguments_;
  Keywords keywords_;
  Trace* trace_;
};

// The integer that a value is: also that of a stored tensor of rank 0, which traced programs have
// for Python's numbers.
std::optional<int64_t> IntOf(const Value& value, Trace* trace);
std::optional<double> NumberOf(const Value& value, Trace* trace);

}  // namespace minnow::importers::torchscript

#endif  // MINNOW_IMPORTERS_TORCHSCRIPT_CALL_H_
