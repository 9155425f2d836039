// The syntax tree of a TorchScript source file. Nodes live in their SourceFile.
#ifndef MINNOW_IMPORTERS_TORCHSCRIPT_SYNTAX_H_
#define MINNOW_IMPORTERS_TORCHSCRIPT_SYNTAX_H_

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace minnow::importers::torchscript {

struct Expression {
  enum class Kind : uint8_t {
    kName,   // text
    kInt,    // number
    kFloat,  // real
    kText,   // text
    kNone,
    kTrue,
    kFalse,
    kList,       // parts
    kTuple,      // parts
    kDict,       // parts: key, value, …
    kNegate,     // parts[0]
    kAttribute,  // parts[0] . text
    kSubscript,  // parts[0] [ parts[1] ]
    kCall        // parts[0] ( parts[1…], keywords )
  };
  Kind kind = Kind::kNone;
  int line = 0;
  std::string_view source;  // as it is written
  std::string_view text;
  int64_t number = 0;
  double real = 0.0;
  std::vector<const Expression*> parts;
  std::vector<std::pair<std::string_view, const Expression*>> keywords;
};

struct Statement {
  enum class Kind : uint8_t {
    kExpression,  // value
    kAssign,      // target = value
    kReturn,      // value, null for a bare return
    kIf,          // value: body, otherwise
    kWhile,       // value: body
    kFor,         // target in value: body
    kPass
  };
  Kind kind = Kind::kPass;
  int line = 0;
  const Expression* target = nullptr;
  const Expression* value = nullptr;
  std::vector<const Statement*> body;
  std::vector<const Statement*> otherwise;
};

struct SourceFile;

struct Parameter {
  std::string_view name;
  const Expression* type = nullptr;
  const Expression* otherwise = nullptr;  // the default, or null
};

struct Function {
  std::string_view name;
  std::vector<Parameter> parameters;
  std::vector<const Statement*> body;
  const SourceFile* file = nullptr;
};

struct ClassDefinition {
  std::string_view name;
  std::unordered_map<std::string_view, const Function*> methods;
  // `name : Final[int] = 3`.
  std::unordered_map<std::string_view, const Expression*> constants;
};

struct SourceFile {
  std::string name;  // in the archive
  std::unordered_map<std::string_view, const Function*> functions;
  std::unordered_map<std::string_view, ClassDefinition> classes;

  std::deque<Expression> expressions;
  std::deque<Statement> statements;
  std::deque<Function> function_nodes;
  std::deque<std::string> texts;
};

}  // namespace minnow::importers::torchscript

#endif  // MINNOW_IMPORTERS_TORCHSCRIPT_SYNTAX_H_
