// What Python computes with numbers, lists and strings while a program is traced: done here and
// now. An integer that only a run knows becomes part of the graph.
#include <cmath>
#include <optional>

#include "importers/import_context.h"
#include "importers/torchscript/ops.h"

namespace minnow::importers::torchscript {
namespace {

using graph::ValueId;
using Kind = Value::Kind;

Value Overflow(const Call& call) { return call.Fail(InvalidModel("a result beyond 64 bits")); }

// Rounded towards minus infinity. REQUIRES: b is neither 0 nor -1.
int64_t FloorDiv(int64_t a, int64_t b) {
  const int64_t quotient = a / b;
  return a % b != 0 && (a < 0) != (b < 0) ? quotient - 1 : quotient;
}

Value IntArithmetic(const Call& call, int64_t a, int64_t b) {
  const std::string_view op = call.name();
  int64_t result = 0;
  bool overflows = false;
  if (op == "add") {
    overflows = __builtin_add_overflow(a, b, &result);
  } else if (op == "sub" || op == "subtract") {
    overflows = __builtin_sub_overflow(a, b, &result);
  } else if (op == "mul" || op == "multiply") {
    overflows = __builtin_mul_overflow(a, b, &result);
  } else if (op == "floordiv" || op == "floor_divide" || op == "remainder") {
    if (b == 0) return call.Fail(InvalidModel("a division by zero"));
    const bool is_remainder = op == "remainder";
    if (b == -1) {
      overflows = !is_remainder && __builtin_sub_overflow(int64_t{0}, a, &result);
    } else {
      const int64_t quotient = FloorDiv(a, b);
      result = is_remainder ? a - quotient * b : quotient;
    }
  } else {
    return call.Fail(Unsupported("it is not supported for integers"));
  }
  return overflows ? Overflow(call) : MakeInt(result);
}

Value FloatArithmetic(const Call& call, double a, double b) {
  const std::string_view op = call.name();
  if (op == "add") return MakeFloat(a + b);
  if (op == "sub" || op == "subtract") return MakeFloat(a - b);
  if (op == "mul" || op == "multiply") return MakeFloat(a * b);
  if (op == "div" || op == "divide") return MakeFloat(a / b);
  if (op == "pow") return MakeFloat(std::pow(a, b));
  if (op == "floordiv" || op == "floor_divide") return MakeFloat(std::floor(a / b));
  return call.Fail(Unsupported("it is not supported for floats"));
}

// An integer as a value of the graph.
ValueId SymbolOf(const Call& call, const Value& value) {
  if (value.Is(Kind::kSymbol)) return static_cast<ValueId>(value.number);
  const std::optional<int64_t> number = IntOf(value, &call.trace());
  if (!number) call.Fail(Unsupported("it is not supported for %s", KindName(value.kind)));
  return call.trace().AddInts(Shape(), {number.value_or(0)});
}

// Of sizes, so that a division of positive numbers is a floor.
Value SymbolArithmetic(const Call& call) {
  const std::string_view op = call.name();
  graph::Binary binary;
  if (op == "sub" || op == "subtract") {
    binary.kind = graph::BinaryKind::kSub;
  } else if (op == "mul" || op == "multiply") {
    binary.kind = graph::BinaryKind::kMul;
  } else if (op == "floordiv" || op == "floor_divide") {
    binary.kind = graph::BinaryKind::kDiv;
  } else if (op != "add") {
    return call.Fail(Unsupported("it is not supported for sizes not known before run time"));
  }
  const ValueId a = SymbolOf(call, call.Argument(0, "self"));
  const ValueId b = SymbolOf(call, call.Argument(1, "other"));
  return MakeSymbol(call.Add(binary, {a, b}), false);
}

std::optional<bool> CompareNumbers(std::string_view op, double a, double b) {
  if (op == "eq") return a == b;
  if (op == "ne") return a != b;
  if (op == "lt") return a < b;
  if (op == "le") return a <= b;
  if (op == "gt") return a > b;
  if (op == "ge") return a >= b;
  return std::nullopt;
}

// Nothing where it cannot be told.
std::optional<bool> AreEqual(const Value& a, const Value& b, Trace* trace) {
  if (a.Is(Kind::kText) && b.Is(Kind::kText)) return a.text == b.text;
  if (a.Is(Kind::kNone) || b.Is(Kind::kNone)) return a.kind == b.kind;
  const std::optional<int64_t> int_a = IntOf(a, trace), int_b = IntOf(b, trace);
  if (int_a && int_b) return *int_a == *int_b;
  const std::optional<double> real_a = NumberOf(a, trace), real_b = NumberOf(b, trace);
  if (real_a && real_b) return *real_a == *real_b;
  return std::nullopt;
}

std::optional<bool> AreListsEqual(const Value& a, const Value& b, Trace* trace) {
  const std::vector<Value>& left = a.items->items;
  const std::vector<Value>& right = b.items->items;
  if (left.size() != right.size()) return false;
  for (size_t i = 0; i < left.size(); ++i) {
    const std::optional<bool> equal = AreEqual(left[i], right[i], trace);
    if (!equal || !*equal) return equal;
  }
  return true;
}

bool IsItems(const Value& value) { return value.Is(Kind::kList) || value.Is(Kind::kTuple); }

Value Unknown(const Call& call) {
  return call.Fail(Unsupported("what it gives is not known before run time"));
}

// Towards zero. Written so that NaN fails too.
Value ToInt(const Call& call, double real) {
  return std::fabs(real) < 9e15 ? MakeInt(static_cast<int64_t>(real)) : Overflow(call);
}

}  // namespace

Value RunScalar(const Call& call) {
  const Value& a = call.Argument(0, "self");
  const Value& b = call.Argument(1, "other");
  Trace* trace = &call.trace();
  if (call.name() == "neg") {
    if (call.HasTensor(0)) {
      return call.Result(graph::Unary{graph::UnaryKind::kNeg}, {call.Tensor(0, "self")});
    }
    if (a.Is(Kind::kFloat)) return MakeFloat(-a.real);
    int64_t result = 0;
    const bool overflows = __builtin_sub_overflow(int64_t{0}, call.RequiredInt(0, "a"), &result);
    return overflows ? Overflow(call) : MakeInt(result);
  }
  if (call.name() == "add" && a.Is(Kind::kList) && b.Is(Kind::kList)) {
    std::vector<Value> items = a.items->items;
    items.insert(items.end(), b.items->items.begin(), b.items->items.end());
    trace->Fail(trace->heap().Charge(static_cast<int64_t>(items.size())));
    return trace->heap().MakeList(std::move(items));
  }
  if (a.Is(Kind::kSymbol) || b.Is(Kind::kSymbol)) return SymbolArithmetic(call);
  const bool gives_float = call.name() == "div" || call.name() == "divide" || call.name() == "pow";
  const std::optional<int64_t> int_a = IntOf(a, trace), int_b = IntOf(b, trace);
  if (int_a && int_b && !gives_float) return IntArithmetic(call, *int_a, *int_b);
  const std::optional<double> real_a = NumberOf(a, trace), real_b = NumberOf(b, trace);
  if (real_a && real_b) return FloatArithmetic(call, *real_a, *real_b);
  return call.Fail(
      Unsupported("it is not supported for %s and %s", KindName(a.kind), KindName(b.kind)));
}

Value RunFloor(const Call& call) {
  if (call.HasTensor(0)) {
    return call.Result(graph::Unary{graph::UnaryKind::kFloor}, {call.Tensor(0, "self")});
  }
  return ToInt(call, std::floor(call.Number(0, "a", 0.0)));
}

Value RunCeil(const Call& call) {
  if (call.HasTensor(0)) {
    return call.Result(graph::Unary{graph::UnaryKind::kCeil}, {call.Tensor(0, "self")});
  }
  return ToInt(call, std::ceil(call.Number(0, "a", 0.0)));
}

Value RunCompare(const Call& call) {
  const Value& a = call.Argument(0, "self");
  const Value& b = call.Argument(1, "other");
  Trace* trace = &call.trace();
  const bool is_equality = call.name() == "eq" || call.name() == "ne";
  if (is_equality) {
    const std::optional<bool> equal =
        IsItems(a) && IsItems(b) ? AreListsEqual(a, b, trace) : AreEqual(a, b, trace);
    if (equal) return MakeBool(*equal == (call.name() == "eq"));
  }
  const std::optional<double> real_a = NumberOf(a, trace), real_b = NumberOf(b, trace);
  if (!real_a || !real_b) return Unknown(call);
  const std::optional<bool> result = CompareNumbers(call.name(), *real_a, *real_b);
  return result ? MakeBool(*result) : Unknown(call);
}

// With None or of bools. Anything else is an identity of objects, which no file has.
Value RunIs(const Call& call) {
  const Value& a = call.Argument(0, "self");
  const Value& b = call.Argument(1, "obj");
  const bool wanted = call.name() == "__is__";
  if (a.Is(Kind::kNone) || b.Is(Kind::kNone)) return MakeBool((a.kind == b.kind) == wanted);
  if (a.Is(Kind::kBool) && b.Is(Kind::kBool)) return MakeBool((a.number == b.number) == wanted);
  return Unknown(call);
}

Value RunLogic(const Call& call) {
  const bool a = call.Bool(0, "self", false);
  if (call.name() == "__not__") return MakeBool(!a);
  const bool b = call.Bool(1, "other", false);
  return MakeBool(call.name() == "__and__" ? a && b : a || b);
}

Value RunContains(const Call& call) {
  const Value& list = call.Argument(0, "l");
  const bool is_dict = list.Is(Kind::kDict);
  if (!IsItems(list) && !is_dict) return Unknown(call);
  const std::vector<Value>& items = list.items->items;
  for (size_t i = 0; i < items.size(); i += is_dict ? 2 : 1) {
    const std::optional<bool> equal = AreEqual(items[i], call.Argument(1, "item"), &call.trace());
    if (!equal) return Unknown(call);
    if (*equal) return MakeBool(true);
  }
  return MakeBool(false);
}

Value RunLen(const Call& call) {
  const Value& value = call.Argument(0, "a");
  if (value.Is(Kind::kText)) return MakeInt(static_cast<int64_t>(value.text.size()));
  if (value.Is(Kind::kTensor)) {
    const ValueId x = call.Tensor(0, "t");
    call.Axis(0, call.ShapeOf(x).rank());
    return call.trace().DimOf(x, 0);
  }
  if (!IsItems(value) && !value.Is(Kind::kDict)) return Unknown(call);
  const size_t size = value.items->items.size();
  return MakeInt(static_cast<int64_t>(value.Is(Kind::kDict) ? size / 2 : size));
}

Value RunAppend(const Call& call) {
  const Value& list = call.Argument(0, "self");
  if (!list.Is(Kind::kList)) return call.Fail(InvalidModel("%s, not a list", KindName(list.kind)));
  call.trace().Fail(call.trace().heap().Charge(1));
  list.items->items.push_back(call.Argument(1, "el"));
  return list;
}

// A list of its own.
Value RunList(const Call& call) {
  const Value& list = call.Argument(0, "l");
  if (!IsItems(list)) return Unknown(call);
  call.trace().Fail(call.trace().heap().Charge(static_cast<int64_t>(list.items->items.size())));
  return call.trace().heap().MakeList(list.items->items);
}

// Only errors are formatted: the pattern says enough.
Value RunFormat(const Call& call) { return MakeText(call.Text(0, "self", "")); }

Value RunToInt(const Call& call) {
  const Value& value = call.Argument(0, "a");
  if (value.Is(Kind::kSymbol)) return value;
  if (const std::optional<int64_t> number = IntOf(value, &call.trace())) return MakeInt(*number);
  const std::optional<double> real = NumberOf(value, &call.trace());
  return real ? ToInt(call, *real) : Unknown(call);
}

Value RunToFloat(const Call& call) {
  const std::optional<double> real = NumberOf(call.Argument(0, "a"), &call.trace());
  return real ? MakeFloat(*real) : Unknown(call);
}

Value RunToBool(const Call& call) {
  const std::optional<double> real = NumberOf(call.Argument(0, "a"), &call.trace());
  return real ? MakeBool(*real != 0.0) : Unknown(call);
}

// Of two numbers or of a list.
Value RunMinMax(const Call& call) {
  const bool is_max = call.name() == "ops.prim.max";
  const Value& first = call.Argument(0, "a");
  const std::vector<Value>& items = IsItems(first) ? first.items->items : call.arguments();
  if (items.empty()) return call.Fail(InvalidModel("there is no number"));
  Value best = items[0];
  for (const Value& item : items) {
    const std::optional<double> a = NumberOf(best, &call.trace()),
                                b = NumberOf(item, &call.trace());
    if (!a || !b) return Unknown(call);
    if (is_max ? *b > *a : *b < *a) best = item;
  }
  return best;
}

Value RunFirst(const Call& call) { return call.Argument(0, "a"); }

Value RunNone(const Call&) { return Value(); }

Value RunFalse(const Call&) { return MakeBool(false); }

// PyTorch's numbers of dtypes.
Value RunDtype(const Call& call) {
  constexpr int64_t kFloat32 = 6;
  call.Tensor(0, "a");
  return MakeInt(kFloat32);
}

Value RunRaise(const Call& call) {
  const std::string_view text = call.Text(0, "msg", "");
  return call.Fail(Unsupported("the program raises %s", Quote(text).c_str()));
}

}  // namespace minnow::importers::torchscript
