// Are numbers in attributes read as what is written, and nothing else as a number?
#include "importers/numbers.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tensor/shape.h"

namespace minnow::importers {
namespace {

TEST(Numbers, Integers) {
  EXPECT_EQ(ParseInt("-12"), -12);
  EXPECT_EQ(ParseInt(" 7 "), 7);
  EXPECT_EQ(ParseInt("9223372036854775807"), INT64_MAX);
  for (const char* text : {"", "-", "1x", "1.5", "9223372036854775808", "0x10", "1 2"}) {
    EXPECT_FALSE(ParseInt(text).has_value()) << text;
  }
}

TEST(Numbers, Lists) {
  EXPECT_EQ(ParseInts("1, 3,-4"), (std::vector<int64_t>{1, 3, -4}));
  EXPECT_EQ(ParseInts(""), std::vector<int64_t>());
  for (const char* text : {",", "1,", "1,,2", "a"}) EXPECT_FALSE(ParseInts(text).has_value());
}

TEST(Numbers, Reals) {
  const struct {
    const char* text;
    double value;
  } cases[] = {
      {"6.0", 6.0},
      {"-.5", -0.5},
      {"9.9999997473787516e-06", 9.9999997473787516e-06},
      {"3.4028234663852886e+38", 3.4028234663852886e+38},
      {"-3.4028234663852886e+38", -3.4028234663852886e+38},
      {"1E3", 1000.0},
      {"0.1", 0.1},
      {"100000000000000000000000", 1e23},
      {"0.00000000000000000000000000000000000000000000000000000001", 1e-56},
      {"4.9406564584124654e-324", 4.9406564584124654e-324},
      {"1e999999999999", HUGE_VAL},
      {"1e-999999999999", 0.0},
      {"inf", HUGE_VAL},
      {"-Infinity", -HUGE_VAL},
  };
  for (const auto& c : cases) {
    const std::optional<double> value = ParseReal(c.text);
    ASSERT_TRUE(value.has_value()) << c.text;
    EXPECT_DOUBLE_EQ(*value, c.value) << c.text;
  }
  EXPECT_TRUE(std::isnan(ParseReal("nan").value_or(0.0)));
  EXPECT_TRUE(std::signbit(ParseReal("-0.0").value_or(1.0)));
  for (const char* text : {"", ".", "e5", "1e", "1.2.3", "1,5", "6f", "--1"}) {
    EXPECT_FALSE(ParseReal(text).has_value()) << text;
  }
}

TEST(Numbers, Dims) {
  EXPECT_EQ(ParseDim("224"), 224);
  for (const char* text : {"-1", "?", "1..8", "..8", "1.."}) {
    EXPECT_EQ(ParseDim(text), kUnknownDim) << text;
  }
  for (const char* text : {"-2", "", "a", "1..b", "-1..3"}) {
    EXPECT_FALSE(ParseDim(text).has_value()) << text;
  }
}

}  // namespace
}  // namespace minnow::importers
