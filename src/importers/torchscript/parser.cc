// Recursive descent; how deep it goes is bounded.
#include "importers/torchscript/parser.h"

#include <optional>

#include "importers/import_context.h"
#include "importers/numbers.h"
#include "importers/torchscript/lexer.h"
#include "tensor/load_limits.h"

namespace minnow::importers::torchscript {
namespace {

constexpr int kOwnDepth = 200;

class Parser {
 public:
  Parser(std::vector<Token> tokens, Heap* heap, SourceFile* file)
      : tokens_(std::move(tokens)), heap_(heap), file_(file) {}

  Status Run() {
    Status status = ParseFile();
    if (status.ok()) return status;
    return status.WithContext(file_->name + ":" + std::to_string(Peek().line));
  }

 private:
  using Kind = Token::Kind;

  const Token& Peek() const { return tokens_[at_]; }
  bool At(std::string_view text) const {
    return Peek().text == text && (Peek().kind == Kind::kPunctuation || Peek().kind == Kind::kName);
  }
  bool Take(std::string_view text) {
    if (!At(text)) return false;
    ++at_;
    return true;
  }
  bool TakeKind(Kind kind) {
    if (Peek().kind != kind) return false;
    if (kind != Kind::kEnd) ++at_;
    return true;
  }

  static std::string Shown(const Token& token) {
    switch (token.kind) {
      case Kind::kNewline:
        return "the end of the line";
      case Kind::kIndent:
        return "an indent";
      case Kind::kDedent:
        return "the end of a block";
      case Kind::kEnd:
        return "the end of the file";
      default:
        return Quote(token.text);
    }
  }
  Status Wrong(const char* expected) const {
    return InvalidModel("%s where %s was expected", Shown(Peek()).c_str(), expected);
  }
  Status TooDeep(const char* what) const {
    return Unsupported("more than %d %s", max_depth_, what);
  }
  Status Expect(std::string_view text) {
    return Take(text) ? OkStatus() : Wrong(Quote(text).c_str());
  }
  Status ExpectName(std::string_view* name) {
    if (Peek().kind != Kind::kName) return Wrong("a name");
    *name = Peek().text;
    ++at_;
    return OkStatus();
  }
  Status ExpectNewline() {
    return TakeKind(Kind::kNewline) || Peek().kind == Kind::kEnd ? OkStatus()
                                                                 : Wrong("the end of the line");
  }

  StatusOr<Expression*> NewExpression(Expression::Kind kind) {
    MINNOW_RETURN_IF_ERROR(heap_->Charge(1));
    Expression* node = &file_->expressions.emplace_back();
    node->kind = kind;
    node->line = Peek().line;
    node->source = Peek().text;
    return node;
  }
  // `node` reaches from where `first` begins to the token before this one.
  void Close(std::string_view first, Expression* node) const {
    const std::string_view last = tokens_[at_ - 1].text;
    node->source = {first.data(), static_cast<size_t>(last.data() + last.size() - first.data())};
  }

  Status ParseFile() {
    while (!TakeKind(Kind::kEnd)) {
      if (TakeKind(Kind::kNewline)) continue;
      if (At("class")) {
        MINNOW_RETURN_IF_ERROR(ParseClass());
      } else if (At("def")) {
        const StatusOr<const Function*> function = ParseFunction();
        if (!function.ok()) return function.status();
        file_->functions.emplace((*function)->name, *function);
      } else {
        const StatusOr<const Statement*> ignored = ParseStatement(0);  // op_version_set = 1
        if (!ignored.ok()) return ignored.status();
      }
    }
    return OkStatus();
  }

  Status ParseClass() {
    ++at_;
    ClassDefinition definition;
    MINNOW_RETURN_IF_ERROR(ExpectName(&definition.name));
    if (Take("(")) {
      while (!At(")")) {
        const StatusOr<const Expression*> base = ParseExpression(0);
        if (!base.ok()) return base.status();
        Take(",");
      }
      ++at_;
    }
    MINNOW_RETURN_IF_ERROR(Expect(":"));
    MINNOW_RETURN_IF_ERROR(ExpectNewline());
    if (!TakeKind(Kind::kIndent)) return Wrong("a block");
    while (!TakeKind(Kind::kDedent)) {
      MINNOW_RETURN_IF_ERROR(ParseMember(&definition));
    }
    const std::string_view name = definition.name;
    file_->classes.emplace(name, std::move(definition));
    return OkStatus();
  }

  // A method, `name : Type`, `name : Type = value`, or an assignment that nothing needs.
  Status ParseMember(ClassDefinition* definition) {
    if (At("def")) {
      const StatusOr<const Function*> method = ParseFunction();
      if (!method.ok()) return method.status();
      definition->methods.emplace((*method)->name, *method);
      return OkStatus();
    }
    if (Peek().kind != Kind::kName || tokens_[at_ + 1].text != ":") {
      return ParseStatement(0).status();
    }
    std::string_view name;
    MINNOW_RETURN_IF_ERROR(ExpectName(&name));
    ++at_;
    const StatusOr<const Expression*> type = ParseExpression(0);
    if (!type.ok()) return type.status();
    if (Take("=")) {
      const StatusOr<const Expression*> value = ParseExpression(0);
      if (!value.ok()) return value.status();
      definition->constants.emplace(name, *value);
    }
    return ExpectNewline();
  }

  StatusOr<const Function*> ParseFunction() {
    ++at_;
    Function* function = &file_->function_nodes.emplace_back();
    function->file = file_;
    MINNOW_RETURN_IF_ERROR(ExpectName(&function->name));
    MINNOW_RETURN_IF_ERROR(Expect("("));
    while (!Take(")")) {
      MINNOW_RETURN_IF_ERROR(ParseParameter(function));
      if (!At(")")) MINNOW_RETURN_IF_ERROR(Expect(","));
    }
    if (Take("->")) {
      const StatusOr<const Expression*> type = ParseExpression(0);
      if (!type.ok()) return type.status();
    }
    MINNOW_RETURN_IF_ERROR(ParseBlock(0, &function->body));
    return function;
  }

  Status ParseParameter(Function* function) {
    Parameter parameter;
    MINNOW_RETURN_IF_ERROR(heap_->Charge(1));
    MINNOW_RETURN_IF_ERROR(ExpectName(&parameter.name));
    if (Take(":")) {
      const StatusOr<const Expression*> type = ParseExpression(0);
      if (!type.ok()) return type.status();
      parameter.type = *type;
    }
    if (Take("=")) {
      const StatusOr<const Expression*> value = ParseExpression(0);
      if (!value.ok()) return value.status();
      parameter.otherwise = *value;
    }
    function->parameters.push_back(parameter);
    return OkStatus();
  }

  Status ParseBlock(int depth, std::vector<const Statement*>* body) {
    MINNOW_RETURN_IF_ERROR(Expect(":"));
    MINNOW_RETURN_IF_ERROR(ExpectNewline());
    if (!TakeKind(Kind::kIndent)) return Wrong("a block");
    while (!TakeKind(Kind::kDedent)) {
      const StatusOr<const Statement*> statement = ParseStatement(depth);
      if (!statement.ok()) return statement.status();
      body->push_back(*statement);
    }
    return OkStatus();
  }

  StatusOr<const Statement*> ParseStatement(int depth) {
    if (depth >= max_depth_) return TooDeep("nested blocks");
    MINNOW_RETURN_IF_ERROR(heap_->Charge(1));
    Statement* statement = &file_->statements.emplace_back();
    statement->line = Peek().line;
    if (At("if") || At("while")) {
      statement->kind = At("if") ? Statement::Kind::kIf : Statement::Kind::kWhile;
      ++at_;
      MINNOW_RETURN_IF_ERROR(ParseInto(&statement->value));
      MINNOW_RETURN_IF_ERROR(ParseBlock(depth + 1, &statement->body));
      if (statement->kind == Statement::Kind::kIf && Take("else")) {
        MINNOW_RETURN_IF_ERROR(ParseBlock(depth + 1, &statement->otherwise));
      }
      return statement;
    }
    if (Take("for")) {
      statement->kind = Statement::Kind::kFor;
      MINNOW_RETURN_IF_ERROR(ParseInto(&statement->target));
      MINNOW_RETURN_IF_ERROR(Expect("in"));
      MINNOW_RETURN_IF_ERROR(ParseInto(&statement->value));
      MINNOW_RETURN_IF_ERROR(ParseBlock(depth + 1, &statement->body));
      return statement;
    }
    if (Take("pass")) return EndLine(statement);
    if (Take("return")) {
      statement->kind = Statement::Kind::kReturn;
      if (Peek().kind != Kind::kNewline) {
        MINNOW_RETURN_IF_ERROR(ParseTupleInto(&statement->value));
      }
      return EndLine(statement);
    }
    statement->kind = Statement::Kind::kExpression;
    MINNOW_RETURN_IF_ERROR(ParseTupleInto(&statement->value));
    if (Take(":")) {  // a : Optional[int] = b
      const StatusOr<const Expression*> type = ParseExpression(0);
      if (!type.ok()) return type.status();
      if (!At("=")) return Wrong("\"=\"");
    }
    if (Take("=")) {
      statement->kind = Statement::Kind::kAssign;
      statement->target = statement->value;
      MINNOW_RETURN_IF_ERROR(ParseTupleInto(&statement->value));
    }
    return EndLine(statement);
  }

  StatusOr<const Statement*> EndLine(const Statement* statement) {
    MINNOW_RETURN_IF_ERROR(ExpectNewline());
    return statement;
  }

  Status ParseInto(const Expression** expression) {
    const StatusOr<const Expression*> parsed = ParseExpression(0);
    if (parsed.ok()) *expression = *parsed;
    return parsed.status();
  }

  // `a`, or `a, b` and `a,` without parentheses.
  Status ParseTupleInto(const Expression** expression) {
    const std::string_view first = Peek().text;
    MINNOW_RETURN_IF_ERROR(ParseInto(expression));
    if (!At(",")) return OkStatus();
    const StatusOr<Expression*> tuple = NewExpression(Expression::Kind::kTuple);
    if (!tuple.ok()) return tuple.status();
    (*tuple)->parts.push_back(*expression);
    while (Take(",") && !At("=") && Peek().kind != Kind::kNewline) {
      MINNOW_RETURN_IF_ERROR(ParseInto(expression));
      (*tuple)->parts.push_back(*expression);
    }
    Close(first, *tuple);
    *expression = *tuple;
    return OkStatus();
  }

  // An atom and what follows it: .name, [index], (arguments).
  StatusOr<const Expression*> ParseExpression(int depth) {
    if (depth >= max_depth_) return TooDeep("nested expressions");
    const std::string_view first = Peek().text;
    if (At("-")) {
      const StatusOr<Expression*> negate = NewExpression(Expression::Kind::kNegate);
      if (!negate.ok()) return negate.status();
      ++at_;
      MINNOW_RETURN_IF_ERROR(AddPart(depth, *negate));
      Close(first, *negate);
      return *negate;
    }
    StatusOr<const Expression*> atom = ParseAtom(depth);
    if (!atom.ok()) return atom;
    const Expression* result = *atom;
    for (int hops = 0; At(".") || At("[") || At("("); ++hops) {
      // The evaluator goes down this chain as it goes down nested brackets.
      if (hops >= max_depth_) return TooDeep("chained expressions");
      const StatusOr<Expression*> next = NewExpression(At(".")   ? Expression::Kind::kAttribute
                                                       : At("[") ? Expression::Kind::kSubscript
                                                                 : Expression::Kind::kCall);
      if (!next.ok()) return next.status();
      (*next)->parts.push_back(result);
      MINNOW_RETURN_IF_ERROR(ParseSuffix(depth, *next));
      Close(first, *next);
      result = *next;
    }
    return result;
  }

  Status AddPart(int depth, Expression* parent) {
    const StatusOr<const Expression*> part = ParseExpression(depth + 1);
    if (part.ok()) parent->parts.push_back(*part);
    return part.status();
  }

  Status ParseSuffix(int depth, Expression* node) {
    ++at_;
    if (node->kind == Expression::Kind::kAttribute) return ExpectName(&node->text);
    if (node->kind == Expression::Kind::kSubscript) {
      MINNOW_RETURN_IF_ERROR(AddPart(depth, node));
      if (!At(",")) return Expect("]");
      // Tuple[int, int], Dict[str, Tensor]: types, which are never evaluated
      while (Take(",") && !At("]")) MINNOW_RETURN_IF_ERROR(AddPart(depth, node));
      return Expect("]");
    }
    while (!Take(")")) {
      if (Peek().kind == Kind::kName && tokens_[at_ + 1].text == "=") {
        const std::string_view name = Peek().text;
        at_ += 2;
        const StatusOr<const Expression*> value = ParseExpression(depth + 1);
        if (!value.ok()) return value.status();
        node->keywords.emplace_back(name, *value);
      } else {
        MINNOW_RETURN_IF_ERROR(AddPart(depth, node));
      }
      if (!At(")")) MINNOW_RETURN_IF_ERROR(Expect(","));
    }
    return OkStatus();
  }

  StatusOr<const Expression*> ParseAtom(int depth) {
    const Token token = Peek();
    StatusOr<Expression*> made = NewExpression(Expression::Kind::kNone);
    if (!made.ok()) return made.status();
    Expression* node = *made;
    if (token.kind == Kind::kNumber) return ParseNumber(node);
    if (token.kind == Kind::kText) return ParseText(node);
    if (token.kind == Kind::kName) {
      ++at_;
      node->text = token.text;
      node->kind = token.text == "None"    ? Expression::Kind::kNone
                   : token.text == "True"  ? Expression::Kind::kTrue
                   : token.text == "False" ? Expression::Kind::kFalse
                                           : Expression::Kind::kName;
      return node;
    }
    if (At("(")) return ParseParentheses(depth, node);
    if (At("[")) {
      ++at_;
      node->kind = Expression::Kind::kList;
      MINNOW_RETURN_IF_ERROR(ParseParts(depth, "]", node));
      Close(token.text, node);
      return node;
    }
    if (At("{")) {
      ++at_;
      node->kind = Expression::Kind::kDict;
      MINNOW_RETURN_IF_ERROR(ParseParts(depth, "}", node));
      Close(token.text, node);
      return node;
    }
    return Wrong("an expression");
  }

  Status ParseParts(int depth, std::string_view end, Expression* node) {
    while (!Take(end)) {
      MINNOW_RETURN_IF_ERROR(AddPart(depth, node));
      if (node->kind == Expression::Kind::kDict) {
        MINNOW_RETURN_IF_ERROR(Expect(":"));
        MINNOW_RETURN_IF_ERROR(AddPart(depth, node));
      }
      if (!At(end)) MINNOW_RETURN_IF_ERROR(Expect(","));
    }
    return OkStatus();
  }

  // (a) is a; (a,), (a, b) and () are tuples.
  StatusOr<const Expression*> ParseParentheses(int depth, Expression* node) {
    const std::string_view first = Peek().text;
    ++at_;
    node->kind = Expression::Kind::kTuple;
    if (!Take(")")) {
      MINNOW_RETURN_IF_ERROR(AddPart(depth, node));
      if (Take(")")) return node->parts[0];
      MINNOW_RETURN_IF_ERROR(Expect(","));
      MINNOW_RETURN_IF_ERROR(ParseParts(depth, ")", node));
    }
    Close(first, node);
    return node;
  }

  StatusOr<const Expression*> ParseNumber(Expression* node) {
    const std::string_view text = Peek().text;
    if (text.find_first_of(".eE") == std::string_view::npos) {
      const std::optional<int64_t> number = ParseInt(text);
      if (!number) return Unsupported("the number %s has no 64 bits", Quote(text).c_str());
      node->kind = Expression::Kind::kInt;
      node->number = *number;
    } else {
      const std::optional<double> real = ParseReal(text);
      if (!real) return Wrong("a number");
      node->kind = Expression::Kind::kFloat;
      node->real = *real;
    }
    ++at_;
    return node;
  }

  // Escapes are those of C.
  StatusOr<const Expression*> ParseText(Expression* node) {
    const std::string_view quoted = Peek().text;
    node->kind = Expression::Kind::kText;
    node->text = quoted.substr(1, quoted.size() - 2);
    ++at_;
    if (node->text.find('\\') == std::string_view::npos) return node;
    std::string text;
    for (size_t i = 0; i < node->text.size(); ++i) {
      if (node->text[i] != '\\' || i + 1 == node->text.size()) {
        text += node->text[i];
        continue;
      }
      const char c = node->text[++i];
      text += c == 'n' ? '\n' : c == 't' ? '\t' : c == 'r' ? '\r' : c;
    }
    node->text = file_->texts.emplace_back(std::move(text));
    return node;
  }

  std::vector<Token> tokens_;
  size_t at_ = 0;
  const int max_depth_ = AllowedNesting(kOwnDepth);
  Heap* heap_;
  SourceFile* file_;
};

}  // namespace

Status ParseSource(std::string_view text, Heap* heap, SourceFile* file) {
  StatusOr<std::vector<Token>> tokens = Tokenize(text);
  if (!tokens.ok()) return tokens.status().WithContext(file->name);
  return Parser(std::move(*tokens), heap, file).Run();
}

}  // namespace minnow::importers::torchscript
