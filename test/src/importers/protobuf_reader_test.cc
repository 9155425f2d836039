// Does the wire reader read what the format says, and stop cleanly at everything else?
#include "importers/protobuf_reader.h"

#include <gtest/gtest.h>

#include <limits>

#include "importers/model_builders.h"

namespace minnow::importers {
namespace {

TEST(ProtobufReader, ReadsEveryWireType) {
  const ProtoWriter writer = ProtoWriter()
                                 .Int(1, 300)
                                 .Int(2, -1)
                                 .Float(3, 1.5f)
                                 .Double(4, -2.5)
                                 .Text(5, "minnow")
                                 .Message(536870911, ProtoWriter().Int(1, 7));
  ProtobufReader reader(AsBytes(writer.bytes()));
  ASSERT_TRUE(reader.Next());
  EXPECT_EQ(reader.field(), 1u);
  EXPECT_EQ(reader.Int(), 300);
  ASSERT_TRUE(reader.Next());
  EXPECT_EQ(reader.Int(), -1);
  ASSERT_TRUE(reader.Next());
  EXPECT_EQ(reader.Float(), 1.5f);
  ASSERT_TRUE(reader.Next());
  EXPECT_EQ(reader.Double(), -2.5);
  ASSERT_TRUE(reader.Next());
  EXPECT_EQ(reader.Text(), "minnow");
  ASSERT_TRUE(reader.Next());
  EXPECT_EQ(reader.field(), 536870911u);
  ProtobufReader inner = reader.Message();
  ASSERT_TRUE(inner.Next());
  EXPECT_EQ(inner.Int(), 7);
  EXPECT_FALSE(inner.Next());
  EXPECT_FALSE(reader.Next());
  EXPECT_TRUE(reader.status().ok());
}

TEST(ProtobufReader, ReadsRepeatedFieldsPackedAndUnpacked) {
  const ProtoWriter writer = ProtoWriter()
                                 .Int(1, 1)
                                 .PackedInts(1, {2, -3, int64_t{1} << 40})
                                 .Int(1, 4)
                                 .Float(2, 0.5f)
                                 .PackedFloats(2, {1.0f, 2.0f})
                                 .Double(3, 8.0)
                                 .PackedInts(1, {});
  ProtobufReader reader(AsBytes(writer.bytes()));
  std::vector<int64_t> ints;
  std::vector<float> floats;
  std::vector<double> doubles;
  while (reader.Next()) {
    if (reader.field() == 1) reader.AppendInts(&ints);
    if (reader.field() == 2) reader.AppendFloats(&floats);
    if (reader.field() == 3) reader.AppendDoubles(&doubles);
  }
  ASSERT_TRUE(reader.status().ok()) << reader.status().message();
  EXPECT_EQ(ints, (std::vector<int64_t>{1, 2, -3, int64_t{1} << 40, 4}));
  EXPECT_EQ(floats, (std::vector<float>{0.5f, 1.0f, 2.0f}));
  EXPECT_EQ(doubles, (std::vector<double>{8.0}));
}

TEST(ProtobufReader, AnEmptyMessageHasNoFields) {
  ProtobufReader reader{Bytes{}};
  EXPECT_FALSE(reader.Next());
  EXPECT_TRUE(reader.status().ok());
}

TEST(ProtobufReader, KeepsTheLargestVarintAndRefusesALargerOne) {
  const std::string largest = std::string("\x08") + std::string(9, '\xff') + '\x01';
  ProtobufReader fits(AsBytes(largest));
  ASSERT_TRUE(fits.Next());
  EXPECT_EQ(static_cast<uint64_t>(fits.Int()), std::numeric_limits<uint64_t>::max());
  for (const std::string& bytes : {std::string("\x08") + std::string(9, '\xff') + '\x02',
                                   std::string("\x08") + std::string(11, '\xff')}) {
    ProtobufReader reader(AsBytes(bytes));
    EXPECT_FALSE(reader.Next());
    EXPECT_EQ(reader.status().code(), StatusCode::kInvalidModel);
  }
}

TEST(ProtobufReader, RefusesMalformedFields) {
  const std::string cases[] = {
      std::string("\x80", 1),                              // half a tag
      std::string("\x00\x01", 2),                          // field 0
      std::string("\x0b", 1),                              // a group
      std::string("\x0f\x01", 2),                          // wire type 7
      std::string("\x08", 1),                              // no value
      std::string("\x0d\x01\x02\x03", 4),                  // three of four bytes
      std::string("\x09\x01\x02\x03\x04\x05\x06\x07", 8),  // seven of eight
      std::string("\x0a\x05"
                  "abcd",
                  6),                                                   // four of five
      std::string("\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 11),  // 2^64 - 1 bytes
      std::string("\xff\xff\xff\xff\x7f\x01", 6),                       // field 2^32 and more
  };
  for (const std::string& bytes : cases) {
    ProtobufReader reader(AsBytes(bytes));
    EXPECT_FALSE(reader.Next());
    EXPECT_EQ(reader.status().code(), StatusCode::kInvalidModel);
    EXPECT_FALSE(reader.Next()) << "the error sticks";
  }
}

TEST(ProtobufReader, RefusesAValueOfAnotherWireType) {
  const std::string bytes = ProtoWriter().Int(1, 5).Int(1, 6).bytes();
  ProtobufReader reader(AsBytes(bytes));
  ASSERT_TRUE(reader.Next());
  EXPECT_EQ(reader.Text(), "");
  EXPECT_FALSE(reader.status().ok());
  EXPECT_FALSE(reader.Next());
  EXPECT_EQ(reader.status().message(), "protobuf: a field of the wrong wire type ends at byte 2");
}

TEST(ProtobufReader, RefusesPackedListsThatEndInsideAValue) {
  const std::string floats = ProtoWriter().Text(1, "abcde").bytes();
  ProtobufReader reader(AsBytes(floats));
  ASSERT_TRUE(reader.Next());
  std::vector<float> values;
  reader.AppendFloats(&values);
  EXPECT_FALSE(reader.status().ok());
  const std::string ints = ProtoWriter().Text(1, "\x01\x80").Int(2, 1).bytes();
  ProtobufReader other(AsBytes(ints));
  ASSERT_TRUE(other.Next());
  std::vector<int64_t> numbers;
  other.AppendInts(&numbers);
  EXPECT_FALSE(other.status().ok());
  EXPECT_FALSE(other.Next());
}

TEST(ProtobufReader, LimitsTheDepthOfMessages) {
  ProtoWriter message;
  for (int i = 0; i < ProtobufReader::kMaxDepth + 2; ++i) {
    message = ProtoWriter().Message(1, message);
  }
  ProtobufReader reader(AsBytes(message.bytes()));
  int depth = 0;
  for (; reader.Next(); ++depth) reader = reader.Message();
  EXPECT_EQ(depth, ProtobufReader::kMaxDepth + 1);
  EXPECT_EQ(reader.status().code(), StatusCode::kInvalidModel);
}

TEST(ProtobufReader, SaysWhereInTheOutermostMessage) {
  const ProtoWriter inner = ProtoWriter().Raw("\x0a\x09zz", 4);
  const std::string bytes = ProtoWriter().Text(3, "12345").Message(1, inner).bytes();
  ProtobufReader reader(AsBytes(bytes));
  ASSERT_TRUE(reader.Next());
  ASSERT_TRUE(reader.Next());
  ProtobufReader message = reader.Message();
  EXPECT_FALSE(message.Next());
  EXPECT_EQ(message.field(), 1u);
  EXPECT_EQ(message.status().message(), "protobuf: a field is longer than what is left at byte 11");
}

}  // namespace
}  // namespace minnow::importers
