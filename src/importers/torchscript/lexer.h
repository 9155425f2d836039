// The tokens of a TorchScript source file: Python's, with its indents and dedents.
#ifndef MINNOW_IMPORTERS_TORCHSCRIPT_LEXER_H_
#define MINNOW_IMPORTERS_TORCHSCRIPT_LEXER_H_

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace minnow::importers::torchscript {

struct Token {
  enum class Kind : uint8_t {
    kName,
    kNumber,
    kText,  // with its quotes
    kPunctuation,
    kNewline,
    kIndent,
    kDedent,
    kEnd
  };
  Kind kind = Kind::kEnd;
  int line = 1;
  std::string_view text;  // a view into the source
};

// Always ends with kEnd. kInvalidModel for what is no Python, prefixed with "line N";
// kResourceExhausted beyond 2^19 tokens.
StatusOr<std::vector<Token>> Tokenize(std::string_view source);

}  // namespace minnow::importers::torchscript

#endif  // MINNOW_IMPORTERS_TORCHSCRIPT_LEXER_H_
