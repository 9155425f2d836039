// Does the reader find what the writer wrote?
#include "importers/protobuf_writer.h"

#include <gtest/gtest.h>

#include <limits>

namespace minnow::importers {
namespace {

Bytes BytesOf(const std::string& text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

TEST(ProtobufWriter, IntegersOfEveryLengthComeBack) {
  const std::vector<int64_t> values = {0,
                                       1,
                                       127,
                                       128,
                                       300,
                                       -1,
                                       int64_t{1} << 40,
                                       std::numeric_limits<int64_t>::min(),
                                       std::numeric_limits<int64_t>::max()};
  ProtobufWriter writer;
  for (const int64_t value : values) writer.Int(7, value);
  writer.Ints(1000, values);
  ProtobufReader reader(BytesOf(writer.bytes()));
  std::vector<int64_t> singles, packed;
  while (reader.Next()) {
    if (reader.field() == 7) singles.push_back(reader.Int());
    if (reader.field() == 1000) reader.AppendInts(&packed);
  }
  ASSERT_TRUE(reader.status().ok()) << reader.status().message();
  EXPECT_EQ(singles, values);
  EXPECT_EQ(packed, values);
}

TEST(ProtobufWriter, TextFloatsAndNestedMessagesComeBack) {
  ProtobufWriter inner, outer;
  inner.Text(1, "a name");
  inner.Float(2, -1.5f);
  inner.Floats(3, {0.25f, 1e-30f});
  outer.Message(5, inner);
  outer.Text(6, "");
  ProtobufReader reader(BytesOf(outer.bytes()));
  ASSERT_TRUE(reader.Next());
  ASSERT_EQ(reader.field(), 5u);
  ProtobufReader nested = reader.Message();
  ASSERT_TRUE(nested.Next());
  EXPECT_EQ(nested.Text(), "a name");
  ASSERT_TRUE(nested.Next());
  EXPECT_EQ(nested.Float(), -1.5f);
  std::vector<float> floats;
  ASSERT_TRUE(nested.Next());
  nested.AppendFloats(&floats);
  EXPECT_EQ(floats, (std::vector<float>{0.25f, 1e-30f}));
  EXPECT_FALSE(nested.Next());
  ASSERT_TRUE(reader.Next());
  EXPECT_EQ(reader.Text(), "");
  EXPECT_FALSE(reader.Next());
  EXPECT_TRUE(reader.status().ok());
}

}  // namespace
}  // namespace minnow::importers
