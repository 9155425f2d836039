// The configuration that load_by_name_with_config takes: a flat JSON object.
#include "wasi_nn/call_config.h"

#include <algorithm>
#include <string>

namespace minnow::wasi_nn {
namespace {

constexpr int kMaxThreads = 256;

// Reads tokens from the front of the text; keys and values of ours need no escapes.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  bool Take(char wanted) {
    SkipBlanks();
    if (text_.empty() || text_.front() != wanted) return false;
    text_.remove_prefix(1);
    return true;
  }

  std::optional<std::string_view> TakeString() {
    if (!Take('"')) return std::nullopt;
    const size_t end = text_.find_first_of("\"\\");
    if (end == std::string_view::npos || text_[end] == '\\') return std::nullopt;
    const std::string_view value = text_.substr(0, end);
    text_.remove_prefix(end + 1);
    return value;
  }

  std::optional<int> TakeNumber() {
    SkipBlanks();
    int value = 0;
    size_t digits = 0;
    for (; digits < text_.size() && text_[digits] >= '0' && text_[digits] <= '9'; ++digits) {
      if (digits == 4) return std::nullopt;
      value = value * 10 + (text_[digits] - '0');
    }
    text_.remove_prefix(digits);
    return digits == 0 ? std::nullopt : std::optional<int>(value);
  }

  bool AtEnd() {
    SkipBlanks();
    return text_.empty();
  }

 private:
  void SkipBlanks() {
    const size_t begin = text_.find_first_not_of(" \t\r\n");
    text_.remove_prefix(begin == std::string_view::npos ? text_.size() : begin);
  }

  std::string_view text_;
};

Status ReadMember(Scanner* scanner, CallConfig* config) {
  const std::optional<std::string_view> key = scanner->TakeString();
  if (!key.has_value() || !scanner->Take(':')) {
    return InvalidArgument("config: not a flat JSON object");
  }
  if (*key == "inputLayout") {
    const std::optional<std::string_view> value = scanner->TakeString();
    if (value.has_value()) config->input_layout = FindInputLayout(*value);
    if (!config->input_layout.has_value()) {
      return InvalidArgument("config: inputLayout is \"auto\", \"nchw\" or \"nhwc\"");
    }
    return OkStatus();
  }
  if (*key == "threads") {
    config->threads = scanner->TakeNumber();
    if (!config->threads.has_value() || *config->threads < 1 || *config->threads > kMaxThreads) {
      return InvalidArgument("config: threads is a whole number from 1 to %d", kMaxThreads);
    }
    return OkStatus();
  }
  return InvalidArgument("config: there are inputLayout and threads, not \"%.*s\"",
                         static_cast<int>(std::min<size_t>(key->size(), 60)), key->data());
}

}  // namespace

std::optional<InputLayout> FindInputLayout(std::string_view name) {
  if (name == "auto") return InputLayout::kAuto;
  if (name == "nchw") return InputLayout::kNchw;
  if (name == "nhwc") return InputLayout::kNhwc;
  return std::nullopt;
}

StatusOr<CallConfig> ParseCallConfig(std::string_view text) {
  CallConfig config;
  Scanner scanner(text);
  if (scanner.AtEnd()) return config;
  const Status malformed = InvalidArgument("config: not a flat JSON object");
  if (!scanner.Take('{')) return malformed;
  if (!scanner.Take('}')) {
    do {
      MINNOW_RETURN_IF_ERROR(ReadMember(&scanner, &config));
    } while (scanner.Take(','));
    if (!scanner.Take('}')) return malformed;
  }
  if (!scanner.AtEnd()) return malformed;
  return config;
}

}  // namespace minnow::wasi_nn
