#include "importers/torchscript/evaluator.h"

#include <limits>

#include "importers/import_context.h"
#include "tensor/load_limits.h"

namespace minnow::importers::torchscript {

using Kind = Value::Kind;

namespace {

constexpr size_t kMaxNameBytes = 512;
constexpr size_t kMaxPathBytes = 200;

bool StartsWith(std::string_view text, std::string_view prefix) {
  return text.substr(0, prefix.size()) == prefix;
}

Status NotKnown(const char* what, const Value& value) {
  return Unsupported("%s depends on %s, which is not known before run time", what,
                     KindName(value.kind));
}

// Operators on lists and dicts look at every element.
int64_t CostOf(const std::vector<Value>& arguments) {
  size_t cost = 1;
  for (const Value& value : arguments) {
    const bool has_items = value.Is(Kind::kList) || value.Is(Kind::kTuple) || value.Is(Kind::kDict);
    cost += 1 + (has_items ? value.items->items.size() / 16 : 0);
  }
  return static_cast<int64_t>(cost);
}

}  // namespace

// Counts how deep the recursion is.
class Evaluator::Depth {
 public:
  explicit Depth(int* depth) : depth_(depth) { ++*depth_; }
  ~Depth() { --*depth_; }
  Depth(const Depth&) = delete;
  Depth& operator=(const Depth&) = delete;

  Status Check() const {
    const int limit = AllowedNesting(kMaxDepth);
    if (*depth_ <= limit) return OkStatus();
    return Unsupported("calls, blocks and expressions nested more than %d deep", limit);
  }

 private:
  int* depth_;
};

Status Evaluator::Step(int64_t cost) {
  steps_ += cost;
  if (steps_ <= kMaxSteps) return CheckLoadTime();
  return ResourceExhausted("the program takes more than %lld steps to trace",
                           static_cast<long long>(kMaxSteps));
}

Status Evaluator::Locate(const Frame& frame, const Expression& expression, const Status& status) {
  if (is_located_) return status;
  is_located_ = true;
  return status.WithContext(frame.function->file->name + ":" + std::to_string(expression.line) +
                            ": " + Quote(expression.source));
}

StatusOr<Value> Evaluator::CallMethod(const Value& object, const Function& method,
                                      const std::vector<Value>& arguments) {
  Arguments all;
  all.values.push_back(object);
  all.values.insert(all.values.end(), arguments.begin(), arguments.end());
  return Invoke(method, all);
}

StatusOr<Value> Evaluator::Invoke(const Function& function, const Arguments& arguments) {
  const Depth depth(&depth_);
  MINNOW_RETURN_IF_ERROR(depth.Check());
  Frame frame;
  frame.function = &function;
  const std::vector<Parameter>& parameters = function.parameters;
  if (arguments.values.size() > parameters.size()) {
    return InvalidModel("%zu arguments for %zu parameters", arguments.values.size(),
                        parameters.size());
  }
  for (size_t i = 0; i < arguments.values.size(); ++i) {
    frame.variables[parameters[i].name] = arguments.values[i];
  }
  for (const auto& [name, value] : arguments.keywords) frame.variables[name] = value;
  for (const Parameter& parameter : parameters) {
    if (frame.variables.count(parameter.name) != 0) continue;
    if (parameter.otherwise == nullptr) {
      return InvalidModel("the argument %s is missing", Quote(parameter.name).c_str());
    }
    StatusOr<Value> value = Evaluate(*parameter.otherwise, &frame);
    if (!value.ok()) return value;
    frame.variables[parameter.name] = *value;
  }
  StatusOr<Flow> flow = RunBlock(function.body, &frame);
  if (!flow.ok()) return flow.status();
  return frame.result;
}

StatusOr<Evaluator::Flow> Evaluator::RunBlock(const std::vector<const Statement*>& body,
                                              Frame* frame) {
  const Depth depth(&depth_);
  MINNOW_RETURN_IF_ERROR(depth.Check());
  for (const Statement* statement : body) {
    StatusOr<Flow> flow = RunStatement(*statement, frame);
    if (!flow.ok() || *flow == Flow::kReturned) return flow;
  }
  return Flow::kNext;
}

StatusOr<Evaluator::Flow> Evaluator::RunStatement(const Statement& statement, Frame* frame) {
  MINNOW_RETURN_IF_ERROR(Step(1));
  switch (statement.kind) {
    case Statement::Kind::kPass:
      return Flow::kNext;
    case Statement::Kind::kWhile:
      return RunWhile(statement, frame);
    case Statement::Kind::kFor:
      return RunFor(statement, frame);
    case Statement::Kind::kIf: {
      const StatusOr<bool> taken = Condition(*statement.value, frame);
      if (!taken.ok()) return taken.status();
      return RunBlock(*taken ? statement.body : statement.otherwise, frame);
    }
    case Statement::Kind::kExpression:
    case Statement::Kind::kAssign:
    case Statement::Kind::kReturn:
      break;
  }
  Value value;
  if (statement.value != nullptr) {
    StatusOr<Value> evaluated = Evaluate(*statement.value, frame);
    if (!evaluated.ok()) return evaluated.status();
    value = *evaluated;
  }
  if (statement.kind == Statement::Kind::kAssign) {
    const Status status = Assign(*statement.target, value, frame);
    if (!status.ok()) return Locate(*frame, *statement.target, status);
  }
  if (statement.kind != Statement::Kind::kReturn) return Flow::kNext;
  frame->result = value;
  return Flow::kReturned;
}

StatusOr<Evaluator::Flow> Evaluator::RunWhile(const Statement& statement, Frame* frame) {
  for (;;) {
    MINNOW_RETURN_IF_ERROR(Step(1));
    const StatusOr<bool> goes_on = Condition(*statement.value, frame);
    if (!goes_on.ok()) return goes_on.status();
    if (!*goes_on) return Flow::kNext;
    StatusOr<Flow> flow = RunBlock(statement.body, frame);
    if (!flow.ok() || *flow == Flow::kReturned) return flow;
  }
}

// Over range(n), which is given as the integer n, or over a list.
StatusOr<Evaluator::Flow> Evaluator::RunFor(const Statement& statement, Frame* frame) {
  StatusOr<Value> over = Evaluate(*statement.value, frame);
  if (!over.ok()) return over.status();
  const bool is_list = over->Is(Kind::kList) || over->Is(Kind::kTuple);
  if (!is_list && !over->Is(Kind::kInt)) {
    return Locate(*frame, *statement.value, NotKnown("a loop", *over));
  }
  for (int64_t i = 0;; ++i) {
    MINNOW_RETURN_IF_ERROR(Step(1));
    // The body may change the list.
    const int64_t count = is_list ? static_cast<int64_t>(over->items->items.size()) : over->number;
    if (i >= count) return Flow::kNext;
    const Value item = is_list ? over->items->items[static_cast<size_t>(i)] : MakeInt(i);
    MINNOW_RETURN_IF_ERROR(Assign(*statement.target, item, frame));
    StatusOr<Flow> flow = RunBlock(statement.body, frame);
    if (!flow.ok() || *flow == Flow::kReturned) return flow;
  }
}

Status Evaluator::Assign(const Expression& target, const Value& value, Frame* frame) {
  if (target.kind == Expression::Kind::kName) {
    frame->variables[target.text] = value;
    return OkStatus();
  }
  if (target.kind == Expression::Kind::kAttribute) {
    StatusOr<Value> base = Evaluate(*target.parts[0], frame);
    if (!base.ok()) return base.status();
    if (!base->Is(Kind::kObject)) return InvalidModel("an attribute of %s", KindName(base->kind));
    MINNOW_RETURN_IF_ERROR(Step(static_cast<int64_t>(base->object->attributes.size())));
    base->object->Set(target.text, value);
    return OkStatus();
  }
  if (target.kind != Expression::Kind::kTuple && target.kind != Expression::Kind::kList) {
    return Unsupported("an assignment to this is not supported");
  }
  if (!value.Is(Kind::kTuple) && !value.Is(Kind::kList)) {
    return InvalidModel("%s where several values were expected", KindName(value.kind));
  }
  const std::vector<Value>& items = value.items->items;
  if (items.size() != target.parts.size()) {
    return InvalidModel("%zu values for %zu names", items.size(), target.parts.size());
  }
  for (size_t i = 0; i < items.size(); ++i) {
    if (target.parts[i]->kind != Expression::Kind::kName) {
      return Unsupported("an assignment to this is not supported");
    }
    frame->variables[target.parts[i]->text] = items[i];
  }
  return OkStatus();
}

StatusOr<bool> Evaluator::Condition(const Expression& expression, Frame* frame) {
  StatusOr<Value> value = Evaluate(expression, frame);
  if (!value.ok()) return value.status();
  if (value->Is(Kind::kBool) || value->Is(Kind::kInt)) return value->number != 0;
  return Locate(*frame, expression, NotKnown("a branch", *value));
}

StatusOr<Value> Evaluator::Evaluate(const Expression& expression, Frame* frame) {
  const Depth depth(&depth_);
  Status status = depth.Check();
  if (status.ok()) status = Step(1);
  if (!status.ok()) return Locate(*frame, expression, status);
  StatusOr<Value> value = EvaluateKind(expression, frame);
  if (!value.ok()) return Locate(*frame, expression, value.status());
  return value;
}

StatusOr<Value> Evaluator::EvaluateKind(const Expression& expression, Frame* frame) {
  switch (expression.kind) {
    case Expression::Kind::kName:
      return EvaluateName(expression.text, *frame);
    case Expression::Kind::kInt:
      return MakeInt(expression.number);
    case Expression::Kind::kFloat:
      return MakeFloat(expression.real);
    case Expression::Kind::kText:
      return MakeText(expression.text);
    case Expression::Kind::kNone:
      return Value();
    case Expression::Kind::kTrue:
      return MakeBool(true);
    case Expression::Kind::kFalse:
      return MakeBool(false);
    case Expression::Kind::kList:
    case Expression::Kind::kTuple:
    case Expression::Kind::kDict:
      return EvaluateItems(expression, frame);
    case Expression::Kind::kNegate: {
      StatusOr<Value> value = Evaluate(*expression.parts[0], frame);
      if (!value.ok()) return value;
      return CallOperator("neg", {{*value}, {}});
    }
    case Expression::Kind::kAttribute:
      return EvaluateAttribute(expression, frame);
    case Expression::Kind::kSubscript:
      return EvaluateSubscript(expression, frame);
    case Expression::Kind::kCall:
      return EvaluateCall(expression, frame);
  }
  return Internal("expression %d", static_cast<int>(expression.kind));
}

// A variable, else the start of a full name: "torch", "__torch__", "CONSTANTS", "int".
StatusOr<Value> Evaluator::EvaluateName(std::string_view name, const Frame& frame) const {
  const auto found = frame.variables.find(name);
  if (found != frame.variables.end()) return found->second;
  if (name == "inf") return MakeFloat(std::numeric_limits<double>::infinity());
  if (name == "nan") return MakeFloat(std::numeric_limits<double>::quiet_NaN());
  return MakeName(name);
}

StatusOr<Value> Evaluator::EvaluateItems(const Expression& expression, Frame* frame) {
  MINNOW_RETURN_IF_ERROR(trace_->heap().Charge(static_cast<int64_t>(expression.parts.size()) + 1));
  std::vector<Value> items;
  items.reserve(expression.parts.size());
  for (const Expression* part : expression.parts) {
    StatusOr<Value> item = Evaluate(*part, frame);
    if (!item.ok()) return item;
    items.push_back(*item);
  }
  const Kind kind = expression.kind == Expression::Kind::kList    ? Kind::kList
                    : expression.kind == Expression::Kind::kTuple ? Kind::kTuple
                                                                  : Kind::kDict;
  return trace_->heap().MakeItems(kind, &items);
}

StatusOr<Value> Evaluator::EvaluateAttribute(const Expression& expression, Frame* frame) {
  StatusOr<Value> base = Evaluate(*expression.parts[0], frame);
  if (!base.ok()) return base;
  return AttributeOf(*base, expression.text, frame);
}

// Networks are imported for inference: training is False, whatever the file says.
StatusOr<Value> Evaluator::AttributeOf(const Value& base, std::string_view name, Frame* frame) {
  if (base.Is(Kind::kName)) {
    if (base.text == "CONSTANTS") return Constant(name);
    if (base.text.size() + name.size() > kMaxNameBytes) return Unsupported("a name this long");
    MINNOW_RETURN_IF_ERROR(trace_->heap().Charge(1));
    return MakeName(trace_->heap().Keep(std::string(base.text) + "." + std::string(name)));
  }
  if (!base.Is(Kind::kObject)) {
    return Unsupported("the attribute %s of %s", Quote(name).c_str(), KindName(base.kind));
  }
  if (name == "training") return MakeBool(false);
  Object* object = base.object;
  MINNOW_RETURN_IF_ERROR(Step(static_cast<int64_t>(object->attributes.size()) / 16));
  const Value* value = object->Find(name);
  if (value == nullptr) {
    const StatusOr<const ClassDefinition*> type = program_->FindClass(object->class_name);
    if (!type.ok()) return type.status();
    const auto constant = (*type)->constants.find(name);
    if (constant != (*type)->constants.end()) return Evaluate(*constant->second, frame);
    return InvalidModel("there is no attribute %s", Quote(name).c_str());
  }
  std::string path = object->path;
  if (!path.empty()) path += ".";
  path += std::string(name.substr(0, kMaxPathBytes));
  if (path.size() > kMaxPathBytes) path.resize(kMaxPathBytes);
  if (value->Is(Kind::kObject) && value->object->path.empty()) value->object->path = path;
  if (value->Is(Kind::kTensor) && value->tensor->name.empty()) {
    value->tensor->name = trace_->heap().Keep(std::move(path));
  }
  return *value;
}

// "c12" is the thirteenth.
StatusOr<Value> Evaluator::Constant(std::string_view name) {
  size_t index = 0;
  bool is_number = name.size() > 1 && name.size() < 8 && name[0] == 'c';
  for (char digit : name.substr(1)) {
    is_number = is_number && digit >= '0' && digit <= '9';
    index = index * 10 + static_cast<size_t>(digit - '0');
  }
  if (!is_number || index >= constants_.size()) {
    return InvalidModel("there is no constant %s", Quote(name).c_str());
  }
  const Value& constant = constants_[index];
  if (constant.Is(Kind::kTensor) && constant.tensor->name.empty()) constant.tensor->name = name;
  return constant;
}

StatusOr<Value> Evaluator::EvaluateSubscript(const Expression& expression, Frame* frame) {
  if (expression.parts.size() != 2) return Unsupported("an index of several parts");
  StatusOr<Value> base = Evaluate(*expression.parts[0], frame);
  if (!base.ok()) return base;
  StatusOr<Value> index = Evaluate(*expression.parts[1], frame);
  if (!index.ok()) return index;
  if (base->Is(Kind::kDict)) {
    const std::vector<Value>& items = base->items->items;
    MINNOW_RETURN_IF_ERROR(Step(static_cast<int64_t>(items.size()) / 16));
    for (size_t i = 0; i + 1 < items.size(); i += 2) {
      const Value& key = items[i];
      if (key.kind == index->kind && key.text == index->text && key.number == index->number) {
        return items[i + 1];
      }
    }
    return InvalidModel("the dict has no such key");
  }
  if (!base->Is(Kind::kList) && !base->Is(Kind::kTuple)) {
    return Unsupported("an element of %s", KindName(base->kind));
  }
  const std::optional<int64_t> number = IntOf(*index, trace_);
  if (!number) return NotKnown("an index", *index);
  const int64_t count = static_cast<int64_t>(base->items->items.size());
  const int64_t at = *number < 0 ? *number + count : *number;
  if (at < 0 || at >= count) {
    return InvalidModel("index %lld of %lld elements", static_cast<long long>(*number),
                        static_cast<long long>(count));
  }
  return base->items->items[static_cast<size_t>(at)];
}

Status Evaluator::EvaluateArguments(const Expression& call, size_t first, Frame* frame,
                                    Arguments* arguments) {
  arguments->values.reserve(call.parts.size());
  for (size_t i = first; i < call.parts.size(); ++i) {
    StatusOr<Value> value = Evaluate(*call.parts[i], frame);
    if (!value.ok()) return value.status();
    arguments->values.push_back(*value);
  }
  for (const auto& [name, expression] : call.keywords) {
    StatusOr<Value> value = Evaluate(*expression, frame);
    if (!value.ok()) return value.status();
    arguments->keywords.emplace_back(name, *value);
  }
  return OkStatus();
}

StatusOr<Value> Evaluator::EvaluateCall(const Expression& expression, Frame* frame) {
  const Expression& callee = *expression.parts[0];
  Arguments arguments;
  if (callee.kind == Expression::Kind::kAttribute) {
    StatusOr<Value> base = Evaluate(*callee.parts[0], frame);
    if (!base.ok()) return base;
    if (base->Is(Kind::kObject)) {
      MINNOW_RETURN_IF_ERROR(EvaluateArguments(expression, 1, frame, &arguments));
      return CallObject(*base, callee.text, arguments);
    }
    StatusOr<Value> function = AttributeOf(*base, callee.text, frame);
    if (!function.ok()) return function;
    MINNOW_RETURN_IF_ERROR(EvaluateArguments(expression, 1, frame, &arguments));
    if (function->Is(Kind::kName)) return CallName(function->text, std::move(arguments));
    return Unsupported("a call of %s", KindName(function->kind));
  }
  StatusOr<Value> function = Evaluate(callee, frame);
  if (!function.ok()) return function;
  if (!function->Is(Kind::kName)) return Unsupported("a call of %s", KindName(function->kind));
  if (IsSpecial(function->text)) return CallSpecial(function->text, expression, frame);
  MINNOW_RETURN_IF_ERROR(EvaluateArguments(expression, 1, frame, &arguments));
  return CallName(function->text, std::move(arguments));
}

bool Evaluator::IsSpecial(std::string_view name) const {
  return name == "getattr" || name == "annotate" || name == "unchecked_cast" ||
         name == "uninitialized" || name == "range";
}

// Types are not evaluated.
StatusOr<Value> Evaluator::CallSpecial(std::string_view name, const Expression& call,
                                       Frame* frame) {
  if (name == "uninitialized") return Value();
  const size_t expected = name == "range" ? 1 : 2;
  if (call.parts.size() != 1 + expected || !call.keywords.empty()) {
    return Unsupported("%zu arguments; %zu are supported", call.parts.size() - 1, expected);
  }
  StatusOr<Value> first =
      name == "getattr" || name == "range" ? Evaluate(*call.parts[1], frame) : Value();
  if (!first.ok() || name == "range") return first;
  StatusOr<Value> second = Evaluate(*call.parts[2], frame);
  if (!second.ok() || name != "getattr") return second;
  if (!second->Is(Kind::kText)) return InvalidModel("the attribute's name is no string");
  return AttributeOf(*first, second->text, frame);
}

StatusOr<Value> Evaluator::CallName(std::string_view name, Arguments arguments) {
  if (!StartsWith(name, "__torch__.")) return CallOperator(name, std::move(arguments));
  const StatusOr<const Function*> function = program_->FindFunction(name);
  if (!function.ok()) return function.status();
  if (*function != nullptr) return Invoke(**function, arguments);
  const StatusOr<const ClassDefinition*> type = program_->FindClass(name);
  if (!type.ok()) return type.status();
  // A named tuple, as some networks return it. Modules are never made by a program.
  if ((*type)->methods.empty()) return trace_->heap().MakeTuple(std::move(arguments.values));
  return Unsupported("the making of an object is not supported");
}

StatusOr<Value> Evaluator::CallOperator(std::string_view name, Arguments arguments) {
  if (StartsWith(name, "torch.")) name = name.substr(6);
  if (StartsWith(name, "ops.aten.")) name = name.substr(9);
  const Row* row = FindRow(name);
  bool in_place = false;
  if (row == nullptr && !name.empty() && name.back() == '_') {
    name.remove_suffix(1);
    row = FindRow(name);
    in_place = true;
  }
  if (row == nullptr) return Unsupported("the operator is not supported");
  MINNOW_RETURN_IF_ERROR(Step(CostOf(arguments.values)));
  const Call call(name, std::move(arguments.values), std::move(arguments.keywords), trace_);
  const Value result = row->run(call);
  MINNOW_RETURN_IF_ERROR(trace_->status());
  const Value& first = call.Argument(0, "self");
  if (in_place) {
    if (!first.Is(Kind::kTensor) || !result.Is(Kind::kTensor)) {
      return Unsupported("%s cannot be changed in place", KindName(first.kind));
    }
    trace_->Assign(first.tensor, trace_->Read(result.tensor));
    return first;
  }
  if (row->effect == Row::Effect::kView && first.Is(Kind::kTensor)) {
    const bool is_list = result.Is(Kind::kList);
    for (size_t i = 0; i < (is_list ? result.items->items.size() : 1); ++i) {
      const Value& view = is_list ? result.items->items[i] : result;
      if (view.tensor != first.tensor) trace_->MarkView(first.tensor, view.tensor);
    }
  }
  return result;
}

StatusOr<Value> Evaluator::CallObject(const Value& object, std::string_view method,
                                      const Arguments& arguments) {
  const StatusOr<const ClassDefinition*> type = program_->FindClass(object.object->class_name);
  if (!type.ok()) return type.status();
  const auto found = (*type)->methods.find(method);
  if (found == (*type)->methods.end()) {
    return InvalidModel("%s has no method %s", Quote(object.object->class_name).c_str(),
                        Quote(method).c_str());
  }
  Arguments all;
  all.values.reserve(arguments.values.size() + 1);
  all.values.push_back(object);
  all.values.insert(all.values.end(), arguments.values.begin(), arguments.values.end());
  all.keywords = arguments.keywords;
  const std::string outside = trace_->path();
  trace_->set_path(object.object->path);
  StatusOr<Value> result = Invoke(*found->second, all);
  trace_->set_path(outside);
  return result;
}

}  // namespace minnow::importers::torchscript
