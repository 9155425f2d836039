// Does an archive give its entries, stored and deflated, and nothing that lies outside of the file?
#include "importers/torchscript/zip_archive.h"

#include <gtest/gtest.h>

#include "importers/torchscript/archive_writer.h"

namespace minnow::importers::torchscript {
namespace {

std::string TextOf(Bytes bytes) { return {reinterpret_cast<const char*>(bytes.data), bytes.size}; }

// What reading `name` gives, or the error.
std::string Read(const std::string& file, const std::string& name) {
  StatusOr<ZipArchive> archive = ZipArchive::Open(AsBytes(file));
  if (!archive.ok()) return archive.status().message();
  const StatusOr<Bytes> bytes = archive->Read(name);
  return bytes.ok() ? TextOf(*bytes) : bytes.status().message();
}

std::string Repeated(size_t count) {
  std::string text;
  for (size_t i = 0; i < count; ++i) text += "layer" + std::to_string(i % 7) + "\n";
  return text;
}

TEST(ZipArchive, ReadsStoredAndDeflatedEntries) {
  const std::string text = Repeated(5000);
  const std::string file =
      ZipWriter().Stored("a/data", "bytes").Packed("a/code", text).Packed("empty", "").Bytes();
  ASSERT_LT(file.size(), text.size());
  StatusOr<ZipArchive> archive = ZipArchive::Open(AsBytes(file));
  ASSERT_TRUE(archive.ok()) << archive.status().message();
  EXPECT_EQ(archive->names(), (std::vector<std::string_view>{"a/data", "a/code", "empty"}));
  EXPECT_EQ(TextOf(*archive->Read("a/data")), "bytes");
  EXPECT_EQ(TextOf(*archive->Read("a/code")), text);
  EXPECT_EQ(archive->Read("a/code")->data, archive->Read("a/code")->data) << "inflated twice";
  EXPECT_EQ(TextOf(*archive->Read("empty")), "");
  EXPECT_EQ(archive->Read("b").status().code(), StatusCode::kInvalidModel);
}

TEST(ZipArchive, ReadsAZip64End) {
  EXPECT_EQ(Read(ZipWriter().Stored("a", "bytes").Zip64Bytes(), "a"), "bytes");
}

TEST(ZipArchive, IsFoundBehindAComment) {
  std::string file = ZipWriter().Stored("a", "bytes").Bytes();
  EXPECT_EQ(Read(file + std::string(1000, 'c'), "a"), "bytes");
  EXPECT_EQ(Read(file + std::string(70000, 'c'), "a"),
            "the zip file has no end, it may have been cut off");
}

TEST(ZipArchive, EncryptedAndOtherwisePackedEntriesAreRefused) {
  EXPECT_EQ(Read(ZipWriter().Entry("a", 0, "bytes", 5, 1).Bytes(), "a"),
            "entry \"a\" is encrypted");
  EXPECT_EQ(Read(ZipWriter().Entry("a", 12, "bytes", 5).Bytes(), "a"),
            "entry \"a\" is packed by method 12 (0 and 8, deflate, are supported)");
}

TEST(ZipArchive, SizesThatDoNotFitAreRefused) {
  EXPECT_EQ(Read(ZipWriter().Entry("a", 0, "bytes", 6).Bytes(), "a"), "entry \"a\" has two sizes");
  const std::string packed = Deflated(Repeated(100));
  const size_t size = Repeated(100).size();
  EXPECT_EQ(Read(ZipWriter().Entry("a", 8, packed, size).Bytes(), "a"), Repeated(100));
  for (size_t wrong : {size - 1, size + 1, size_t{0}}) {
    EXPECT_EQ(Read(ZipWriter().Entry("a", 8, packed, wrong).Bytes(), "a"),
              "entry \"a\": its deflated bytes are damaged");
  }
}

TEST(ZipArchive, ABombIsRefusedBeforeItsMemoryIsAskedFor) {
  const std::string packed = Deflated(std::string(1 << 20, '0'));
  EXPECT_EQ(Read(ZipWriter().Entry("a", 8, packed, 0xfffffffe).Bytes(), "a"),
            "entry \"a\": its entries inflate to more than 67108864 bytes");
  ZipWriter many;
  for (int i = 0; i < 70; ++i) many.Entry(std::to_string(i), 8, packed, 1 << 20);
  const std::string file = many.Bytes();
  StatusOr<ZipArchive> archive = ZipArchive::Open(AsBytes(file));
  ASSERT_TRUE(archive.ok());
  int read = 0;
  while (read < 70 && archive->Read(std::to_string(read)).ok()) ++read;
  EXPECT_EQ(read, 64);
}

TEST(ZipArchive, TwoEntriesOfOneNameAreRefused) {
  EXPECT_EQ(Read(ZipWriter().Stored("a", "1").Stored("a", "2").Bytes(), "a"),
            "two entries are named \"a\"");
}

TEST(ZipArchive, EveryTruncationAndFlippedBitIsReadOrRefused) {
  const std::string whole = ZipWriter().Stored("a", "bytes").Packed("b", "text").Zip64Bytes();
  for (size_t size = 0; size < whole.size(); ++size) {
    const std::string cut(whole, 0, size);
    EXPECT_FALSE(ZipArchive::Open(AsBytes(cut)).ok()) << size;
  }
  for (size_t bit = 0; bit < 8 * whole.size(); ++bit) {
    std::string flipped = whole;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << bit % 8));
    EXPECT_FALSE(Read(flipped, "a").empty());
    EXPECT_FALSE(Read(flipped, "b").empty());
  }
}

}  // namespace
}  // namespace minnow::importers::torchscript
