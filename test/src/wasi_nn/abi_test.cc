// Are all generations of the ABI's numbers decoded, and none confused?
#include "wasi_nn/abi.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace minnow::wasi_nn {
namespace {

TEST(Abi, EveryTensorTypeOfBothNumberingsIsDecoded) {
  struct Case {
    uint8_t number;
    uint64_t element_bytes;
    DType expected;
  };
  const Case cases[] = {
      {0, 2, DType::kF16}, {1, 4, DType::kF32}, {2, 1, DType::kU8},  {3, 4, DType::kS32},
      {2, 8, DType::kF64}, {3, 1, DType::kU8},  {4, 4, DType::kS32}, {5, 8, DType::kS64},
  };
  for (const Case& c : cases) {
    for (const uint64_t elements : {uint64_t{1}, uint64_t{3}, uint64_t{150528}}) {
      const auto found = DecodeTensorType(c.number, elements, elements * c.element_bytes);
      ASSERT_TRUE(found.has_value()) << int{c.number} << " " << c.element_bytes;
      EXPECT_EQ(*found, c.expected);
    }
  }
}

TEST(Abi, NoOtherPairOfTypeAndSizeIsATensorType) {
  int known = 0;
  for (int number = 0; number < 256; ++number) {
    for (uint64_t bytes = 0; bytes <= 64; ++bytes) {
      known += DecodeTensorType(static_cast<uint8_t>(number), 1, bytes).has_value() ? 1 : 0;
    }
  }
  EXPECT_EQ(known, 8);
  EXPECT_FALSE(DecodeTensorType(1, 0, 0).has_value());
  EXPECT_FALSE(DecodeTensorType(1, 3, 13).has_value());
  EXPECT_FALSE(DecodeTensorType(1, uint64_t{1} << 31, 4).has_value());
}

TEST(Abi, EachErrnoSetKeepsToItsOwnNumbers) {
  const uint32_t highest[] = {3, 5, 8};
  for (int set = 0; set < 3; ++set) {
    for (uint16_t code = 0; code <= 8; ++code) {
      const uint32_t number = EncodeErrno(static_cast<Errno>(code), static_cast<ErrnoSet>(set));
      EXPECT_LE(number, highest[set]) << code;
      EXPECT_EQ(number == 0, code == 0) << "failure must not read as success";
    }
  }
  EXPECT_EQ(EncodeErrno(Errno::kMissingMemory, ErrnoSet::k2020), 2u);
  EXPECT_EQ(EncodeErrno(Errno::kBusy, ErrnoSet::k2020), 3u);
  EXPECT_EQ(EncodeErrno(Errno::kNotFound, ErrnoSet::k2022), 1u);
  EXPECT_EQ(EncodeErrno(Errno::kUnsupportedOperation, ErrnoSet::k2022), 5u);
}

TEST(Abi, EncodingsHaveUniqueNumbersAndNames) {
  std::set<std::string> names;
  for (uint32_t number = 0; number <= 14; ++number) {
    const EncodingRow* row = FindEncoding(number);
    ASSERT_NE(row, nullptr) << number;
    EXPECT_TRUE(names.insert(row->name).second) << row->name;
    EXPECT_EQ(FindEncoding(std::string(row->name)), row);
  }
  EXPECT_EQ(FindEncoding(15u), nullptr);
  EXPECT_EQ(FindEncoding(256u), nullptr) << "numbers are not cut to a byte";
  EXPECT_EQ(FindEncoding(UINT32_MAX), nullptr);
}

TEST(Abi, CarriersHaveTheSizeOfTheirElements) {
  for (int i = 0; i <= static_cast<int>(DType::kBool); ++i) {
    const auto dtype = static_cast<DType>(i);
    const std::optional<DType> carrier = CarrierOf(dtype);
    if (!carrier.has_value()) continue;
    EXPECT_EQ(DTypeSize(*carrier), DTypeSize(dtype)) << DTypeName(dtype);
    EXPECT_EQ(CarrierOf(*carrier), carrier);
  }
}

}  // namespace
}  // namespace minnow::wasi_nn
