#include "guest/classify_nn/arguments.h"

#include <cstdlib>
#include <string_view>
#include <vector>

namespace minnow::guest {
namespace {

constexpr int kMaxSize = 4096;
constexpr int kMaxTop = 1000;
constexpr int kMaxDigits = 17;
constexpr int kMaxRepeat = 100000;

bool EndsWith(std::string_view text, std::string_view end) {
  return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

Status ParseNumber(std::string_view option, const char* text, int max, int* value) {
  char* end = nullptr;
  const long parsed = std::strtol(text, &end, 10);
  if (end == text || *end != '\0' || parsed < 1 || parsed > max) {
    return InvalidArgument("%.*s is a number from 1 to %d, not \"%s\"",
                           static_cast<int>(option.size()), option.data(), max, text);
  }
  *value = static_cast<int>(parsed);
  return OkStatus();
}

Status ParseEncoding(std::string_view name, NnEncoding* encoding) {
  if (name == "onnx") {
    *encoding = NnEncoding::kOnnx;
  } else if (name == "tensorflow") {
    *encoding = NnEncoding::kTensorflow;
  } else if (name == "autodetect") {
    *encoding = NnEncoding::kAutodetect;
  } else {
    return InvalidArgument("--encoding is onnx, tensorflow or autodetect, not \"%.*s\"",
                           static_cast<int>(name.size()), name.data());
  }
  return OkStatus();
}

Status ParseOption(std::string_view option, const char* value, Arguments* arguments) {
  if (option == "--encoding") return ParseEncoding(value, &arguments->encoding);
  if (option == "--size") return ParseNumber(option, value, kMaxSize, &arguments->size);
  if (option == "--top") return ParseNumber(option, value, kMaxTop, &arguments->top);
  if (option == "--digits") return ParseNumber(option, value, kMaxDigits, &arguments->digits);
  if (option == "--repeat") return ParseNumber(option, value, kMaxRepeat, &arguments->repeat);
  if (option == "--preprocess") {
    if (ParsePreprocessKind(value, &arguments->preprocess)) return OkStatus();
    return InvalidArgument("--preprocess does not know \"%s\"", value);
  }
  return InvalidArgument("no option %.*s", static_cast<int>(option.size()), option.data());
}

}  // namespace

StatusOr<Arguments> ParseArguments(int argc, char** argv) {
  Arguments arguments;
  std::vector<std::string> files;
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument = argv[i];
    if (argument.substr(0, 2) != "--") {
      files.emplace_back(argument);
      continue;
    }
    if (i + 1 == argc) return InvalidArgument("%s needs a value", argv[i]);
    MINNOW_RETURN_IF_ERROR(ParseOption(argument, argv[++i], &arguments));
  }
  if (files.size() != 3) return InvalidArgument("three files are needed, not %zu", files.size());
  arguments.model = std::move(files[0]);
  arguments.image = std::move(files[1]);
  arguments.labels = std::move(files[2]);
  arguments.is_onnx =
      arguments.encoding == NnEncoding::kOnnx ||
      (arguments.encoding == NnEncoding::kAutodetect && EndsWith(arguments.model, ".onnx"));
  return arguments;
}

}  // namespace minnow::guest
