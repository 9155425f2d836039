// Numbers as text files of models write them. Independent of the locale.
#ifndef MINNOW_IMPORTERS_NUMBERS_H_
#define MINNOW_IMPORTERS_NUMBERS_H_

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace minnow::importers {

// Nothing for what is not one whole number, or above 64 bits. Spaces around are fine.
std::optional<int64_t> ParseInt(std::string_view text);

// "1,3,224,224"; "" is the empty list.
std::optional<std::vector<int64_t>> ParseInts(std::string_view text);

// "-1", "6.0", "9.99e-06", "inf", "-infinity", "nan"; within a unit in the last place of a double.
std::optional<double> ParseReal(std::string_view text);

// A dim of a shape: kUnknownDim for "-1", "?", and a range ("1..8", "..8").
std::optional<int64_t> ParseDim(std::string_view text);

// The parts between commas, without the spaces around; none of "".
std::vector<std::string_view> SplitList(std::string_view text);

}  // namespace minnow::importers

#endif  // MINNOW_IMPORTERS_NUMBERS_H_
