// Decimal numbers from text, by hand: strtod reads a comma in some locales, and from_chars of
// floats is not in every standard library that the engine is built with.
#include "importers/numbers.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

#include "tensor/shape.h"

namespace minnow::importers {
namespace {

std::string_view Trimmed(std::string_view text) {
  const auto is_space = [](char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; };
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

bool EqualsIgnoringCase(std::string_view text, std::string_view lower) {
  if (text.size() != lower.size()) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i] >= 'A' && text[i] <= 'Z' ? static_cast<char>(text[i] + 32) : text[i];
    if (c != lower[i]) return false;
  }
  return true;
}

// Reads digits into `mantissa` as long as it stays exact; counts the others. Returns how many.
size_t ReadDigits(std::string_view* text, uint64_t* mantissa, int64_t* dropped) {
  constexpr uint64_t kMost = (std::numeric_limits<uint64_t>::max() - 9) / 10;
  size_t count = 0;
  for (; !text->empty() && IsDigit(text->front()); text->remove_prefix(1), ++count) {
    if (*mantissa <= kMost && *dropped == 0) {
      *mantissa = *mantissa * 10 + static_cast<uint64_t>(text->front() - '0');
    } else {
      ++*dropped;
    }
  }
  return count;
}

}  // namespace

std::optional<int64_t> ParseInt(std::string_view text) {
  text = Trimmed(text);
  if (!text.empty() && text.front() == '+') text.remove_prefix(1);
  int64_t value = 0;
  const char* const end = text.data() + text.size();
  const std::from_chars_result result = std::from_chars(text.data(), end, value);
  if (text.empty() || result.ec != std::errc() || result.ptr != end) return std::nullopt;
  return value;
}

std::vector<std::string_view> SplitList(std::string_view text) {
  std::vector<std::string_view> parts;
  if (Trimmed(text).empty()) return parts;
  for (size_t start = 0; start <= text.size();) {
    const size_t comma = std::min(text.find(',', start), text.size());
    parts.push_back(Trimmed(text.substr(start, comma - start)));
    start = comma + 1;
  }
  return parts;
}

std::optional<std::vector<int64_t>> ParseInts(std::string_view text) {
  std::vector<int64_t> values;
  for (std::string_view part : SplitList(text)) {
    const std::optional<int64_t> value = ParseInt(part);
    if (!value) return std::nullopt;
    values.push_back(*value);
  }
  return values;
}

std::optional<double> ParseReal(std::string_view text) {
  text = Trimmed(text);
  const bool is_negative = !text.empty() && text.front() == '-';
  const double sign = is_negative ? -1.0 : 1.0;
  if (is_negative || (!text.empty() && text.front() == '+')) text.remove_prefix(1);
  if (EqualsIgnoringCase(text, "inf") || EqualsIgnoringCase(text, "infinity")) {
    return sign * std::numeric_limits<double>::infinity();
  }
  if (EqualsIgnoringCase(text, "nan")) return std::numeric_limits<double>::quiet_NaN();
  uint64_t mantissa = 0;
  int64_t dropped = 0;
  size_t digits = ReadDigits(&text, &mantissa, &dropped);
  int64_t exponent = dropped;
  if (!text.empty() && text.front() == '.') {
    text.remove_prefix(1);
    const int64_t dropped_before = dropped;
    const size_t fraction = ReadDigits(&text, &mantissa, &dropped);
    digits += fraction;
    exponent -= static_cast<int64_t>(fraction) - (dropped - dropped_before);
  }
  if (digits == 0) return std::nullopt;
  if (!text.empty() && (text.front() == 'e' || text.front() == 'E')) {
    const std::optional<int64_t> power = ParseInt(text.substr(1));
    if (!power) return std::nullopt;
    // Beyond this every mantissa is 0 or infinite.
    exponent += std::clamp<int64_t>(*power, -100000, 100000);
    text = {};
  }
  if (!text.empty()) return std::nullopt;
  if (mantissa == 0) return sign * 0.0;
  // A power of ten up to 22 is exact; beyond, two steps keep subnormal results from vanishing.
  const auto value = static_cast<double>(mantissa);
  const double power = static_cast<double>(std::clamp<int64_t>(exponent, -100000, 100000));
  if (exponent >= 0) return sign * (value * std::pow(10.0, power));
  if (exponent >= -300) return sign * (value / std::pow(10.0, -power));
  return sign * (value / 1e300 / std::pow(10.0, -power - 300));
}

std::optional<int64_t> ParseDim(std::string_view text) {
  text = Trimmed(text);
  if (text == "?") return kUnknownDim;
  const size_t dots = text.find("..");
  if (dots == std::string_view::npos) {
    const std::optional<int64_t> dim = ParseInt(text);
    return dim && *dim >= kUnknownDim ? dim : std::nullopt;
  }
  for (std::string_view bound : {text.substr(0, dots), text.substr(dots + 2)}) {
    const std::optional<int64_t> number = ParseInt(bound);
    if (!Trimmed(bound).empty() && (!number || *number < 0)) return std::nullopt;
  }
  return kUnknownDim;
}

}  // namespace minnow::importers
