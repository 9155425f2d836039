// Are fields found, and is every offset of hostile bytes refused before it is followed?
#include "importers/tflite/flatbuffer_reader.h"

#include <gtest/gtest.h>

#include "importers/model_builders.h"
#include "importers/tflite/flatbuffer_writer.h"

namespace minnow::importers::tflite {
namespace {

TableWriter Sample() {
  return TableWriter()
      .U8(0, 200)
      .S32(1, -5)
      .F32(2, 1.5f)
      .Text(4, "a name")
      .Numbers(5, std::vector<int32_t>{1, -2, 3})
      .Numbers(6, std::vector<int64_t>{int64_t{1} << 40})
      .Numbers(7, std::vector<float>{0.25f, 0.5f})
      .Child(8, TableWriter().S32(0, 7))
      .Children(9, {TableWriter().S32(0, 8), TableWriter()});
}

TEST(FlatbufferReader, FindsFieldsOfEveryKind) {
  const std::string bytes = Sample().File();
  FlatBuffer buffer(AsBytes(bytes));
  const Table root = buffer.Root();
  EXPECT_EQ(root.U8(0, 0), 200);
  EXPECT_EQ(root.S8(0, 0), -56);
  EXPECT_TRUE(root.Bool(0, false));
  EXPECT_EQ(root.S32(1, 0), -5);
  EXPECT_EQ(root.F32(2, 0), 1.5f);
  EXPECT_EQ(root.Text(4), "a name");
  EXPECT_EQ(root.Ints(5), (std::vector<int32_t>{1, -2, 3}));
  EXPECT_EQ(root.Longs(6), (std::vector<int64_t>{int64_t{1} << 40}));
  EXPECT_EQ(root.Floats(7), (std::vector<float>{0.25f, 0.5f}));
  EXPECT_EQ(root.Child(8).S32(0, 0), 7);
  ASSERT_EQ(root.Children(9).size(), 2u);
  EXPECT_EQ(root.Children(9)[0].S32(0, 0), 8);
  EXPECT_EQ(root.Children(9)[1].S32(0, 42), 42);
  EXPECT_TRUE(buffer.status().ok()) << buffer.status().message();
}

TEST(FlatbufferReader, AbsentFieldsAndTablesGiveTheFallback) {
  const std::string bytes = Sample().File();
  FlatBuffer buffer(AsBytes(bytes));
  const Table root = buffer.Root();
  EXPECT_EQ(root.S32(3, 9), 9);
  EXPECT_EQ(root.S32(500, 9), 9);
  EXPECT_FALSE(root.Child(3).present());
  EXPECT_EQ(root.Child(3).Child(1).U32(0, 4), 4u);
  EXPECT_TRUE(root.Ints(3).empty());
  EXPECT_TRUE(buffer.status().ok());
}

// Reads all that Sample has.
Status ReadAll(const std::string& bytes) {
  FlatBuffer buffer(AsBytes(bytes));
  const Table root = buffer.Root();
  root.U8(0, 0), root.S32(1, 0), root.F32(2, 0), root.Text(4), root.Ints(5), root.Longs(6);
  root.Floats(7), root.Child(8).S32(0, 0);
  for (const Table& child : root.Children(9)) child.S32(0, 0);
  return buffer.status();
}

TEST(FlatbufferReader, EveryTruncationIsRefused) {
  const std::string bytes = Sample().File();
  ASSERT_TRUE(ReadAll(bytes).ok());
  for (size_t size = 0; size < bytes.size(); ++size) {
    // A copy of that size, so that a sanitizer sees reads beyond it.
    const std::string cut(bytes, 0, size);
    EXPECT_EQ(ReadAll(cut).code(), StatusCode::kInvalidModel) << size;
  }
}

TEST(FlatbufferReader, EveryFlippedBitIsReadOrRefused) {
  const std::string bytes = Sample().File();
  int refused = 0;
  for (size_t bit = 0; bit < 8 * bytes.size(); ++bit) {
    std::string flipped = bytes;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << bit % 8));
    refused += !ReadAll(flipped).ok();
  }
  EXPECT_GT(refused, 100);
}

TEST(FlatbufferReader, NestingIsBounded) {
  TableWriter nested;
  for (int i = 0; i < FlatBuffer::kMaxDepth + 1; ++i) nested = TableWriter().Child(0, nested);
  const std::string bytes = nested.File();
  FlatBuffer buffer(AsBytes(bytes));
  Table table = buffer.Root();
  int depth = 0;
  for (; table.present(); ++depth) table = table.Child(0);
  EXPECT_EQ(depth, FlatBuffer::kMaxDepth + 1);
  EXPECT_NE(buffer.status().message().find("nested too deeply"), std::string::npos);
}

TEST(FlatbufferReader, ReadingTheSameListAgainAndAgainEnds) {
  const std::string bytes = TableWriter().Numbers(0, std::vector<int32_t>(1000, 1)).File();
  FlatBuffer buffer(AsBytes(bytes));
  const Table root = buffer.Root();
  int reads = 0;
  while (reads < 1000 && !root.Ints(0).empty()) ++reads;
  EXPECT_GE(reads, 8);
  EXPECT_LT(reads, 20);
  EXPECT_EQ(buffer.status().code(), StatusCode::kInvalidModel);
}

}  // namespace
}  // namespace minnow::importers::tflite
