// Conversions between all dtypes, with the cases that C++ leaves undefined.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "interpreter/eval_text.h"

namespace minnow::interpreter {
namespace {

using graph::Cast;

constexpr float kInf = std::numeric_limits<float>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

TEST(Cast, TruncatesAndSaturatesFloats) {
  const Operand x = F32({7}, {2.9f, -2.9f, 300, -300, kInf, -kInf, kNan});
  EXPECT_EQ(Eval(Cast{DType::kS8}, {x}), "i8[7] 2 -2 127 -128 127 -128 0");
  EXPECT_EQ(Eval(Cast{DType::kU8}, {x}), "u8[7] 2 0 255 0 255 0 0");
  EXPECT_EQ(Eval(Cast{DType::kS64}, {F64({3}, {1e30, -1e30, 4503599627370497.0})}),
            "i64[3] 9223372036854775807 -9223372036854775808 4503599627370497");
  EXPECT_EQ(Eval(Cast{DType::kU64}, {F64({2}, {1e30, 9223372036854775808.0})}),
            "u64[2] 18446744073709551615 9223372036854775808");
  EXPECT_EQ(Eval(Cast{DType::kS32}, {F32({2}, {2147483648.0f, -2147483648.0f})}),
            "i32[2] 2147483647 -2147483648");
}

TEST(Cast, WrapsIntegers) {
  EXPECT_EQ(Eval(Cast{DType::kU8}, {S32({3}, {-1, 256, 511})}), "u8[3] 255 0 255");
  EXPECT_EQ(Eval(Cast{DType::kS64}, {U64({1}, {~uint64_t{0}})}), "i64[1] -1");
  EXPECT_EQ(Eval(Cast{DType::kU32}, {S8({1}, {-1})}), "u32[1] 4294967295");
}

TEST(Cast, KeepsLargeIntegersExact) {
  EXPECT_EQ(Eval(Cast{DType::kU64}, {S64({1}, {(int64_t{1} << 53) + 1})}),
            "u64[1] 9007199254740993");
}

TEST(Cast, MakesAnythingButZeroTrue) {
  EXPECT_EQ(Eval(Cast{DType::kBool}, {F32({4}, {0, -0.0f, 0.1f, kNan})}), "bool[4] 0 0 1 1");
  EXPECT_EQ(Eval(Cast{DType::kF32}, {Bool({3}, {0, 1, 7})}), "f32[3] 0 1 1");
  EXPECT_EQ(Eval(Cast{DType::kF16}, {Bool({2}, {0, 1})}), "f16[2] 0000 3c00");
}

TEST(Cast, CopiesTheSameType) {
  EXPECT_EQ(Eval(Cast{DType::kF16}, {F16({2}, {0x7e01, 0x3c00})}), "f16[2] 7e01 3c00");
}

TEST(Cast, RoundsToHalfPrecisionToNearestEven) {
  // 1 + 2^-11 is halfway between 1 and the next f16, 1 + 3 * 2^-11 halfway below 1 + 2^-9.
  EXPECT_EQ(Eval(Cast{DType::kF16}, {F32({4}, {1, 1 + 0x1p-11f, 1 + 0x1.8p-10f, -2})}),
            "f16[4] 3c00 3c00 3c02 c000");
  EXPECT_EQ(Eval(Cast{DType::kF16}, {F32({5}, {65504, 65519, 65520, kInf, -kInf})}),
            "f16[5] 7bff 7bff 7c00 7c00 fc00");
  // Subnormals, the smallest normal, and what rounds up to it.
  EXPECT_EQ(
      Eval(Cast{DType::kF16}, {F32({5}, {0x1p-24f, 0x1p-25f, 0x1.8p-25f, 0x1p-14f, 0x1.ff8p-15f})}),
      "f16[5] 0001 0000 0001 0400 03ff");
  EXPECT_EQ(Eval(Cast{DType::kF16}, {F32({2}, {0x1.ffcp-15f, 0x1.ffap-15f})}), "f16[2] 0400 03ff");
  // Rounding once: this is above halfway only in double.
  EXPECT_EQ(Eval(Cast{DType::kF16}, {F64({1}, {1 + 0x1p-11 + 0x1p-40})}), "f16[1] 3c01");
}

TEST(Cast, EveryHalfSurvivesTheWayThroughFloat) {
  std::vector<uint16_t> all(65536);
  for (size_t i = 0; i < all.size(); ++i) all[i] = static_cast<uint16_t>(i);
  const Operand halves = F16({65536}, all);
  Operand floats;
  floats.tensor = *EvalTensor(Cast{DType::kF32}, {halves});
  floats.present = true;
  const Tensor back = *EvalTensor(Cast{DType::kF16}, {floats});
  for (size_t i = 0; i < all.size(); ++i) {
    if (std::isnan(floats.tensor.as<float>()[i])) {
      ASSERT_EQ(back.as<uint16_t>()[i] & 0x7fff, 0x7e00);
    } else {
      ASSERT_EQ(back.as<uint16_t>()[i], all[i]);
    }
  }
  EXPECT_EQ(floats.tensor.as<float>()[0x3555], 0.333251953125f);
  EXPECT_EQ(floats.tensor.as<float>()[0x0001], 0x1p-24f);
}

TEST(Fill, ConvertsItsValueAsCastDoes) {
  EXPECT_EQ(Eval(graph::Fill{2.5, DType::kF32}, {S64({2}, {2, 2})}), "f32[2,2] 2.5 2.5 2.5 2.5");
  EXPECT_EQ(Eval(graph::Fill{300, DType::kU8}, {S64({1}, {3})}), "u8[3] 255 255 255");
  EXPECT_EQ(Eval(graph::Fill{1, DType::kF16}, {S64({1}, {5})}), "f16[5] 3c00 3c00 3c00 3c00 3c00");
  EXPECT_EQ(Eval(graph::Fill{7, DType::kS64}, {S64({0}, {})}), "i64[] 7");
  EXPECT_EQ(Eval(graph::Fill{7, DType::kS64}, {S64({1}, {0})}), "i64[0]");
}

}  // namespace
}  // namespace minnow::interpreter
