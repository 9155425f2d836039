#include "importers/torchscript/lexer.h"

#include <string>

namespace minnow::importers::torchscript {
namespace {

constexpr size_t kMaxTokens = size_t{1} << 19;
constexpr size_t kMaxIndents = 100;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsNameStart(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool IsNamePart(char c) { return IsNameStart(c) || IsDigit(c); }

class Lexer {
 public:
  explicit Lexer(std::string_view source) : source_(source) {}

  StatusOr<std::vector<Token>> Run() {
    while (at_ < source_.size()) {
      const Status status = at_line_start_ && open_brackets_ == 0 ? StartLine() : NextToken();
      if (!status.ok()) return status.WithContext("line " + std::to_string(line_));
      if (tokens_.size() > kMaxTokens) {
        return ResourceExhausted("a source file of more than %zu tokens", kMaxTokens);
      }
    }
    if (!at_line_start_) Emit(Token::Kind::kNewline, 0);
    for (; indents_.size() > 1; indents_.pop_back()) Emit(Token::Kind::kDedent, 0);
    Emit(Token::Kind::kEnd, 0);
    return std::move(tokens_);
  }

 private:
  char Peek(size_t ahead) const {
    return at_ + ahead < source_.size() ? source_[at_ + ahead] : '\0';
  }

  void Emit(Token::Kind kind, size_t size) {
    tokens_.push_back({kind, line_, source_.substr(at_, size)});
    at_ += size;
  }

  // Blank lines and comments have no indent.
  Status StartLine() {
    size_t column = 0;
    while (Peek(column) == ' ') ++column;
    const char first = Peek(column);
    if (first == '\t') return InvalidModel("a tab in the indent");
    at_ += column;
    if (first == '#' || first == '\n' || first == '\r' || at_ >= source_.size()) {
      SkipLine();
      return OkStatus();
    }
    at_line_start_ = false;
    if (column > indents_.back()) {
      if (indents_.size() >= kMaxIndents) {
        return Unsupported("more than %zu levels of indent", kMaxIndents);
      }
      indents_.push_back(column);
      Emit(Token::Kind::kIndent, 0);
    }
    for (; column < indents_.back(); indents_.pop_back()) Emit(Token::Kind::kDedent, 0);
    return column == indents_.back() ? OkStatus() : InvalidModel("an indent of %zu", column);
  }

  void SkipLine() {
    while (at_ < source_.size() && source_[at_] != '\n') ++at_;
    if (at_ < source_.size()) {
      ++at_;
      ++line_;
    }
  }

  Status NextToken() {
    const char c = Peek(0);
    if (c == '\n') {
      if (open_brackets_ == 0) {
        Emit(Token::Kind::kNewline, 0);
        at_line_start_ = true;
      }
      ++at_;
      ++line_;
      return OkStatus();
    }
    if (c == ' ' || c == '\r' || c == '\t') {
      ++at_;
      return OkStatus();
    }
    if (c == '#') {
      while (at_ < source_.size() && source_[at_] != '\n') ++at_;
      return OkStatus();
    }
    if (IsNameStart(c)) return Name();
    if (IsDigit(c) || (c == '.' && IsDigit(Peek(1)))) return Number();
    if (c == '"' || c == '\'') return Text(c);
    return Punctuation(c);
  }

  Status Name() {
    size_t size = 1;
    while (IsNamePart(Peek(size))) ++size;
    Emit(Token::Kind::kName, size);
    return OkStatus();
  }

  Status Number() {
    size_t size = 0;
    while (IsDigit(Peek(size)) || Peek(size) == '.') ++size;
    if (Peek(size) == 'e' || Peek(size) == 'E') {
      ++size;
      if (Peek(size) == '+' || Peek(size) == '-') ++size;
      while (IsDigit(Peek(size))) ++size;
    }
    if (IsNamePart(Peek(size))) return Unsupported("a number that ends with '%c'", Peek(size));
    Emit(Token::Kind::kNumber, size);
    return OkStatus();
  }

  Status Text(char quote) {
    size_t size = 1;
    while (Peek(size) != quote) {
      if (at_ + size >= source_.size() || Peek(size) == '\n') {
        return InvalidModel("a string has no end");
      }
      size += Peek(size) == '\\' ? 2 : 1;
    }
    Emit(Token::Kind::kText, size + 1);
    return OkStatus();
  }

  Status Punctuation(char c) {
    if (c == '-' && Peek(1) == '>') {
      Emit(Token::Kind::kPunctuation, 2);
      return OkStatus();
    }
    if (std::string_view("()[]{},:.=-").find(c) == std::string_view::npos) {
      return Unsupported("the character 0x%02x is not known here", static_cast<unsigned char>(c));
    }
    if (c == '(' || c == '[' || c == '{') ++open_brackets_;
    if (c == ')' || c == ']' || c == '}') {
      if (open_brackets_ == 0) return InvalidModel("'%c' closes nothing", c);
      --open_brackets_;
    }
    Emit(Token::Kind::kPunctuation, 1);
    return OkStatus();
  }

  std::string_view source_;
  size_t at_ = 0;
  int line_ = 1;
  int open_brackets_ = 0;
  bool at_line_start_ = true;
  std::vector<size_t> indents_ = {0};
  std::vector<Token> tokens_;
};

}  // namespace

StatusOr<std::vector<Token>> Tokenize(std::string_view source) { return Lexer(source).Run(); }

}  // namespace minnow::importers::torchscript
